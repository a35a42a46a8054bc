"""Every format, by every verb, in every width: the pixels that come out are the pixels that went in.

Raw files show bytes; FFV1 read by ffmpeg shows a whole encode lane and its file; 4:2:0 is compared with a
float64 reference that was written from the standards (tests/pictures.py).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import skyline
from skyline import _core, encoders
from skyline.errors import FrameError
from tests import pictures
from tests.peer_readers import decoding_errors, probe, read_frames
from tests.pictures import CHROMA_TOLERANCE, FORMATS, LUMA_TOLERANCE, PACKED_CHANNELS, PLANAR, Array
from tests.streams import raw_file, running

WIDTHS = range(1, 68)  # a whole AVX-512 vector, one more, and every remainder
HEIGHTS = (3, 4)


def push_by_every_verb(sky: skyline.SkyLine, frames: list[Array], width: int, height: int) -> None:
    """The first frame put, the second lent, the third acquired; the fourth put again, the fifth lent."""
    for number, frame in enumerate(frames):
        if number % 3 == 0:
            assert sky.put(frame)
        elif number % 3 == 1:
            sky.lend(frame)
        else:
            with sky.acquire(width=width, height=height) as slot:
                slot.array[...] = frame


@pytest.mark.parametrize("format", FORMATS)
def test_raw_frames_are_exact_in_every_width(tmp_path: Path, format: str) -> None:
    """Rows whose bytes are no multiple of four, and I420 and NV12 with odd sides."""
    path = tmp_path / "frames.raw"
    for width in WIDTHS:
        for height in HEIGHTS:
            frames = [pictures.random_frame(format, width, height, seed) for seed in range(5)]
            with raw_file(path, format=format, width=width, height=height) as sky:
                push_by_every_verb(sky, frames, width, height)
            written = pictures.raw_frames(path.read_bytes(), format, width, height)
            assert written == [pictures.tight_bytes(frame) for frame in frames], f"{width}x{height}"


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (640, 360)], ids=str)
@pytest.mark.parametrize("format", FORMATS)
def test_raw_frames_of_extreme_shapes(tmp_path: Path, format: str, size: tuple[int, int]) -> None:
    """One pixel, one column, one row."""
    width, height = size
    frames = [pictures.random_frame(format, width, height, seed) for seed in range(4)]
    path = tmp_path / "frames.raw"
    with raw_file(path, format=format, width=width, height=height) as sky:
        push_by_every_verb(sky, frames, width, height)
    written = pictures.raw_frames(path.read_bytes(), format, width, height)
    assert written == [pictures.tight_bytes(frame) for frame in frames]


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("to_format", PLANAR)
def test_a_yuv_lane_is_near_the_reference(tmp_path: Path, to_format: str, matrix: str) -> None:
    """put converts in the call, lend and acquire on a streaming thread: all the same, and odd sides padded to even."""
    path = tmp_path / "frames.raw"
    caps = f"video/x-raw,format={to_format},colorimetry={matrix}"
    for format in PACKED_CHANNELS:
        for width in WIDTHS:
            height = HEIGHTS[(width + len(format)) % 2]
            frame = pictures.random_frame(format, width, height)
            with running(f'appsrc ! {caps} ! filesink location="{path}"', format=format) as sky:
                push_by_every_verb(sky, [frame] * 3, width, height)
            wanted = pictures.pad_to_even(pictures.red_green_blue(frame, format))
            put, lent, acquired = pictures.raw_frames(path.read_bytes(), to_format, wanted.shape[1], wanted.shape[0])
            assert put == lent == acquired, f"{format} {width}x{height}"
            luma, chroma = pictures.colour_errors(put, to_format, wanted, matrix)
            assert luma <= LUMA_TOLERANCE, f"{format} {width}x{height}"
            assert chroma <= CHROMA_TOLERANCE, f"{format} {width}x{height}"


@pytest.fixture
def any_simd_target() -> Iterator[None]:
    yield
    _core.use_simd_target("")


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("format", PACKED_CHANNELS)
def test_every_simd_target_is_bit_exact_with_the_plain_twin(format: str, matrix: str, any_simd_target: None) -> None:
    ranges = ("limited", "full")
    for width in WIDTHS:
        for height in (1, 2, 5):
            frame = pictures.random_frame(format, width, height)
            rgb = pictures.red_green_blue(frame, format)
            for to_format in PLANAR:
                for colour_range in ranges:
                    plain = _core.convert(frame, format, to_format, matrix=matrix, range=colour_range, plain=True)
                    errors = pictures.colour_errors(plain, to_format, rgb, matrix, full_range=colour_range == "full")
                    assert errors <= (LUMA_TOLERANCE, CHROMA_TOLERANCE), f"{to_format} {colour_range} {width}x{height}"
                    assert errors[1] <= CHROMA_TOLERANCE, f"{to_format} {colour_range} {width}x{height}"
                    for target in (*_core.simd_targets(), "plain"):
                        _core.use_simd_target(target)
                        fast = _core.convert(frame, format, to_format, matrix=matrix, range=colour_range)
                        assert fast.tobytes() == plain.tobytes(), (
                            f"{target} {to_format} {colour_range} {width}x{height}"
                        )


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("format", ["BGR", "GRAY8"])
def test_greys_have_no_tint(format: str, matrix: str) -> None:
    """Black, white and every grey between them: luma is the nearest code, chroma exactly 128."""
    grey = np.arange(256, dtype=np.uint8).reshape(1, 256).repeat(2, axis=0)
    frame = grey if format == "GRAY8" else np.stack([grey] * 3, axis=-1)
    luma, blue, red = pictures.split_yuv(_core.convert(frame, format, "I420", matrix=matrix), "I420", 256, 2)
    assert np.array_equal(luma[0], np.round(16 + 219 / 255 * np.arange(256)))
    assert (blue == 128).all()
    assert (red == 128).all()


# What ffmpeg is asked for, to see the pixels that were pushed.
AS_PUSHED = {
    "BGR": "bgr24",
    "RGB": "rgb24",
    "BGRA": "bgra",
    "RGBA": "rgba",
    "BGRx": "bgra",  # what means nothing was made opaque
    "RGBx": "rgba",
    "GRAY8": "gray",
    "GRAY16_LE": "gray16le",
}
FFV1_SIZES = [(5, 3), (16, 8), (33, 7), (66, 38)]  # ffmpeg itself loses pixels of 2x2


@pytest.mark.needs_elements("avenc_ffv1", "matroskamux")
@pytest.mark.parametrize("size", FFV1_SIZES, ids=str)
@pytest.mark.parametrize("format", FORMATS)
def test_ffv1_files_are_exact(tmp_path: Path, format: str, size: tuple[int, int]) -> None:
    """The whole way: an encode lane, its fan-out, an output, and ffmpeg as the judge."""
    width, height = size
    frames = [pictures.random_frame(format, width, height, seed) for seed in range(5)]
    path = tmp_path / "frames.mkv"
    with skyline.open(
        str(path), fps=30, format=format, width=width, height=height, encoder=encoders.ffv1(), clock="fixed"
    ) as sky:
        push_by_every_verb(sky, frames, width, height)
    if format.endswith("x"):
        for frame in frames:
            frame[:, :, 3] = 255
    if format in PLANAR:
        wanted = [i420_padded_to_even(frame, format, width, height) for frame in frames]
    else:
        wanted = [pictures.tight_bytes(frame) for frame in frames]
    assert [frame.tobytes() for frame in read_frames(path, AS_PUSHED.get(format, "yuv420p"))] == wanted


def i420_padded_to_even(planes: Array, format: str, width: int, height: int) -> bytes:
    """4:2:0 planes as FFV1 keeps them: luma's last column and row repeated, chroma as it is."""
    luma, blue, red = pictures.split_yuv(planes.reshape(-1), format, width, height)
    even = pictures.pad_to_even(luma[:, :, np.newaxis])
    return even.tobytes() + blue.tobytes() + red.tobytes()


@pytest.mark.needs_elements("x264enc", "h264parse", "mp4mux")
@pytest.mark.parametrize("size", [(321, 241), (320, 241), (321, 240), (17, 17)], ids=str)
def test_odd_sizes_have_no_green_line(tmp_path: Path, size: tuple[int, int]) -> None:
    """H.264 is 4:2:0 and plays everywhere; its padding looks like the edge beside it."""
    width, height = size
    x, y = np.meshgrid(np.linspace(40, 220, width), np.linspace(200, 60, height))
    frame = np.stack([x, y, (x + y) / 2], axis=-1).astype(np.uint8)
    path = tmp_path / "odd.mp4"
    with skyline.open(str(path), fps=30, encoder=encoders.h264(bitrate_kbps=8000)) as sky:
        for _ in range(5):
            sky.put(frame)
    info = probe(path)
    assert (info.width, info.height, info.frames) == (width + width % 2, height + height % 2, 5)
    assert info.pix_fmt == "yuv420p"
    assert info.profile in {"Constrained Baseline", "Main", "High"}
    assert decoding_errors(path) == ""
    decoded = read_frames(path, "bgr24")[-1].astype(int)
    wanted = pictures.pad_to_even(frame).astype(int)
    # The tolerance is the codec's and the player's, not ours: exact colours are tested above.
    assert np.abs(decoded[-1] - wanted[-1]).max() <= 24
    assert np.abs(decoded[:, -1] - wanted[:, -1]).max() <= 24
    assert np.abs(decoded - wanted).mean() <= 4


@pytest.mark.parametrize("suffix", ["mp4", "mov", "webm", "avi"])
@pytest.mark.parametrize("size", [(1, 1), (14, 14), (64, 2)], ids=str)
def test_a_picture_too_small_for_the_container_is_said(tmp_path: Path, size: tuple[int, int], suffix: str) -> None:
    """The error speaks of the size, comes with the first frame, and names what takes it."""
    frame = np.zeros((size[1], size[0], 3), np.uint8)
    with (
        pytest.raises(skyline.SinkError, match=rf"frames are {size[0]}x{size[1]}, .* 16x16 and more.*\.mkv"),
        skyline.open(str(tmp_path / f"tiny.{suffix}"), fps=30) as sky,
    ):
        sky.put(frame)


@pytest.mark.needs_elements("x264enc", "h264parse", "matroskamux")
@pytest.mark.parametrize(("height", "matrix", "says"), [(480, "bt601", "smpte170m"), (720, "bt709", "bt709")])
@pytest.mark.parametrize("verb", ["put", "lend"])
def test_a_nearly_lossless_h264_file_is_near_the_reference(
    tmp_path: Path, height: int, matrix: str, says: str, verb: str
) -> None:
    """Colours through an encode lane: SD is bt601, HD is bt709, and the file says so."""
    rng = np.random.default_rng(7)
    frame = np.kron(rng.integers(0, 256, (height // 16, 8, 3), np.uint8), np.ones((16, 16, 1), np.uint8))
    path = tmp_path / "colours.mkv"
    fine = encoders.h264(element="x264enc", profile="high", properties={"pass": "quant", "quantizer": 1})
    with skyline.open(str(path), fps=30, encoder=fine) as sky:
        for _ in range(3):
            getattr(sky, verb)(frame)
    assert probe(path).color_space == says
    for planes in read_frames(path, "yuv420p"):
        rgb = pictures.red_green_blue(frame, "BGR")
        assert max(pictures.colour_errors(planes, "I420", rgb, matrix)) <= 2  # the encoder's own


def test_a_conversion_writes_where_it_is_told() -> None:
    frame = pictures.random_frame("BGR", 34, 6)
    wanted = _core.convert(frame, "BGR", "I420")
    out = np.zeros(wanted.size, np.uint8)
    assert _core.convert(frame, "BGR", "I420", out=out) is out
    assert np.array_equal(out, wanted)


def test_a_conversion_refuses_a_destination_that_cannot_be() -> None:
    frame = pictures.random_frame("BGR", 34, 6)
    size = 34 * 6 * 3 // 2
    fixed = np.zeros(size, np.uint8)
    fixed.flags.writeable = False
    wrong = {
        "too short": np.zeros(size - 1, np.uint8),
        "read-only": fixed,
        "the frame's own": frame.reshape(-1)[-size:],
    }
    for name, out in wrong.items():
        with pytest.raises(FrameError, match=r"out (has|is)"):
            _core.convert(frame, "BGR", "I420", out=out)
        assert not fixed.any(), name
    with pytest.raises(FrameError, match="memory of the frame"):
        _core.convert(frame[::-1], "BGR", "I420", out=frame.reshape(-1)[:size])
