"""Where a decoder can start, and that nothing is lost in front of it."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import skyline
from skyline import encoders
from tests import peer_readers

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
