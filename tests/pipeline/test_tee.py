"""Several outputs of one encode: together from the start, and added and removed while frames flow."""

import threading
from pathlib import Path

import pytest

import skyline
from skyline import sinks
from tests.pipeline import ffprobe
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_in
from tests.until import until

LIVE = skyline.encoders.h264(latency="live")


def encoded(sky: skyline.SkyLine, frames: int) -> bool:
    """Whether the encoder has given this many units: a frame may still be in it when put returns."""
    return until(lambda: sky.stats().frames_encoded >= frames)


def test_every_sink_of_a_tee_gets_every_frame(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.mp4", "b.mkv", "c.ts")]
    stats = skyline.stream(numbered_frames(60), sinks.tee(*paths), fps=30)
    assert [output.name for output in stats.outputs] == ["a.mp4", "b.mkv", "c.ts"]
    assert [output.units_sent for output in stats.outputs] == [60, 60, 60]
    for path in paths:
        assert numbers_in(path) == list(range(60))


def test_a_recording_in_the_middle_begins_at_a_key_frame_and_at_0_and_nobody_else_notices(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "whole.mkv", fps=30, encoder=LIVE) as sky:
        for number in range(150):
            if number == 50:
                assert encoded(sky, 50)
                clip = sky.add(tmp_path / "clip.mp4")
                assert [output.name for output in sky.outputs] == ["whole.mkv", "clip.mp4"]
            if number == 100:
                assert encoded(sky, 100)
                assert sky.remove(clip)
                assert clip.state == "stopped"
                assert [output.name for output in sky.outputs] == ["whole.mkv"]
                assert sky.remove(clip)  # again: the same answer
            sky.put(numbered_frame(number))
    numbers = numbers_in(tmp_path / "clip.mp4")
    # The next frame, or the one after it where the encoder had that already.
    assert numbers[0] in {50, 51}
    assert numbers == list(range(numbers[0], 100))
    facts = ffprobe.look(tmp_path / "clip.mp4")
    assert facts.times_s[0] == 0
    assert facts.times_s[-1] == pytest.approx((len(numbers) - 1) / 30, abs=0.002)
    assert numbers_in(tmp_path / "whole.mkv") == list(range(150))


def test_a_sink_may_be_added_before_the_first_frame(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "a.mp4", fps=30) as sky:
        sky.add(sinks.file(tmp_path / "b.mkv"))
        for frame in numbered_frames(20):
            sky.put(frame)
    assert numbers_in(tmp_path / "a.mp4") == numbers_in(tmp_path / "b.mkv") == list(range(20))


def test_many_recordings_come_and_go_on_several_threads(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "whole.mp4", fps=30, encoder=LIVE) as sky:
        is_over = threading.Event()
        complete = []

        def record(name: str) -> None:
            for turn in range(5):
                output = sky.add(tmp_path / f"{name}-{turn}.mkv")
                until(lambda output=output: output.stats().units_sent > 3 or is_over.is_set())
                complete.append(sky.remove(output))

        recorders = [threading.Thread(target=record, args=(name,)) for name in ("x", "y", "z")]
        for recorder in recorders:
            recorder.start()
        frames = 0
        while any(recorder.is_alive() for recorder in recorders) and frames < 20_000:
            sky.put(numbered_frame(frames % 60_000))
            frames += 1
        is_over.set()
        for recorder in recorders:
            recorder.join(20)
    assert complete == [True] * 15
    assert numbers_in(tmp_path / "whole.mp4") == list(range(frames))
    for path in tmp_path.glob("?-?.mkv"):
        numbers = numbers_in(path)
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len(numbers) > 3


def test_one_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    (tmp_path / "full.mkv").symlink_to("/dev/full")
    told: list[skyline.Event] = []
    with skyline.open(sinks.tee(tmp_path / "full.mkv", tmp_path / "good.mp4"), fps=30, on_event=told.append) as sky:
        for frame in numbered_frames(90):
            sky.put(frame)
        assert until(lambda: sky.outputs[0].state == "failed")
        assert sky.state is sky.State.STREAMING
        assert isinstance(sky.outputs[0].error, skyline.ResourceError)
    assert [event.output for event in told if event.kind == "failed"] == ["full.mkv"]
    assert numbers_in(tmp_path / "good.mp4") == list(range(90))


def test_a_removed_output_is_no_part_of_how_the_stream_ends(tmp_path: Path) -> None:
    (tmp_path / "full.mkv").symlink_to("/dev/full")
    with skyline.open(tmp_path / "good.mp4", fps=30, encoder=LIVE) as sky:
        for number, frame in enumerate(numbered_frames(60)):
            if number == 10:
                broken = sky.add(tmp_path / "full.mkv")
            sky.put(frame)
        assert until(lambda: broken.state == "failed")
        assert not sky.remove(broken)
    assert sky.last_error is None
    assert numbers_in(tmp_path / "good.mp4") == list(range(60))


def test_what_cannot_be_added_or_removed_is_said(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "a.mp4", fps=30) as sky, skyline.open(tmp_path / "b.mp4", fps=30) as other:
        with pytest.raises(skyline.SinkError, match=r"h264 does not go into \.webm"):
            sky.add(tmp_path / "c.webm")
        with pytest.raises(skyline.SinkError, match="one by one"):
            sky.add(sinks.tee(tmp_path / "c.mp4", tmp_path / "d.mp4"))
        with pytest.raises(skyline.ResourceError):
            sky.add(tmp_path / "nowhere" / "c.mp4")
        with pytest.raises(skyline.SinkError, match=r"b\.mp4.* is no output of this stream"):
            sky.remove(other.outputs[0])
        for number in range(5):
            sky.put(numbered_frame(number))
            other.put(numbered_frame(number))
        with pytest.raises(skyline.SinkError, match="16x16"):
            raise_small(tmp_path)
    with pytest.raises(skyline.StateError):
        sky.add(tmp_path / "e.mp4")
    assert numbers_in(tmp_path / "a.mp4") == list(range(5))


def raise_small(folder: Path) -> None:
    """Too small for one sink of several: said by the first frame, as with that sink alone."""
    with skyline.open(sinks.tee(folder / "small.mkv", folder / "small.mp4"), fps=30) as sky:
        sky.put(numbered_frame(0, width=8, height=8))


def test_a_description_has_no_outputs_to_add_to() -> None:
    with (
        skyline.PipelineSkyLine("appsrc ! fakesink", errors="raise") as sky,
        pytest.raises(skyline.StateError, match="description of your own"),
    ):
        sky.add("a.mp4")


def test_the_sinks_of_a_tee_agree_on_an_encoder() -> None:
    assert sinks.tee("a.webm", "b.mkv").default_encoder().codec == "vp8"
    assert sinks.tee("a.mkv", "b.ts").default_encoder().codec == "h264"
    with pytest.raises(skyline.SinkError, match="vp8 or h264"):
        sinks.tee("a.webm", "b.mp4").default_encoder()
    sinks.tee("a.webm", "b.mp4").check(skyline.encoders.vp9())


def test_a_tee_in_a_tee_counts_as_what_is_in_it() -> None:
    inner = sinks.tee("a.mkv", "b.ts")
    assert sinks.tee(inner, "c.mp4").sinks == (*inner.sinks, sinks.file("c.mp4"))
    with pytest.raises(skyline.SinkError, match="at least one"):
        sinks.tee()
