"""Encoding only while somebody watches, and every frame counted."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import skyline
from skyline import sinks
from tests.pipeline.bar_code import numbered_frame, numbers_in
from tests.until import until

LIVE = skyline.encoders.h264(latency="live", keyframe_s=60.0)


def adds_up(stats: skyline.Stats) -> bool:
    return stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values()) + stats.frames_in_flight


@pytest.fixture
def server() -> Iterator[skyline.RTSPServer]:
    with skyline.RTSPServer("0") as running:
        yield running


@contextmanager
def watching(server: skyline.RTSPServer) -> Iterator[None]:
    url = f"rtsp://127.0.0.1:{server.port}/cam"
    client = subprocess.Popen(
        ["ffmpeg", "-v", "quiet", "-nostdin", "-rtsp_transport", "tcp", "-i", url, "-f", "null", "-"]
    )
    try:
        yield
    finally:
        client.kill()
        client.wait()


def put_until(sky: skyline.SkyLine, condition: Callable[[bool], bool]) -> bool:
    """Frames at some pace, until what put says satisfies."""

    def one() -> bool:
        taken = sky.put(numbered_frame(sky.stats().frames_in % 60_000))
        assert adds_up(sky.stats())
        time.sleep(0.005)
        return condition(taken)

    return until(one)


def put_until_encoded(sky: skyline.SkyLine, frames: int) -> bool:
    return put_until(sky, lambda _: sky.stats().frames_encoded > frames)


def test_frames_that_nobody_watches_are_turned_away_until_a_client_comes(server: skyline.RTSPServer) -> None:
    sink = sinks.rtsp_server(server, "/cam", on_demand=True)
    with skyline.open(sink, fps=30, encoder=LIVE) as sky:
        assert sky.put(numbered_frame(0))  # what clients are told the stream is by
        for _ in range(2):
            assert put_until(sky, lambda taken: not taken)
            encoded, keys = sky.stats().frames_encoded, sky.stats().key_units
            turned_away = sky.stats().frames_dropped["unwatched"]
            for number in range(50):
                assert not sky.put(numbered_frame(number))
            assert sky.stats().frames_dropped["unwatched"] == turned_away + 50
            assert sky.stats().frames_encoded == encoded
            with watching(server):
                assert put_until_encoded(sky, encoded + 20)
                assert sky.stats().key_units > keys
    assert adds_up(sky.stats())


def test_a_recording_beside_it_keeps_the_encoder_at_work(tmp_path: Path, server: skyline.RTSPServer) -> None:
    sink = sinks.tee(tmp_path / "film.mkv", sinks.rtsp_server(server, "/cam", on_demand=True))
    with skyline.open(sink, fps=30, encoder=LIVE, leaky="none") as sky:
        for number in range(60):
            assert sky.put(numbered_frame(number))
    assert sky.stats().frames_dropped["unwatched"] == 0
    assert numbers_in(tmp_path / "film.mkv") == list(range(60))


@pytest.mark.needs_elements("shmsink")
def test_beside_frames_that_somebody_takes_only_the_encoder_is_spared(
    tmp_path: Path, server: skyline.RTSPServer
) -> None:
    sink = sinks.tee(sinks.shm(tmp_path / "frames"), sinks.rtsp_server(server, "/cam", on_demand=True))
    with skyline.open(sink, fps=30, encoder=LIVE, leaky="none") as sky:
        shared = sky.outputs[0]
        for number in range(100):
            assert sky.put(numbered_frame(number))
            assert adds_up(sky.stats())
        assert until(lambda: shared.stats().units_in == 100)
        assert until(lambda: sky.stats().frames_in_flight == 0)
        stats = sky.stats()
        assert stats.frames_dropped["unwatched"] == 100 - stats.frames_encoded > 50
