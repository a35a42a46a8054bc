"""Every call has a bound in time, whatever the pipeline does."""

import contextlib
import os
import threading
import time
from pathlib import Path

import pytest

import skyline
from tests.pipeline import children
from tests.pipeline.failing import black, noise, put_until_it_raises


def test_a_failing_pipeline_wakes_a_waiting_put_within_a_second() -> None:
    """Appsrc alone leaves a blocked push blocked for ever."""
    # Each frame takes 300 ms, the third kills the pipeline; put waits for room long before.
    text = "appsrc ! identity sleep-time=300000 ! identity name=breaks error-after=3 ! fakesink"
    sky = skyline.PipelineSkyLine(
        text, fps=30, width=64, height=64, leaky="none", max_buffers=1, errors="raise", clock="fixed"
    )
    sky.start_streaming()
    failed_at: list[float] = []
    sky.on_event = lambda event: failed_at.append(time.monotonic()) if event.kind == "failed" else None
    began = time.monotonic()
    put_until_it_raises(sky, black, limit_s=10)
    raised_at = time.monotonic()
    assert raised_at - began < 3
    if failed_at:
        assert raised_at - failed_at[0] < 1
    sky.stop_streaming()


def test_put_with_a_timeout_returns_in_time_and_the_frame_is_counted() -> None:
    text = "appsrc ! identity sleep-time=1500000 ! fakesink"
    sky = skyline.PipelineSkyLine(text, fps=30, width=64, height=64, leaky="none", max_buffers=1, clock="fixed")
    sky.start_streaming()
    results, longest = [], 0.0
    for _ in range(8):
        began = time.monotonic()
        results.append(sky.put(black(), timeout_s=0.1))
        longest = max(longest, time.monotonic() - began)
    assert results[0] is True
    assert results[-1] is False
    assert longest < 0.5
    assert sky.stats().frames_dropped["timeout"] == results.count(False)
    sky.stop_streaming(timeout_s=0.3)


@pytest.mark.parametrize("leaky", ["downstream", "upstream"])
def test_a_live_stream_never_waits_and_counts_what_it_drops(leaky: str) -> None:
    text = "appsrc ! identity sleep-time=200000 ! fakesink"
    sky = skyline.PipelineSkyLine(text, width=64, height=64, leaky=leaky, max_buffers=2)
    sky.start_streaming()
    sky.put(black())
    longest = 0.0
    results = []
    for _ in range(200):
        began = time.monotonic()
        results.append(sky.put(black()))
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.001)
    assert longest < 0.1
    # upstream refuses the new frame and says so; downstream takes it and gives up the oldest.
    assert (False in results) is (leaky == "upstream")
    stats = sky.stats()
    assert stats.frames_dropped["queue_full"] > 150
    assert stats.frames_in == 201
    assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values()) + stats.frames_in_flight
    sky.stop_streaming(timeout_s=5)
    stats = sky.stats()
    assert stats.frames_in_flight == 0
    assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values())


def test_stop_returns_in_time_with_a_slow_pipeline_and_counts_the_rest() -> None:
    text = "appsrc ! identity sleep-time=500000 ! fakesink"
    sky = skyline.PipelineSkyLine(text, fps=30, width=64, height=64, leaky="none", max_buffers=16, clock="fixed")
    sky.start_streaming()
    for _ in range(12):
        sky.put(black())
    began = time.monotonic()
    with contextlib.suppress(skyline.SkyLineError):
        sky.stop_streaming(timeout_s=1)
    assert time.monotonic() - began < 3
    stats = sky.stats()
    assert stats.frames_dropped["stopped"] >= 8
    assert stats.frames_in == 12 == stats.frames_encoded + sum(stats.frames_dropped.values())


@pytest.mark.leaves_threads("the sink is stuck in the kernel")
def test_stop_returns_in_time_with_a_fifo_that_nobody_reads(tmp_path: Path) -> None:
    fifo = tmp_path / "film.mkv"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        sky = skyline.open(fifo, clock="arrival", encoder=skyline.encoders.h264(bitrate_kbps=20_000))
        began = time.monotonic()
        while time.monotonic() - began < 2:
            sky.put(noise(int(time.monotonic() * 1000)))
        began = time.monotonic()
        with contextlib.suppress(skyline.SkyLineError):
            sky.stop_streaming(timeout_s=1)
        assert time.monotonic() - began < 5
        stats = sky.stats()
        assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values())
        units = stats.outputs[0]
        assert units.units_in == units.units_sent + units.units_dropped + units.units_queued
        assert units.units_dropped > 0
    finally:
        while True:  # let the stuck write end, and the thread with it
            try:
                if not os.read(reader, 1 << 20):
                    break
            except BlockingIOError:
                time.sleep(0.05)
                if sky.stats().frames_in_flight == 0:
                    break
        os.close(reader)


@pytest.mark.leaves_threads("open waits in the kernel for a reader that never comes")
def test_a_fifo_without_a_reader_does_not_hold_the_caller(tmp_path: Path) -> None:
    """open(2) of a FIFO for writing waits for a reader; the caller must come back."""
    fifo = tmp_path / "film.mkv"
    text = children.program("""
        os.mkfifo(sys.argv[1])
        began = time.monotonic()
        try:
            with skyline.open(sys.argv[1], fps=30) as sky:
                for _ in range(30):
                    sky.put(np.zeros((64, 64, 3), np.uint8), timeout_s=1)
                sky.stop_streaming(timeout_s=1)
        except skyline.SkyLineError as error:
            print(type(error).__name__, flush=True)
        print(time.monotonic() - began, flush=True)
        os._exit(0)
        """)
    ended = children.run(text, fifo, timeout_s=30)
    assert not ended.hung, str(ended)
    assert float(ended.stdout.split()[-1]) < 20, str(ended)


def test_a_waiting_put_is_woken_by_stop_from_another_thread() -> None:
    text = "appsrc ! identity sleep-time=300000 ! fakesink"
    sky = skyline.PipelineSkyLine(
        text, fps=30, width=64, height=64, leaky="none", max_buffers=1, clock="fixed", errors="raise"
    )
    sky.start_streaming()
    ended: list[object] = []

    def push() -> None:
        try:
            for _ in range(1000):
                sky.put(black())
        except skyline.SkyLineError as error:
            ended.append(error)

    thread = threading.Thread(target=push)
    thread.start()
    time.sleep(0.5)
    began = time.monotonic()
    with contextlib.suppress(skyline.SkyLineError):
        sky.stop_streaming(timeout_s=2)
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - began < 4
    assert isinstance(ended[0], skyline.StateError)
    assert "start" in str(ended[0])
