"""Stopping: from many threads, while others put, and what is gone when it returns."""

import contextlib
import ctypes
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import skyline
from tests import invariants
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_in
from tests.pipeline.watching import black, fill


@pytest.mark.parametrize(
    "verb",
    [lambda sky: sky.put(numbered_frame(1)), lambda sky: sky.lend(numbered_frame(1)), fill],
    ids=["put", "lend", "acquire"],
)
def test_after_stop_every_verb_raises_where_errors_are_raised(
    tmp_path: Path, verb: Callable[[skyline.SkyLine], object]
) -> None:
    sky = skyline.open(tmp_path / "film.mkv", fps=30, width=320, height=96)
    sky.put(numbered_frame(0))
    sky.stop_streaming()
    sky.stop_streaming()  # twice does no harm
    with pytest.raises(skyline.StateError, match="start"):
        verb(sky)
    assert sky.stats().frames_in == 1
    assert numbers_in(tmp_path / "film.mkv") == [0]


def test_close_from_eight_threads_at_once(tmp_path: Path) -> None:
    sky = skyline.open(tmp_path / "film.mkv", fps=30)
    for number in range(10):
        sky.put(numbered_frame(number))
    threads = [threading.Thread(target=sky.stop_streaming) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert numbers_in(tmp_path / "film.mkv") == list(range(10))


def test_eight_threads_put_into_one_stream(tmp_path: Path) -> None:
    """Every frame of every thread is there, each thread's own in its order."""
    with skyline.open(tmp_path / "film.mkv", fps=30) as sky:

        def push(thread: int) -> None:
            for number in range(40):
                assert sky.put(numbered_frame(1000 * thread + number))

        threads = [threading.Thread(target=push, args=[thread]) for thread in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    numbers = numbers_in(tmp_path / "film.mkv")
    assert len(numbers) == 320
    for index in range(8):
        assert [n % 1000 for n in numbers if n // 1000 == index] == list(range(40))


def test_stop_while_eight_threads_put(tmp_path: Path) -> None:
    """Every frame that put said True to is in the file, or counted as dropped."""
    sky = skyline.open(tmp_path / "film.mkv", fps=30)
    sky.put(numbered_frame(0))
    accepted = [0] * 8

    def push(thread: int) -> None:
        with contextlib.suppress(skyline.StateError):
            while True:
                accepted[thread] += sky.put(numbered_frame(thread))

    threads = [threading.Thread(target=push, args=[thread]) for thread in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    sky.stop_streaming()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    stats = sky.stats()
    assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values())
    assert len(numbers_in(tmp_path / "film.mkv")) == stats.frames_encoded
    assert stats.frames_in == sum(accepted) + 1


def test_python_keeps_running_while_put_waits() -> None:
    """The GIL is free in a blocked put."""
    text = "appsrc ! identity sleep-time=400000 ! fakesink"
    with skyline.PipelineSkyLine(text, fps=30, width=64, height=64, leaky="none", max_buffers=1, clock="fixed") as sky:
        ticks, ended = [0], threading.Event()

        def tick() -> None:
            while not ended.is_set():
                ticks[0] += 1
                time.sleep(0.001)

        thread = threading.Thread(target=tick)
        thread.start()
        began = time.monotonic()
        while time.monotonic() - began < 1.2:
            sky.put(black(), timeout_s=2)
        took = time.monotonic() - began
        ended.set()
        thread.join()
        assert ticks[0] / took > 100
        sky.stop_streaming(timeout_s=2)


def test_the_streams_threads_have_gone_when_stop_returns(tmp_path: Path) -> None:
    ctypes.CDLL("libglib-2.0.so.0").g_thread_pool_set_max_unused_threads(0)
    before = set(invariants.threads())
    with skyline.open(tmp_path / "film.mkv", fps=30) as sky:
        for frame in numbered_frames(10):
            sky.put(frame)
        during = set(invariants.threads())
    assert during - before
    assert invariants.settle(lambda: [name for tid, name in invariants.threads().items() if tid not in before]) == []
