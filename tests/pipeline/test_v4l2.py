"""A V4L2 output device: what is said where there is none, and that its element takes what it is given."""

from pathlib import Path

import numpy as np
import pytest

import skyline
from skyline import _core, sinks

pytestmark = pytest.mark.needs_elements("v4l2sink")


@pytest.mark.parametrize("device", ["/dev/video987", "/dev/null"])
def test_without_a_device_it_is_said_how_to_make_one(device: str) -> None:
    with pytest.raises(skyline.ResourceError, match="modprobe v4l2loopback") as failed:
        skyline.open(sinks.v4l2(device))
    assert device in str(failed.value)
    assert failed.value.element.startswith("v4l2sink")


def test_the_element_takes_what_it_would_be_given() -> None:
    details = _core.element_details("v4l2sink")
    assert details is not None
    (pad,) = details["pads"]
    formats = [caps["fields"].get("format", []) for caps in pad["caps"] if caps["media"] == "video/x-raw"]
    assert any("YUY2" in str(allowed) for allowed in formats)


def test_frames_become_what_a_camera_gives(tmp_path: Path) -> None:
    """The same chain with a file in the place of the device: YUY2 of the right colours."""
    chain = sinks.v4l2("/dev/video9").launch_chain(skyline.encoders.h264(), clock="arrival", fps=None)
    caps = str(chain[1].properties["caps"])
    path = tmp_path / "yuy2"
    frame = np.full((48, 64, 3), (0, 0, 255), np.uint8)  # red
    with skyline.PipelineSkyLine(f"appsrc ! skyconvert ! {caps} ! filesink location={path}", fps=30) as sky:
        sky.put(frame)
    y0, u, y1, v = np.fromfile(path, np.uint8).reshape(-1, 4).T
    assert np.abs(np.array([y0, y1]).astype(int) - 81).max() <= 2  # bt601, as its height says
    assert np.abs(u.astype(int) - 90).max() <= 2
    assert np.abs(v.astype(int) - 240).max() <= 2
