"""A function that is given the encoded units: what it gets, when, on which thread, and what happens when it fails."""

import logging
import threading
import time
from pathlib import Path

import pytest

import skyline
from skyline import sinks
from skyline.units import Unit
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_in

LIVE = skyline.encoders.h264(latency="live")


def test_the_units_written_one_behind_the_other_are_a_film(tmp_path: Path) -> None:
    raw = tmp_path / "film.h264"
    with raw.open("wb") as file:
        stats = skyline.stream(
            numbered_frames(120), sinks.callback(lambda unit: file.write(unit.data)), fps=30, clock="fixed"
        )
    assert numbers_in(raw) == list(range(120))
    (output,) = stats.outputs
    assert (output.units_sent, output.units_dropped, output.units_queued) == (120, 0, 0)
    assert output.bytes_sent == raw.stat().st_size


def test_what_a_unit_says() -> None:
    units: list[Unit] = []
    threads = set()

    def take(unit: Unit) -> None:
        units.append(unit)
        threads.add(threading.current_thread().name)

    skyline.stream(numbered_frames(70), sinks.callback(take), fps=30, clock="fixed", encoder=LIVE)
    assert threads == {"skyline-units"}
    assert [unit.pts_ns for unit in units] == [pytest.approx(number * 1e9 / 30, abs=1) for number in range(70)]
    assert [number for number, unit in enumerate(units) if unit.is_key] == [0, 60]
    assert {unit.codec for unit in units} == {"h264"}
    for unit in units:
        assert unit.dts_ns is None or unit.dts_ns <= unit.pts_ns
        assert unit.data.readonly
        assert bytes(unit.data[:4]) in {b"\0\0\0\1", b"\0\0\1\x67"}
        assert unit.caps.startswith("video/x-h264")
        assert "width=(int)320" in unit.caps
    # Kept after the stream is gone, the bytes are still there.
    assert sum(len(unit.data) for unit in units) > 1000


def test_with_b_frames_the_times_are_those_of_the_frames() -> None:
    units: list[Unit] = []
    encoder = skyline.encoders.h264(latency="quality")
    skyline.stream(numbered_frames(60), sinks.callback(units.append), fps=30, clock="fixed", encoder=encoder)
    assert sorted(unit.pts_ns for unit in units) == [pytest.approx(number * 1e9 / 30, abs=1) for number in range(60)]
    assert all(unit.dts_ns is None or unit.dts_ns <= unit.pts_ns for unit in units)


@pytest.mark.parametrize("codec", ["h265", "vp8", "mjpeg"])
def test_other_codecs_are_named(codec: str) -> None:
    units: list[Unit] = []
    skyline.stream(
        numbered_frames(5),
        sinks.callback(units.append),
        fps=30,
        clock="fixed",
        encoder=getattr(skyline.encoders, codec)(),
    )
    assert [unit.codec for unit in units] == [codec] * 5


def test_what_it_raises_is_logged_once_counted_and_the_next_unit_comes(caplog: pytest.LogCaptureFixture) -> None:
    taken = []

    def take(unit: Unit) -> None:
        taken.append(unit.pts_ns)
        message = "no luck"
        raise RuntimeError(message)

    events: list[skyline.Event] = []
    with caplog.at_level(logging.ERROR):
        stats = skyline.stream(numbered_frames(30), sinks.callback(take), fps=30, clock="fixed", on_event=events.append)
    assert len(taken) == 30
    assert stats.outputs[0].callback_errors == 30
    assert len([record for record in caplog.records if "callback raised" in record.message]) == 1
    assert "no luck" in caplog.text
    (warning, *_) = [event.message for event in events if event.kind == "warning"]
    assert warning.startswith("the callback raised RuntimeError")
    caplog.clear()  # the traceback in it holds the output, and that a thread


def test_a_slow_one_beside_a_live_file_loses_whole_groups_and_no_frame_waits(tmp_path: Path) -> None:
    is_over = threading.Event()
    units: list[Unit] = []

    def take(unit: Unit) -> None:
        units.append(unit)
        if len(units) == 1:
            is_over.wait(20)

    encoder = skyline.encoders.h264(latency="live", keyframe_s=0.1)
    with skyline.open(sinks.tee(sinks.callback(take), tmp_path / "whole.mkv"), encoder=encoder) as sky:
        longest_s = 0.0
        for number in range(700):  # more than its queue holds
            began = time.monotonic()
            assert sky.put(numbered_frame(number), pts_ns=number * 33_000_000)
            longest_s = max(longest_s, time.monotonic() - began)
            while sky.stats().frames_in_flight > 2:
                time.sleep(0.001)
        is_over.set()
    slow = sky.stats().outputs[0]
    assert longest_s < 5
    assert slow.units_dropped > 0
    assert slow.units_in == 700
    times = [unit.pts_ns for unit in units]
    gaps = [index for index in range(1, len(times)) if times[index] - times[index - 1] > 40_000_000]
    assert all(units[index].is_key for index in gaps)
    assert times[-1] == 699 * 33_000_000
    assert numbers_in(tmp_path / "whole.mkv") == list(range(700))


def test_stop_returns_after_the_last_unit_was_dealt_with() -> None:
    done = []

    def take(unit: Unit) -> None:
        time.sleep(0.002)
        done.append(unit.pts_ns)

    with skyline.open(sinks.callback(take), fps=30, clock="fixed") as sky:
        for frame in numbered_frames(100):
            sky.put(frame)
        assert sky.stop_streaming()
        assert len(done) == 100


def test_one_that_hangs_does_not_keep_stop_from_returning() -> None:
    is_over = threading.Event()
    sky = skyline.open(sinks.callback(lambda _: is_over.wait(30)), encoder=LIVE)
    for frame in numbered_frames(10):
        sky.put(frame)
    began = time.monotonic()
    with pytest.raises(skyline.PipelineError, match="did not take everything in time"):
        sky.stop_streaming(0.5)
    assert time.monotonic() - began < 5
    is_over.set()


def test_it_may_stop_the_stream_itself() -> None:
    stopped = threading.Event()

    def take(unit: Unit) -> None:
        if unit.pts_ns > 0:
            sky.stop_streaming()
            stopped.set()

    sky = skyline.open(sinks.callback(take), encoder=LIVE)
    began = time.monotonic()
    with pytest.raises(skyline.SkyLineError):
        for frame in numbered_frames(500):
            sky.put(frame)
            time.sleep(0.01)
    assert stopped.wait(10)
    assert time.monotonic() - began < 8
    assert sky.state is skyline.SkyLine.State.STOPPED


def test_it_may_be_added_and_removed_while_frames_flow() -> None:
    units: list[Unit] = []
    with skyline.open(sinks.null(), fps=30, clock="fixed", encoder=LIVE) as sky:
        for number in range(90):
            if number == 30:
                while sky.stats().frames_encoded < 30:
                    time.sleep(0.002)
                output = sky.add(sinks.callback(units.append))
            if number == 60:
                while sky.stats().frames_encoded < 60:
                    time.sleep(0.002)
                assert sky.remove(output)
                count = len(units)
            sky.put(numbered_frame(number))
    assert len(units) == count
    assert units[0].is_key
    assert units[0].pts_ns >= 1e9
    assert units[-1].pts_ns == pytest.approx(59e9 / 30, abs=1)


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(skyline.SinkError, match="expected a function"):
        sinks.callback("print")
