"""``skyconvert`` in descriptions: between real elements, put there by the text or by Skyline."""

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import skyline
from skyline import _core
from tests import pictures
from tests.streams import running

Bytes = npt.NDArray[np.uint8]


def flat(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> Bytes:
    """One BGR colour all over."""
    return np.full((height, width, 3), colour, np.uint8)


def beside(branch: str) -> None:
    """Run a branch that makes its own frames, beside one that takes one of ours."""
    with running(f"appsrc ! fakesink {branch}", fps=25) as sky:
        assert sky.put(flat((0, 0, 0)))
        assert sky.stop_streaming(timeout_s=60)
        assert sky.last_error is None


def made_by(branch: str, path: Path) -> Bytes:
    """What the branch writes into a file."""
    beside(f"{branch} ! filesink location={path}")
    return np.frombuffer(path.read_bytes(), np.uint8)


def same_as_videoconvert(branch: str, path: Path, tolerance: int) -> None:
    """The branch with SKYCONVERT in it makes what it makes with GStreamer's own converter."""
    ours = made_by(branch.replace("SKYCONVERT", "skyconvert"), path).astype(int)
    theirs = made_by(branch.replace("SKYCONVERT", "videoconvert dither=none"), path).astype(int)
    assert ours.size == theirs.size > 0
    assert int(np.abs(ours - theirs).max()) <= tolerance


# --- written into the text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ["I420", "NV12", "BGR", "RGBA", "xRGB", "GRAY8", "YUY2", "Y444", "I420_10LE", "AYUV64"]
)
@pytest.mark.parametrize("to", ["YUY2", "I420", "NV12", "BGR", "ARGB", "Y42B", "v210", "RGB16", "P010_10LE"])
def test_any_format_becomes_any_other(tmp_path: Path, source: str, to: str) -> None:
    """A name that stands wherever videoconvert stood."""
    caps = "width=64,height=48,framerate=25/1"
    made = made_by(
        f"videotestsrc num-buffers=2 ! video/x-raw,format={source},{caps} ! skyconvert ! video/x-raw,format={to}",
        tmp_path / "made.raw",
    )
    reference = made_by(f"videotestsrc num-buffers=2 ! video/x-raw,format={to},{caps}", tmp_path / "reference.raw")
    assert made.size == reference.size
    assert made.any()


def test_colours_of_a_decoded_film(tmp_path: Path) -> None:
    """avdec_h264 gives padded rows in a GstVideoMeta, 601 or 709 by what the film says."""
    film = tmp_path / "film.mp4"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=324x182:rate=25", "-frames:v", "3"]
    subprocess.run([*command, "-c:v", "libx264", "-pix_fmt", "yuv420p", film], check=True, timeout=60)
    for to, tolerance in (("BGR", 12), ("NV12", 0), ("GRAY8", 25)):
        same_as_videoconvert(
            f"filesrc location={film} ! qtdemux ! h264parse ! avdec_h264 ! SKYCONVERT ! video/x-raw,format={to}",
            tmp_path / "decoded.raw",
            tolerance,
        )


@pytest.mark.needs_elements("jpegdec")
def test_a_decoded_jpeg_is_full_range(tmp_path: Path) -> None:
    """White is 255 there, and 235 where limited range was asked for."""
    path = tmp_path / "white.jpg"
    source = ["-f", "lavfi", "-i", "color=white:size=64x48", "-frames:v", "1", "-pix_fmt", "yuvj420p"]
    subprocess.run(["ffmpeg", "-v", "error", *source, path], check=True, timeout=60)
    jpeg = f"filesrc location={path} ! jpegdec"
    white = made_by(f"{jpeg} ! skyconvert ! video/x-raw,format=BGR", tmp_path / "white.raw")
    assert white.min() >= 253
    limited = made_by(f"{jpeg} ! skyconvert ! video/x-raw,format=I420,colorimetry=bt601", tmp_path / "limited.raw")
    assert abs(int(limited[0]) - 235) <= 1


@pytest.mark.needs_elements("videocrop")
@pytest.mark.parametrize("source", ["I420", "NV12", "BGR", "YUY2", "GRAY8"])
@pytest.mark.parametrize("to", ["NV12", "BGR", "Y444"])
def test_a_cropped_picture(tmp_path: Path, source: str, to: str) -> None:
    """Upstream crops by moving its planes; the strides stay those of the whole."""
    branch = (
        f"videotestsrc num-buffers=1 ! video/x-raw,format={source},width=70,height=50 "
        f"! videocrop left=6 top=4 right=2 bottom=2 ! SKYCONVERT ! video/x-raw,format={to}"
    )
    # Steep edges lie within a pixel or two of the bars, where chroma is resampled in one way or another.
    ours = made_by(branch.replace("SKYCONVERT", "skyconvert"), tmp_path / "made.raw").astype(int)
    theirs = made_by(branch.replace("SKYCONVERT", "videoconvert dither=none"), tmp_path / "made.raw").astype(int)
    assert ours.size == theirs.size
    is_luma = slice(0, 62 * 44) if to != "BGR" else slice(None)
    range_shift = 21 if source == "GRAY8" else 5  # videoconvert leaves gray in full range
    assert np.median(np.abs(ours - theirs)[is_luma]) <= range_shift


def test_caps_change_in_mid_stream(tmp_path: Path) -> None:
    """Two sizes and formats after one another through one skyconvert."""
    first = "videotestsrc num-buffers=2 ! video/x-raw,format=BGR,width=64,height=48,framerate=25/1 ! c.sink_0"
    second = "videotestsrc num-buffers=3 ! video/x-raw,format=YUY2,width=32,height=16,framerate=25/1 ! c.sink_1"
    path = tmp_path / "made.raw"
    beside(f"concat name=c ! skyconvert ! video/x-raw,format=I420 ! filesink location={path} {first} {second}")
    assert path.stat().st_size == 2 * 64 * 48 * 3 // 2 + 3 * 32 * 16 * 3 // 2


# --- put there by Skyline --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["I420", "NV12"])
@pytest.mark.parametrize("between", ["", "videoconvert !", "skyconvert !", "queue !"])
@pytest.mark.parametrize("height", [48, 720])
def test_an_element_that_takes_only_420(tmp_path: Path, to: str, between: str, height: int) -> None:
    """A capsfilter stands for a hardware encoder: frames arrive in its format, by every verb, in the right colours."""
    path = tmp_path / "made.raw"
    frame = pictures.random_frame("BGR", 64, height)
    with running(f"appsrc ! {between} video/x-raw,format={to} ! filesink location={path}", fps=25) as sky:
        assert sky.put(frame)
        sky.lend(frame)
        with sky.acquire() as slot:
            slot.array[...] = frame
    made = path.read_bytes()
    size = 64 * height * 3 // 2
    assert len(made) == 3 * size
    assert made[:size] == made[size : 2 * size] == made[2 * size :]
    matrix = "bt709" if height > 576 else "bt601"
    errors = pictures.colour_errors(made[:size], to, pictures.red_green_blue(frame, "BGR"), matrix)
    assert errors[0] <= pictures.LUMA_TOLERANCE
    assert errors[1] <= pictures.CHROMA_TOLERANCE


@pytest.mark.parametrize(
    ("format", "to"), [("BGR", "RGBA"), ("BGR", "RGB"), ("RGBA", "BGR"), ("GRAY8", "RGB"), ("BGR", "xRGB")]
)
def test_an_element_that_takes_another_order(tmp_path: Path, format: str, to: str) -> None:
    """No converter in the text, and none is needed."""
    path = tmp_path / "made.raw"
    frame = pictures.random_frame(format, 64, 48)
    with running(f"appsrc ! video/x-raw,format={to} ! filesink location={path}", fps=25, format=format) as sky:
        assert sky.put(frame)
        sky.lend(frame)
    made = np.frombuffer(path.read_bytes(), np.uint8).reshape(2, 48, 64, len(to))
    wanted = pictures.red_green_blue(frame, format)
    order = [to.index(colour) for colour in "RGB"]
    assert np.array_equal(made[0][..., order], wanted)
    assert np.array_equal(made[1][..., order], wanted)


@pytest.mark.parametrize("to", ["YUY2", "Y444", "RGB16", "I420_10LE", "v210", "GRAY16_LE"])
def test_an_element_that_takes_something_else(tmp_path: Path, to: str) -> None:
    path = tmp_path / "made.raw"
    with running(f"appsrc ! video/x-raw,format={to} ! filesink location={path}", fps=25) as sky:
        assert sky.put(flat((10, 200, 30)))
        sky.lend(flat((10, 200, 30)))
    made = path.read_bytes()
    assert len(made) > 0
    assert made[: len(made) // 2] == made[len(made) // 2 :]


@pytest.mark.parametrize("colorimetry", [None, "bt601", "bt709", "bt601-full", "bt709-full"])
@pytest.mark.parametrize("height", [48, 720])
def test_yuv_frames_become_colour_by_their_own_matrix(tmp_path: Path, height: int, colorimetry: str | None) -> None:
    path = tmp_path / "made.raw"
    frame = pictures.random_frame("I420", 64, height)
    description = f"appsrc ! video/x-raw,format=BGR ! filesink location={path}"
    with running(description, fps=25, format="I420", colorimetry=colorimetry) as sky:
        assert sky.put(frame)
        sky.lend(frame)
    by_put, by_lend = np.frombuffer(path.read_bytes(), np.uint8).reshape(2, -1)
    matrix, _, size = (colorimetry or ("bt709" if height > 576 else "bt601")).partition("-")
    wanted = _core.convert(frame, "I420", "BGR", matrix=matrix, range=size or "limited", plain=True)
    assert np.array_equal(by_put, wanted)
    assert np.array_equal(by_lend, wanted)


@pytest.mark.parametrize(("format", "to"), [("I420", "NV12"), ("NV12", "I420"), ("I420", "BGR"), ("NV12", "YUY2")])
def test_frames_that_are_yuv_already(tmp_path: Path, format: str, to: str) -> None:
    path = tmp_path / "made.raw"
    frame = pictures.random_frame(format, 64, 48)
    with running(f"appsrc ! video/x-raw,format={to} ! filesink location={path}", fps=25, format=format) as sky:
        assert sky.put(frame)
        sky.lend(frame)
    made = path.read_bytes()
    assert made[: len(made) // 2] == made[len(made) // 2 :]
    if to in ("I420", "NV12"):
        for one, other in zip(
            pictures.split_yuv(made[: len(made) // 2], to, 64, 48),
            pictures.split_yuv(pictures.tight_bytes(frame), format, 64, 48),
            strict=True,
        ):
            assert np.array_equal(one, other)


@pytest.mark.needs_elements("x264enc")
@pytest.mark.parametrize("between", ["", "videoconvert !", "skyconvert !"])
def test_h264_is_never_444(tmp_path: Path, between: str) -> None:
    path = tmp_path / "film.mkv"
    text = f"appsrc ! {between} x264enc tune=zerolatency ! h264parse ! matroskamux ! filesink location={path}"
    with running(text, fps=25) as sky:
        for _ in range(3):
            sky.lend(flat((255, 0, 0), 65, 49))
            assert sky.put(flat((255, 0, 0), 65, 49))
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=pix_fmt,width,height", "-of", "csv=p=0", path],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert told.stdout.strip() == "66,50,yuv420p"


def test_what_cannot_be_is_still_an_error() -> None:
    """No converter changes a size."""
    with (
        pytest.raises(skyline.NegotiationError),
        running("appsrc ! video/x-raw,format=YUY2,width=99 ! fakesink") as sky,
    ):
        for _ in range(100):
            sky.put(flat((0, 0, 0)))
