"""What VLC makes of our streams: a player with demuxers of its own."""

import contextlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import skyline
from tests.peers.ports import free_udp_port, udp_is_bound, wait_until
from tests.peers.vlc import Vlc
from tests.pipeline.bar_code import numbered_frame, numbers_after_a_crash

FPS, ENOUGH = 30, 45

pytestmark = pytest.mark.needs_program("cvlc")


@contextlib.contextmanager
def camera(sky: skyline.SkyLine) -> Iterator[None]:
    """Frames flow during the block."""
    is_over = threading.Event()

    def put() -> None:
        began_s = time.monotonic()
        number = 0
        while not is_over.wait(max(0, began_s + number / FPS - time.monotonic())):
            sky.put(numbered_frame(number))
            number += 1

    putting = threading.Thread(target=put)
    putting.start()
    try:
        yield
    finally:
        is_over.set()
        putting.join()


def check(vlc: Vlc) -> None:
    """VLC writes enough of it, in order, and every picture is as it was sent."""

    def has_enough() -> bool:
        assert vlc.is_running, vlc.said
        return len(numbers_after_a_crash(vlc.recording)) >= ENOUGH

    wait_until(has_enough, 20, f"{ENOUGH} frames from VLC, which said: {vlc.said}")
    numbers = numbers_after_a_crash(vlc.recording)  # it still writes
    assert -1 not in numbers
    assert numbers == sorted(set(numbers))
    # A loaded machine drops a live frame now and then; that none is lost is checked with receivers that count.
    assert len(numbers) >= 0.9 * (numbers[-1] - numbers[0] + 1)


def test_vlc_opens_udp(tmp_path: Path) -> None:
    port = free_udp_port()
    with Vlc(f"udp://@127.0.0.1:{port}", tmp_path / "vlc") as vlc:
        wait_until(lambda: udp_is_bound(port), 10, f"VLC at its port: {vlc.said}")
        with skyline.open(f"udp://127.0.0.1:{port}", fps=FPS) as sky, camera(sky):
            check(vlc)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Makes a folder a web server's, and tells where it is found."""
    servers: list[tuple[http.server.ThreadingHTTPServer, threading.Thread]] = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: the player asks often."""

    def serve(folder: Path) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def test_vlc_opens_hls(tmp_path: Path, served: Callable[[Path], str]) -> None:
    folder = tmp_path / "hls"
    with skyline.open(skyline.sinks.hls(folder, segment_s=0.5), fps=FPS, clock="arrival") as sky, camera(sky):
        wait_until((folder / "index.m3u8").exists, 10, "the playlist")
        with Vlc(f"{served(folder)}/index.m3u8", tmp_path / "vlc") as vlc:
            check(vlc)
