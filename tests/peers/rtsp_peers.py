"""Clients of an RTSP server: ffmpeg, GStreamer's own, and a bare socket. And a camera that streams to it."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import subprocess
import threading
import time
from typing import Any

import numpy as np
from typing_extensions import Self

import skyline
from skyline import RTSPServer
from tests.pipeline.bar_code import numbered_frame, read_number

WIDTH, HEIGHT, FPS = 320, 96, 30
TIMEOUT_S = 20.0


class Camera:
    """Puts numbered frames at a steady rate until it is left."""

    def __init__(self, server: Any, path: str = "/camera", *, fps: float = FPS, **options: Any) -> None:
        sink = skyline.sinks.rtsp_server(server, path, on_demand=options.pop("on_demand", False))
        encoder = options.pop("encoder", None) or skyline.encoders.h264(keyframe_s=options.pop("keyframe_s", 60.0))
        options.setdefault("leaky", "none")  # each frame counts, however slow the machine is
        self.events: list[skyline.Event] = []
        self.sky = skyline.open(sink, encoder=encoder, on_event=self.events.append, **options)
        self.put_at: list[float] = []
        self._fps = fps
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.output.state == "live")
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """No frame comes any more; what was put is sent."""
        self._stopped.set()
        self._thread.join()
        self.sky.stop_streaming()

    @property
    def output(self) -> skyline.Output:
        return self.sky.outputs[0]

    @property
    def clients(self) -> int:
        return self.output.stats().clients

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def _run(self) -> None:
        began = time.monotonic()
        for number in itertools.count():
            if self._stopped.wait(max(0.0, began + number / self._fps - time.monotonic())):
                return
            self.put_at.append(time.monotonic())
            self.sky.put(numbered_frame(number, width=WIDTH, height=HEIGHT))


def until(condition: Any, timeout_s: float = TIMEOUT_S) -> None:
    """Wait for something that becomes true shortly."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.005)


class Peer:
    """A client that runs, what it writes read all along. Killed at the end of the block."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._written: tuple[bytes, bytes] = (b"", b"")
        self._reading = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._reading.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._reading.join()

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def output(self, timeout_s: float = TIMEOUT_S) -> bytes:
        """All it has written, once it has ended by itself."""
        self._reading.join(timeout_s)
        raw, said = self._written
        assert not self._reading.is_alive(), "it did not end"
        assert raw, said.decode()
        return raw

    def numbers(self, timeout_s: float = TIMEOUT_S) -> list[int]:
        """The numbers of the pictures that it saw."""
        return numbers_of(self.output(timeout_s))

    def _read(self) -> None:
        self._written = self._process.communicate()


def ffmpeg(url: str, *, frames: int = 0, transport: str = "tcp", options: tuple[str, ...] = ()) -> tuple[str, ...]:
    """It decodes to grey pictures on its stdout; 0 frames is to the end."""
    quick = ("-analyzeduration", "0", "-probesize", "32")
    count = ("-frames:v", str(frames)) if frames else ()
    return (
        *("ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", transport, *quick, *options, "-i", url),
        *(*count, "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-"),
    )


def rtspsrc(url: str, *, frames: int, protocols: str = "tcp", latency_ms: int = 100) -> tuple[str, ...]:
    """GStreamer's client, likewise."""
    return (
        *(
            "gst-launch-1.0",
            "-q",
            "rtspsrc",
            f"location={url}",
            f"protocols={protocols}",
            f"latency={latency_ms}",
            "multicast-iface=lo",
        ),
        *("!", "decodebin", "!", "videoconvert", "!", "video/x-raw,format=GRAY8", "!"),
        *("identity", f"eos-after={frames + 1}", "!", "fdsink", "sync=false"),
    )


def numbers_of(raw: bytes, *, width: int = WIDTH, height: int = HEIGHT) -> list[int]:
    """The numbers in grey pictures."""
    frames = np.frombuffer(raw[: len(raw) // (width * height) * width * height], np.uint8).reshape(-1, height, width)
    return [read_number(frame) for frame in frames]


def numbers_seen(*command: str) -> list[int]:
    """Run a client to its end and read what it saw."""
    with Peer(*command) as peer:
        return peer.numbers()


def gaps(numbers: list[int]) -> list[tuple[int, int]]:
    """Where a frame does not follow the one before; -1 stands for what cannot be read."""
    return [(-1, -1)] * (numbers[0] < 0) + [pair for pair in itertools.pairwise(numbers) if pair[1] != pair[0] + 1]


def ask(port: str, request: str | bytes, *, timeout_s: float = 5.0) -> str:
    """What the server answers to a request, up to the end of its header; empty where it hangs up."""
    with socket.create_connection(("127.0.0.1", int(port)), timeout=timeout_s) as connection:
        return exchange(connection, request)


def exchange(connection: socket.socket, request: str | bytes) -> str:
    connection.sendall(request if isinstance(request, bytes) else request.encode())
    answer = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n\r\n" not in answer and (more := connection.recv(65536)):
            answer += more
    return answer.decode(errors="replace")


def request(method: str, url: str, cseq: int = 1, **header: str) -> str:
    """One request; ``Some_Header="…"`` becomes ``Some-Header: …``."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in header.items()]
    return f"{method} {url} RTSP/1.0\r\nCSeq: {cseq}\r\n{''.join(lines)}\r\n"


def status(answer: str) -> int:
    """The status of an answer; 0 for none."""
    found = re.match(r"RTSP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0


def describe(server: RTSPServer, path: str = "/camera") -> int:
    """The status of a DESCRIBE."""
    return status(ask(server.port, request("DESCRIBE", f"rtsp://127.0.0.1:{server.port}{path}")))


def play(connection: socket.socket, url: str, transport: str = "RTP/AVP;unicast;client_port=40000-40001") -> None:
    setup = exchange(connection, request("SETUP", f"{url}/stream=0", 1, Transport=transport))
    assert status(setup) == 200, setup
    session = next(line for line in setup.splitlines() if line.startswith("Session:")).split()[1].split(";")[0]
    assert status(exchange(connection, request("PLAY", url, 2, Session=session))) == 200
