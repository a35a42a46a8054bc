"""Colours, grey and odd sizes as ffmpeg decodes them; never 4:4:4 by accident."""

import itertools
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skyline
from tests.pipeline.decoding import decode, picture, probe, psnr

FORMATS = ["BGR", "RGB", "BGRA", "RGBA", "BGRx", "RGBx", "GRAY8", "GRAY16_LE", "I420", "NV12"]


BGR_PATCHES = {
    "blue": (255, 0, 0),
    "green": (0, 255, 0),
    "red": (0, 0, 255),
    "orange": (40, 130, 230),
    "grey": (128, 128, 128),
}


# Kr and Kb of the two matrices, by ffprobe's names.
MATRICES = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt470bg": (0.299, 0.114)}


def frame_in(format_: str, width: int, height: int, number: int = 0) -> np.ndarray:
    bgr = picture(number, width, height)
    grey = bgr.mean(axis=2)
    if format_ in {"I420", "NV12"}:
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        planes[:height] = np.clip(grey, 16, 235)
        return planes
    if format_ == "GRAY8":
        return grey.astype(np.uint8)
    if format_ == "GRAY16_LE":
        return (grey * 257).astype(np.uint16)
    ordered = bgr[..., ::-1] if format_.startswith("RGB") else bgr
    if len(format_) == 4:
        ordered = np.dstack([ordered, np.full((height, width), 255, np.uint8)])
    return np.ascontiguousarray(ordered)


def fill(sky: skyline.SkyLine, frame: np.ndarray) -> None:
    with sky.acquire() as slot:
        slot.array[...] = frame.reshape(slot.array.shape)


VERBS: dict[str, Callable[[skyline.SkyLine, np.ndarray], object]] = {
    "put": lambda sky, frame: sky.put(frame),
    "lend": lambda sky, frame: sky.lend(frame.copy()),
    "acquire": fill,
}


def patches(width: int, height: int) -> np.ndarray:
    frame = np.empty((height, width, 3), np.uint8)
    edges = np.linspace(0, width, len(BGR_PATCHES) + 1).astype(int)
    for (left, right), colour in zip(itertools.pairwise(edges), BGR_PATCHES.values(), strict=True):
        frame[:, left:right] = colour
    return frame


def decoded_patches(path: Path, width: int, height: int, matrix: str) -> list[np.ndarray]:
    """The patches as BGR, by the equations of the standard and not by a converter."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-nostdin",
        "-i",
        str(path),
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-",
    ]
    raw = np.frombuffer(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout, np.uint8)
    luma = raw[: width * height].reshape(height, width)
    chroma = raw[width * height :].reshape(2, height // 2, width // 2)
    kr, kb = MATRICES[matrix]
    edges = np.linspace(0, width, len(BGR_PATCHES) + 1).astype(int)
    found = []
    for left, right in itertools.pairwise(edges):
        middle, row = (left + right) // 2, height // 2
        y = (float(luma[row - 4 : row + 4, middle - 4 : middle + 4].mean()) - 16) / 219
        cb, cr = (
            (float(c[row // 2 - 2 : row // 2 + 2, middle // 2 - 2 : middle // 2 + 2].mean()) - 128) / 224
            for c in chroma
        )
        red = y + 2 * (1 - kr) * cr
        blue = y + 2 * (1 - kb) * cb
        green = (y - kr * red - kb * blue) / (1 - kr - kb)
        found.append(np.clip(np.array([blue, green, red]) * 255, 0, 255))
    return found


@pytest.mark.parametrize(
    ("width", "height", "matrices"), [(640, 480, {"smpte170m", "bt470bg"}), (1280, 720, {"bt709"})]
)
@pytest.mark.parametrize(
    ("suffix", "verb"),
    [("mp4", "put"), ("mp4", "lend"), ("mp4", "acquire"), ("mkv", "put"), ("ts", "put"), ("webm", "put")],
)
def test_colours_come_back_and_the_file_says_which_they_are(
    tmp_path: Path, width: int, height: int, *, matrices: set[str], suffix: str, verb: str
) -> None:
    path = tmp_path / f"colours.{suffix}"
    codec = skyline.encoders.vp9 if suffix == "webm" else skyline.encoders.h264
    with skyline.open(path, fps=30, width=width, height=height, encoder=codec(bitrate_kbps=20_000)) as sky:
        for _ in range(5):
            VERBS[verb](sky, patches(width, height))
    stream = probe(path)["streams"][0]
    assert stream["color_space"] in matrices
    assert stream["color_range"] == "tv"
    for name, got in zip(BGR_PATCHES, decoded_patches(path, width, height, stream["color_space"]), strict=True):
        assert got == pytest.approx(BGR_PATCHES[name], abs=3), name


@pytest.mark.parametrize(
    ("width", "height", "matrices"), [(640, 480, {"smpte170m", "bt470bg"}), (1280, 720, {"bt709"})]
)
def test_the_bitstream_itself_says_the_matrix(tmp_path: Path, width: int, height: int, matrices: set[str]) -> None:
    """Players that ignore the container read the VUI."""
    path = tmp_path / "colours.mp4"
    skyline.stream([patches(width, height)] * 3, path, fps=30)
    bare = tmp_path / "bare.h264"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-c", "copy", "-f", "h264", str(bare)]
    subprocess.run(command, check=True, timeout=60)
    stream = probe(bare)["streams"][0]
    assert stream["color_space"] in matrices
    assert stream["color_range"] == "tv"


def recorder_by(road: str, path: Path, format_: Any) -> skyline.SkyLine:
    """A stream of 96x64 that could become 4:4:4 if nobody took care."""
    if road == "file":
        return skyline.FileSkyLine(path, fps=30, format=format_, width=96, height=64)
    text = {
        "description": "appsrc ! videoconvert ! x264enc tune=zerolatency ! h264parse ! mp4mux ! filesink",
        "with a queue": "appsrc ! queue ! videoconvert ! x264enc tune=zerolatency ! h264parse ! mp4mux ! filesink",
        "bare": "appsrc ! x264enc tune=zerolatency ! h264parse ! mp4mux ! filesink",
    }[road]
    return skyline.PipelineSkyLine(f'{text} location="{path}"', fps=30, format=format_, width=96, height=64)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("road", ["file", "description", "with a queue", "bare"])
def test_h264_is_never_444_by_accident(tmp_path: Path, format_: str, road: str) -> None:
    for verb, push in VERBS.items():
        path = tmp_path / f"{verb}.mp4"
        with recorder_by(road, path, format_) as sky:
            for number in range(5):
                push(sky, frame_in(format_, 96, 64, number))
        stream = probe(path, "stream", "-count_frames")["streams"][0]
        assert stream["codec_name"] == "h264"
        assert stream["pix_fmt"] == "yuv420p"
        assert stream["profile"] in {"Constrained Baseline", "Baseline", "Main", "High"}
        assert stream["nb_read_frames"] == "5"


@pytest.mark.parametrize("format_", ["GRAY8", "GRAY16_LE", "I420", "NV12"])
@pytest.mark.parametrize("verb", ["put", "lend", "acquire"])
def test_grey_and_planar_frames_have_the_right_brightness(tmp_path: Path, format_: Any, verb: str) -> None:
    path = tmp_path / "film.mp4"
    with skyline.FileSkyLine(path, fps=30, format=format_, width=96, height=64) as sky:
        for number in range(5):
            VERBS[verb](sky, frame_in(format_, 96, 64, number))
    decoded = decode(path, 96, 64, "gray")[4].astype(float)
    wanted = frame_in("GRAY8", 96, 64, 4).astype(float)
    if format_ in {"I420", "NV12"}:
        wanted = (np.clip(wanted, 16, 235) - 16) * 255 / 219
    assert psnr(decoded, wanted) > 35


@pytest.mark.parametrize(("width", "height"), [(321, 241), (17, 16), (16, 17), (1366, 19), (3, 2), (1, 1)])
@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_odd_sizes_are_padded_to_even_with_the_edge(tmp_path: Path, width: int, height: int, codec: str) -> None:
    """No green line: the added column and row repeat their neighbours."""
    path = tmp_path / "odd.mkv"
    frame = np.full((height, width, 3), (60, 150, 200), np.uint8)
    encoder = getattr(skyline.encoders, codec)(bitrate_kbps=8000)
    skyline.stream([frame] * 5, path, fps=30, encoder=encoder)
    stream = probe(path, "stream", "-count_frames")["streams"][0]
    even = (width + width % 2, height + height % 2)
    assert (stream["width"], stream["height"]) == even
    assert stream["nb_read_frames"] == "5"
    decoded = decode(path, *even)[-1].astype(int)
    assert np.abs(decoded - (60, 150, 200)).max() <= 12
    assert np.abs(decoded[-2:, -2:] - decoded[0, 0]).max() <= 3


@pytest.mark.parametrize("format_", ["BGRA", "RGBA", "BGRx", "RGBx"])
def test_alpha_is_ignored_and_not_blended(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "film.mkv"
    frame = frame_in(format_, 64, 64).copy()
    frame[..., 3] = 0
    skyline.stream([frame] * 3, path, fps=30, format=format_, encoder=skyline.encoders.ffv1())
    assert psnr(decode(path, 64, 64)[0], picture(0, 64, 64)) > 40
