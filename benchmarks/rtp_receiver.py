"""A receiver of RTP that nobody here wrote: gst-launch-1.0 decodes, the bench reads the numbers off the pictures."""

from __future__ import annotations

import fcntl
import shlex
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.bar_code import STRIP, read
from benchmarks.rival import CheckFailed, RivalMissing

RECEIVER = (
    'udpsrc address=127.0.0.1 port={port} buffer-size=4000000 caps="application/x-rtp,media=video,encoding-name=H264,'
    'payload=96,clock-rate=90000" ! rtpjitterbuffer latency=0 ! rtph264depay ! avdec_h264 max-threads=1'
    " ! video/x-raw,format=I420,width={width},height={height} ! videocrop bottom={rest} ! fdsink fd=1"
)


def free_port() -> int:
    """An even UDP port that nobody has; RTP's is even by custom."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port % 2 == 0:
            return port
    raise CheckFailed("no free UDP port")


class RtpReceiver:
    """Listens on a port of its own from construction to ``arrivals``; one use."""

    def __init__(self, width: int, height: int) -> None:
        if shutil.which("gst-launch-1.0") is None:
            raise RivalMissing("gst-launch-1.0 receives: sudo apt install gstreamer1.0-tools")
        self.port = free_port()
        self.arrivals: list[tuple[int, float]] = []
        self._width = width
        text = RECEIVER.format(port=self.port, width=width, height=height, rest=height - STRIP)
        command = ["gst-launch-1.0", "-q", *shlex.split(text)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        assert self._process.stdout is not None
        fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, 1 << 20)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self._wait_until_bound()

    def _wait_until_bound(self) -> None:
        local = f"0100007F:{self.port:04X}"
        end = time.monotonic() + 10
        while local not in Path("/proc/net/udp").read_text(encoding="ascii"):
            if time.monotonic() > end or self._process.poll() is not None:
                self.close()
                raise CheckFailed("the receiver did not start")
            time.sleep(0.01)

    def _read(self) -> None:
        assert self._process.stdout is not None
        bytes_of_strip = self._width * STRIP * 3 // 2
        pending = b""
        while chunk := self._process.stdout.read(1 << 20):
            pending += chunk
            while len(pending) >= bytes_of_strip:
                now_s = time.monotonic()
                luma = np.frombuffer(pending, np.uint8, self._width * STRIP).reshape(STRIP, self._width)
                self.arrivals.append((read(luma), now_s))
                pending = pending[bytes_of_strip:]

    def wait_for(self, number: int, timeout_s: float) -> None:
        """Until the frame of this number is there, or the time is over."""
        end = time.monotonic() + timeout_s
        while not any(seen == number for seen, _ in self.arrivals[-8:]) and time.monotonic() < end:
            time.sleep(0.01)

    def close(self) -> None:
        """End the receiver."""
        self._process.kill()
        self._process.wait(timeout=5)
        self._thread.join(timeout=5)
