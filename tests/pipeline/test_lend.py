"""lend: the pipeline reads the caller's own memory, which nobody may write to until it is back, exactly once."""

import ctypes
import gc
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skyline
from skyline import _core
from tests import pictures
from tests.pictures import Array, constant_frame
from tests.pipeline import children
from tests.streams import PATIENCE_S, raw_file, running, stalled_pipe

WIDTH, HEIGHT = 640, 64
FRAME_BYTES = WIDTH * HEIGHT * 3  # more than a pipe holds, so the sink stands still inside the first frame
REPOSITORY = Path(__file__).parents[2]


def frame_of(value: int) -> Array:
    return constant_frame(value, WIDTH, HEIGHT)


def overwrite(frame: Array, value: int) -> None:
    """Write into an array's memory behind numpy's back."""
    ctypes.memset(frame.ctypes.data, value, frame.nbytes)


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    return condition()


def values_in(data: bytes) -> list[int]:
    """The value of each frame; -1 where a frame has more than one."""
    frames = np.frombuffer(data, np.uint8).reshape(-1, FRAME_BYTES)
    return [int(frame[0]) if (frame == frame[0]).all() else -1 for frame in frames]


def test_the_same_memory_reaches_the_pipeline() -> None:
    """Changed by address while it waits: a lent frame shows the change, one that was put does not."""
    lent, put = frame_of(1), frame_of(2)
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        sky.put(frame_of(0))
        tracker = sky.lend(lent)
        sky.put(put)
        overwrite(lent, 101)
        overwrite(put, 102)
        assert values_in(pipe.read_all(3 * FRAME_BYTES)) == [0, 101, 2]
        assert tracker.wait(PATIENCE_S)
        assert sky.stats().copied_frames == 0


def test_a_lent_array_is_read_only_until_it_is_back() -> None:
    """A mistake is an exception and not a torn frame."""
    lent = frame_of(1)
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        sky.put(frame_of(0))
        tracker = sky.lend(lent)
        assert not tracker.done
        assert not lent.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            lent[0, 0] = 9
        with pytest.raises(ValueError, match="resize"):
            lent.resize((1, 1, 3), refcheck=False)
        assert values_in(pipe.read_all(2 * FRAME_BYTES)) == [0, 1]
        assert tracker.wait(PATIENCE_S)
        assert tracker.done
        lent[0, 0] = 9


def test_waiting_for_a_lent_frame_is_bounded() -> None:
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        tracker = sky.lend(frame_of(1))
        began = time.monotonic()
        assert not tracker.wait(0.2)
        assert not tracker.wait(timeout_s=0)
        assert time.monotonic() - began < PATIENCE_S
        pipe.read_all(FRAME_BYTES)
        assert tracker.wait(PATIENCE_S)
        assert tracker.wait(0)


def test_an_array_lent_twice_is_writeable_after_both_are_back() -> None:
    lent = frame_of(1)
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        first, second = sky.lend(lent), sky.lend(lent)
        pipe.read_all(FRAME_BYTES)
        assert first.wait(PATIENCE_S)
        assert not second.done
        assert not lent.flags.writeable
        pipe.read_all(FRAME_BYTES)
        assert second.wait(PATIENCE_S)
        assert lent.flags.writeable


def test_a_view_may_be_lent_and_may_go() -> None:
    """The view is read-only meanwhile; its memory stays though nobody in Python holds it any more."""
    whole = np.concatenate([frame_of(9), frame_of(1)])
    view = whole[HEIGHT:]
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        sky.put(frame_of(0))
        tracker = sky.lend(view)
        assert not view.flags.writeable
        del whole, view
        gc.collect()
        assert values_in(pipe.read_all(2 * FRAME_BYTES)) == [0, 1]
        assert tracker.wait(PATIENCE_S)


class Marked(np.ndarray[Any, Any]):
    pass


def test_a_subclass_is_read_only_too() -> None:
    """It is the caller's own object that must refuse the write."""
    lent = frame_of(1).view(Marked)
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        sky.put(frame_of(0))
        tracker = sky.lend(lent)
        with pytest.raises(ValueError, match="read-only"):
            lent[0, 0] = 9
        assert values_in(pipe.read_all(2 * FRAME_BYTES)) == [0, 1]
        assert tracker.wait(PATIENCE_S)
        lent[0, 0] = 9


def test_an_idle_stream_gives_arrays_back() -> None:
    """Nobody calls us after lend: one pending call gives the array back all the same."""
    lent = frame_of(1)
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        sky.lend(lent)
        pipe.read_all(FRAME_BYTES)
        assert eventually(lambda: lent.flags.writeable)


# --- every way a lent frame can come back ---------------------------------------------------------------------------


class Lent:
    """Frames that are lent, and what must be true of each of them in the end."""

    def __init__(self, count: int = 4) -> None:
        self.frames = [frame_of(value) for value in range(count)]
        self._counts = [sys.getrefcount(frame) for frame in self.frames]
        self.trackers: list[Any] = []

    def lend_all(self, sky: skyline.SkyLine) -> None:
        self.trackers = [sky.lend(frame) for frame in self.frames]

    def assert_freed_exactly_once(self) -> None:
        assert all(tracker.wait(PATIENCE_S) for tracker in self.trackers)
        assert _core.live_holds() == 0
        assert all(frame.flags.writeable for frame in self.frames)
        assert [sys.getrefcount(frame) for frame in self.frames] == self._counts
        watched = [weakref.ref(frame) for frame in self.frames]
        self.frames.clear()
        assert [reference() for reference in watched] == [None] * len(watched)


def test_frames_come_back_when_the_stream_ends() -> None:
    lent = Lent()
    with running("appsrc ! fakesink") as sky:
        lent.lend_all(sky)
    lent.assert_freed_exactly_once()


def test_frames_come_back_when_the_stream_is_stopped_half_way() -> None:
    lent = Lent()
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        lent.lend_all(sky)
        assert not sky.stop_streaming(timeout_s=0.2)
        assert sky.stats().frames_in == 4
        assert sky.stats().frames_dropped["stopped"] >= 2
    lent.assert_freed_exactly_once()


def test_frames_come_back_when_the_stream_fails() -> None:
    lent = Lent()
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", errors="state") as sky:
        lent.lend_all(sky)
        pipe.break_off()
        assert eventually(lambda: sky.state is skyline.SkyLine.State.ERROR)
        sky.stop_streaming()
    lent.assert_freed_exactly_once()


def test_frames_come_back_when_the_stream_is_collected() -> None:
    """Nobody stopped it, nobody holds it any more."""
    lent = Lent()
    with stalled_pipe() as pipe, pytest.warns(ResourceWarning, match="never stopped"):
        sky = skyline.PipelineSkyLine(f"appsrc ! {pipe.sink}", fps=30, clock="fixed", errors="raise")
        sky.start_streaming()
        lent.lend_all(sky)
        pipe.break_off()
        del sky
        gc.collect()
    lent.assert_freed_exactly_once()


def test_frames_that_are_dropped_come_back_at_once() -> None:
    """A full queue that drops the new: done, writeable, counted."""
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", leaky="upstream", max_buffers=1) as sky:
        lent = Lent(8)
        lent.lend_all(sky)
        dropped = sky.stats().frames_dropped["queue_full"]
        assert dropped >= 4
        assert [tracker.done for tracker in lent.trackers] == [False] * (8 - dropped) + [True] * dropped
        assert [frame.flags.writeable for frame in lent.frames] == [tracker.done for tracker in lent.trackers]
        pipe.read_all((8 - dropped) * FRAME_BYTES)
    lent.assert_freed_exactly_once()


def test_the_oldest_frames_that_are_dropped_come_back_at_once() -> None:
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", leaky="downstream", max_buffers=1) as sky:
        lent = Lent(8)
        lent.lend_all(sky)
        dropped = sky.stats().frames_dropped["queue_full"]
        assert dropped >= 4
        assert sum(tracker.done for tracker in lent.trackers) == dropped
        assert not lent.trackers[-1].done
        values = values_in(pipe.read_all((8 - dropped) * FRAME_BYTES))
        assert values[-1] == 7
        assert values == sorted(values)
    lent.assert_freed_exactly_once()


def test_lending_to_a_stopped_stream_is_refused_and_lends_nothing() -> None:
    frame = frame_of(1)
    with running("appsrc ! fakesink") as sky:
        sky.put(frame)
        sky.stop_streaming()
        with pytest.raises(skyline.StateError):
            sky.lend(frame)
    assert frame.flags.writeable


def test_a_refused_loan_is_returned_with_the_gil_held(tmp_path: Path) -> None:
    """The array dies with the loan here, in Python's memory: with PYTHONDEVMODE its allocator checks for the GIL."""
    text = children.program(
        """
        from tests.streams import raw_file

        class Marked(np.ndarray):
            pass

        with raw_file(sys.argv[1]) as sky:
            for _ in range(100):
                try:
                    sky.lend(np.zeros((8, 16, 3), np.uint8).view(Marked), pts_ns=-1)
                except skyline.FrameError:
                    pass
                else:
                    raise SystemExit("a negative time was taken")
        """
    )
    ended = children.run(text, tmp_path / "refused.raw", env={"PYTHONDEVMODE": "1"}, cwd=REPOSITORY)
    assert ended.returncode == 0, ended


# --- hazards of shared memory ---------------------------------------------------------------------------------------


def test_a_frame_that_was_put_may_be_changed_at_once(tmp_path: Path) -> None:
    """One array for all frames, 20 of 20 right."""
    path = tmp_path / "put.raw"
    frame = frame_of(0)
    with raw_file(path) as sky:
        for value in range(20):
            frame[...] = value
            sky.put(frame)
    assert values_in(path.read_bytes()) == list(range(20))


@pytest.mark.parametrize("verb", ["put", "lend"])
def test_a_frame_may_be_forgotten_at_once(verb: str) -> None:
    """Its memory is not used again while the pipeline still reads it."""
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", max_buffers=8) as sky:
        for value in range(4):
            getattr(sky, verb)(frame_of(value))
        gc.collect()
        others = [frame_of(200) for _ in range(100)]
        assert values_in(pipe.read_all(4 * FRAME_BYTES)) == [0, 1, 2, 3]
        del others


@pytest.mark.needs_elements("videobalance")
@pytest.mark.parametrize("verb", ["lend", "acquire"])
def test_an_element_that_works_in_place_never_changes_our_memory(tmp_path: Path, verb: str) -> None:
    """Videobalance brightens what it is given where it lies, unless that is read-only."""
    path = tmp_path / "bright.raw"
    frame = frame_of(100)
    before = frame.copy()
    with running(f'appsrc ! videobalance brightness=0.5 ! filesink location="{path}"') as sky:
        if verb == "lend":
            assert sky.lend(frame).wait(PATIENCE_S) or True
            array = frame
        else:
            with sky.acquire(width=WIDTH, height=HEIGHT) as slot:
                slot.array[...] = frame
                array = slot.array
        sky.put(before)
    assert np.array_equal(array, before)
    lent, put = np.frombuffer(path.read_bytes(), np.uint8).reshape(2, *frame.shape)
    assert np.array_equal(lent, put)
    assert (lent > 200).all()  # and it did brighten


@pytest.mark.needs_elements("videobalance")
def test_one_frame_to_two_branches(tmp_path: Path) -> None:
    """One memory, two readers, one of them works in place: the other's pixels and the caller's stay."""
    path, plain = tmp_path / "bright.raw", tmp_path / "plain.raw"
    frames = [frame_of(value) for value in (60, 80, 100)]
    with running(
        "appsrc ! tee name=t"
        f' t. ! queue ! videobalance brightness=0.5 ! filesink location="{path}"'
        f' t. ! queue ! filesink location="{plain}"'
    ) as sky:
        trackers = [sky.lend(frame) for frame in frames]
    assert all(tracker.done for tracker in trackers)
    assert values_in(plain.read_bytes()) == [60, 80, 100]
    assert [int(frame[0, 0, 0]) for frame in frames] == [60, 80, 100]
    assert path.stat().st_size == 3 * FRAME_BYTES


def test_loans_end_on_four_threads_while_python_works() -> None:
    """Whichever branch is last gives the memory back, on its own thread, and none of them needs the GIL."""
    branches = "".join(" t. ! queue max-size-buffers=16 ! fakesink sync=false async=false" for _ in range(4))
    frames = [constant_frame(value) for value in range(256)]
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(range(100))

    spinner = threading.Thread(target=spin)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    spinner.start()
    try:
        with running(f"appsrc ! tee name=t{branches}") as sky:
            trackers = [sky.lend(frames[number % 256]) for number in range(10_000)]
        assert all(tracker.done for tracker in trackers)
        assert sky.stats().frames_encoded == 10_000
    finally:
        stop.set()
        spinner.join()
        sys.setswitchinterval(interval)
    assert _core.live_holds() == 0
    assert all(frame.flags.writeable for frame in frames)


def test_an_odd_width_is_lent_without_a_copy_where_rows_may_have_any_stride(tmp_path: Path) -> None:
    """321 pixels of BGR are 963 bytes; a converter is told so, and no copy is made."""
    path = tmp_path / "odd.raw"
    frame = pictures.random_frame("BGR", 321, 5)
    with running(f'appsrc ! videoconvert ! video/x-raw,format=RGBA ! filesink location="{path}"') as sky:
        sky.lend(frame)
    assert sky.stats().copied_frames == 0
    pixels = np.frombuffer(path.read_bytes(), np.uint8).reshape(5, 321, 4)
    assert np.array_equal(pixels[:, :, :3], frame[:, :, ::-1])
