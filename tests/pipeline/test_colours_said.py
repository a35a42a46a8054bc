"""Matrix, range, primaries and transfer as ffprobe finds them: in the bitstream, in the container, in the caps."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skyline
from skyline import encoders
from skyline.containers import CONTAINERS
from skyline.encoder_table import rows
from skyline.errors import SinkError
from tests.conftest import need_elements
from tests.pipeline.decoding import probe

SD, HD = 96, 592  # 576 is where the rule turns
WORDS = ["bt601", "bt709", "bt601-full", "bt709-full"]
# VP9 has one code for bt601, which ffmpeg calls by its other name.
MATRIX = {"bt601": {"smpte170m", "bt470bg"}, "bt709": {"bt709"}}
CURVE = {"bt601": "smpte170m", "bt709": "bt709"}
BARE = {"h264": "h264", "h265": "hevc", "vp9": "ivf", "av1": "obu"}

SPEAKING = [  # codec, element, container: where the units say it, or the container does
    *[("h264", "x264enc", suffix) for suffix in ("mp4", "mov", "mkv", "ts", "avi")],
    *[("h264", "openh264enc", suffix) for suffix in ("mp4", "mkv")],
    *[("h265", "x265enc", suffix) for suffix in ("mp4", "mov", "mkv", "ts")],
    *[(codec, f"{codec}enc", suffix) for codec in ("vp9", "av1") for suffix in ("mp4", "mov", "mkv", "webm")],
]


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def said(path: Path) -> dict[str, Any]:
    stream: dict[str, Any] = probe(path)["streams"][0]
    return stream


def check(stream: dict[str, Any], word: str) -> None:
    matrix = word.removesuffix("-full")
    assert stream["color_space"] in MATRIX[matrix]
    assert stream["color_range"] == ("pc" if word.endswith("-full") else "tv")
    assert stream["color_primaries"] == CURVE[matrix]
    assert stream["color_transfer"] == CURVE[matrix]


@pytest.mark.parametrize(("codec", "factory", "suffix"), SPEAKING)
def test_the_file_says_what_was_asked_for_and_else_what_the_height_asks_for(
    tmp_path: Path, codec: str, factory: str, suffix: str
) -> None:
    need_elements(factory, CONTAINERS[f".{suffix}"].muxer)
    encoder = getattr(encoders, codec)(element=factory, latency="live")
    for asked, height, word in [("bt601-full", HD, "bt601-full"), ("bt709", SD, "bt709"), (None, HD, "bt709")]:
        path = tmp_path / f"{asked}.{suffix}"
        given: Any = asked
        skyline.stream([noise(64, height)] * 2, path, fps=30, encoder=encoder, colorimetry=given)
        check(said(path), word)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("codec", list(BARE))
def test_the_bitstream_says_it_without_a_container(tmp_path: Path, codec: str, word: Any) -> None:
    need_elements(rows(codec)[0].factory, "matroskamux")
    path, bare = tmp_path / "film.mkv", tmp_path / f"film.{BARE[codec]}"
    skyline.stream([noise(64, SD)] * 2, path, fps=30, encoder=getattr(encoders, codec)(), colorimetry=word)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-c", "copy", "-f", BARE[codec], str(bare)]
    subprocess.run(command, check=True, timeout=60)
    stream = said(bare)
    assert stream["color_space"] in MATRIX[word.removesuffix("-full")]
    assert stream["color_range"] == ("pc" if word.endswith("-full") else "tv")


@pytest.mark.needs_elements("vp8enc", "jpegenc", "matroskamux")
@pytest.mark.parametrize("height", [SD, HD])
def test_what_a_standard_decides_is_said_at_every_height(tmp_path: Path, height: int) -> None:
    skyline.stream([noise(64, height)] * 2, tmp_path / "film.webm", fps=30, encoder=encoders.vp8())
    check(said(tmp_path / "film.webm"), "bt601")
    skyline.stream([noise(64, height)] * 2, tmp_path / "film.mkv", fps=30, encoder=encoders.mjpeg())
    check(said(tmp_path / "film.mkv"), "bt601-full")


@pytest.mark.needs_elements("x264enc", "avenc_ffv1", "matroskamux")
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("format", ["I420", "NV12"])
def test_of_yuv_frames_it_says_what_they_are_and_changes_nothing(tmp_path: Path, format: Any, word: Any) -> None:
    planes = np.random.default_rng(1).integers(0, 256, (HD * 3 // 2, 64), np.uint8)
    given: Any = {"fps": 30, "format": format, "colorimetry": word}
    skyline.stream([planes] * 2, tmp_path / "film.mp4", **given)
    check(said(tmp_path / "film.mp4"), word)
    skyline.stream([planes] * 2, tmp_path / "film.mkv", **given, encoder=encoders.ffv1())
    check(said(tmp_path / "film.mkv"), word)
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "film.mkv"), "-frames:v", "1", "-f", "rawvideo", "-"]
    raw = np.frombuffer(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout, np.uint8)
    luma, chroma = planes[:HD], planes[HD:].reshape(-1)
    as_it_was = chroma if format == "I420" else np.concatenate([chroma[0::2], chroma[1::2]])
    assert (raw[: luma.size] == luma.reshape(-1)).all()
    assert (raw[luma.size :] == as_it_was).all()


@pytest.mark.needs_elements("openh264enc", "mpegtsmux")
def test_what_nobody_could_tell_a_player_is_refused_at_once(tmp_path: Path) -> None:
    encoder = encoders.h264(element="openh264enc")
    with pytest.raises(SinkError, match=r"neither openh264enc nor film\.ts says it"):
        skyline.open(tmp_path / "film.ts", fps=30, encoder=encoder, colorimetry="bt709")


@pytest.mark.needs_elements("jpegenc", "matroskamux")
def test_a_jpeg_of_other_colours_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match='always "bt601-full"'):
        skyline.open(tmp_path / "film.mkv", fps=30, encoder=encoders.mjpeg(), colorimetry="bt709")


@pytest.mark.needs_elements("x265enc", "matroskamux")
def test_the_way_to_bt2020_that_the_error_names_is_one(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with pytest.raises(SinkError) as refused:
        skyline.open(path, fps=30, colorimetry="bt2020-10")  # type: ignore[arg-type]
    text = str(refused.value).split("'")[-2].replace(" …", f' h265parse ! matroskamux ! filesink location="{path}"')
    with skyline.PipelineSkyLine(text, fps=30, errors="raise") as sky:
        for _ in range(3):
            sky.put(noise(64, SD))
    stream = said(path)
    assert (stream["pix_fmt"], stream["color_space"], stream["color_primaries"]) == (
        "yuv420p10le",
        "bt2020nc",
        "bt2020",
    )
