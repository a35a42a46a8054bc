"""Where a decoder can start, and that nothing is lost in front of it."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import skyline
from skyline import encoders
from tests import peer_readers
from tests.conftest import need_elements

NANOSECONDS = 1_000_000_000


def moving(number: int) -> np.ndarray:
    """Noise that stays with a bar that moves: no encoder takes it for a new scene."""
    frame = np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8)
    frame[:, number % 150 : number % 150 + 10] = 255
    return frame


def key_times_s(path: Path) -> list[float]:
    asked = ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time,flags", "-of", "json", str(path)]
    packets = json.loads(subprocess.check_output(asked))["packets"]
    return [float(packet["pts_time"]) for packet in packets if "K" in packet["flags"]]


@pytest.mark.needs_elements("x264enc", "x265enc", "vp8enc", "vp9enc", "matroskamux")
@pytest.mark.parametrize("codec", ["h264", "h265", "vp8", "vp9"])
def test_the_distance_is_a_time_where_no_rate_is_known(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "film.mkv"
    with skyline.open(path, encoder=getattr(encoders, codec)(keyframe_s=2.0)) as sky:
        for number in range(90):
            sky.put(moving(number), pts_ns=number * NANOSECONDS // 15)
    assert key_times_s(path) == pytest.approx([0, 2, 4], abs=0.001)


@pytest.mark.needs_elements("x264enc", "mp4mux")
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_b_frames_cost_no_frame(tmp_path: Path, suffix: str) -> None:
    """They are decoded before they are shown, so the first ones lie before time 0."""
    path = tmp_path / f"film.{suffix}"
    encoder = encoders.h264(profile="main", properties={"bframes": 2})
    with skyline.open(path, fps=30, encoder=encoder) as sky:
        for number in range(60):
            sky.put(np.random.default_rng(number).integers(0, 256, (120, 160, 3), np.uint8))
    found = peer_readers.probe(path)
    assert found.frames == 60
    assert found.duration_s == pytest.approx(2.0, abs=0.04)


def key_frames(path: Path) -> list[int]:
    """Numbers of the frames that are key frames, of a file with 30 frames a second."""
    return [round(30 * time_s) for time_s in key_times_s(path)]


LISTENING = {"x264enc": "h264", "openh264enc": "h264", "x265enc": "h265", "vp8enc": "vp8", "vp9enc": "vp9"}


@pytest.mark.parametrize("latency", ["live", "quality"])
@pytest.mark.parametrize("factory", list(LISTENING))
def test_the_frame_after_the_call_is_a_key_frame(tmp_path: Path, factory: str, latency: str) -> None:
    """Exactly that one, however many wait in front of the encoder; calls between two frames ask once."""
    need_elements(factory, "matroskamux")
    path = tmp_path / "film.mkv"
    encoder = getattr(encoders, LISTENING[factory])(element=factory, latency=latency, keyframe_s=100)
    with skyline.open(path, fps=30, encoder=encoder, max_buffers=8) as sky:
        for number in range(80):
            if number in {0, 40, 41, 60}:
                assert all(sky.force_keyframe() for _ in range(5))
            sky.put(moving(number))
    assert key_frames(path) == [0, 40, 41, 60]


@pytest.mark.needs_elements("x264enc", "matroskamux")
@pytest.mark.parametrize("verb", ["lend", "acquire"])
def test_it_is_the_next_frame_whatever_verb_brings_it(tmp_path: Path, verb: str) -> None:
    path = tmp_path / "film.mkv"
    with skyline.open(path, fps=30, encoder=encoders.h264(latency="live", keyframe_s=100)) as sky:
        for number in range(40):
            if number == 20:
                sky.force_keyframe()
            if verb == "lend":
                sky.lend(moving(number))
                continue
            with sky.acquire(width=160, height=120) as slot:
                slot.array[...] = moving(number)
    assert key_frames(path) == [0, 20]


@pytest.mark.needs_elements("x264enc", "matroskamux")
def test_asked_for_before_the_first_unit_came_it_comes_with_the_first_frame_after_it(tmp_path: Path) -> None:
    """And later requests are still heard: asked too early, GStreamer up to 1.24 ignores all of them."""
    path = tmp_path / "film.mkv"
    with skyline.open(path, fps=30, encoder=encoders.h264(latency="quality", keyframe_s=100)) as sky:
        for number in range(80):
            if number in {3, 60}:
                sky.force_keyframe()
            sky.put(moving(number))
    found = key_frames(path)
    assert len(found) == 3
    assert 3 <= found[1] <= 30
    assert found[2] == 60


@pytest.mark.needs_elements("av1enc", "jpegenc", "matroskamux")
def test_where_no_encoder_listens_it_says_so(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "film.mkv", fps=30, encoder=encoders.av1()) as sky:
        sky.put(moving(0))
        version = tuple(int(number) for number in skyline._core.gstreamer_version().split(".")[:2])
        assert sky.force_keyframe() == (version >= (1, 26))
    with skyline.open(tmp_path / "film.mkv", fps=30, encoder=encoders.mjpeg()) as sky:
        sky.put(moving(0))
        assert sky.force_keyframe()  # as every other
    with skyline.PipelineSkyLine("appsrc ! fakesink", fps=30, clock="fixed", errors="raise") as sky:
        sky.put(moving(0))
        assert not sky.force_keyframe()


@pytest.mark.parametrize(
    ("factory", "text"),
    [
        ("x264enc", "x264enc tune=zerolatency key-int-max=300 ! h264parse"),
        ("x264enc", "queue ! x264enc tune=zerolatency key-int-max=300 ! queue ! h264parse"),
        ("vp8enc", "queue max-size-buffers=3 ! vp8enc deadline=1 cpu-used=-8 keyframe-max-dist=300 ! queue"),
    ],
)
def test_a_description_hears_it_too(tmp_path: Path, factory: str, text: str) -> None:
    need_elements(factory, "matroskamux")
    path = tmp_path / "film.mkv"
    whole = f'appsrc ! videoconvert ! {text} ! matroskamux ! filesink location="{path}"'
    with skyline.PipelineSkyLine(whole, fps=30, errors="raise") as sky:
        for number in range(60):
            if number in {0, 20, 21, 40}:
                assert all(sky.force_keyframe() for _ in range(5))
            sky.put(moving(number))
    assert key_frames(path) == [0, 20, 21, 40]
