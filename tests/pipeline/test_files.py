"""Files as strangers' tools see them: containers, codecs, frames, indexes."""

import contextlib
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import skyline
from skyline.containers import CONTAINERS
from tests.conftest import need_elements
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_in
from tests.pipeline.decoding import check_decodes_without_a_message, decode, picture, probe, psnr
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
