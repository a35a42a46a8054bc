"""Shared memory: frames for other processes of this machine, as they are."""

from __future__ import annotations

import os
from dataclasses import dataclass

from skyline.elements import Element, Properties, PropertyValue, caps_filter
from skyline.encoder_plan import FORMATS, Format
from skyline.errors import SinkError
from skyline.sinks.raw_sink import RawSink

PathLike = str | bytes | os.PathLike[str] | os.PathLike[bytes]

_LONGEST_PATH = 107  # bytes, of a Unix socket


@dataclass(frozen=True)
class ShmSink(RawSink):
    """A socket at which readers fetch frames. Made by ``sinks.shm``.

    Attributes:
        socket_path: As given.
        format: Of the frames that readers see.
        size_bytes: Of the shared memory.
    """

    socket_path: PathLike
    format: Format = "I420"
    size_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        path = os.fsencode(self.socket_path)
        if not path or b"\0" in path or len(path) > _LONGEST_PATH:
            message = (
                f"socket_path is {self.socket_path!r}, expected a path of 1 to {_LONGEST_PATH} bytes: that of a socket"
            )
            raise SinkError(message)
        if self.format not in FORMATS:
            message = f"format is {self.format!r}, expected one of {', '.join(FORMATS)}"
            raise SinkError(message)
        _check_size(self.size_bytes)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return os.path.basename(os.fsencode(self.socket_path)).decode(errors="replace")  # noqa: PTH119  # maybe bytes

    def check_size(self, width: int, height: int) -> None:
        """Raise SinkError where the memory does not hold three frames of this size."""
        pixel_bytes = {"I420": 1.5, "NV12": 1.5, "GRAY8": 1, "GRAY16_LE": 2, "BGR": 3, "RGB": 3}.get(self.format, 4)
        needed = int(3 * pixel_bytes * (width + 4) * (height + 2))
        if needed > self.size_bytes:
            message = (
                f"size_bytes is {self.size_bytes}, but three frames of {width}x{height} in {self.format} need {needed}"
            )
            raise SinkError(message)

    @property
    def ends(self) -> tuple[Element, ...]:
        """The format; the sink."""
        properties: dict[str, PropertyValue] = {
            "socket-path": os.fsencode(self.socket_path),
            "shm-size": self.size_bytes,
            "wait-for-connection": False,
            "sync": False,
            "async": False,
        }
        return (caps_filter(f"video/x-raw,format={self.format}"), Element("shmsink", Properties(properties)))


def shm(socket_path: PathLike, *, format: Format = "I420", size_bytes: int = 64 * 1024 * 1024) -> ShmSink:
    """Shared memory, for other processes of this machine. Nothing is encoded and no frame is sent twice.

    Readers come and go; while there is none, frames are gone at once. One that does not read delays nobody else.
    A reader is told nothing but bytes, so it has to name format, size and rate itself, with rows as GStreamer pads
    them (to 4 bytes)::

        gst-launch-1.0 shmsrc socket-path=/tmp/frames is-live=true do-timestamp=true \
            ! video/x-raw,format=I420,width=1280,height=720,framerate=30/1 ! videoconvert ! autovideosink

    Args:
        socket_path: Of the socket that readers connect to; it is removed in the end. A dead one that a crash left is
            replaced; one that somebody serves is a ResourceError when the stream is opened.
        format: Of the frames that readers see; others are converted to it.
        size_bytes: Of the memory; for at least three frames.

    Raises:
        SinkError: A value is none.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! videoconvert ! video/x-raw,format=I420 \
            ! shmsink socket-path=/tmp/frames wait-for-connection=false sync=false
    """
    return ShmSink(socket_path, format, size_bytes)


def _check_size(size_bytes: object) -> None:
    if isinstance(size_bytes, bool) or not isinstance(size_bytes, int) or not 0 < size_bytes < 2**32:
        message = f"size_bytes is {size_bytes!r}, expected bytes for at least three frames, below 4 GiB"
        raise SinkError(message)
