"""What describe() prints runs; what was chosen is said."""

import subprocess
from pathlib import Path

import pytest

import skyline
from tests.conftest import need_elements
from tests.pipeline.bar_code import numbered_frame
from tests.pipeline.decoding import check_decodes_without_a_message, probe


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
