"""What put, stop and the hook answer when something fails."""

import pytest

import skyline
from skyline import State
from tests.unit.stand_in import FRAME, BuiltIn, broken_pipe


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


def test_an_encoder_that_cannot_be_built_is_a_failure(made):
    sky = made(BuiltIn)
    sky.begin_error = broken_pipe()
    sky.start_streaming()
    assert sky.put(FRAME) is False
    assert sky.state is State.ERROR
    assert str(sky.last_error) == str(sky.begin_error)


def test_an_exception_in_the_block_is_not_hidden_by_one_of_stop(made):
    sky = made(BuiltIn, errors="raise")
    with pytest.raises(ZeroDivisionError), sky:
        sky.sessions[0].lane.failed = True
        raise ZeroDivisionError
