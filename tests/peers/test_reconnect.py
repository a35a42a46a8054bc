"""Peers that die, come back, get stuck or refuse: RTMP, SRT and RTSP push beside a file that has every frame."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import skyline
from skyline import sinks
from skyline.events import Event
from skyline.sinks.sink import Sink
from tests.peers.camera import FPS, Camera
from tests.peers.nginx_rtmp import NginxRtmp
from tests.peers.peer_process import PeerProcess
from tests.peers.ports import free_tcp_port, free_udp_port, wait_until
from tests.peers.rtsp_record import RTSP_RECORD_NEEDS, RtspRecord
from tests.peers.srt_listener import SrtListener
from tests.pipeline.bar_code import numbers_in

Peer = NginxRtmp | SrtListener | RtspRecord

RETURN_S = 2.0  # frames arrive again so soon after a peer's return
STALL_S = 8.0  # one that is stuck is noticed
REFUSED_S = 5.0  # and one that refuses

needs_rtmp = [pytest.mark.needs_program("nginx"), pytest.mark.needs_elements("rtmp2sink", "flvmux")]
needs_srt = [pytest.mark.needs_program("srt-live-transmit"), pytest.mark.needs_elements("srtsink")]
needs_rtsp = [pytest.mark.needs_system_python(*RTSP_RECORD_NEEDS), pytest.mark.needs_elements("rtspclientsink")]


def rtmp_peer(folder: Path) -> tuple[Peer, Sink]:
    nginx = NginxRtmp(folder / "nginx")
    return nginx, sinks.rtmp(nginx.url())


def srt_peer(folder: Path) -> tuple[Peer, Sink]:
    listener = SrtListener(folder / "srt", passphrase="sixteen-letters-")
    return listener, sinks.srt(listener.url(), passphrase="sixteen-letters-")


def rtsp_peer(folder: Path) -> tuple[Peer, Sink]:
    server = RtspRecord(folder / "rtsp", users={"me": "secret"})
    return server, sinks.rtsp(server.url_as("me", "secret"))


PEERS = [
    pytest.param(rtmp_peer, id="rtmp", marks=needs_rtmp),
    pytest.param(srt_peer, id="srt", marks=needs_srt),
    pytest.param(rtsp_peer, id="rtsp", marks=needs_rtsp),
]


@contextmanager
def pushing(folder: Path, peer: PeerProcess, sink: Sink, **camera: int | bool) -> Iterator[tuple[Camera, list[Event]]]:
    """Push to the peer and into ``steady.ts`` beside it; at the end the file has every frame."""
    events: list[Event] = []
    steady = folder / "steady.ts"
    with peer:
        encoder = skyline.encoders.h264(bitrate_kbps=8000, keyframe_s=2.0)  # what is stuck is full the sooner
        sky = skyline.open(sinks.tee(sink, sinks.file(steady)), fps=FPS, encoder=encoder, on_event=events.append)
        with sky:
            with Camera(sky, **camera) as running:  # type: ignore[arg-type]
                pushed, _ = sky.outputs
                wait_until(lambda: pushed.state == "live", REFUSED_S, "the first connection")
                yield running, events
            count = running.put
    size = {name: int(value) for name, value in camera.items() if name in ("width", "height")}
    assert numbers_in(steady, **size) == list(range(count))


def reconnects(running: Camera) -> int:
    return running.sky.outputs[0].stats().reconnects


def arrived_bytes(peer: Peer) -> int:
    return sum(path.stat().st_size for path in peer.recordings)


@pytest.mark.parametrize("make", PEERS)
def test_killed_and_started_again_five_times(make: Callable[[Path], tuple[Peer, Sink]], tmp_path: Path) -> None:
    peer, sink = make(tmp_path)
    waited_s = []
    with pushing(tmp_path, peer, sink) as (running, events):
        for times in range(1, 6):
            running.wait_for(6)
            peer.kill()
            running.wait_for(4)
            before = arrived_bytes(peer)
            peer.start()
            returned = time.monotonic()
            wait_until(lambda before=before: arrived_bytes(peer) > before, 10, "frames")  # type: ignore[misc]
            waited_s.append(time.monotonic() - returned)
            wait_until(lambda times=times: reconnects(running) == times, 5, "the count")  # type: ignore[misc]
        running.wait_for(15)
        last = running.put
    print("frames after", *(f"{waited:.2f} s" for waited in waited_s))
    assert sorted(waited_s)[2] <= RETURN_S, waited_s
    assert max(waited_s) <= 2 * RETURN_S, waited_s  # neighbours of this test slow the machine down
    kinds = [event.kind for event in events if event.kind in {"connected", "reconnecting", "failed"}]
    assert kinds.count("connected") == 6
    assert "failed" not in kinds
    # What arrives begins with a key frame, or its first pictures would not be readable, and has no gap.
    numbers = numbers_in(peer.recordings[-1])
    assert numbers, "nothing of the last life was recorded"
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert last - numbers[-1] < 2 * FPS


@pytest.mark.parametrize("make", PEERS)
def test_a_peer_that_is_stuck_is_noticed_and_nobody_waits(
    make: Callable[[Path], tuple[Peer, Sink]], tmp_path: Path
) -> None:
    peer, sink = make(tmp_path)
    with pushing(tmp_path, peer, sink, width=640, height=480, noise=True) as (running, events):
        pushed, _ = running.sky.outputs
        running.wait_for(5)
        peer.freeze()
        wait_until(lambda: pushed.state == "backoff", STALL_S, "the stall to be noticed")
        peer.thaw()
        wait_until(lambda: pushed.state == "live", 10, "its return")
        running.wait_for(5)
        assert reconnects(running) == 1
    assert running.slowest_s < 0.5
    assert "takes no more" in next(event.message for event in events if event.kind == "reconnecting")


def wrong_key(folder: Path, secret: str) -> tuple[PeerProcess | None, Sink]:
    nginx = NginxRtmp(folder / "nginx", stream_key="the-right-one")
    return nginx, sinks.rtmp(nginx.url(secret))


def wrong_passphrase(folder: Path, secret: str) -> tuple[PeerProcess | None, Sink]:
    listener = SrtListener(folder / "srt", passphrase="the-right-one")
    return listener, sinks.srt(listener.url(), passphrase=secret)


def wrong_password(folder: Path, secret: str) -> tuple[PeerProcess | None, Sink]:
    server = RtspRecord(folder / "rtsp", users={"me": "the-right-one"})
    return server, sinks.rtsp(server.url_as("me", secret))


def rtmp_to(host: str) -> Callable[[Path, str], tuple[PeerProcess | None, Sink]]:
    return lambda _, secret: (None, sinks.rtmp(f"rtmp://{host}:{free_tcp_port()}/live/{secret}"))


def srt_to(host: str) -> Callable[[Path, str], tuple[PeerProcess | None, Sink]]:
    return lambda _, secret: (None, sinks.srt(f"srt://{host}:{free_udp_port()}", passphrase=secret, streamid=secret))


def rtsp_to(host: str) -> Callable[[Path, str], tuple[PeerProcess | None, Sink]]:
    return lambda _, secret: (None, sinks.rtsp(f"rtsp://me:{secret}@{host}:{free_tcp_port()}/live"))


REFUSALS = [
    pytest.param(wrong_key, "wrong stream key", id="rtmp-key", marks=needs_rtmp),
    pytest.param(rtmp_to("127.0.0.1"), "refused: nobody listens", id="rtmp-port", marks=needs_rtmp[1:]),
    pytest.param(rtmp_to("nobody.invalid"), "host is unknown", id="rtmp-host", marks=needs_rtmp[1:]),
    pytest.param(wrong_passphrase, "wrong passphrase", id="srt-passphrase", marks=needs_srt),
    pytest.param(srt_to("127.0.0.1"), "nobody listens", id="srt-port", marks=needs_srt[1:]),
    pytest.param(srt_to("nobody.invalid"), "host is unknown", id="srt-host", marks=needs_srt[1:]),
    pytest.param(wrong_password, "user name or the password", id="rtsp-password", marks=needs_rtsp),
    pytest.param(rtsp_to("127.0.0.1"), "refused: nobody listens", id="rtsp-port", marks=needs_rtsp[1:]),
    pytest.param(rtsp_to("nobody.invalid"), "host is unknown", id="rtsp-host", marks=needs_rtsp[1:]),
]


@pytest.mark.parametrize(("make", "cause"), REFUSALS)
def test_who_refuses_the_first_connection_is_an_error_that_names_the_cause(
    make: Callable[[Path, str], tuple[PeerProcess | None, Sink]],
    cause: str,
    tmp_path: Path,
    planted_secret: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    peer, sink = make(tmp_path, planted_secret)
    events: list[Event] = []
    with ExitStack() as ending:
        if peer is not None:
            ending.enter_context(peer)
        began = time.monotonic()
        sky = skyline.open(sink, fps=FPS, on_event=events.append)
        with Camera(sky) as running:
            wait_until(lambda: running.error is not None, 2 * REFUSED_S, "the exception")
        assert time.monotonic() - began < REFUSED_S
        sky.stop_streaming()
    error = running.error
    assert isinstance(error, skyline.PipelineError)
    assert cause in str(error)
    (failed,) = [event for event in events if event.kind == "failed"]
    assert cause in failed.message
    told = [str(error), error.message, error.debug, error.description, caplog.text, *map(repr, events), repr(sky)]
    assert not [text for text in told if planted_secret in text]


@pytest.mark.parametrize("make", PEERS)
def test_stop_returns_though_the_peer_is_dead(make: Callable[[Path], tuple[Peer, Sink]], tmp_path: Path) -> None:
    peer, sink = make(tmp_path)
    with peer:
        sky = skyline.open(sink, fps=FPS, errors="state")
        with Camera(sky, width=640, height=480, noise=True) as running:
            wait_until(lambda: sky.outputs[0].state == "live", REFUSED_S, "the connection")
            peer.freeze()
            running.wait_for(20)
        began = time.monotonic()
        sky.stop_streaming(timeout_s=1.0)
        assert time.monotonic() - began < 3.0
        peer.kill()  # what still says goodbye to it ends


@pytest.mark.needs_program("ffmpeg")
@pytest.mark.needs_elements("srtsink")
def test_nobody_calling_is_no_fault_of_who_listens(tmp_path: Path) -> None:
    port = free_udp_port()
    recording = tmp_path / "caller.ts"
    events: list[Event] = []
    with skyline.open(sinks.srt(f"srt://:{port}"), fps=FPS, on_event=events.append) as sky, Camera(sky) as running:
        (listening,) = sky.outputs
        wait_until(lambda: listening.state == "live", REFUSED_S, "somebody to listen")
        running.wait_for(5)
        command = ["ffmpeg", "-v", "error", "-fpsprobesize", "0", "-analyzeduration", "200000"]
        command += ["-i", f"srt://127.0.0.1:{port}", "-t", "0.5", "-c", "copy", str(recording)]
        caller = PeerProcess(command, tmp_path / "caller.log")
        with caller:
            wait_until(lambda: listening.stats().clients == 1, 5, "the caller")
            assert caller.wait(20) == 0, caller.said
        running.wait_for(5)
        assert listening.state == "live"
        assert "client_joined" in [event.kind for event in events]
    numbers = numbers_in(recording)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.no_sanitizer("it preloads the library that is missing otherwise")
@pytest.mark.needs_elements("srtsink")
def test_closing_srt_does_not_end_a_plain_interpreter() -> None:
    """libsrt throws while it closes, and libunwind beside libgcc makes that the end of the process."""
    text = f"""
import time, numpy as np, skyline
sky = skyline.open(skyline.sinks.srt("srt://:{free_udp_port()}"), fps=25)
for _ in range(10):
    sky.put(np.zeros((96, 320, 3), np.uint8))
    time.sleep(0.02)
sky.stop_streaming()
print("alive")
"""
    ran = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=30, check=False)
    assert (ran.returncode, ran.stdout) == (0, "alive\n"), ran.stderr
