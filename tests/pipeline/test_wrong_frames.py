"""A frame that does not fit is a FrameError, said before GStreamer sees it; the stream goes on as if nothing was."""

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skyline
from tests import pictures
from tests.streams import raw_file

WIDTH, HEIGHT = 16, 8
GOOD = pictures.constant_frame(7, WIDTH, HEIGHT)
SHAPE = GOOD.shape
VERBS = ["put", "lend"]


def zeros(dtype: Any, shape: tuple[int, ...] = SHAPE) -> np.ndarray[Any, Any]:
    return np.zeros(shape, dtype)


def closed_memoryview() -> memoryview:
    view = memoryview(bytes(GOOD.nbytes)).cast("B", SHAPE)
    view.release()
    return view


def nan_floats() -> np.ndarray[Any, Any]:
    """NumPy's own cast of these to uint8 is undefined."""
    frame = zeros(np.float32)
    frame.flat[:6] = [np.nan, np.inf, -np.inf, -0.0, 1e38, 300.0]
    return frame


# What comes, and a word that the message must have about it.
WRONG_DTYPES: dict[str, Any] = {
    "bool": np.bool_,
    "int8": np.int8,
    "int16": np.int16,
    "uint16": np.uint16,
    "int32": np.int32,
    "uint32": np.uint32,
    "int64": np.int64,
    "uint64": np.uint64,
    "float16": np.float16,
    "float32": np.float32,
    "float64": np.float64,
    "float128": np.longdouble,
    "complex64": np.complex64,
    "complex128": np.complex128,
    "object": np.object_,
    "datetime64": "datetime64[ns]",
    "timedelta64": "timedelta64[s]",
    "bytes": "S1",
    "str": "U1",
    "void": "V1",
    "structured": [("b", "u1"), ("g", "u1")],
    ">u2": ">u2",
    ">f4": ">f4",
}

# Name, what comes, what the message says came.
WRONG_FRAMES: dict[str, tuple[Callable[[], Any], str]] = {
    "None": (lambda: None, "None"),
    "a list": (GOOD.tolist, "list"),
    "a tuple": (lambda: (1, 2, 3), "tuple"),
    "a str": (lambda: "frame.png", "str"),
    "a number": (lambda: 5, "int"),
    "an object": (object, "object"),
    "a closed memoryview": (closed_memoryview, "memoryview"),
    "a flat memoryview": (lambda: memoryview(GOOD.tobytes()), f"({GOOD.size},) uint8"),
    "bytes": (GOOD.tobytes, f"({GOOD.size},) uint8"),
    "NaN floats": (nan_floats, "float32"),
    "0-d": (lambda: np.uint8(3), "()"),
    "1-d": (lambda: zeros(np.uint8, (GOOD.size,)), "(384,) uint8"),
    "grey": (lambda: zeros(np.uint8, (HEIGHT, WIDTH)), "(8, 16) uint8"),
    "one channel": (lambda: zeros(np.uint8, (HEIGHT, WIDTH, 1)), "(8, 16, 1) uint8"),
    "two channels": (lambda: zeros(np.uint8, (HEIGHT, WIDTH, 2)), "(8, 16, 2) uint8"),
    "four channels": (lambda: zeros(np.uint8, (HEIGHT, WIDTH, 4)), "(8, 16, 4) uint8"),
    "channels first": (lambda: zeros(np.uint8, (3, HEIGHT, WIDTH)), "(3, 8, 16) uint8"),
    "a batch": (lambda: zeros(np.uint8, (1, *SHAPE)), "(1, 8, 16, 3) uint8"),
    "no rows": (lambda: zeros(np.uint8, (0, WIDTH, 3)), "(0, 16, 3) uint8"),
    "no columns": (lambda: zeros(np.uint8, (HEIGHT, 0, 3)), "(8, 0, 3) uint8"),
    "no channels": (lambda: zeros(np.uint8, (HEIGHT, WIDTH, 0)), "(8, 16, 0) uint8"),
    "one row more": (lambda: zeros(np.uint8, (HEIGHT + 1, WIDTH, 3)), "16x9"),
    "one column less": (lambda: zeros(np.uint8, (HEIGHT, WIDTH - 1, 3)), "15x8"),
    "the same area, turned": (lambda: zeros(np.uint8, (WIDTH, HEIGHT, 3)), "8x16"),
    "the same area, wider": (lambda: zeros(np.uint8, (HEIGHT // 2, WIDTH * 2, 3)), "32x4"),
    "huge": (lambda: np.broadcast_to(np.uint8(0), (60000, 60000, 3)), "60000"),
    "wide beyond int": (lambda: np.broadcast_to(np.uint8(0), (2, 2**31 + 16, 3)), "2147483664"),
    "a product beyond int": (lambda: np.broadcast_to(np.uint8(0), (32767, 32767, 3)), "32767"),
}


def refused(call: Callable[[Any], Any], frame: Any) -> str:
    """The message of the FrameError that this frame must be."""
    with warnings.catch_warnings(), pytest.raises(skyline.FrameError) as caught:
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        call(frame)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, skyline.SkyLineError)
    return str(caught.value)


def assert_nothing_happened(sky: skyline.SkyLine, frames_in: int) -> None:
    stats = sky.stats()
    assert stats.frames_in == frames_in
    assert sum(stats.frames_dropped.values()) == 0
    assert sky.last_error is None


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_dtypes_are_refused(tmp_path: Path, verb: str) -> None:
    """Each named in the message, with what is accepted and what to do."""
    path = tmp_path / "good.raw"
    with raw_file(path) as sky:
        for number, (name, dtype) in enumerate(WRONG_DTYPES.items()):
            sky.put(GOOD)
            frame = nan_floats() if name == "float32" else zeros(dtype)
            message = refused(getattr(sky, verb), frame)
            if name in {"bytes", "str", "void", "structured", "datetime64", "timedelta64"}:
                assert re.search(r"frame is (an array|a )|\(8, 16, 3\)", message), message
            else:
                assert name.replace(">f4", ">float32") in message
            assert "uint8" in message  # what is accepted
            assert re.search("pass|convert|astype|scale|expected", message), message
            assert_nothing_happened(sky, number + 1)
    assert path.read_bytes() == GOOD.tobytes() * len(WRONG_DTYPES)


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_frames_are_refused(tmp_path: Path, verb: str) -> None:
    """What came, what is accepted, and the stream goes on."""
    path = tmp_path / "good.raw"
    with raw_file(path) as sky:
        for number, (make, what_came) in enumerate(WRONG_FRAMES.values()):
            sky.put(GOOD)
            message = refused(getattr(sky, verb), make())
            assert what_came in message
            assert re.search(r"accept|expect|this stream is|at most", message), message
            assert_nothing_happened(sky, number + 1)
    assert path.read_bytes() == GOOD.tobytes() * len(WRONG_FRAMES)


@pytest.mark.parametrize("what", ["None", "float64", "four channels", "no rows", "huge", "a closed memoryview"])
def test_a_wrong_first_frame_leaves_the_stream_as_it_was(tmp_path: Path, what: str) -> None:
    """Size and format come from the first frame that fits; the wrong one before it decided nothing."""
    path = tmp_path / "first.raw"
    make = WRONG_FRAMES[what][0] if what in WRONG_FRAMES else lambda: zeros(np.float64)
    with raw_file(path) as sky:
        refused(sky.put, make())
        sky.put(GOOD)
    assert path.read_bytes() == GOOD.tobytes()


def test_the_size_of_the_first_frame_is_kept(tmp_path: Path) -> None:
    """VGA, then HD, then VGA turned on its side, which has as many bytes; only VGA arrives."""
    vga, hd, turned = zeros(np.uint8, (480, 640, 3)), zeros(np.uint8, (720, 1280, 3)), zeros(np.uint8, (640, 480, 3))
    path = tmp_path / "vga.raw"
    with raw_file(path) as sky:
        sky.put(vga)
        assert "1280x720" in refused(sky.put, hd)
        message = refused(sky.put, turned)
        assert "480x640" in message
        assert "640x480" in message
        sky.put(vga)
    assert path.stat().st_size == 2 * vga.nbytes


def test_a_declared_size_is_checked_with_the_first_frame(tmp_path: Path) -> None:
    with raw_file(tmp_path / "declared.raw", width=32, height=8) as sky:
        assert "32x8" in refused(sky.put, GOOD)
        sky.put(zeros(np.uint8, (8, 32, 3)))


@pytest.mark.parametrize(
    ("format", "frame", "what_came"),
    [
        ("GRAY8", GOOD, "(8, 16, 3) uint8"),
        ("GRAY8", zeros(np.uint16, (8, 16)), "uint16"),
        ("GRAY16_LE", zeros(np.uint8, (8, 16)), "uint8"),
        ("GRAY16_LE", zeros(">u2", (8, 16)), ">u2"),
        ("GRAY16_LE", zeros(np.int16, (8, 16)), "int16"),
        ("BGRA", GOOD, "(8, 16, 3) uint8"),
        ("RGBA", zeros(np.uint8, (8, 16)), "(8, 16) uint8"),
        ("I420", zeros(np.uint8, (8, 16)), "(8, 16) uint8"),
        ("I420", zeros(np.uint8, (12, 15)), "(12, 15) uint8"),
        ("I420", zeros(np.uint8, (13, 16)), "(13, 16) uint8"),
        ("I420", zeros(np.uint8, (191,)), "(191,) uint8"),
        ("I420", zeros(np.uint8, (193,)), "(193,) uint8"),
        ("NV12", zeros(np.uint8, (12, 16, 1)), "(12, 16, 1) uint8"),
        ("NV12", zeros(np.uint8, (9, 16)), "16x6"),
    ],
)
@pytest.mark.parametrize("verb", VERBS)
def test_each_format_says_what_it_expects(tmp_path: Path, format: str, frame: Any, what_came: str, verb: str) -> None:
    """Also one byte too few or too many."""
    good = pictures.random_frame(format, WIDTH, HEIGHT)
    path = tmp_path / "good.raw"
    with raw_file(path, format=format, width=WIDTH, height=HEIGHT) as sky:
        message = refused(getattr(sky, verb), frame)
        assert what_came in message
        assert format in message or "16x8" in message
        sky.put(good)
    assert pictures.raw_frames(path.read_bytes(), format, WIDTH, HEIGHT) == [good.tobytes()]


@pytest.mark.parametrize("verb", VERBS)
def test_a_negative_time_is_refused(tmp_path: Path, verb: str) -> None:
    """The frame is the caller's again at once, also when it was to be lent."""
    frame = GOOD.copy()
    path = tmp_path / "good.raw"
    with raw_file(path) as sky:
        for _ in range(3):
            with pytest.raises(skyline.FrameError, match="pts_ns is -1"):
                getattr(sky, verb)(frame, pts_ns=-1)
            assert frame.flags.writeable
        assert_nothing_happened(sky, 0)
        sky.put(frame)
    assert path.read_bytes() == frame.tobytes()


def test_a_negative_time_of_an_acquired_frame_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "good.raw"
    with raw_file(path, width=WIDTH, height=HEIGHT) as sky:
        with pytest.raises(skyline.FrameError, match="pts_ns is -1"), sky.acquire(pts_ns=-1) as slot:
            slot.array[...] = 0
        assert_nothing_happened(sky, 0)
        sky.put(GOOD)
    assert path.read_bytes() == GOOD.tobytes()


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(skyline.SkyLineError, match=r"BGR24.*BGR.*NV12"), raw_file(tmp_path / "no.raw", format="BGR24"):
        pass
