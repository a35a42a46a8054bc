"""acquire: memory of ours, filled by the caller, pushed at the end of the block and never used again too early."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skyline
from skyline import _core
from tests import pictures
from tests.pictures import Array, constant_frame
from tests.streams import raw_file, running, stalled_pipe

WIDTH, HEIGHT = 16, 8
SIZE = {"width": WIDTH, "height": HEIGHT}


def values_in(path: Path) -> list[int]:
    frames = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, WIDTH * HEIGHT * 3)
    return [int(frame[0]) if (frame == frame[0]).all() else -1 for frame in frames]


@pytest.mark.parametrize("width", [1, 2, 3, 5, 16, 67])
@pytest.mark.parametrize("format", pictures.FORMATS)
def test_a_slot_is_an_ordinary_array(tmp_path: Path, format: str, width: int) -> None:
    """Packed whatever GStreamer's rows are, of the shape that put takes, and writeable."""
    frame = pictures.random_frame(format, width, 4)
    with raw_file(tmp_path / "slot.raw", format=format, width=width, height=4) as sky, sky.acquire() as slot:
        assert slot.array.shape == frame.shape
        assert slot.array.dtype == frame.dtype
        assert slot.array.flags.c_contiguous
        assert slot.array.flags.writeable
        slot.array[...] = frame


def test_the_slots_memory_reaches_the_pipeline() -> None:
    """Proved by a view that was taken in the block, which numpy cannot make read-only later."""
    width, height = 640, 64
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", width=width, height=height) as sky:
        sky.put(constant_frame(0, width, height))
        with sky.acquire() as slot:
            view = slot.array[:]
            view[...] = 1
        view[...] = 101
        data = np.frombuffer(pipe.read_all(2 * view.size), np.uint8)
    assert (data[: view.size] == 0).all()
    assert (data[view.size :] == 101).all()
    assert sky.stats().copied_frames == 0


def test_the_size_may_come_with_the_first_slot(tmp_path: Path) -> None:
    path = tmp_path / "first.raw"
    with raw_file(path) as sky:
        with sky.acquire(**SIZE) as slot:
            slot.array[...] = 1
        with sky.acquire() as slot:
            slot.array[...] = 2
        sky.put(constant_frame(3))
    assert values_in(path) == [1, 2, 3]


def test_a_slot_without_any_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "unknown.raw"
    with raw_file(path) as sky:
        with pytest.raises(skyline.SkyLineError, match="width"), sky.acquire():
            pass
        sky.put(constant_frame(1))
    assert values_in(path) == [1]


def test_a_slot_of_another_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.raw"
    with raw_file(path) as sky:
        sky.put(constant_frame(1))
        with pytest.raises(skyline.FrameError, match=r"32.*16"), sky.acquire(width=32, height=8):
            pass
        sky.put(constant_frame(2))
    assert values_in(path) == [1, 2]


def test_slots_that_are_kept_are_never_used_again(tmp_path: Path) -> None:
    """50 arrays kept after their blocks, and as many frames pushed afterwards: each still shows its own."""
    path = tmp_path / "kept.raw"
    kept = []
    with raw_file(path, hasty=True, **SIZE) as sky:
        for value in range(50):
            with sky.acquire() as slot:
                slot.array[...] = value
            kept.append(slot.array)
        for value in range(50, 100):
            with sky.acquire() as slot:
                slot.array[...] = value
            sky.put(constant_frame(value))
        assert [int(array[0, 0, 0]) for array in kept] == list(range(50))
    assert all((array == value).all() for value, array in enumerate(kept))
    assert values_in(path) == list(range(50)) + [value for value in range(50, 100) for _ in range(2)]


def test_slots_outlive_their_stream(tmp_path: Path) -> None:
    """Also one that was never pushed: readable after stop, and pushing it then is refused."""
    with raw_file(tmp_path / "outlived.raw", **SIZE) as sky:
        with sky.acquire() as pushed:
            pushed.array[...] = 1
        pending = sky.acquire()
        pending.array[...] = 2
    del sky
    assert (pushed.array == 1).all()
    assert (pending.array == 2).all()
    with pytest.raises(skyline.StateError), pending:
        pass


def test_a_slot_is_read_only_once_it_was_pushed(tmp_path: Path) -> None:
    with raw_file(tmp_path / "pushed.raw", **SIZE) as sky:
        with sky.acquire() as slot:
            slot.array[...] = 1
        with pytest.raises(ValueError, match="read-only"):
            slot.array[0] = 2


def test_views_of_a_slot_keep_their_memory(tmp_path: Path) -> None:
    """The slot and its array are gone; a small view still holds the memory, and writing to it harms nobody."""
    path = tmp_path / "views.raw"
    views = []
    with raw_file(path, hasty=True, **SIZE) as sky:
        for value in range(20):
            with sky.acquire() as slot:
                slot.array[...] = value
                views.append(slot.array[2:4, 3:5])
            del slot
        sky.stop_streaming()
        for view in views:
            view[...] = 255
    assert values_in(path) == list(range(20))


def test_an_exception_in_the_block_discards_the_slot(tmp_path: Path) -> None:
    path = tmp_path / "exception.raw"
    with raw_file(path, **SIZE) as sky:
        sky.put(constant_frame(1))
        with pytest.raises(ZeroDivisionError), sky.acquire() as slot:
            slot.array[...] = 1 // 0
        assert sky.stats().frames_in == 1
        assert not slot.was_taken
        sky.put(constant_frame(2))
    assert values_in(path) == [1, 2]


def test_a_discarded_slot_is_not_pushed(tmp_path: Path) -> None:
    path = tmp_path / "discarded.raw"
    with raw_file(path, **SIZE) as sky:
        with sky.acquire() as slot:
            slot.array[...] = 9
            slot.discard()
        slot.discard()  # once more is fine
        assert not slot.was_taken
        sky.put(constant_frame(1))
        assert sky.stats().frames_in == 1
    assert values_in(path) == [1]


def test_a_slot_is_pushed_once(tmp_path: Path) -> None:
    path = tmp_path / "twice.raw"
    with raw_file(path, **SIZE) as sky:
        slot = sky.acquire()
        with slot:
            slot.array[...] = 1
        assert slot.was_taken
        slot.discard()  # too late, and no harm
        with pytest.raises(skyline.StateError, match="acquire another"), slot:
            pass
    assert values_in(path) == [1]


def test_the_core_refuses_a_slot_that_was_committed() -> None:
    lane = _core.DescriptionLane(
        "appsrc ! fakesink", format="BGR", clock="fixed", fps=(30, 1), leaky="none", max_buffers=4
    )
    lane.start(width=WIDTH, height=HEIGHT)
    committed, discarded = lane.acquire(), lane.acquire()
    assert committed.commit()
    discarded.discard()
    for slot in (committed, discarded):
        with pytest.raises(skyline.StateError, match="acquire another"):
            slot.commit()
    assert lane.stop()


def test_slots_that_are_never_pushed_are_only_memory(tmp_path: Path) -> None:
    """They count as nothing, and hold up nobody."""
    path = tmp_path / "forgotten.raw"
    with raw_file(path, max_buffers=1, **SIZE) as sky:
        forgotten = [sky.acquire() for _ in range(50)]
        for slot in forgotten:
            slot.array[...] = 9
        sky.put(constant_frame(1))
        assert sky.stats().frames_in == 1
        del forgotten, slot
        sky.put(constant_frame(2))
    assert values_in(path) == [1, 2]


def test_opencv_draws_into_a_slot(tmp_path: Path) -> None:
    """cv2 insists on writeable, contiguous memory and writes where it lies."""
    cv2 = pytest.importorskip("cv2")
    path = tmp_path / "opencv.raw"
    grey = np.full((HEIGHT, WIDTH), 50, np.uint8)
    with raw_file(path, **SIZE) as sky:
        with sky.acquire() as slot:
            drawn = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR, dst=slot.array)
            assert np.shares_memory(drawn, slot.array)
        with sky.acquire() as slot:
            slot.array[...] = 0
            cv2.rectangle(slot.array, (0, 0), (WIDTH, HEIGHT), (7, 7, 7), cv2.FILLED)
    assert values_in(path) == [50, 7]


def test_times_given_to_slots(tmp_path: Path) -> None:
    """The time may be given to acquire; the order of the blocks' ends is the order of the frames."""
    path = tmp_path / "order.raw"
    with raw_file(path, **SIZE) as sky:
        first, second = sky.acquire(), sky.acquire()
        with second:
            second.array[...] = 2
        with first:
            first.array[...] = 1
        with sky.acquire(pts_ns=2_000_000_000) as slot:
            slot.array[...] = 3
        assert sky.stats().nudged_times == 0
    assert values_in(path) == [2, 1, 3]


@pytest.mark.parametrize("format", pictures.FORMATS)
def test_the_verbs_may_be_mixed(tmp_path: Path, format: str) -> None:
    """Caps travel with the buffers: what is converted and what is passed on follow each other in any order."""
    path = tmp_path / "mixed.raw"
    rng = np.random.default_rng(5)
    frames: list[Array] = [pictures.random_frame(format, 17, 6, seed) for seed in range(60)]
    with raw_file(path, hasty=True, format=format, width=17, height=6) as sky:
        for frame in frames:
            push(sky, rng.choice(["put", "lend", "acquire"]), frame)
    wanted = [pictures.tight_bytes(frame) for frame in frames]
    assert pictures.raw_frames(path.read_bytes(), format, 17, 6) == wanted


@pytest.mark.parametrize("to_format", pictures.PLANAR)
def test_the_verbs_may_be_mixed_where_frames_are_converted(tmp_path: Path, to_format: str) -> None:
    path = tmp_path / "mixed.raw"
    rng = np.random.default_rng(6)
    frame = pictures.random_frame("BGR", 33, 5)
    with running(f'appsrc ! video/x-raw,format={to_format} ! filesink location="{path}"', width=33, height=5) as sky:
        for _ in range(60):
            push(sky, rng.choice(["put", "lend", "acquire"]), frame)
    frames = pictures.raw_frames(path.read_bytes(), to_format, 34, 6)
    assert len(frames) == 60
    assert len(set(frames)) == 1


def push(sky: skyline.SkyLine, verb: Any, frame: Array) -> None:
    if verb == "acquire":
        with sky.acquire() as slot:
            slot.array[...] = frame
    else:
        getattr(sky, verb)(frame)
