"""Readers with no FFmpeg of the system in them, or another one: GStreamer, OpenCV's own, mkvtoolnix, mediainfo."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests.pipeline.bar_code import numbered_frames, read_number

FRAMES, FPS = 50, 25
WIDTH, HEIGHT = 320, 96
FILMS = [
    ("mp4", "h264"),
    ("mp4", "h265"),
    ("mov", "h264"),
    ("mov", "mjpeg"),
    ("mkv", "h264"),
    ("mkv", "vp9"),
    ("mkv", "ffv1"),
    ("webm", "vp8"),
    ("webm", "vp9"),
    ("ts", "h264"),
    ("avi", "h264"),
    ("avi", "mjpeg"),
]


def needs_program(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed")


@pytest.fixture(params=FILMS, ids="-".join)
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    suffix, codec = request.param
    path = tmp_path / f"{codec}.{suffix}"
    skyline.stream(
        numbered_frames(FRAMES, width=WIDTH, height=HEIGHT), path, fps=FPS, encoder=getattr(skyline.encoders, codec)()
    )
    return path


def said_by(*command: str | Path) -> str:
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@needs_program("gst-launch-1.0")
def test_gstreamer_itself_reads_every_frame(film: Path, tmp_path: Path) -> None:
    raw = tmp_path / "frames.raw"
    said_by(
        "gst-launch-1.0", "-q", "filesrc", f"location={film}", "!", "decodebin", "!", "videoconvert", "!",
        "video/x-raw,format=GRAY8", "!", "filesink", f"location={raw}",
    )  # fmt: skip
    frames = np.frombuffer(raw.read_bytes(), np.uint8).reshape(-1, HEIGHT, WIDTH)
    assert [read_number(frame) for frame in frames] == list(range(FRAMES))


@needs_program("gst-discoverer-1.0")
def test_gst_discoverer_knows_size_rate_and_length(film: Path) -> None:
    told = said_by("gst-discoverer-1.0", "-v", film)
    assert "Duration: 0:00:02.0" in told or film.suffix == ".ts"
    assert f"Width: {WIDTH}" in told
    assert f"Height: {HEIGHT}" in told
    assert f"Frame rate: {FPS}/1" in told


def test_opencv_reads_every_frame_at_its_time(film: Path) -> None:
    """The reader of most of our users; the wheel brings its own FFmpeg."""
    cv2 = pytest.importorskip("cv2")
    capture = cv2.VideoCapture(str(film), cv2.CAP_FFMPEG)
    try:
        assert capture.isOpened()
        assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == WIDTH
        assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(FPS, abs=0.01)
        if film.suffix not in {".ts", ".webm", ".mkv"}:
            assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == FRAMES
        numbers, times_ms = [], []
        while True:
            is_there, frame = capture.read()
            if not is_there:
                break
            numbers.append(read_number(frame[..., 1]))
            times_ms.append(capture.get(cv2.CAP_PROP_POS_MSEC))
    finally:
        capture.release()
    assert numbers == list(range(FRAMES))
    assert np.diff(times_ms) == pytest.approx(1000 / FPS, abs=1.1)


@needs_program("mkvmerge")
def test_mkvmerge_knows_the_film(film: Path) -> None:
    if film.stem == "ffv1" and film.suffix == ".avi":
        pytest.skip("not a film of ours")
    told = json.loads(said_by("mkvmerge", "-J", film))
    assert told["container"]["recognized"]
    assert told["container"]["supported"]
    assert told["warnings"] == told["errors"] == []
    [track] = told["tracks"]
    assert track["type"] == "video"
    if film.suffix != ".ts":
        assert track["properties"]["pixel_dimensions"] == f"{WIDTH}x{HEIGHT}"


@needs_program("mkvinfo")
@pytest.mark.parametrize("film", [film for film in FILMS if film[0] in {"mkv", "webm"}], ids="-".join, indirect=True)
def test_mkvinfo_finds_cues_and_the_length(film: Path) -> None:
    told = said_by("mkvinfo", "--all", film)
    assert "Cues" in told
    assert "Duration: 00:00:02.0" in told
    assert "(Unknown element" not in told
    assert "invalid" not in told.lower()


@needs_program("mediainfo")
def test_mediainfo_agrees(film: Path) -> None:
    tracks = json.loads(said_by("mediainfo", "--Output=JSON", film))["media"]["track"]
    [video] = [track for track in tracks if track["@type"] == "Video"]
    assert (int(video["Width"]), int(video["Height"])) == (WIDTH, HEIGHT)
    if film.suffix != ".ts":
        assert float(tracks[0]["Duration"]) == pytest.approx(FRAMES / FPS, abs=0.002)
    if film.suffix in {".mp4", ".mov", ".avi"}:
        assert int(video["FrameCount"]) == FRAMES
        assert video.get("FrameRate_Mode", "CFR") == "CFR"
        assert float(video["FrameRate"]) == pytest.approx(FPS)
    assert "IsTruncated" not in tracks[0].get("extra", {})
    if film.stem in {"h264", "h265", "vp9"}:
        assert video["ChromaSubsampling"] == "4:2:0"
