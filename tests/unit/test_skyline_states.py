"""States, warm-up, and the numbers of a start."""

from types import SimpleNamespace

import numpy as np
import pytest

import skyline
from skyline import USE_LAST_VALUE, SkyLine, State
from tests.unit.stand_in import FRAME, BuiltIn, Recorder, broken_pipe


def test_the_names_and_numbers_of_the_states():
    assert SkyLine.State is State
    assert {state.name: state.value for state in State} == {
        "STOPPED": 0,
        "START_WARMUP": 1,
        "WARMUP": 2,
        "STREAMING": 3,
        "ERROR": -1,
    }
    assert USE_LAST_VALUE == -999
    assert SkyLine.FPS_METER_WARMUP_FRAMES == 100


def test_stopped_discards_without_a_word(made, caplog):
    sky = made()
    assert sky.state is State.STOPPED
    assert sky.put(FRAME) is False
    assert sky.put(None) is False
    assert caplog.records == []
    assert (sky.video_fps, sky.video_width, sky.video_height) == (None, None, None)


def test_with_all_numbers_it_streams_at_once(made):
    sky = made()
    assert sky.start_streaming(29.97, 64, 48) is None
    assert sky.state is State.STREAMING
    assert sky.put(FRAME) is True
    assert (sky.video_width, sky.video_height) == (64, 48)
    assert sky.video_fps == 29.97
    assert sky.stop_streaming() is True
    assert sky.state is State.STOPPED
    assert sky.put(FRAME) is False


def test_warm_up_answers_false_until_the_frame_after_the_last(made):
    sky = made()
    sky.start_streaming()
    assert sky.state is State.START_WARMUP
    answers = [sky.put(FRAME)]
    assert sky.state is State.WARMUP
    answers += [sky.put(FRAME) for _ in range(4)]
    assert answers == [False, False, False, True, True]
    assert sky.state is State.STREAMING
    assert sky.opened[0][1:] == (64, 48)
    assert sky.stats().frames_dropped == {"warm_up": 3}
    assert sky.stats().frames_in == 5
    assert sky.sessions[0].lane.taken == 2


def test_by_default_put_101_is_the_first_that_is_taken(made):
    sky = made()
    sky.FPS_METER_WARMUP_FRAMES = SkyLine.FPS_METER_WARMUP_FRAMES
    sky.start_streaming()
    answers = [sky.put(FRAME) for _ in range(103)]
    assert answers.index(True) == 100
    assert all(answers[100:])
    assert sky.opened[0][0] == 1000  # faster than any camera


def test_warm_up_keeps_the_numbers_that_were_given(made):
    sky = made()
    sky.start_streaming(fps=12.5, width=None, height=48)
    assert sky.state is State.START_WARMUP
    for _ in range(4):
        sky.put(FRAME)
    assert sky.opened == [(12.5, 64, 48)]


def test_a_wrong_frame_in_the_warm_up_is_an_error_and_counts_for_nothing(made):
    sky = made()
    sky.start_streaming()
    sky.put(FRAME)
    for wrong in (None, FRAME[..., 0], FRAME.astype(float)):
        with pytest.raises(skyline.FrameError):
            sky.put(wrong)
    assert [sky.put(FRAME) for _ in range(3)] == [False, False, True]


def test_a_pause_before_and_inside_the_warm_up_does_no_harm(made, monkeypatch):
    now = SimpleNamespace(s=100.0)
    monkeypatch.setattr("skyline.opening.RateMeter", lambda: skyline.warm_up.RateMeter(clock=lambda: now.s))
    sky = made()
    sky.FPS_METER_WARMUP_FRAMES = 20
    for _ in range(2):
        sky.start_streaming(fps=None)
        now.s += 8
        for index in range(21):
            now.s += 5.0 if index == 10 else 1001 / 30000
            sky.put(FRAME)
        assert sky.video_fps == pytest.approx(29.97, abs=1e-3)
        sky.stop_streaming()


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ({}, (30, 640, 480)),
        ({"height": 720}, (30, 640, 720)),
        ({"width": 1280}, (30, 1280, 480)),
        ({"fps": 7.5}, (7.5, 640, 480)),
        ({"fps": 25, "width": 2, "height": 4}, (25, 2, 4)),
    ],
)
def test_each_number_has_its_own_last_value(made, given, opened):
    sky = made()
    sky.start_streaming(30, 640, 480)
    sky.stop_streaming()
    sky.start_streaming(**given)
    assert sky.opened[-1] == opened


def test_numbers_that_could_not_be_opened_are_tried_again(made):
    sky = made()
    sky.open_error = broken_pipe()
    sky.start_streaming(10, 2, 2)
    assert sky.state is State.ERROR
    sky.open_error = None
    sky.start_streaming()
    assert sky.opened[-1] == (10, 2, 2)


def test_a_handler_that_interrupts_stop_may_call_it_too(made):
    sky = made(BuiltIn)
    sky.start_streaming()
    sky.put(FRAME)
    session, said = sky.sessions[0], []

    def stop(timeout_s):
        said.append(sky.stop_streaming())
        with pytest.raises(skyline.StateError, match="being stopped"):
            sky.start_streaming()
        return True

    session.stop = stop
    assert sky.stop_streaming() is True
    assert said == [False]
    assert sky.state is State.STOPPED


def test_measured_numbers_are_last_values_too(made):
    sky = made()
    sky.start_streaming()
    for _ in range(4):
        sky.put(FRAME)
    sky.stop_streaming()
    sky.start_streaming()
    assert sky.state is State.STREAMING
    assert sky.opened[1] == sky.opened[0]


def test_the_constructor_gives_the_first_values(made):
    sky = made(fps=15, width=64, height=48)
    sky.start_streaming()
    assert sky.opened == [(15, 64, 48)]


def test_starting_again_stops_first(made):
    sky = made()
    sky.start_streaming(30, 64, 48)
    sky.start_streaming()
    assert sky.sessions[0].lane.stopped
    assert not sky.sessions[1].lane.stopped


def test_a_start_that_fails_is_a_state_and_never_raises(made):
    sky = made()
    sky.open_error = broken_pipe()
    sky.start_streaming(30, 64, 48)
    assert sky.state is State.ERROR
    assert str(sky.last_error) == str(sky.open_error)
    assert sky.put(FRAME) is False
    sky.open_error = None
    sky.start_streaming(30, 64, 48)
    assert sky.state is State.STREAMING
    assert sky.last_error is None


@pytest.mark.parametrize("wrong", [{"fps": 0}, {"fps": float("nan")}, {"width": 0}, {"height": -5}, {"width": 1.5}])
def test_wrong_numbers_are_a_state_or_raise(made, wrong):
    numbers = {"fps": 30, "width": 64, "height": 48, **wrong}
    sky = made()
    sky.start_streaming(**numbers)
    assert sky.state is State.ERROR
    assert isinstance(sky.last_error, skyline.SinkError)
    with pytest.raises(skyline.SinkError, match=next(iter(wrong))):
        made(errors="raise").start_streaming(**numbers)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"format": "BGRX"}, "format is 'BGRX', expected one of 'BGR'"),
        ({"clock": "wall"}, "clock is 'wall'"),
        ({"leaky": "yes"}, "leaky is 'yes'"),
        ({"errors": "ignore"}, "errors is 'ignore'"),
        ({"max_buffers": 0}, "max_buffers is 0"),
        ({"fps": -1}, "fps is -1"),
        ({"width": 10**6}, "width is 1000000"),
        ({"encoder": "h264"}, "such as encoders.h264"),
        ({"clock": "fixed"}, "needs fps="),
    ],
)
def test_wrong_options_are_refused_when_it_is_made(wrong, words):
    with pytest.raises(skyline.SinkError, match=words):
        Recorder(**wrong)


def test_an_unknown_option_is_a_type_error():
    with pytest.raises(TypeError, match="bitrate"):
        Recorder(bitrate=5)


def test_numbers_of_numpy_are_numbers(made):
    sky = made()
    height, width = np.array(FRAME.shape[:2])
    sky.start_streaming(np.float64(30), width, height)
    assert sky.state is State.STREAMING
    assert f"{sky.opened[0][0]:g}" == "30"


def test_log_of_the_states(made, caplog):
    caplog.set_level("INFO")
    sky = made()
    sky.start_streaming(30, 64, 48)
    sky.stop_streaming()
    said = [record.getMessage() for record in caplog.records if record.name == "Recorder"]
    assert said == ["state = State.STREAMING", "state = State.STOPPED"]
