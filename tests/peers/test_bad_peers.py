"""Peers that freeze, dribble, vanish or are dead beside a file: the file is whole, memory flat, and stop comes back."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import skyline
from skyline import sinks
from tests.memory import pss_bytes
from tests.peers.nginx_rtmp import NginxRtmp
from tests.peers.ports import free_udp_port, udp_is_bound, wait_until
from tests.peers.rtsp_record import RTSP_RECORD_NEEDS, RtspRecord
from tests.peers.slow_link import SlowTcpLink
from tests.peers.srt_listener import SrtListener
from tests.pipeline.bar_code import numbered_frame, numbers_in

FPS, FRAMES = 60, 150
ROOM = 150  # frames may wait in front of the encoder: a busy machine drops none there
LIVE_AFTER = 30  # frames until the peer turns bad
WIDTH, HEIGHT = 640, 480


def is_live(output: skyline.Output) -> Callable[[], bool]:
    return lambda: output.state == "live"


@contextmanager
def paced(fps: int) -> Iterator[Callable[[int], None]]:
    began_s = time.monotonic()
    yield lambda number: time.sleep(max(0, began_s + number / fps - time.monotonic()))


def freeze(nginx: NginxRtmp, link: SlowTcpLink) -> None:
    nginx.freeze()


def dribble(nginx: NginxRtmp, link: SlowTcpLink) -> None:
    link.weather.bytes_per_s = 2000


def vanish(nginx: NginxRtmp, link: SlowTcpLink) -> None:
    nginx.kill()
    link.cut()


@pytest.mark.no_sanitizer("resident memory means nothing there")
@pytest.mark.needs_program("nginx")
@pytest.mark.needs_elements("rtmp2sink", "x264enc")
@pytest.mark.parametrize("turn_bad", [freeze, dribble, vanish], ids=lambda turn: turn.__name__)
def test_file_beside_a_peer_that_turns_bad_is_whole_and_memory_flat(
    turn_bad: Callable[[NginxRtmp, SlowTcpLink], None], tmp_path: Path
) -> None:
    with NginxRtmp(tmp_path / "nginx") as nginx, SlowTcpLink(nginx.port) as link:
        url = nginx.url().replace(str(nginx.port), str(link.port))
        encoder = skyline.encoders.h264(latency="live", bitrate_kbps=4000, keyframe_s=0.5)
        with skyline.open(sinks.tee(tmp_path / "film.mkv", url), fps=FPS, encoder=encoder, max_buffers=ROOM) as sky:
            frames = [numbered_frame(number, width=WIDTH, height=HEIGHT) for number in range(FRAMES)]
            sky.put(frames[0])
            wait_until(is_live(sky.outputs[1]), 5, "the RTMP server")
            memory = []
            with paced(FPS) as wait_for_turn:
                for number in range(1, FRAMES):
                    wait_for_turn(number)
                    assert sky.put(frames[number])
                    if number == LIVE_AFTER:
                        turn_bad(nginx, link)
                    if number % 30 == 29:
                        memory.append(pss_bytes())
            began_s = time.monotonic()
            sky.stop_streaming(timeout_s=2)
            assert time.monotonic() - began_s < 3
    assert numbers_in(tmp_path / "film.mkv", width=WIDTH, height=HEIGHT) == list(range(FRAMES))
    assert memory[-1] - memory[1] < 8 << 20


@pytest.mark.needs_program("nginx", "srt-live-transmit")
@pytest.mark.needs_system_python(*RTSP_RECORD_NEEDS)
@pytest.mark.needs_elements("rtmp2sink", "srtsink", "rtspclientsink", "x264enc")
@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_stop_with_every_peer_dead_returns_in_time_and_the_file_is_whole(how: str, tmp_path: Path) -> None:
    with ExitStack() as peers:
        nginx = peers.enter_context(NginxRtmp(tmp_path / "nginx"))
        srt = peers.enter_context(SrtListener(tmp_path / "srt"))
        rtsp = peers.enter_context(RtspRecord(tmp_path / "rtsp"))
        dead_ends = [f"udp://127.0.0.1:{free_udp_port()}", f"rtp://127.0.0.1:{free_udp_port()}"]
        everything = sinks.tee(tmp_path / "film.mkv", nginx.url(), srt.url(), rtsp.url, *dead_ends)
        with skyline.open(everything, fps=30, max_buffers=ROOM) as sky:
            number = 0
            deadline_s = time.monotonic() + 10
            while number < 30 or not all(output.state == "live" for output in sky.outputs):
                assert time.monotonic() < deadline_s, [(output.name, output.state) for output in sky.outputs]
                assert sky.put(numbered_frame(number))
                number += 1
                time.sleep(1 / 30)
            for peer in (nginx, srt, rtsp):
                getattr(peer, how)()
            for _ in range(15):
                assert sky.put(numbered_frame(number))
                number += 1
                time.sleep(1 / 30)
            began_s = time.monotonic()
            sky.stop_streaming(timeout_s=2)
            assert time.monotonic() - began_s < 3
    assert numbers_in(tmp_path / "film.mkv") == list(range(number))


@pytest.mark.needs_program("srt-live-transmit")
@pytest.mark.needs_elements("srtsink", "x264enc")
def test_srt_listener_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with SrtListener(tmp_path / "srt") as other:
        assert udp_is_bound(other.port)
        with pytest.raises(skyline.PipelineError, match=str(other.port)):  # noqa: SIM117  # the stop belongs to it
            with skyline.open(f"srt://127.0.0.1:{other.port}?mode=listener", fps=30) as sky:
                began_s = time.monotonic()
                while time.monotonic() < began_s + 5:
                    sky.put(numbered_frame(0))
                    time.sleep(1 / 30)
