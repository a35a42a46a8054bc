"""Memory of others: DLPack, the array interface, shared memory, maps; copied where it might vanish."""

import ctypes
import mmap
from collections.abc import Callable, Iterator
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skyline
from tests import pictures
from tests.pictures import Array
from tests.pipeline.views import HEIGHT, WIDTH, Marked, picture, written_frames
from tests.streams import raw_file, running


class ArrayInterface:
    """Memory described by __array_interface__, as PIL and others do."""

    def __init__(self, array: Array) -> None:
        self._array = array
        self.__array_interface__ = array.__array_interface__


class DLPackProducer:
    """A tensor of another library: hands out numpy's own capsule and counts how often its memory was given back.

    numpy's deleter runs when the last array over the capsule goes; the count hangs on the array that it then drops.
    """

    def __init__(self, array: Array, device: tuple[int, int] = (1, 0)) -> None:
        self.asked = 0
        self.deleted = 0
        self._array = array
        self._device = device

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._device

    def __dlpack__(self, **options: Any) -> Any:
        self.asked += 1
        counted = self._array.view(_Counted)
        counted.producer = self
        return np.ndarray.__dlpack__(counted)


class _Counted(np.ndarray[Any, Any]):
    producer: DLPackProducer | None = None

    def __array_finalize__(self, _parent: Any) -> None:
        self.producer = None

    def __del__(self) -> None:
        if self.producer is not None:
            self.producer.deleted += 1


FOREIGN: dict[str, Callable[[Array], Any]] = {
    "memoryview": lambda frame: memoryview(frame),  # noqa: PLW0108  # mypy takes the class for something else
    "memoryview of bytes": lambda frame: memoryview(frame.tobytes()).cast("B", frame.shape),
    "memoryview of bytearray": lambda frame: memoryview(bytearray(frame.tobytes())).cast("B", frame.shape),
    "memoryview with gaps": lambda frame: memoryview(frame.repeat(2, axis=0))[::2],
    "array over bytes": lambda frame: np.frombuffer(frame.tobytes(), np.uint8).reshape(frame.shape),
    "array over bytearray": lambda frame: np.frombuffer(bytearray(frame.tobytes()), np.uint8).reshape(frame.shape),
    "ctypes array": np.ctypeslib.as_ctypes,
    "__array_interface__": ArrayInterface,
    "subclass": lambda frame: frame.copy().view(Marked),
    "DLPack": DLPackProducer,
}


@pytest.mark.parametrize("name", FOREIGN)
def test_whatever_shows_its_memory_is_a_frame(tmp_path: Path, name: str) -> None:
    """Put and lend, without numpy's leave being asked by the caller."""
    frame = picture()
    path = tmp_path / "foreign.raw"
    with raw_file(path) as sky:
        sky.put(FOREIGN[name](frame))
        sky.lend(FOREIGN[name](frame))
    assert written_frames(path) == [frame.tobytes()] * 2


def test_read_only_arrays_are_accepted_and_stay_read_only(tmp_path: Path) -> None:
    frame = picture()
    frame.flags.writeable = False
    path = tmp_path / "read_only.raw"
    with raw_file(path) as sky:
        sky.put(frame)
        tracker = sky.lend(frame)
        assert not frame.flags.writeable
    assert tracker.done
    assert not frame.flags.writeable
    assert written_frames(path) == [frame.tobytes()] * 2


@pytest.mark.parametrize("verb", ["put", "lend"])
def test_dlpack_memory_is_given_back_exactly_once(tmp_path: Path, verb: str) -> None:
    """One capsule per frame, its deleter called once, and also where the frame is refused."""
    good, wrong = DLPackProducer(picture()), DLPackProducer(np.zeros((3, 5, 7), np.uint8))
    path = tmp_path / "dlpack.raw"
    with raw_file(path) as sky:
        sky.put(picture())
        getattr(sky, verb)(good)
        with pytest.raises(skyline.FrameError):
            getattr(sky, verb)(wrong)
    assert (good.asked, good.deleted) == (1, 1)
    assert (wrong.asked, wrong.deleted) == (1, 1)
    assert written_frames(path) == [picture().tobytes()] * 2


def test_dlpack_memory_of_a_gpu_is_refused(tmp_path: Path) -> None:
    """Never asked for its capsule, and told what to do."""
    tensor = DLPackProducer(picture(), device=(2, 0))
    with raw_file(tmp_path / "gpu.raw") as sky:
        with pytest.raises(skyline.FrameError, match=r"\.cpu\(\)"):
            sky.put(tensor)
        sky.put(picture())
    assert tensor.asked == 0


def test_masked_arrays_are_refused(tmp_path: Path) -> None:
    """What a masked pixel becomes is not ours to say."""
    masked = np.ma.MaskedArray(picture(), mask=picture() > 128)
    with raw_file(tmp_path / "masked.raw") as sky:
        for verb in (sky.put, sky.lend):
            with pytest.raises(skyline.FrameError, match="filled"):
                verb(masked)
        sky.put(masked.filled(0))


def test_matrix_is_grey(tmp_path: Path) -> None:
    frame = picture()[:, :, 0]
    path = tmp_path / "matrix.raw"
    with raw_file(path, format="GRAY8") as sky, pytest.warns(PendingDeprecationWarning):
        sky.put(np.asmatrix(frame))
        sky.lend(np.asmatrix(frame))
    assert written_frames(path, "GRAY8") == [pictures.tight_bytes(frame)] * 2


@pytest.fixture
def shared_memory() -> Iterator[SharedMemory]:
    memory = SharedMemory(create=True, size=HEIGHT * WIDTH * 3)
    yield memory
    memory.close()
    memory.unlink()


def test_shared_memory_is_copied_when_it_is_lent(tmp_path: Path, shared_memory: SharedMemory) -> None:
    """Its owner can unmap it under our feet, so it is copied, counted, and free at once."""
    array: Array = np.ndarray((HEIGHT, WIDTH, 3), np.uint8, shared_memory.buf)
    array[...] = picture()
    path = tmp_path / "shared.raw"
    with raw_file(path) as sky:
        tracker = sky.lend(array)
        assert tracker.done
        assert array.flags.writeable
        array[...] = 0
        assert sky.stats().copied_frames == 1
    assert written_frames(path) == [picture().tobytes()]


def test_a_memory_map_is_copied_when_it_is_lent(tmp_path: Path) -> None:
    """Truncating the file under a lent map would be a bus error."""
    file = tmp_path / "frame.bin"
    file.write_bytes(picture().tobytes())
    path = tmp_path / "mapped.raw"
    for array in (
        np.memmap(file, np.uint8, "r+", shape=(HEIGHT, WIDTH, 3)),
        np.asarray(np.memmap(file, np.uint8, "r", shape=(HEIGHT, WIDTH, 3))),
        np.memmap(file, np.uint8, "c", shape=(2 * HEIGHT // 2, WIDTH, 3))[:],
    ):
        with raw_file(path) as sky:
            sky.put(array)
            assert sky.lend(array).done
            assert sky.stats().copied_frames == 1
        assert written_frames(path) == [picture().tobytes()] * 2


@pytest.mark.parametrize(
    "name", ["memoryview", "array over bytearray", "__array_interface__", "DLPack", "ctypes array"]
)
def test_foreign_memory_is_copied_when_it_is_lent(tmp_path: Path, name: str) -> None:
    """Only memory that ends in an owning array or in bytes is certain to stay."""
    with raw_file(tmp_path / "foreign.raw") as sky:
        assert sky.lend(FOREIGN[name](picture())).done
        assert sky.stats().copied_frames == 1


@pytest.mark.parametrize("name", ["array over bytes", "subclass"])
def test_memory_that_stays_is_lent(tmp_path: Path, name: str) -> None:
    with raw_file(tmp_path / "lent.raw") as sky:
        tracker = sky.lend(FOREIGN[name](picture()))
        assert not tracker.done
        assert sky.stats().copied_frames == 0
    assert tracker.done


@pytest.fixture
def page_end() -> Callable[[Array], Array]:
    """Places an array so that its last byte is the last of its page; the next page may not be touched."""
    page = mmap.PAGESIZE
    libc = ctypes.CDLL(None, use_errno=True)
    pages = mmap.mmap(-1, 16 * page)
    address = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    assert libc.mprotect(ctypes.c_void_p(address + 15 * page), ctypes.c_size_t(page), 0) == 0

    def place(array: Array) -> Array:
        start = 15 * page - array.nbytes
        placed = np.frombuffer(pages, np.uint8, array.nbytes, start).view(array.dtype).reshape(array.shape)
        placed[...] = array
        return placed

    return place


@pytest.mark.parametrize("to_format", ["", *pictures.PLANAR])
@pytest.mark.parametrize("format", pictures.FORMATS)
def test_nothing_behind_a_frame_is_read(
    tmp_path: Path, page_end: Callable[[Array], Array], format: str, to_format: str
) -> None:
    """Every kernel, every remainder of a vector; one byte too far is a crash."""
    caps = f"video/x-raw,format={to_format} ! " if to_format and format not in pictures.PLANAR else ""
    for width in (1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 66, 67):
        frame = pictures.random_frame(format, width, 2)
        path = tmp_path / "edge.raw"
        with running(f'appsrc ! {caps}filesink location="{path}"', format=format, width=width, height=2) as sky:
            sky.put(page_end(frame))
            sky.lend(page_end(frame))
            sky.put(frame)
        if caps:
            frames = pictures.raw_frames(path.read_bytes(), to_format, width + width % 2, 2)
        else:
            frames = pictures.raw_frames(path.read_bytes(), format, width, 2)
        assert frames[0] == frames[1] == frames[2]
