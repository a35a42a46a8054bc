"""NumPy → encoder → file → NumPy: flat colours come back, whatever matrix and range, to each of three readers."""

import itertools
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import skyline
from skyline import encoders
from tests.conftest import need_elements
from tests.pipeline.decoding import decode, probe

BGR_PATCHES = {
    "blue": (255, 0, 0),
    "green": (0, 255, 0),
    "red": (0, 0, 255),
    "cyan": (255, 255, 0),
    "orange": (40, 130, 230),
    "white": (255, 255, 255),
    "light": (220, 220, 220),
    "grey": (128, 128, 128),
    "dark": (30, 30, 30),
    "black": (0, 0, 0),
}
PATCH = 32  # pixels wide: whole blocks of every codec
WIDTH = PATCH * len(BGR_PATCHES)
SD, HD = 96, 592  # 576 is where the rule turns

# ffmpeg and the equations below were 1 code off at most, with openh264enc 3.
TOLERANCE = 3
# videoconvert (1.22) is less exact: up to 5 from limited range, 2 from full range.
GSTREAMER_TOLERANCE = 6

GOOD: dict[str, dict[str, Any]] = {
    "x264enc": {"properties": {"pass": "quant", "quantizer": 4}},
    "jpegenc": {"properties": {"quality": 100}},
    "avenc_ffv1": {},
}
CODECS = {
    "x264enc": "h264",
    "openh264enc": "h264",
    "x265enc": "h265",
    "vp8enc": "vp8",
    "vp9enc": "vp9",
    "av1enc": "av1",
    "jpegenc": "mjpeg",
    "avenc_ffv1": "ffv1",
}

# Every word at both sizes for one codec; of the others what contradicts each reader's guess.
Case = tuple[str, str, Any, int]  # element, container, colorimetry, height
EVERY: list[Case] = [
    *itertools.product(["x264enc"], ["mkv"], [None, "bt601", "bt709", "bt601-full", "bt709-full"], [SD, HD])
]
OTHERS: list[Case] = [
    (factory, suffix, *colours)
    for factory, suffix in [("x265enc", "mkv"), ("vp9enc", "webm"), ("av1enc", "mp4"), ("openh264enc", "mkv")]
    for colours in [("bt601", HD), ("bt709", SD), ("bt709-full", SD), (None, HD)]
]
FIXED: list[Case] = [*itertools.product(["vp8enc"], ["webm", "avi"], [None], [SD, HD])]
FIXED += [*itertools.product(["jpegenc", "avenc_ffv1"], ["mkv"], [None], [SD, HD])]


def patches(height: int) -> npt.NDArray[np.uint8]:
    row = np.array([*BGR_PATCHES.values()], np.uint8).repeat(PATCH, axis=0)
    return np.broadcast_to(row, (height, WIDTH, 3)).copy()


def write(path: Path, factory: str, colorimetry: Any, height: int) -> None:
    good = GOOD.get(factory, {"bitrate_kbps": 20_000})
    encoder = getattr(encoders, CODECS[factory])(element=factory, **good)
    skyline.stream([patches(height)] * 3, path, fps=30, encoder=encoder, colorimetry=colorimetry)


def patch_errors(picture: npt.NDArray[Any]) -> dict[str, float]:
    """How far the middle of each patch is off at worst."""
    height = picture.shape[0]
    errors = {}
    for number, (name, colour) in enumerate(BGR_PATCHES.items()):
        middle = number * PATCH + PATCH // 2
        patch = picture[height // 2 - 8 : height // 2 + 8, middle - 8 : middle + 8].astype(float)
        errors[name] = float(np.abs(patch.mean(axis=(0, 1)) - colour).max())
    return errors


def by_the_equations(path: Path, height: int, matrix: str, full_range: bool) -> npt.NDArray[Any]:
    """The decoder's own planes as BGR by ITU-R BT.601 and BT.709 in floating point: no converter takes part."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-frames:v", "1", "-f", "rawvideo", "-"]
    planes = np.frombuffer(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout, np.uint8)
    luma = planes[: WIDTH * height].reshape(height, WIDTH).astype(float)
    chroma = planes[WIDTH * height :].reshape(2, height // 2, WIDTH // 2).repeat(2, axis=1).repeat(2, axis=2)
    kr, kb = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114)}[matrix]
    black, luma_range, chroma_range = (0, 255, 255) if full_range else (16, 219, 224)
    y = (luma - black) / luma_range
    cb, cr = (chroma.astype(float) - 128) / chroma_range
    red, blue = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return np.clip(np.stack([blue, green, red], axis=-1) * 255, 0, 255)


def by_gstreamer(path: Path, height: int) -> npt.NDArray[Any]:
    raw = path.with_suffix(".raw")
    reader = f"filesrc location={path} ! decodebin ! videoconvert ! video/x-raw,format=BGR ! filesink location={raw}"
    subprocess.run(["gst-launch-1.0", "-q", *reader.split()], check=True, timeout=60)
    return np.fromfile(raw, np.uint8, WIDTH * height * 3).reshape(height, WIDTH, 3)


@pytest.mark.needs_elements("decodebin", "avdec_h264", "avdec_h265", "vp8dec", "vp9dec", "jpegdec", "avdec_ffv1")
@pytest.mark.parametrize(("factory", "suffix", "colorimetry", "height"), EVERY + OTHERS + FIXED)
def test_flat_colours_come_back(
    tmp_path: Path, factory: str, suffix: str, colorimetry: str | None, height: int
) -> None:
    """To ffmpeg, and to GStreamer where its reader (1.22) can know: from MP4 it overlooks the full range of H.264, and
    from AVI, which says nothing, it takes large VP8 for bt709.
    """
    need_elements(factory)
    path = tmp_path / f"colours.{suffix}"
    write(path, factory, colorimetry, height)
    errors = patch_errors(decode(path, WIDTH, height)[-1])
    assert max(errors.values()) <= TOLERANCE, errors
    if (factory, suffix) != ("vp8enc", "avi") and factory != "av1enc":  # not every machine decodes AV1
        errors = patch_errors(by_gstreamer(path, height))
        assert max(errors.values()) <= GSTREAMER_TOLERANCE, errors


@pytest.mark.parametrize(("factory", "suffix", "colorimetry", "height"), [*EVERY, *FIXED[:2]])
def test_the_samples_are_those_of_the_standard_and_of_no_other(
    tmp_path: Path, factory: str, suffix: str, colorimetry: str | None, height: int
) -> None:
    need_elements(factory)
    path = tmp_path / f"colours.{suffix}"
    write(path, factory, colorimetry, height)
    word = colorimetry or ("bt709" if height == HD and factory != "vp8enc" else "bt601")
    matrix, full_range = word.removesuffix("-full"), word.endswith("-full")
    errors = patch_errors(by_the_equations(path, height, matrix, full_range))
    assert max(errors.values()) <= TOLERANCE, errors

    other = {"bt601": "bt709", "bt709": "bt601"}[matrix]
    swapped = patch_errors(by_the_equations(path, height, other, full_range))
    assert swapped["blue"] > 3 * TOLERANCE
    assert swapped["red"] > 3 * TOLERANCE
    assert patch_errors(by_the_equations(path, height, matrix, not full_range))["light"] > 3 * TOLERANCE


@pytest.mark.needs_elements("x264enc", "matroskamux")
@pytest.mark.parametrize("road", ["lend", "description", "lend into a description"])
def test_colorimetry_holds_on_every_road(tmp_path: Path, road: str) -> None:
    path = tmp_path / "colours.mkv"
    given: Any = {"fps": 30, "colorimetry": "bt709-full", "errors": "raise"}
    if "description" in road:
        text = "appsrc ! videoconvert ! x264enc pass=quant quantizer=4 ! h264parse ! matroskamux ! filesink"
        sky: skyline.SkyLine = skyline.PipelineSkyLine(f'{text} location="{path}"', **given)
    else:
        sky = skyline.FileSkyLine(path, encoder=encoders.h264(**GOOD["x264enc"]), **given)
    with sky:
        for _ in range(3):
            (sky.lend if "lend" in road else sky.put)(patches(SD))
    stream = probe(path)["streams"][0]
    assert (stream["color_space"], stream["color_range"]) == ("bt709", "pc")
    errors = patch_errors(decode(path, WIDTH, SD)[-1])
    assert max(errors.values()) <= TOLERANCE, errors
