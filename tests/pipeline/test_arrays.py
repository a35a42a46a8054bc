"""Whatever an array looks like in memory, its pixels arrive; and it is copied only where it must be."""

import ctypes
import mmap
from collections.abc import Callable, Iterator
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import skyline
from tests import pictures
from tests.pictures import Array
from tests.pipeline import children
from tests.streams import raw_file, running

WIDTH, HEIGHT = 20, 6


def picture(channels: int = 3, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, channels), np.uint8)


def written_frames(path: Path, format: str = "BGR", width: int = WIDTH, height: int = HEIGHT) -> list[bytes]:
    return pictures.raw_frames(path.read_bytes(), format, width, height)


class Marked(np.ndarray[Any, Any]):
    """An ndarray subclass like those of astropy or of a camera's driver."""


# Views that a program makes without thinking. Lending copies those that GStreamer cannot describe.
_LARGE = np.random.default_rng(1).integers(0, 256, (4 * HEIGHT, 4 * WIDTH, 3), np.uint8)
VIEWS: dict[str, tuple[Callable[[], Array], bool]] = {
    "contiguous": (picture, False),
    "cropped": (lambda: _LARGE[3 : 3 + HEIGHT, 5 : 5 + WIDTH], False),
    "cropped rows": (lambda: picture().repeat(3, axis=0)[4 : 4 + HEIGHT], False),
    "cropped columns": (lambda: np.tile(picture(), (1, 3, 1))[:, 7 : 7 + WIDTH], False),
    "every second row": (lambda: picture().repeat(2, axis=0)[::2], False),
    "every second column": (lambda: picture().repeat(2, axis=1)[:, ::2], True),
    "three of four channels": (lambda: picture(4)[:, :, :3], True),
    "upside down": (lambda: picture()[::-1], True),
    "mirrored": (lambda: picture()[:, ::-1], True),
    "BGR from RGB": (lambda: picture()[..., ::-1], True),
    "turned by 180 degrees": (lambda: picture()[::-1, ::-1], True),
    "transposed": (lambda: picture().transpose(1, 0, 2).copy().transpose(1, 0, 2), True),
    "channels first": (lambda: picture().transpose(2, 0, 1).copy().transpose(1, 2, 0), True),
    "Fortran order": (lambda: np.asfortranarray(picture()), True),
    "one row for all": (lambda: np.broadcast_to(picture()[:1], (HEIGHT, WIDTH, 3)), True),
    "one pixel for all": (lambda: np.broadcast_to(picture()[:1, :1], (HEIGHT, WIDTH, 3)), True),
    "one value for all": (lambda: np.broadcast_to(np.uint8(77), (HEIGHT, WIDTH, 3)), True),
    "unaligned": (
        lambda: np.frombuffer(b"?" + picture().tobytes(), np.uint8, offset=1).reshape(picture().shape),
        False,
    ),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_arrive_right(tmp_path: Path, name: str) -> None:
    """Z10, Z21, W3: put and lend, and a lent view is copied only where its rows cannot be described."""
    make, is_copied = VIEWS[name]
    frame = make()
    path = tmp_path / "views.raw"
    with raw_file(path) as sky:
        sky.put(frame)
        tracker = sky.lend(frame)
        assert tracker.done or not is_copied
        with sky.acquire(width=WIDTH, height=HEIGHT) as slot:
            slot.array[...] = frame
    assert sky.stats().copied_frames >= is_copied  # the sink wants plain rows, so others may be copied there
    assert written_frames(path) == [pictures.tight_bytes(frame)] * 3


def test_a_converter_reads_lent_rows_where_they_are(tmp_path: Path) -> None:
    """Rows with gaps between them are lent without a copy to an element that reads GstVideoMeta."""
    frame = np.tile(picture(), (1, 3, 1))[:, 7 : 7 + WIDTH]
    path = tmp_path / "gaps.raw"
    with running(f'appsrc ! videoconvert ! video/x-raw,format=RGBA ! filesink location="{path}"') as sky:
        sky.lend(frame)
        sky.put(frame)
    assert sky.stats().copied_frames == 0
    lent, put = (np.frombuffer(data, np.uint8).reshape(HEIGHT, WIDTH, 4) for data in written_frames(path, "RGBA"))
    assert np.array_equal(lent[:, :, :3], frame[:, :, ::-1])
    assert np.array_equal(put, lent)


@pytest.mark.parametrize(("format", "dtype"), [("GRAY8", np.uint8), ("GRAY16_LE", np.uint16)])
def test_grey_views_arrive_right(tmp_path: Path, format: str, dtype: type[Any]) -> None:
    """Z10: with and without a channel axis; np.matrix is always two-dimensional and so is grey."""
    large = (
        np.random.default_rng(2).integers(0, 256, (4 * HEIGHT, 4 * WIDTH)).astype(dtype) * np.iinfo(dtype).max // 255
    )
    plain = np.ascontiguousarray(large[:HEIGHT, :WIDTH]).astype(dtype)
    frames = [
        plain,
        plain[:, :, np.newaxis],
        plain[::-1],
        plain[:, ::-1],
        large.astype(dtype)[1 : 1 + HEIGHT, 3 : 3 + WIDTH],
        large.astype(dtype)[: 2 * HEIGHT : 2, : 3 * WIDTH : 3],
        np.asfortranarray(plain),
        plain.T.copy().T,
        np.broadcast_to(plain[:, :1], plain.shape),
        plain.view(Marked),
    ]
    path = tmp_path / "grey.raw"
    with raw_file(path, format=format) as sky:
        for frame in frames:
            sky.put(frame)
            sky.lend(frame)
    wanted = [pictures.tight_bytes(frame) for frame in frames for _ in range(2)]
    assert written_frames(path, format) == wanted


@pytest.mark.parametrize("format", pictures.PLANAR)
def test_planar_views_arrive_right(tmp_path: Path, format: str) -> None:
    """Z10: I420 and NV12 are one array of all planes; cropped, reversed and flat ones too."""
    frame = pictures.random_frame(format, WIDTH, HEIGHT)
    wide = np.zeros((frame.shape[0], 2 * WIDTH), np.uint8)
    wide[:, 3 : 3 + WIDTH] = frame
    frames = [frame, wide[:, 3 : 3 + WIDTH], frame[::-1].copy()[::-1], np.asfortranarray(frame), frame.reshape(-1)]
    path = tmp_path / "planar.raw"
    with raw_file(path, format=format, width=WIDTH, height=HEIGHT) as sky:
        for each in frames:
            sky.put(each)
            sky.lend(each)
    assert written_frames(path, format) == [pictures.tight_bytes(frame)] * 2 * len(frames)


# --- what is not a plain ndarray -----------------------------------------------------------------------------------


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
    """Z14, Z18, Z19: put and lend, without numpy's leave being asked by the caller."""
    frame = picture()
    path = tmp_path / "foreign.raw"
    with raw_file(path) as sky:
        sky.put(FOREIGN[name](frame))
        sky.lend(FOREIGN[name](frame))
    assert written_frames(path) == [frame.tobytes()] * 2


def test_read_only_arrays_are_accepted_and_stay_read_only(tmp_path: Path) -> None:
    """Z14."""
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
    """Z19: one capsule per frame, its deleter called once, and also where the frame is refused."""
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
    """Z19: never asked for its capsule, and told what to do."""
    tensor = DLPackProducer(picture(), device=(2, 0))
    with raw_file(tmp_path / "gpu.raw") as sky:
        with pytest.raises(skyline.FrameError, match=r"\.cpu\(\)"):
            sky.put(tensor)
        sky.put(picture())
    assert tensor.asked == 0


def test_masked_arrays_are_refused(tmp_path: Path) -> None:
    """Z18: what a masked pixel becomes is not ours to say."""
    masked = np.ma.MaskedArray(picture(), mask=picture() > 128)
    with raw_file(tmp_path / "masked.raw") as sky:
        for verb in (sky.put, sky.lend):
            with pytest.raises(skyline.FrameError, match="filled"):
                verb(masked)
        sky.put(masked.filled(0))


def test_matrix_is_grey(tmp_path: Path) -> None:
    """Z18."""
    frame = picture()[:, :, 0]
    path = tmp_path / "matrix.raw"
    with raw_file(path, format="GRAY8") as sky, pytest.warns(PendingDeprecationWarning):
        sky.put(np.asmatrix(frame))
        sky.lend(np.asmatrix(frame))
    assert written_frames(path, "GRAY8") == [pictures.tight_bytes(frame)] * 2


# --- memory that can vanish ----------------------------------------------------------------------------------------


@pytest.fixture
def shared_memory() -> Iterator[SharedMemory]:
    memory = SharedMemory(create=True, size=HEIGHT * WIDTH * 3)
    yield memory
    memory.close()
    memory.unlink()


def test_shared_memory_is_copied_when_it_is_lent(tmp_path: Path, shared_memory: SharedMemory) -> None:
    """F9: its owner can unmap it under our feet, so it is copied, counted, and free at once."""
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
    """F9: truncating the file under a lent map would be a bus error."""
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
    """F9, Z18: only memory that ends in an owning array or in bytes is certain to stay."""
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


# --- the edges of memory -------------------------------------------------------------------------------------------


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
    """Z21: every kernel, every remainder of a vector; one byte too far is a crash."""
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


@pytest.mark.no_sanitizer("MALLOC_PERTURB_ is glibc's, and a sanitizer brings its own malloc")
def test_fresh_heap_never_goes_out(tmp_path: Path) -> None:
    """Z13, F7: every byte that malloc gives is 0x5a here, and 0xa5 once freed; what is written has none of it, not even between the rows."""
    text = children.program(
        """
        from tests import pictures
        from tests.streams import running
        from pathlib import Path

        path = Path(sys.argv[1])
        for format in pictures.FORMATS:
            for width, height in ((1, 1), (5, 3), (18, 5), (33, 4)):
                frame = np.zeros_like(pictures.random_frame(format, width, height))
                sides = dict(width=width, height=height)
                with running(f'appsrc ! filesink location="{path}"', format=format, **sides) as sky:
                    for _ in range(8):
                        sky.put(frame)
                        sky.lend(frame)
                        with sky.acquire(**sides) as slot:
                            slot.array[...] = 0
                data = path.read_bytes()
                assert len(data) == 24 * pictures.raw_frame_bytes(format, width, height)
                heap = data.count(0x5a) + data.count(0xa5)
                assert not heap, f"{format} {width}x{height}: {heap} bytes of heap"
        """
    )
    ended = children.run(text, tmp_path / "heap.raw", env={"MALLOC_PERTURB_": "165"}, cwd=Path(__file__).parents[2])
    assert ended.returncode == 0, ended


# --- any shape, any strides ----------------------------------------------------------------------------------------


@st.composite
def strided_frames(draw: st.DrawFn) -> tuple[str, Array]:
    """A frame over a guarded block: any strides, any sign, overlapping or repeating, in bounds."""
    format = draw(st.sampled_from(sorted(pictures.PACKED_CHANNELS)))
    dtype = np.dtype("<u2" if format == "GRAY16_LE" else "u1")
    shape = [draw(st.integers(1, 9)), draw(st.integers(1, 20))]
    if pictures.PACKED_CHANNELS[format] > 1:
        shape.append(pictures.PACKED_CHANNELS[format])
    strides = [draw(st.integers(-70, 70)) for _ in shape]
    if draw(st.booleans()):  # ordinary pixels, so that the quick ways are taken too
        pixel = dtype.itemsize * (shape[2] if len(shape) == 3 else 1)
        strides[1:] = [pixel, dtype.itemsize][: len(shape) - 1]
    reach = [stride * (side - 1) for stride, side in zip(strides, shape, strict=True)]
    lowest, highest = sum(min(r, 0) for r in reach), sum(max(r, 0) for r in reach)
    block = np.random.default_rng(draw(st.integers(0, 9))).integers(
        0, 256, highest - lowest + dtype.itemsize + draw(st.integers(0, 3)), np.uint8
    )
    return format, np.ndarray(shape, dtype, block, -lowest, strides)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=strided_frames())
def test_any_shape_and_strides(tmp_path: Path, drawn: tuple[str, Array]) -> None:
    """Z10, Z21: equal to numpy's own idea of the array, by every verb."""
    format, frame = drawn
    height, width = frame.shape[:2]
    path = tmp_path / "strided.raw"
    with raw_file(path, format=format) as sky:
        sky.put(frame)
        sky.lend(frame)
        with sky.acquire(width=width, height=height) as slot:
            slot.array[...] = frame
    assert written_frames(path, format, width, height) == [pictures.tight_bytes(frame)] * 3
