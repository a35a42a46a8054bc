"""Files as strangers' tools see them: frames, times, pixels, colours, names (issue 2, acceptance 2; facts M, W5, W6)."""

import contextlib
import errno
import itertools
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skyline
from skyline.containers import CONTAINERS
from tests.conftest import need_elements
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_in
from tests.pipeline.mp4_boxes import read_mp4

CODECS = ["h264", "h265", "vp8", "vp9", "av1", "mjpeg", "ffv1"]
# What each container must take, and what it must refuse; more may be taken.
TAKES = {
    "mp4": {"h264", "h265"},
    "mov": {"h264", "h265", "mjpeg"},
    "mkv": {"h264", "h265", "vp8", "vp9", "av1", "mjpeg", "ffv1"},
    "webm": {"vp8", "vp9", "av1"},
    "ts": {"h264", "h265"},
    "avi": {"h264", "mjpeg"},
}
REFUSES = {
    "mp4": {"vp8", "ffv1"},
    "mov": {"ffv1"},
    "mkv": set(),
    "webm": {"h264", "h265", "mjpeg", "ffv1"},
    "ts": {"vp8", "mjpeg", "ffv1"},
    "avi": {"vp9", "av1"},
}
FFMPEG_NAMES = {
    "h264": "h264",
    "h265": "hevc",
    "vp8": "vp8",
    "vp9": "vp9",
    "av1": "av1",
    "mjpeg": "mjpeg",
    "ffv1": "ffv1",
}
ELEMENTS = {
    "h264": ["x264enc"],
    "h265": ["x265enc"],
    "vp8": ["vp8enc"],
    "vp9": ["vp9enc"],
    "av1": ["av1enc"],
    "mjpeg": ["jpegenc"],
    "ffv1": ["avenc_ffv1"],
}
WITHOUT_BITRATE = {"mjpeg", "ffv1"}
FORMATS = ["BGR", "RGB", "BGRA", "RGBA", "GRAY8", "GRAY16_LE", "I420", "NV12"]

BGR_PATCHES = {
    "blue": (255, 0, 0),
    "green": (0, 255, 0),
    "red": (0, 0, 255),
    "orange": (40, 130, 230),
    "grey": (128, 128, 128),
}
# Kr and Kb of the two matrices, by ffprobe's names.
MATRICES = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt470bg": (0.299, 0.114)}


def probe(path: Path, entries: str = "stream", *more: str) -> dict[str, Any]:
    """What ffprobe says of the first video stream and the format; a message of any kind fails."""
    command = [
        "ffprobe",
        "-v",
        "error",
        "-of",
        "json",
        "-show_entries",
        f"{entries}:format",
        "-select_streams",
        "v:0",
        *more,
    ]
    ran = subprocess.run([*command, f"file:{path}"], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def check_decodes_without_a_message(path: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-xerror", "-nostdin", "-i", f"file:{path}", "-f", "null", "-"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")


def decode(path: Path, width: int, height: int, pix_fmt: str = "bgr24") -> np.ndarray:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", f"file:{path}", "-fps_mode", "passthrough"]
    command += ["-sws_flags", "accurate_rnd+full_chroma_int+full_chroma_inp+bicubic"]
    raw = subprocess.run(
        [*command, "-pix_fmt", pix_fmt, "-f", "rawvideo", "-"], capture_output=True, check=True, timeout=60
    ).stdout
    per_pixel = {"bgr24": 3, "gray": 1}[pix_fmt]
    shape = (-1, height, width, 3) if per_pixel == 3 else (-1, height, width)
    return np.frombuffer(raw, np.uint8).reshape(shape)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    error = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return 99.0 if error == 0 else 10 * np.log10(255**2 / error)


def picture(number: int, width: int, height: int) -> np.ndarray:
    """Smooth, coloured and moving: what any codec should render well."""
    y, x = np.mgrid[0:height, 0:width]
    frame = np.empty((height, width, 3), np.uint8)
    frame[..., 0] = 40 + 150 * x / width
    frame[..., 1] = 60 + 120 * y / height
    frame[..., 2] = 128 + 70 * np.sin((x + y + 3 * number) / 24)
    return frame


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
    if format_.endswith("A"):
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


# --- acceptance 2 ----------------------------------------------------------------------------------------------------


def test_acceptance_300_frames_of_720p(tmp_path: Path) -> None:
    path = tmp_path / "a b'&.mp4"
    frame = numbered_frame(0, width=1280, height=720)
    with skyline.FileSkyLine(str(path), fps=30) as sky:
        for number in range(300):
            frame[300:420] = number % 256
            assert sky.put(frame)
    told = probe(path, "stream", "-count_frames")
    stream = told["streams"][0]
    assert (stream["codec_name"], stream["pix_fmt"]) == ("h264", "yuv420p")
    assert (stream["width"], stream["height"]) == (1280, 720)
    assert (stream["nb_frames"], stream["nb_read_frames"]) == ("300", "300")
    assert (stream["duration"], told["format"]["duration"]) == ("10.000000", "10.000000")
    assert (stream["r_frame_rate"], stream["avg_frame_rate"]) == ("30/1", "30/1")
    assert [p.name for p in tmp_path.iterdir()] == ["a b'&.mp4"]


# --- containers and codecs -------------------------------------------------------------------------------------------


ACCEPTED = [(container.suffix[1:], codec) for container in CONTAINERS.values() for codec in container.codecs]
REFUSED = [(suffix, codec) for suffix in TAKES for codec in CODECS if (suffix, codec) not in ACCEPTED]


def test_the_table_of_containers_has_what_it_must_and_nothing_it_must_not() -> None:
    for suffix, codecs in TAKES.items():
        assert codecs <= {codec for s, codec in ACCEPTED if s == suffix}
        assert REFUSES[suffix] <= {codec for s, codec in REFUSED if s == suffix}


@pytest.mark.parametrize(("suffix", "codec"), REFUSED)
def test_a_codec_in_a_wrong_container_is_refused_and_the_accepted_ones_named(
    tmp_path: Path, suffix: str, codec: str
) -> None:
    encoder = getattr(skyline.encoders, codec)()
    with pytest.raises(skyline.SinkError) as caught:
        skyline.open(tmp_path / f"film.{suffix}", fps=25, encoder=encoder)
    for name in TAKES[suffix]:
        assert name in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("suffix", "codec"), ACCEPTED)
def test_every_codec_in_every_container_it_goes_into(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"film.{suffix}"
    width, height, frames, fps = 192, 112, 25, 25
    encoder = getattr(skyline.encoders, codec)(**({} if codec in WITHOUT_BITRATE else {"bitrate_kbps": 2500}))
    need_elements(*ELEMENTS[codec])
    skyline.stream((picture(n, width, height) for n in range(frames)), path, fps=fps, encoder=encoder)

    told = probe(path, "stream:frame=best_effort_timestamp_time,key_frame", "-count_frames")
    stream = told["streams"][0]
    assert stream["codec_name"] == FFMPEG_NAMES[codec]
    assert int(stream["nb_read_frames"]) == frames
    times = [float(frame["best_effort_timestamp_time"]) for frame in told["frames"]]
    begins_at_s = 3600.0 if suffix == "ts" else 0.0
    tolerance_s = 0.04 if suffix == "ts" else 0.0006
    assert min(times) == pytest.approx(begins_at_s, abs=tolerance_s)
    assert [t - min(times) for t in times] == pytest.approx([n / fps for n in range(frames)], abs=0.0011)
    assert float(told["format"]["duration"]) == pytest.approx(
        frames / fps, abs=0.0011 if suffix != "ts" else 1 / fps + 0.001
    )
    assert told["frames"][0]["key_frame"] == 1
    check_decodes_without_a_message(path)
    decoded = decode(path, width, height)
    worst = min(psnr(decoded[n], picture(n, width, height)) for n in range(frames))
    assert worst > (45 if codec == "ffv1" else 30)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm", "ts", "avi"])
def test_the_suffix_alone_is_enough(tmp_path: Path, suffix: str) -> None:
    """Also in capitals, and with dots before it."""
    path = tmp_path / f"my.film.{suffix.upper()}"
    skyline.stream(numbered_frames(12), path, fps=30)
    assert numbers_in(path) == list(range(12))


@pytest.mark.parametrize("name", ["film", "film.", "film.xyz", ".mp4", "film.h264", "film.gif", "film.mp4.part"])
def test_a_suffix_that_says_nothing_is_refused_and_the_known_ones_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(skyline.SinkError) as caught:
        skyline.open(tmp_path / name, fps=30)
    assert ".mp4" in str(caught.value)
    assert ".mkv" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


# --- colour ----------------------------------------------------------------------------------------------------------


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


# --- profile, formats, sizes -----------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("format_", ["BGRA", "RGBA"])
def test_alpha_is_ignored_and_not_blended(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "film.mkv"
    frame = frame_in(format_, 64, 64).copy()
    frame[..., 3] = 0
    skyline.stream([frame] * 3, path, fps=30, format=format_, encoder=skyline.encoders.ffv1())
    assert psnr(decode(path, 64, 64)[0], picture(0, 64, 64)) > 40


# --- MP4 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_after_a_clean_stop_mp4_is_an_ordinary_file(tmp_path: Path, suffix: str) -> None:
    """One index with all samples, no fragment left, as any editor expects it."""
    path = tmp_path / f"film.{suffix}"
    skyline.stream(numbered_frames(150), path, fps=30, encoder=skyline.encoders.h264(keyframe_s=1))
    mp4 = read_mp4(path)
    assert mp4.is_ordinary, mp4.top
    assert mp4.samples_in_moov == 150
    assert len(mp4.deltas) == 150
    assert len(set(mp4.deltas)) == 1
    assert Fraction(mp4.deltas[0], mp4.timescale) == Fraction(1, 30)
    assert mp4.key_samples[0] == 1
    assert max(np.diff([*mp4.key_samples, 151])) <= 30
    assert numbers_in(path) == list(range(150))


def test_before_the_stop_mp4_is_crash_safe(tmp_path: Path) -> None:
    """What stands on the disk while recording plays to within a second."""
    path, copy = tmp_path / "film.mp4", tmp_path / "copy.mp4"
    with skyline.open(path) as sky:
        for number in range(75):
            sky.put(numbered_frame(number))
            time.sleep(1 / 30)
        copy.write_bytes(path.read_bytes())
    numbers = numbers_in(copy)
    assert len(numbers) >= 45
    assert numbers == list(range(len(numbers)))


def test_a_file_of_one_frame(tmp_path: Path) -> None:
    for suffix in ("mp4", "mov", "mkv", "webm", "ts", "avi"):
        path = tmp_path / f"one.{suffix}"
        skyline.stream(numbered_frames(1), path, fps=30)
        assert numbers_in(path) == [0], suffix


def test_a_stream_without_a_frame_says_so_or_leaves_nothing(tmp_path: Path) -> None:
    """No frame, no size, no video: there must not be a broken file that claims to be one."""
    path = tmp_path / "none.mp4"
    with contextlib.suppress(skyline.SkyLineError):
        skyline.stream([], path, fps=30)
    assert not path.exists() or path.stat().st_size == 0


def test_recording_twice_to_one_name_replaces_the_first(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    skyline.stream(numbered_frames(90), path, fps=30)
    skyline.stream(numbered_frames(5), path, fps=30)
    assert numbers_in(path) == list(range(5))
    check_decodes_without_a_message(path)


# --- names -----------------------------------------------------------------------------------------------------------

NAMES: list[bytes] = [
    b"plain.mp4",
    b"two words.mp4",
    b" leading and trailing .mp4",
    b"a b'&.mp4",
    b"single'quote.mp4",
    b'double"quote.mp4',
    b"both'\"quotes'\".mp4",
    b"back\\slash.mp4",
    b"trailing\\.mp4",
    b"\\\\.mp4",
    b'a\\"b.mp4',
    b"bang!.mp4",
    b"a ! filesink location=evil.raw.mp4",
    b'a" ! filesink location="evil.raw.mp4',
    b"a' ! fakesink name='x.mp4",
    b"100%.mp4",
    b"%s%n%d.mp4",
    b"%05d.mp4",
    b"new\nline.mp4",
    b"tab\there.mp4",
    b"return\rhere.mp4",
    b"bell\x07.mp4",
    "ünïcödé-日本語-🎬.mp4".encode(),
    "decomposed-é.mp4".encode(),
    b"latin1-\xe4\xf6\xfc.mp4",
    b"\xff\xfe\x80.mp4",
    b"-leading-dash.mp4",
    b"--help.mp4",
    b"$HOME.mp4",
    b"`date`.mp4",
    b"$(touch evil).mp4",
    b"semi;colon.mp4",
    b"pipe|amp&.mp4",
    b"<angle>.mp4",
    b"star*question?.mp4",
    b"[brackets]{braces}.mp4",
    b"(parens),comma=equals.mp4",
    b"hash#tilde~.mp4",
    b"colon:at@.mp4",
    b"file:looks-like-a-uri.mp4",
    b"a" * 251 + b".mp4",
    b".hidden.mp4",
]


def wrongly_named(folder: Path, names: list[bytes], *, is_relative: bool) -> Iterator[str]:
    """Record under each name in a folder of its own; say what came instead of exactly this file."""
    for number, name in enumerate(names):
        place = folder / str(number)
        place.mkdir()
        os.chdir(place)
        path = os.fsdecode(name) if is_relative else os.path.join(place, os.fsdecode(name))  # noqa: PTH118
        try:
            with skyline.FileSkyLine(path, fps=30, errors="raise") as sky:
                for frame in numbered_frames(2, width=64, height=16):
                    sky.put(frame)
        except Exception as error:
            yield f"{name!r}: {error!r}"
            continue
        there = os.listdir(os.fsencode(place))  # noqa: PTH208 names need not be text
        if there != [name]:
            yield f"{name!r}: made {there}"
        elif numbers_in(os.path.join(os.fsencode(place), name), width=64, height=16) != [0, 1]:  # noqa: PTH118
            yield f"{name!r}: does not play"


@pytest.mark.parametrize("is_relative", [False, True], ids=["absolute", "relative"])
def test_a_name_is_only_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_relative: bool) -> None:
    """Exactly this file comes into being, and nothing else, in the folder or above it."""
    monkeypatch.chdir(tmp_path)
    assert list(wrongly_named(tmp_path, NAMES, is_relative=is_relative)) == []
    assert len(list(tmp_path.iterdir())) == len(NAMES)


@pytest.mark.parametrize("suffix", ["mov", "mkv", "webm", "ts", "avi"])
def test_the_worst_name_in_every_container_and_type(tmp_path: Path, suffix: str) -> None:
    name = b"w\\or\"st' ! x=y %05d\n\xff." + suffix.encode()
    for kind in ("str", "Path", "bytes"):
        folder = tmp_path / kind
        folder.mkdir()
        raw = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 it need not be text
        path = {"str": os.fsdecode(raw), "Path": Path(os.fsdecode(raw)), "bytes": raw}[kind]
        skyline.stream(numbered_frames(12), skyline.sinks.file(path), fps=30)
        assert os.listdir(os.fsencode(folder)) == [name]  # noqa: PTH208
        assert numbers_in(raw) == list(range(12))


def test_open_takes_any_path_for_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["a b'&.mp4", "x ! y.mkv", "-dash.ts", "50%.avi"]
    for name in names:
        skyline.stream(numbered_frames(2), name, fps=30)
    skyline.stream(numbered_frames(2), (tmp_path / "from uri é.mp4").as_uri(), fps=30)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "from uri é.mp4"])


def test_a_name_of_256_bytes_is_an_error_of_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(skyline.ResourceError) as caught:
        skyline.stream(numbered_frames(10), tmp_path / ("a" * 252 + ".mp4"), fps=30)
    assert caught.value.errno == errno.ENAMETOOLONG
    assert list(tmp_path.iterdir()) == []


def test_a_zero_byte_in_a_name_is_refused_in_python(tmp_path: Path) -> None:
    with pytest.raises(skyline.SinkError):
        skyline.sinks.file(f"{tmp_path}/a\0b.mp4")


# --- describe and stats ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["film.mp4", "film.mkv", "film.webm", "film.ts", "film.avi", "film.mov", "a b'&\"!\\ü$HOME.mp4"]
)
def test_the_description_runs_in_gst_launch(tmp_path: Path, name: str) -> None:
    """What describe says is what runs: pasted into a shell it makes a file of the same kind."""
    path = tmp_path / name
    text = skyline.describe(path, fps=30, width=320, height=240)
    assert not path.exists()
    command = text if text.lstrip().startswith("gst-launch-1.0") else f"gst-launch-1.0 -q -e {text}"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert [p.name for p in tmp_path.iterdir()] == [name]
    stream = probe(path, "stream", "-count_frames")["streams"][0]
    assert (stream["width"], stream["height"]) == (320, 240)
    assert stream["avg_frame_rate"] == "30/1"
    assert int(stream["nb_read_frames"]) > 0
    check_decodes_without_a_message(path)


def test_a_description_hides_nothing_that_matters(tmp_path: Path) -> None:
    text = skyline.describe(
        tmp_path / "x.mp4", fps=29.97, width=640, height=480, encoder=skyline.encoders.h264(bitrate_kbps=1234)
    )
    for word in ("30000/1001", "640", "480", "1234", "mp4mux", "filesink", "BGR"):
        assert word in text


def test_stats_say_which_encoder_was_chosen(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "film.mp4", fps=30) as sky:
        sky.put(numbered_frame(0))
        assert sky.stats().encoder in {
            "x264enc",
            "openh264enc",
            "v4l2h264enc",
            "nvh264enc",
            "vah264enc",
            "vaapih264enc",
            "nvv4l2h264enc",
        }
    with skyline.open(tmp_path / "film2.mp4", fps=30, encoder=skyline.encoders.h264(element="openh264enc")) as sky:
        sky.put(numbered_frame(0))
        assert sky.stats().encoder == "openh264enc"


def test_an_encoders_own_property_reaches_it_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    need_elements("x264enc")
    with skyline.open(
        tmp_path / "good.mp4", fps=30, encoder=skyline.encoders.h264(element="x264enc", properties={"qp-max": 30})
    ) as sky:
        assert sky.put(numbered_frame(0))
    encoder = skyline.encoders.h264(element="x264enc", properties={"no-such-thing": 1})
    with (
        pytest.raises(skyline.SinkError, match="no-such-thing"),
        skyline.open(tmp_path / "bad.mp4", fps=30, encoder=encoder) as sky,
    ):
        sky.put(numbered_frame(0))
