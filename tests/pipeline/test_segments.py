"""Parts by hand-over: no frame lost or doubled at a cut, each part a file of its own."""

import json
import os
import random
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests.pipeline import children
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_after_a_crash, numbers_in

SUFFIXES = ["mp4", "mkv", "ts", "mov", "avi", "webm"]


def parts_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def check_plays_alone(part: Path) -> None:
    """Begins with a key frame and, but for ts, at 0; decodes without a message."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-read_intervals", "%+#1"]
    command += ["-show_entries", "frame=best_effort_timestamp_time,key_frame", str(part)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stderr == ""
    told = json.loads(ran.stdout)
    first = told["frames"][0]
    assert first["key_frame"] == 1
    # The transport stream muxer always adds one hour.
    begins_at_s = 3600.0 if part.suffix == ".ts" else 0.0
    assert float(first["best_effort_timestamp_time"]) == pytest.approx(begins_at_s, abs=0.002)
    decode = ["ffmpeg", "-v", "error", "-xerror", "-nostdin", "-i", str(part), "-f", "null", "-"]
    ran = subprocess.run(decode, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_parts_by_time_hold_every_frame_once(tmp_path: Path, suffix: str) -> None:
    sink = skyline.sinks.file(tmp_path / f"part-%05d.{suffix}", segment_s=2)
    skyline.stream(numbered_frames(210), sink, fps=30)
    parts = parts_in(tmp_path)
    assert [part.name for part in parts] == [f"part-{n:05d}.{suffix}" for n in range(4)]
    numbers = [numbers_in(part) for part in parts]
    assert [len(part) for part in numbers] == [60, 60, 60, 30]
    assert [number for part in numbers for number in part] == list(range(210))
    for part in parts:
        check_plays_alone(part)


def test_parts_are_cut_at_a_key_frame_even_where_key_frames_are_rarer_than_parts(tmp_path: Path) -> None:
    sink = skyline.sinks.file(tmp_path / "part-%02d.mkv", segment_s=0.5)
    skyline.stream(numbered_frames(60), sink, fps=30, encoder=skyline.encoders.h264(keyframe_s=100))
    numbers = [numbers_in(part) for part in parts_in(tmp_path)]
    assert [number for part in numbers for number in part] == list(range(60))
    assert [len(part) for part in numbers] == [15, 15, 15, 15]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_parts_by_size_hold_every_frame_once(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(4)

    def frames():
        for number in range(120):
            frame = numbered_frame(number)
            # Something to encode between the bars.
            frame[44:52] = noise.integers(0, 256, (8, 320, 3), np.uint8)
            yield frame

    sink = skyline.sinks.file(tmp_path / f"part-%05d.{suffix}", segment_bytes=60_000)
    skyline.stream(frames(), sink, fps=30)
    parts = parts_in(tmp_path)
    assert len(parts) >= 3
    assert [number for part in parts for number in numbers_in(part)] == list(range(120))
    for part in parts:
        check_plays_alone(part)
    for part in parts[:-1]:
        # Cut at the first key frame after the size was reached: above it, and by less than half a second of video.
        assert part.stat().st_size * 1.1 >= 60_000
        assert part.stat().st_size < 140_000


def test_time_and_size_together_cut_at_whichever_comes_first(tmp_path: Path) -> None:
    sink = skyline.sinks.file(tmp_path / "part-%05d.mkv", segment_s=1, segment_bytes=100_000_000)
    skyline.stream(numbered_frames(90), sink, fps=30)
    assert [len(numbers_in(part)) for part in parts_in(tmp_path)] == [30, 30, 30]


def test_lent_and_acquired_frames_are_cut_like_put_ones(tmp_path: Path) -> None:
    sink = skyline.sinks.file(tmp_path / "part-%05d.mp4", segment_s=0.5)
    with skyline.open(sink, fps=30, width=320, height=96) as sky:
        for number in range(60):
            if number % 2:
                sky.lend(numbered_frame(number))
            else:
                with sky.acquire() as slot:
                    slot.array[...] = numbered_frame(number)
    parts = parts_in(tmp_path)
    assert len(parts) == 4
    assert [number for part in parts for number in numbers_in(part)] == list(range(60))


def test_parts_in_real_time_follow_the_clock_and_each_is_told(tmp_path: Path) -> None:
    """A live stream: parts of one second of arrival time, an event for every one that is finished."""
    events: list[skyline.Event] = []
    sink = skyline.sinks.file(tmp_path / "part-%05d.mp4", segment_s=1)
    with skyline.open(sink, on_event=events.append) as sky:
        began = time.monotonic()
        for number in range(75):
            assert sky.put(numbered_frame(number))
            time.sleep(max(0.0, began + (number + 1) / 30 - time.monotonic()))
    parts = parts_in(tmp_path)
    numbers = [numbers_in(part) for part in parts]
    assert [number for part in numbers for number in part] == list(range(75))
    assert len(parts) == 3
    assert all(24 <= len(part) <= 34 for part in numbers[:-1])
    told = [event.message for event in events if event.kind == "segment"]
    assert [Path(message).name for message in told] == [part.name for part in parts]


def test_a_part_is_finished_while_the_next_one_is_written(tmp_path: Path) -> None:
    """The event comes when the part can be taken away, not at the end of everything."""
    taken: list[list[int]] = []

    def take(event: skyline.Event) -> None:
        if event.kind == "segment":
            taken.append(numbers_in(Path(event.message)))

    sink = skyline.sinks.file(tmp_path / "part-%05d.mp4", segment_s=1)
    with skyline.open(sink, fps=30, on_event=take) as sky:
        for number in range(45):
            sky.put(numbered_frame(number))
        deadline = time.monotonic() + 10
        while not taken and time.monotonic() < deadline:
            time.sleep(0.02)
        assert taken == [list(range(30))]
        sky.put(numbered_frame(45))
    assert taken == [list(range(30)), list(range(30, 46))]


def test_the_last_frame_just_at_a_cut_is_a_part_of_its_own(tmp_path: Path) -> None:
    sink = skyline.sinks.file(tmp_path / "part-%05d.mp4", segment_s=1)
    skyline.stream(numbered_frames(31), sink, fps=30)
    assert [numbers_in(part) for part in parts_in(tmp_path)] == [list(range(30)), [30]]


def test_an_exact_number_of_parts_leaves_no_empty_one(tmp_path: Path) -> None:
    sink = skyline.sinks.file(tmp_path / "part-%05d.mkv", segment_s=1)
    skyline.stream(numbered_frames(60), sink, fps=30)
    assert [len(numbers_in(part)) for part in parts_in(tmp_path)] == [30, 30]


def test_a_number_pattern_without_segments_is_only_a_name(tmp_path: Path) -> None:
    for name in ["cam-%05d.mp4", "100%.mkv", "%s%n.mp4"]:
        skyline.stream(numbered_frames(3), tmp_path / name, fps=30)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["cam-%05d.mp4", "100%.mkv", "%s%n.mp4"])


@pytest.mark.parametrize("name", ["part.mp4", "part-%s.mp4", "%05d-%05d.mp4", "part-%5.3f.mp4"])
def test_segments_need_one_number_in_the_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(skyline.SinkError, match="%0"):
        skyline.sinks.file(tmp_path / name, segment_s=2)


@pytest.mark.parametrize(
    "lengths", [{"segment_s": 0}, {"segment_s": -1}, {"segment_bytes": 0}, {"segment_bytes": -5}], ids=str
)
def test_a_part_has_a_length(tmp_path: Path, lengths: dict[str, float]) -> None:
    with pytest.raises(skyline.SinkError, match=next(iter(lengths))):
        skyline.sinks.file(tmp_path / "part-%05d.mp4", **lengths)


def test_odd_names_of_parts_are_only_names(tmp_path: Path) -> None:
    sink = skyline.sinks.file(tmp_path / "a b'&! \"ü %03d\n.mp4", segment_s=1)
    skyline.stream(numbered_frames(60), sink, fps=30)
    assert [path.name for path in parts_in(tmp_path)] == ["a b'&! \"ü 000\n.mp4", "a b'&! \"ü 001\n.mp4"]


def test_parts_whose_names_are_not_text_are_told_by_their_names(tmp_path: Path) -> None:
    events: list[skyline.Event] = []
    sink = skyline.sinks.file(os.fsencode(tmp_path) + b"/\xff\xe4-%02d.mkv", segment_s=1)
    skyline.stream(numbered_frames(60), sink, fps=30, on_event=events.append)
    parts = parts_in(tmp_path)
    assert [os.fsencode(path.name) for path in parts] == [b"\xff\xe4-00.mkv", b"\xff\xe4-01.mkv"]
    assert [Path(event.message) for event in events if event.kind == "segment"] == parts
    assert [number for part in parts for number in numbers_in(os.fsencode(part))] == list(range(60))


RECORDS_PARTS = children.program("""
    sys.path.insert(0, sys.argv[2])
    from bar_code import numbered_frame
    with skyline.open(skyline.sinks.file(sys.argv[1], segment_s=1)) as sky:
        began = time.monotonic()
        for number in range(3000):
            sky.put(numbered_frame(number))
            print(number, flush=True)
            time.sleep(max(0.0, began + (number + 1) / 30 - time.monotonic()))
    """)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_kill_9_loses_less_than_a_second_whatever_the_part_length(tmp_path: Path, suffix: str) -> None:
    """Also just before and just after a cut: the parts together hold all but the last frames."""
    moments = [2.15, 2.9, 3.02, *(random.Random(suffix).uniform(1.2, 4) for _ in range(1))]
    running = []
    for index, _ in enumerate(moments):
        folder = tmp_path / str(index)
        folder.mkdir()
        running.append((folder, children.start(RECORDS_PARTS, folder / f"part-%05d.{suffix}", Path(__file__).parent)))
    for _, child in running:
        children.read_until(child, "0")
    began = time.monotonic()
    for moment, (_, child) in sorted(zip(moments, running, strict=True), key=lambda pair: pair[0]):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        child.kill()
    for folder, ended in [(folder, children.finish(child)) for folder, child in running]:
        assert ended.returncode == -9, str(ended)
        last_put = int(ended.stdout.split()[-1])
        numbers = [number for part in parts_in(folder) for number in numbers_after_a_crash(part)]
        assert numbers == list(range(len(numbers)))
        assert last_put + 1 - len(numbers) <= 30, f"{last_put + 1} were put, {len(numbers)} survived"
