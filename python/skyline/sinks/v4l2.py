"""A camera that others see: frames into a V4L2 output device, as v4l2loopback makes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skyline.elements import Element, Properties, caps_filter
from skyline.errors import SinkError
from skyline.sinks.raw_sink import RawSink

_DEVICE = re.compile(r"/dev/\S+")


@dataclass(frozen=True)
class V4l2Sink(RawSink):
    """A video output device. Made by ``sinks.v4l2``.

    Attributes:
        device: E.g. ``"/dev/video9"``.
    """

    device: str

    def __post_init__(self) -> None:
        _check_device(self.device)

    @property
    def name(self) -> str:
        """The device."""
        return self.device

    @property
    def hint(self) -> str:
        """How to make one."""
        number = re.search(r"\d+$", self.device)
        return (
            "frames need a device that takes them; v4l2loopback makes one: "
            f"sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback video_nr={number[0] if number else 9} "
            "exclusive_caps=1"
        )

    @property
    def ends(self) -> tuple[Element, ...]:
        """YUY2, which every program that reads cameras takes; the device."""
        properties = Properties({"device": self.device, "sync": False, "async": False})
        return (caps_filter("video/x-raw,format=YUY2"), Element("v4l2sink", properties))


def v4l2(device: str) -> V4l2Sink:
    """A camera for browsers, OBS or OpenCV: frames into a V4L2 output device, in YUY2. Nothing is encoded.

    The kernel module v4l2loopback makes such devices::

        sudo modprobe v4l2loopback video_nr=9 exclusive_caps=1
        ffplay /dev/video9

    Args:
        device: E.g. ``"/dev/video9"``. One that is missing, or only a real camera's, is a ResourceError when the stream
            is opened.

    Raises:
        SinkError: It is no path below ``/dev``.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! videoconvert ! video/x-raw,format=YUY2 \
            ! v4l2sink device=/dev/video9 sync=false
    """
    return V4l2Sink(device)


def _check_device(device: object) -> None:
    if not isinstance(device, str) or not _DEVICE.fullmatch(device):
        message = f"device is {device!r}, expected a path such as '/dev/video9'"
        raise SinkError(message)
