"""The states of a SkyLine, with a stand-in for what runs."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import skyline
from skyline import USE_LAST_VALUE, SkyLine, State
from skyline.errors import make_error
from skyline.session import Session

FRAME = np.zeros((48, 64, 3), np.uint8)
COUNTERS = {
    "frames_in": 0,
    "frames_encoded": 0,
    "frames_dropped": {},
    "frames_in_flight": 0,
    "copied_frames": 0,
    "nudged_times": 0,
    "level_buffers": 0,
    "key_units": 0,
    "bytes_encoded": 0,
}


def broken_pipe(kind="PipelineError"):
    fields = {"element": "sink", "domain": "resource", "code": 10, "message": "Broken pipe"}
    return make_error(kind, "Broken pipe", fields)


class Lane:
    """Counts what it gets, and fails when told to."""

    def __init__(self):
        self.taken = 0
        self.failed = False
        self.stopped = False

    @property
    def error(self):
        return {"element": "sink", "domain": "resource", "code": 10, "message": "Broken pipe"} if self.failed else None

    def put(self, frame, pts_ns, timeout_s):
        if self.failed:
            raise broken_pipe()
        if self.stopped:
            raise skyline.StateError("stopped")
        self.taken += 1
        return True

    def lend(self, frame, pts_ns, timeout_s):
        return SimpleNamespace(done=True), self.put(frame, pts_ns, timeout_s)

    def acquire(self, timeout_s):
        return SimpleNamespace(
            array=np.zeros((48, 64, 3), np.uint8), commit=lambda pts, wait: self.put(None, pts, wait)
        )

    def stats(self):
        return {**COUNTERS, "frames_in": self.taken, "frames_encoded": self.taken}

    def stop(self, timeout_s):
        self.stopped = True
        return not self.failed


class StandIn(Session):
    """A session without GStreamer."""

    lane: Any

    begin_error = None

    def __init__(self, options, fps):
        super().__init__(options, fps, "arrival")
        self.lane = Lane()
        self.begun = None

    def begin(self, width, height):
        if self.begin_error is not None:
            raise self.begin_error
        self.begun = (width, height)


class Recorder(SkyLine):
    """Needs numbers, as a subclass with ``_get_pipeline`` does."""

    FPS_METER_WARMUP_FRAMES = 3

    def __init__(self, **given):
        super().__init__(**given)
        self.sessions = []
        self.opened = []
        self.open_error = None
        self.begin_error = None

    def _get_pipeline(self, fps, width, height):
        raise AssertionError

    def _make_session(self, numbers):
        if self.open_error is not None:
            raise self.open_error
        session = StandIn(self._options, numbers.fps)
        session.begin_error = self.begin_error
        self.sessions.append(session)
        self.opened.append(tuple(numbers))
        return session


class BuiltIn(Recorder):
    """Needs none, as our own sinks do."""

    _needs_numbers = False


@pytest.fixture
def made():
    streams = []

    def make(kind=Recorder, **given):
        streams.append(kind(**given))
        return streams[-1]

    yield make
    for one in streams:
        one._options = skyline.options.Options()
        one.stop_streaming()


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


def test_what_the_hook_raises_is_the_author_s(made):
    sky = made()
    sky.open_error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        sky.start_streaming(30, 64, 48)
    assert sky.state is State.STOPPED


def test_a_failure_is_a_state_at_once_and_stop_still_works(made):
    sky = made()
    sky.start_streaming(30, 64, 48)
    sky.sessions[0].lane.failed = True
    assert sky.state is State.ERROR
    assert isinstance(sky.last_error, skyline.ResourceError)
    assert sky.put(FRAME) is False
    assert not sky.sessions[0].lane.stopped
    assert sky.stop_streaming() is False
    assert sky.sessions[0].lane.stopped
    assert sky.state is State.STOPPED
    assert isinstance(sky.last_error, skyline.ResourceError)


def test_put_on_a_failed_stream_raises_each_time_with_a_traceback_of_its_own(made):
    sky = made(errors="raise")
    sky.start_streaming(30, 64, 48)
    sky.sessions[0].lane.failed = True
    raised = []
    for _ in range(3):
        with pytest.raises(skyline.ResourceError, match="sink: Broken pipe") as caught:
            sky.put(FRAME)
        raised.append(caught.value)
    assert len({id(error) for error in raised}) == 3
    assert sky.stop_streaming() is False


def test_a_failure_that_no_call_has_said_is_said_by_stop(made):
    sky = made(errors="raise")
    sky.start_streaming(30, 64, 48)
    sky.sessions[0].lane.failed = True
    with pytest.raises(skyline.ResourceError):
        sky.stop_streaming()
    assert sky.state is State.STOPPED
    assert sky.stop_streaming() is True


def test_one_warning_a_minute_while_frames_are_discarded(made, caplog):
    sky = made()
    sky.start_streaming(30, 64, 48)
    sky.sessions[0].lane.failed = True
    sky.put(FRAME)
    caplog.clear()
    for _ in range(1000):
        sky.put(FRAME)
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1
    sky._warned_at -= 61
    sky.put(FRAME)
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 2


def test_put_when_stopped_raises_where_that_was_asked_for(made):
    sky = made(errors="raise")
    with pytest.raises(skyline.StateError, match="call start_streaming"):
        sky.put(FRAME)


@pytest.mark.parametrize("verb", ["lend", "acquire"])
def test_the_other_verbs_always_raise(made, verb):
    sky = made()
    given = (FRAME,) if verb == "lend" else ()
    with pytest.raises(skyline.StateError, match="call start_streaming"):
        getattr(sky, verb)(*given)
    sky.start_streaming()
    with pytest.raises(skyline.StateError, match="measuring"):
        getattr(sky, verb)(*given)


def test_our_own_sinks_take_the_size_from_the_first_frame(made):
    sky = made(BuiltIn)
    sky.start_streaming()
    assert sky.state is State.STREAMING
    assert sky.sessions[0].begun is None
    with pytest.raises(skyline.FrameError):
        sky.put(FRAME[..., 0])
    assert sky.put(FRAME) is True
    assert sky.sessions[0].begun == (64, 48)
    assert (sky.video_width, sky.video_height) == (64, 48)


def test_a_size_of_the_first_frame_is_not_a_last_value(made):
    sky = made(BuiltIn)
    sky.start_streaming()
    sky.put(FRAME)
    sky.stop_streaming()
    sky.start_streaming()
    assert sky.video_width is None
    assert sky.put(FRAME[:24]) is True
    assert sky.video_height == 24


def test_a_given_size_is_held_against_the_first_frame(made):
    sky = made(BuiltIn, width=66)
    sky.start_streaming()
    with pytest.raises(skyline.FrameError, match="66"):
        sky.put(FRAME)


def test_an_encoder_that_cannot_be_built_is_a_failure(made):
    sky = made(BuiltIn)
    sky.begin_error = broken_pipe()
    sky.start_streaming()
    assert sky.put(FRAME) is False
    assert sky.state is State.ERROR
    assert str(sky.last_error) == str(sky.begin_error)


def test_acquire_needs_a_size_before_the_first_frame(made):
    sky = made(BuiltIn)
    sky.start_streaming()
    with pytest.raises(skyline.StateError, match="width=…, height=…"):
        sky.acquire()
    with sky.acquire(width=64, height=48) as slot:
        slot.array[...] = 1
    assert slot.was_taken
    assert sky.sessions[0].begun == (64, 48)
    with pytest.raises(skyline.FrameError, match="width is 66, but this stream is 64x48"):
        sky.acquire(width=66)


def test_as_a_context_manager_it_starts_and_stops(made):
    sky = made(BuiltIn)
    with sky as same:
        assert same is sky
        assert sky.state is State.STREAMING
        sky.put(FRAME)
    assert sky.state is State.STOPPED
    assert sky.stats().frames_in == 1


def test_an_exception_in_the_block_is_not_hidden_by_one_of_stop(made):
    sky = made(BuiltIn, errors="raise")
    with pytest.raises(ZeroDivisionError), sky:
        sky.sessions[0].lane.failed = True
        raise ZeroDivisionError


def test_the_first_frame_of_many_threads_begins_once(made):
    sky = made(BuiltIn)
    sky.start_streaming()
    together = threading.Barrier(8)
    begun = []
    sky.sessions[0].begin = lambda width, height: (time.sleep(0.01), begun.append((width, height)))

    def push():
        together.wait()
        for _ in range(50):
            sky.put(FRAME)

    threads = [threading.Thread(target=push) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun == [(64, 48)]
    assert sky.sessions[0].lane.taken == 400


def test_stop_from_another_thread_ends_put_quietly(made):
    sky = made(BuiltIn)
    sky.start_streaming()
    sky.put(FRAME)
    lane = sky._lane
    sky.stop_streaming()
    sky._lane = lane  # as a thread sees it that was between looking and calling
    assert sky.put(FRAME) is False
    sky._lane = None


def test_stop_does_not_wait_longer_than_it_may(made):
    sky = made()
    held, done = threading.Event(), threading.Event()

    def hold():
        with sky._lock:
            held.set()
            done.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    began = time.monotonic()
    assert sky.stop_streaming(timeout_s=0.05) is False
    assert time.monotonic() - began < 1
    done.set()
    holder.join()


def test_an_interrupted_stop_can_be_repeated(made):
    sky = made(BuiltIn)
    sky.start_streaming()
    sky.put(FRAME)
    session = sky.sessions[0]
    real = session.stop

    def interrupted(timeout_s):
        raise KeyboardInterrupt

    session.stop = interrupted
    with pytest.raises(KeyboardInterrupt):
        sky.stop_streaming()
    assert sky.state is State.STOPPED
    assert sky.put(FRAME) is False
    session.stop = real
    assert sky.stop_streaming() is True
    assert session.lane.stopped


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
