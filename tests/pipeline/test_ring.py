"""The last seconds in memory, saved while the stream goes on: recordings that begin before they were asked for."""

import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import skyline
from skyline import sinks
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_in
from tests.pipeline.ffprobe import look
from tests.until import until

# A key frame each half second of stream time, which runs as fast as it is encoded.
ENCODER = skyline.encoders.h264(latency="live", keyframe_s=0.5)


def fast(*others: sinks.Sink, seconds: float = 1.0) -> skyline.SkyLine:
    return skyline.open(sinks.tee(sinks.ring(seconds), *others), fps=30, clock="fixed", encoder=ENCODER)


def put(sky: skyline.SkyLine, first: int, last: int) -> None:
    for number in range(first, last + 1):
        assert sky.put(numbered_frame(number))
    assert until(lambda: sky.stats().frames_encoded == last + 1)


def has_encoded(sky: skyline.SkyLine, frames: int) -> bool:
    return sky.stats().frames_encoded > frames


def test_a_clip_begins_before_it_was_asked_for_and_goes_on(tmp_path: Path) -> None:
    with fast() as sky:
        put(sky, 0, 99)
        clip = sky.save(tmp_path / "clip.mp4")
        assert [output.name for output in sky.outputs] == ["ring", "clip.mp4"]
        put(sky, 100, 149)
        assert sky.remove(clip)
        put(sky, 150, 159)
        assert [output.state for output in sky.outputs] == ["live"]
    # Key frames are at 0, 15, … 90: frame 69 is a second back, 60 the key frame before it.
    assert numbers_in(tmp_path / "clip.mp4") == list(range(60, 150))
    times_s = look(tmp_path / "clip.mp4").times_s
    assert times_s[0] == 0
    assert times_s[-1] == pytest.approx(89 / 30, abs=0.002)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "mov"])
def test_a_clip_that_is_removed_at_once_is_what_was_kept(tmp_path: Path, suffix: str) -> None:
    with fast() as sky:
        put(sky, 0, 49)
        assert sky.remove(sky.save(tmp_path / f"clip.{suffix}"))
    assert numbers_in(tmp_path / f"clip.{suffix}") == list(range(15, 50))


def test_clips_overlap_while_frames_flow_and_each_is_whole(tmp_path: Path) -> None:
    with fast(sinks.file(tmp_path / "whole.mkv")) as sky:
        is_over = threading.Event()
        count = 0

        def flow() -> None:
            nonlocal count
            while not is_over.is_set():
                sky.put(numbered_frame(count % 60_000))
                count += 1

        flowing = threading.Thread(target=flow)
        flowing.start()
        try:
            assert until(lambda: sky.stats().frames_encoded > 60)
            clips = []
            for number in range(6):
                wanted = sky.stats().frames_encoded + 20 * number
                clips.append(sky.save(tmp_path / f"{number}.mp4"))
                assert until(partial(has_encoded, sky, wanted))
            assert all(sky.remove(clip) for clip in clips[::2])
        finally:
            is_over.set()
            flowing.join()
    whole = numbers_in(tmp_path / "whole.mkv")
    assert whole == list(range(count))
    found = [numbers_in(tmp_path / f"{number}.mp4") for number in range(6)]
    for numbers in found:
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len(numbers) >= 30
    assert [numbers[-1] for numbers in found[1::2]] == [count - 1] * 3  # those that the stream's end finalised


def test_a_ring_holds_what_it_promises_and_no_more_than_one_key_frame_distance_above() -> None:
    with fast(seconds=2) as sky:
        put(sky, 0, 299)
        (ring,) = sky.stats().outputs
    assert 60 <= ring.units_queued <= 76
    assert ring.units_sent == 300 - ring.units_queued
    assert ring.units_dropped == 0


def test_a_ring_is_bounded_in_bytes_too(tmp_path: Path) -> None:
    with skyline.open(sinks.ring(1000, max_bytes=20_000), fps=30, clock="fixed", encoder=ENCODER) as sky:
        put(sky, 0, 599)
        (ring,) = sky.stats().outputs
        assert ring.units_dropped > 0
        clip = sky.save(tmp_path / "clip.mkv")
        assert sky.remove(clip)
        assert clip.stats().bytes_sent <= 20_000
    numbers = numbers_in(tmp_path / "clip.mkv")
    assert numbers == list(range(numbers[0], 600))
    assert numbers[0] % 15 == 0


def test_a_live_clip_has_the_times_of_its_frames(tmp_path: Path) -> None:
    with skyline.open(sinks.ring(0.5), encoder=ENCODER) as sky:
        began = time.monotonic()
        for number in range(60):
            if number == 40:
                clip = sky.save(tmp_path / "clip.mp4")
            assert sky.put(numbered_frame(number))
            time.sleep(max(0.0, began + (number + 1) / 30 - time.monotonic()))
        assert sky.remove(clip)
    numbers = numbers_in(tmp_path / "clip.mp4")
    assert numbers[0] <= 26
    # A live encoder may have had the last frame still when the clip was taken off.
    assert numbers[-1] >= 58
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    facts = look(tmp_path / "clip.mp4")
    assert facts.times_s[0] == 0
    assert facts.times_s[-1] == pytest.approx((numbers[-1] - numbers[0]) / 30, abs=0.1)


def test_a_clip_may_be_cut_into_parts(tmp_path: Path) -> None:
    with fast() as sky:
        put(sky, 0, 74)
        sky.save(sinks.file(tmp_path / "part-%d.mp4", segment_s=1))
        put(sky, 75, 104)
    parts = [numbers_in(part) for part in sorted(tmp_path.iterdir())]
    assert [number for part in parts for number in part] == list(range(30, 105))
    assert len(parts[0]) == 30


def test_a_ring_may_be_added_later_and_removed(tmp_path: Path) -> None:
    with skyline.open(sinks.null(), fps=30, clock="fixed", encoder=ENCODER) as sky:
        put(sky, 0, 9)
        ring = sky.add(sinks.ring(1))
        put(sky, 10, 39)
        clip = sky.save(tmp_path / "clip.mkv")
        assert sky.remove(ring)
        put(sky, 40, 49)
        assert sky.remove(clip)
        with pytest.raises(skyline.StateError, match=r"sinks\.ring"):
            sky.save(tmp_path / "none.mkv")
    numbers = numbers_in(tmp_path / "clip.mkv")
    assert numbers[0] in {10, 11}
    assert numbers == list(range(numbers[0], 50))


def test_without_a_ring_and_for_what_is_no_file_it_says_what_to_do(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "a.mp4", fps=30) as sky:
        sky.put(numbered_frame(0))
        with pytest.raises(skyline.StateError, match=r"add.*sinks\.ring|sinks\.ring.*add"):
            sky.save(tmp_path / "clip.mp4")
    with skyline.PipelineSkyLine("appsrc ! fakesink", fps=30, clock="fixed") as sky:
        sky.put(numbered_frame(0))
        with pytest.raises(skyline.StateError, match="ring"):
            sky.save(tmp_path / "clip.mp4")
    with fast() as sky:
        put(sky, 0, 3)
        with pytest.raises(skyline.SinkError, match="saved to a file"):
            sky.save(sinks.hls(tmp_path / "live"))
        with pytest.raises(skyline.SinkError, match="does not go into"):
            sky.save(tmp_path / "clip.webm")
        with pytest.raises(skyline.SkyLineError, match="nowhere"):
            sky.save(tmp_path / "nowhere" / "clip.mp4")
        put(sky, 4, 5)
    assert not (tmp_path / "live").exists()


def test_frames_before_the_first_key_frame_are_no_trouble(tmp_path: Path) -> None:
    with fast() as sky:
        clip = sky.save(tmp_path / "clip.mp4")  # before any frame: from the first one on
        for frame in numbered_frames(20):
            sky.put(frame)
        assert until(lambda: sky.stats().frames_encoded == 20)
        assert sky.remove(clip)
    assert numbers_in(tmp_path / "clip.mp4") == list(range(20))


@pytest.mark.parametrize(
    "wrong", [{"seconds": 0}, {"seconds": "10"}, {"seconds": True}, {"seconds": 1e9}, {"max_bytes": 0}]
)
def test_what_is_no_length_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(skyline.SinkError, match=next(iter(wrong))):
        sinks.ring(**wrong)
