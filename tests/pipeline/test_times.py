"""When a frame is: exact fractions, true arrival times, the caller's own times."""

import json
import random
import subprocess
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests.pipeline import gdp_times
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_in
from tests.pipeline.mp4_boxes import read_mp4

NTSC = Fraction(30000, 1001)
WIDTH, HEIGHT = 160, 96


def packet_times(path: Path) -> tuple[list[int], Fraction]:
    """Presentation times of the packets in the container's own units, and the unit."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-of", "json"]
    command += ["-show_entries", "packet=pts:stream=time_base,avg_frame_rate", str(path)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    pts = sorted(int(packet["pts"]) for packet in told["packets"])
    return pts, Fraction(told["streams"][0]["time_base"])


def seconds_of(path: Path) -> list[float]:
    pts, unit = packet_times(path)
    return [float(tick * unit) for tick in pts]


def average_rate(path: Path) -> Fraction:
    command = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-of",
        "default=nw=1:nk=1",
        "-show_entries",
        "stream=avg_frame_rate",
    ]
    return Fraction(
        subprocess.run([*command, str(path)], capture_output=True, check=True, text=True, timeout=60).stdout.strip()
    )


def exact_ns(frame: int, fps: Fraction) -> int:
    """n / fps in nanoseconds, to the nearest; no float anywhere."""
    return (2 * frame * 10**9 * fps.denominator + fps.numerator) // (2 * fps.numerator)


def tiny(number: int = 0) -> np.ndarray:
    return np.full((1, 4), number % 256, np.uint8)


# --- n / fps ---------------------------------------------------------------------------------------------------------


def test_every_frame_of_ten_hours_is_at_its_exact_time(tmp_path: Path) -> None:
    """30000/1001 over ten hours: the 1 078 922 times are those of integer arithmetic, none drifts."""
    frames = 10 * 3600 * 30000 // 1001 + 1
    path = tmp_path / "times.gdp"
    frame = tiny()
    with skyline.PipelineSkyLine(
        gdp_times.description(path), fps=NTSC, clock="fixed", format="GRAY8", max_buffers=64
    ) as sky:
        put = sky.put
        for _ in range(frames):
            put(frame)
    pts, durations = gdp_times.times_in(path)
    path.unlink()
    number = np.arange(frames, dtype=np.int64)
    # Rounded to nearest in integers; the product stays below 2⁶³ for 42 hours.
    wanted = (2 * number * 10**9 * 1001 // 30000 + 1) // 2
    got = np.array(pts, np.int64)
    assert len(got) == frames
    assert np.array_equal(got, wanted)
    assert wanted[-1] == exact_ns(frames - 1, NTSC)
    # Each frame lasts until the next begins: no gap, no overlap of a nanosecond.
    assert np.array_equal(got[:-1] + np.array(durations, np.int64)[:-1], got[1:])


@pytest.mark.parametrize(
    "fps", [NTSC, Fraction(24000, 1001), Fraction(30), Fraction(15, 2), Fraction(1, 5), Fraction(60000, 1001)], ids=str
)
def test_mp4_holds_n_over_fps_to_the_tick(tmp_path: Path, fps: Fraction) -> None:
    path = tmp_path / "exact.mp4"
    skyline.stream(numbered_frames(25, width=WIDTH, height=HEIGHT), path, fps=fps)
    pts, unit = packet_times(path)
    assert [tick * unit for tick in pts] == [n / fps for n in range(25)]
    assert set(read_mp4(path).deltas) == {1 / fps / unit}
    assert average_rate(path) == fps


@pytest.mark.parametrize("fps", [NTSC, Fraction(15, 2), Fraction(1, 5)], ids=str)
def test_mkv_holds_n_over_fps_to_its_millisecond(tmp_path: Path, fps: Fraction) -> None:
    path = tmp_path / "exact.mkv"
    skyline.stream(numbered_frames(40, width=WIDTH, height=HEIGHT), path, fps=fps)
    assert seconds_of(path) == pytest.approx([float(n / fps) for n in range(40)], abs=0.00051)


MEANT = {
    29.97: NTSC,
    23.976: Fraction(24000, 1001),
    59.94: Fraction(60000, 1001),
    30: Fraction(30),
    7.5: Fraction(15, 2),
    0.2: Fraction(1, 5),
    12.5: Fraction(25, 2),
    NTSC: NTSC,
}


def test_a_rate_for_people_means_the_fraction_they_mean(tmp_path: Path) -> None:
    for given, meant in MEANT.items():
        path = tmp_path / "rate.gdp"
        with skyline.PipelineSkyLine(gdp_times.description(path), fps=given, clock="fixed", format="GRAY8") as sky:
            for n in range(50):
                assert sky.put(tiny(n))
        pts, durations = gdp_times.times_in(path)
        assert pts == [exact_ns(n, meant) for n in range(50)], given
        assert durations == [exact_ns(n + 1, meant) - exact_ns(n, meant) for n in range(50)], given


def test_the_pushing_speed_does_not_matter_with_an_fps(tmp_path: Path) -> None:
    path = tmp_path / "slow.mp4"
    with skyline.open(path, fps=25) as sky:
        for n in range(8):
            sky.put(numbered_frame(n, width=WIDTH, height=HEIGHT))
            time.sleep(0.12 if n % 3 == 0 else 0)
    assert seconds_of(path) == pytest.approx([n / 25 for n in range(8)], abs=1e-9)


# --- arrival ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_frames_are_where_they_arrived_pauses_included(tmp_path: Path, suffix: str) -> None:
    """15 frames, 80 to 320 ms apart, one pause of two seconds: each distance within 10 ms of the one between the calls."""
    path = tmp_path / f"arrival.{suffix}"
    sleeps = [random.Random(15).uniform(0.08, 0.32) for _ in range(14)]
    sleeps[7] = 2.0
    called: list[float] = []
    with skyline.open(path) as sky:
        for n in range(15):
            frame = numbered_frame(n, width=WIDTH, height=HEIGHT)
            called.append(time.monotonic())
            assert sky.put(frame)
            if n < 14:
                time.sleep(sleeps[n])
    assert numbers_in(path, width=WIDTH, height=HEIGHT) == list(range(15))
    got = seconds_of(path)
    assert got[0] == pytest.approx(0, abs=0.002)
    assert np.diff(got) == pytest.approx(np.diff(called), abs=0.010)
    assert got[-1] - got[0] == pytest.approx(called[-1] - called[0], abs=0.010)


def test_a_frame_that_waited_in_the_queue_keeps_the_time_of_its_call(tmp_path: Path) -> None:
    """Arrival is when put was called, not when the stalled pipeline got round to the frame."""
    path = tmp_path / "stalled.gdp"
    called: list[int] = []
    text = f'appsrc ! identity sleep-time=150000 ! gdppay ! filesink location="{path}"'
    with skyline.PipelineSkyLine(text, format="GRAY8", clock="arrival", leaky="none", max_buffers=32) as sky:
        for n in range(8):
            called.append(time.monotonic_ns())
            sky.put(tiny(n))
            time.sleep(0.02)
    pts, _ = gdp_times.times_in(path)
    assert np.diff(pts) == pytest.approx(np.diff(called), abs=10e6)


def test_an_fps_of_a_live_stream_is_declared_and_frames_keep_their_arrival(tmp_path: Path) -> None:
    path = tmp_path / "live.gdp"
    called: list[int] = []
    with skyline.PipelineSkyLine(gdp_times.description(path), fps=30, clock="arrival", format="GRAY8") as sky:
        for n in range(10):
            called.append(time.monotonic_ns())
            sky.put(tiny(n))
            time.sleep(0.07)
    assert b"framerate=(fraction)30/1" in path.read_bytes()
    pts, _ = gdp_times.times_in(path)
    assert np.diff(pts) == pytest.approx(np.diff(called), abs=10e6)


def test_no_fps_declares_a_variable_rate(tmp_path: Path) -> None:
    path = tmp_path / "variable.gdp"
    with skyline.PipelineSkyLine(gdp_times.description(path), format="GRAY8") as sky:
        sky.put(tiny())
    assert b"framerate=(fraction)0/1" in path.read_bytes()


# --- the caller's times ----------------------------------------------------------------------------------------------


def test_the_callers_times_arrive_to_the_nanosecond(tmp_path: Path) -> None:
    wanted = [0, 33_366_667, 33_366_668, 100_000_000, 5_000_000_001, 3_600_000_000_007]
    path = tmp_path / "own.gdp"
    with skyline.PipelineSkyLine(gdp_times.description(path), format="GRAY8", leaky="none", clock="arrival") as sky:
        for pts_ns in wanted:
            assert sky.put(tiny(), pts_ns=pts_ns)
    pts, _ = gdp_times.times_in(path)
    assert [p - pts[0] for p in pts] == wanted


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm"])
@pytest.mark.parametrize("first_ns", [0, 7_000_000_000])
def test_a_file_begins_at_0_whatever_the_first_time_is(tmp_path: Path, suffix: str, first_ns: int) -> None:
    path = tmp_path / f"own.{suffix}"
    with skyline.open(path, leaky="none") as sky:
        for n in range(10):
            sky.put(numbered_frame(n, width=WIDTH, height=HEIGHT), pts_ns=first_ns + n * 40_000_000)
    assert seconds_of(path) == pytest.approx([n * 0.04 for n in range(10)], abs=0.001)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm", "ts"])
def test_a_variable_rate_is_kept(tmp_path: Path, suffix: str) -> None:
    """From 50 frames a second to 2, and back: the file has these times and not an average."""
    deltas_ns = [20_000_000] * 6 + [500_000_000, 70_000_000, 330_000_000] + [20_000_000] * 6
    wanted_ns = [0, *np.cumsum(deltas_ns).tolist()]
    path = tmp_path / f"variable.{suffix}"
    with skyline.open(path, leaky="none") as sky:
        for n, pts_ns in enumerate(wanted_ns):
            sky.put(numbered_frame(n, width=WIDTH, height=HEIGHT), pts_ns=pts_ns)
    assert numbers_in(path, width=WIDTH, height=HEIGHT) == list(range(len(wanted_ns)))
    got = seconds_of(path)
    assert [t - got[0] for t in got] == pytest.approx([ns / 1e9 for ns in wanted_ns], abs=0.001)


def test_a_time_that_repeats_or_goes_back_is_moved_by_1_ns_and_counted(tmp_path: Path) -> None:
    given = [0, 10_000_000, 10_000_000, 10_000_000, 4_000_000, 10_000_004, 20_000_000, 19_999_999]
    wanted = [0, 10_000_000, 10_000_001, 10_000_002, 10_000_003, 10_000_004, 20_000_000, 20_000_001]
    path = tmp_path / "nudged.gdp"
    with skyline.PipelineSkyLine(gdp_times.description(path), format="GRAY8", leaky="none", clock="arrival") as sky:
        for pts_ns in given:
            assert sky.put(tiny(), pts_ns=pts_ns)
        assert sky.stats().nudged_times == 4
    pts, _ = gdp_times.times_in(path)
    assert [p - pts[0] for p in pts] == wanted


def test_a_negative_time_is_refused_and_the_stream_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "negative.gdp"
    with skyline.PipelineSkyLine(gdp_times.description(path), format="GRAY8", leaky="none", clock="arrival") as sky:
        sky.put(tiny(), pts_ns=0)
        with pytest.raises(skyline.FrameError, match="pts_ns"):
            sky.put(tiny(), pts_ns=-1)
        sky.put(tiny(), pts_ns=5)
    pts, _ = gdp_times.times_in(path)
    assert [p - pts[0] for p in pts] == [0, 5]


def test_lent_and_acquired_frames_have_times_like_put_ones(tmp_path: Path) -> None:
    path = tmp_path / "verbs.gdp"
    with skyline.PipelineSkyLine(
        gdp_times.description(path), fps=NTSC, clock="fixed", format="GRAY8", width=4, height=1
    ) as sky:
        for n in range(30):
            if n % 3 == 0:
                assert sky.put(tiny(n))
            elif n % 3 == 1:
                sky.lend(tiny(n))
            else:
                with sky.acquire() as slot:
                    slot.array[...] = n
    pts, _ = gdp_times.times_in(path)
    assert pts == [exact_ns(n, NTSC) for n in range(30)]


def test_a_discarded_slot_takes_no_time(tmp_path: Path) -> None:
    path = tmp_path / "discarded.gdp"
    with skyline.PipelineSkyLine(
        gdp_times.description(path), fps=10, clock="fixed", format="GRAY8", width=4, height=1
    ) as sky:
        for n in range(6):
            with sky.acquire() as slot:
                slot.array[...] = n
                if n % 2:
                    slot.discard()
    pts, _ = gdp_times.times_in(path)
    assert pts == [0, 10**8, 2 * 10**8]


def test_avi_which_has_no_times_refuses_a_variable_rate(tmp_path: Path) -> None:
    """A wrong film is worse than none; the message says what to do."""
    with pytest.raises(skyline.SinkError, match="fps") as caught, skyline.open(tmp_path / "film.avi") as sky:
        sky.put(numbered_frame(0))
    assert ".mkv" in str(caught.value)
