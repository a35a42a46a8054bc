"""Start, warm-up, stop, start again: states, numbers and answers."""

import time
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests.pipeline.bar_code import numbered_frame, numbers_in
from tests.pipeline.watching import black

State = skyline.SkyLine.State


class Recorder(skyline.SkyLine):
    """A SkyLine as its users write them: one method, with numbers in the text."""

    def __init__(self, path: Path, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.path = path
        self.asked: list[tuple[float, int, int]] = []

    def _get_pipeline(self, fps: float, width: int, height: int) -> str:
        self.asked.append((fps, width, height))
        return (
            "appsrc ! videoconvert ! "
            f"video/x-raw,format=I420,width={width},height={height},framerate={fps}/1 ! "
            f'x264enc tune=zerolatency speed-preset=ultrafast ! h264parse ! matroskamux ! filesink location="{self.path}"'
        )


class QuickRecorder(Recorder):
    FPS_METER_WARMUP_FRAMES = 3


def push_at(sky: skyline.SkyLine, fps: float, count: int, frame: np.ndarray | None = None) -> list[bool]:
    frame = black() if frame is None else frame
    began = time.monotonic()
    results = []
    for number in range(count):
        results.append(sky.put(frame))
        time.sleep(max(0.0, began + (number + 1) / fps - time.monotonic()))
    return results


def test_the_names_and_numbers_of_the_contract() -> None:
    assert skyline.USE_LAST_VALUE == -999
    assert skyline.SkyLine.FPS_METER_WARMUP_FRAMES == 100
    assert {state.name: state.value for state in State} == {
        "STOPPED": 0, "START_WARMUP": 1, "WARMUP": 2, "STREAMING": 3, "ERROR": -1,
    }  # fmt: skip
    with pytest.raises(TypeError, match="_get_pipeline"):
        skyline.SkyLine()  # type: ignore[abstract]


def test_a_new_skyline_is_stopped_and_knows_nothing(tmp_path: Path) -> None:
    sky = Recorder(tmp_path / "film.mkv")
    assert sky.state is State.STOPPED
    assert (sky.video_fps, sky.video_width, sky.video_height) == (None, None, None)
    assert sky.last_error is None
    assert sky.put(black()) is False
    sky.stop_streaming()
    assert sky.state is State.STOPPED
    assert list(tmp_path.iterdir()) == []


def test_warm_up_takes_100_frames_and_the_101st_is_the_first_to_be_streamed(tmp_path: Path) -> None:
    sky = Recorder(tmp_path / "film.mkv")
    sky.start_streaming(fps=None, width=None, height=None)  # type: ignore[arg-type]
    assert sky.state is State.START_WARMUP
    results = [sky.put(numbered_frame(0))]
    assert sky.state is State.WARMUP
    results += push_at(sky, 200, 99, numbered_frame(0))
    assert (sky.state, any(results), sky.asked) == (State.WARMUP, False, [])
    assert sky.put(numbered_frame(1)) is True
    assert sky.state is State.STREAMING
    assert [sky.put(numbered_frame(number)) for number in range(2, 10)] == [True] * 8
    sky.stop_streaming()
    assert sky.state is State.STOPPED
    [(fps, width, height)] = sky.asked
    assert (width, height) == (320, 96)
    assert fps == pytest.approx(200, rel=0.1)
    assert numbers_in(tmp_path / "film.mkv") == list(range(1, 10))


def test_warm_up_length_is_a_class_constant(tmp_path: Path) -> None:
    sky = QuickRecorder(tmp_path / "film.mkv")
    sky.start_streaming(fps=None, width=64, height=64)  # type: ignore[arg-type]
    assert push_at(sky, 25, 6) == [False, False, False, True, True, True]
    sky.stop_streaming()
    assert sky.asked[0][1:] == (64, 64)


def test_no_warm_up_where_everything_was_given(tmp_path: Path) -> None:
    sky = Recorder(tmp_path / "film.mkv")
    assert sky.start_streaming(fps=30, width=320, height=96) is None
    assert sky.state is State.STREAMING
    assert (sky.video_fps, sky.video_width, sky.video_height) == (30, 320, 96)
    assert all(sky.put(numbered_frame(number)) for number in range(5))
    sky.stop_streaming()
    assert sky.asked == [(30, 320, 96)]
    assert numbers_in(tmp_path / "film.mkv") == list(range(5))


def test_width_and_height_follow_their_own_arguments(tmp_path: Path) -> None:
    """(a.5) 1: height alone was ignored, width alone ended in ERROR."""
    sky = Recorder(tmp_path / "film.mkv")
    sky.start_streaming(fps=30, width=640, height=480)
    sky.put(black(640, 480))
    sky.start_streaming(height=720)
    sky.put(black(640, 720))
    sky.start_streaming(width=1280)
    sky.put(black(1280, 720))
    sky.start_streaming(fps=25)
    sky.put(black(1280, 720))
    sky.stop_streaming()
    sky.start_streaming()
    assert sky.put(black(1280, 720)) is True
    sky.stop_streaming()
    assert sky.asked == [(30, 640, 480), (30, 640, 720), (30, 1280, 720), (25, 1280, 720), (25, 1280, 720)]


def test_a_pause_before_a_second_warm_up_does_not_count(tmp_path: Path) -> None:
    """(a.5) 2: 30 frames a second were measured as 9."""
    sky = QuickRecorder(tmp_path / "film.mkv")
    sky.FPS_METER_WARMUP_FRAMES = 12
    measured = []
    for _ in range(2):
        sky.start_streaming(fps=None, width=64, height=64)  # type: ignore[arg-type]
        push_at(sky, 30, 14)
        measured.append(sky.asked[-1][0])
        sky.stop_streaming()
        time.sleep(0.8)
    assert measured == pytest.approx([30, 30], rel=0.05)


def test_rates_that_are_not_integers_reach_the_pipeline(tmp_path: Path) -> None:
    """(a.5) 4: framerate=29.97/1 was refused by GStreamer."""
    sky = Recorder(tmp_path / "film.mkv")
    sky.start_streaming(fps=29.97, width=320, height=96)
    assert sky.state is State.STREAMING, sky.last_error
    assert all(sky.put(numbered_frame(number)) for number in range(5))
    sky.stop_streaming()
    assert numbers_in(tmp_path / "film.mkv") == list(range(5))
    assert sky.video_fps == pytest.approx(29.97)


def test_a_start_that_fails_is_a_state_and_a_reason(tmp_path: Path) -> None:
    sky = Recorder(tmp_path / "missing" / "film.mkv")
    assert sky.start_streaming(fps=30, width=64, height=64) is None
    deadline = time.monotonic() + 5
    while sky.put(black()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sky.state is State.ERROR
    assert isinstance(sky.last_error, skyline.ResourceError)
    assert sky.put(black()) is False
    (tmp_path / "missing").mkdir()
    sky.start_streaming()
    assert sky.put(black()) is True
    assert (sky.state, sky.last_error) == (State.STREAMING, None)
    sky.stop_streaming()
    assert len(numbers_in(tmp_path / "missing" / "film.mkv", width=64, height=64)) == 1


def test_a_restart_while_streaming_finishes_the_first_file(tmp_path: Path) -> None:
    sky = Recorder(tmp_path / "first.mkv")
    sky.start_streaming(fps=30, width=320, height=96)
    for number in range(20):
        sky.put(numbered_frame(number))
    sky.path = tmp_path / "second.mkv"
    sky.start_streaming()
    for number in range(20, 25):
        sky.put(numbered_frame(number))
    sky.stop_streaming()
    assert numbers_in(tmp_path / "first.mkv") == list(range(20))
    assert numbers_in(tmp_path / "second.mkv") == list(range(20, 25))


def test_built_in_sinks_need_no_warm_up_and_lose_no_frame(tmp_path: Path) -> None:
    sky = skyline.FileSkyLine(tmp_path / "film.mkv")
    sky.start_streaming()
    assert all(sky.put(numbered_frame(number)) for number in range(5))
    assert (sky.state, sky.video_width, sky.video_height) == (State.STREAMING, 320, 96)
    sky.stop_streaming()
    assert numbers_in(tmp_path / "film.mkv") == list(range(5))


def test_the_second_start_of_a_file_may_have_another_size(tmp_path: Path) -> None:
    sky = skyline.FileSkyLine(tmp_path / "film.mkv", fps=30)
    for width in (320, 160):
        sky.start_streaming(width=None, height=None)  # type: ignore[arg-type]
        for number in range(4):
            sky.put(numbered_frame(number, width=width))
        sky.stop_streaming()
        assert numbers_in(tmp_path / "film.mkv", width=width) == list(range(4))


def test_a_size_that_was_pinned_stays(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "film.mkv", fps=30) as sky:
        sky.put(numbered_frame(0))
        with pytest.raises(skyline.FrameError, match="320x96") as caught:
            sky.put(numbered_frame(1, width=640))
        assert "640x96" in str(caught.value)
        sky.put(numbered_frame(2))
    assert numbers_in(tmp_path / "film.mkv") == [0, 2]
