"""Whatever numpy calls an array arrives with the right pixels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import pictures
from tests.pictures import Array
from tests.pipeline import children
from tests.pipeline.views import HEIGHT, WIDTH, Marked, picture, written_frames
from tests.streams import raw_file, running

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
    """Put and lend, and a lent view is copied only where its rows cannot be described."""
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
    """With and without a channel axis; np.matrix is always two-dimensional and so is grey."""
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
    """I420 and NV12 are one array of all planes; cropped, reversed and flat ones too."""
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


@pytest.mark.no_sanitizer("MALLOC_PERTURB_ is glibc's, and a sanitizer brings its own malloc")
def test_fresh_heap_never_goes_out(tmp_path: Path) -> None:
    """Every byte that malloc gives is 0x5a here, and 0xa5 once freed; what is written has none of it, not even between the rows."""
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
    """Equal to numpy's own idea of the array, by every verb."""
    format, frame = drawn
    height, width = frame.shape[:2]
    path = tmp_path / "strided.raw"
    with raw_file(path, format=format) as sky:
        sky.put(frame)
        sky.lend(frame)
        with sky.acquire(width=width, height=height) as slot:
            slot.array[...] = frame
    assert written_frames(path, format, width, height) == [pictures.tight_bytes(frame)] * 3
