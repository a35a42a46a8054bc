"""The first frame, and calls that come at once from many threads."""

import threading
import time

import pytest

import skyline
from skyline import State
from tests.unit.stand_in import FRAME, BuiltIn


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
