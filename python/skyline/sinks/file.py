"""Files: MP4, QuickTime, Matroska, WebM, MPEG transport stream, AVI."""

import os
import re
from dataclasses import dataclass
from pathlib import PurePath

from skyline.containers import Container, check_codec, check_size, container_of, muxer_chain
from skyline.elements import Element, PropertyValue
from skyline.encoder_plan import Clock
from skyline.encoders import Encoder
from skyline.errors import SinkError
from skyline.sinks.sink import OutputPlan, Sink

PathLike = str | bytes | os.PathLike[str] | os.PathLike[bytes]

_PART_NUMBER = re.compile(rb"%(?:0(\d{1,2}))?d")
_QUEUE_BYTES = 256 * 1024 * 1024  # of encoded units that wait for a slow disk
_NS = 1_000_000_000
_LARGEST_SEGMENT = 2**62 // _NS * _NS


@dataclass(frozen=True)
class FileSink(Sink):
    """A file, or numbered parts of one. Made by ``sinks.file``.

    Attributes:
        path: As given.
        segment_s: Length of a part in seconds; None is not cut by time.
        segment_bytes: Size of a part in bytes; None is not cut by size.
    """

    path: PathLike
    segment_s: float | None = None
    segment_bytes: int | None = None

    def __post_init__(self) -> None:
        _check_path(self.location)
        _ = self.container
        _check_segment("segment_s", self.segment_s)
        _check_segment("segment_bytes", self.segment_bytes)
        if self.has_parts and self.part_names is None:
            message = (
                f"path is {self.name!r}, expected exactly one number such as %05d in it, because it is cut into parts"
            )
            raise SinkError(message)

    @property
    def is_file(self) -> bool:
        """True."""
        return True

    @property
    def says_colours(self) -> bool:
        """As the container has it."""
        return self.container.says_colours

    @property
    def has_parts(self) -> bool:
        """Whether it is cut."""
        return self.segment_s is not None or self.segment_bytes is not None

    @property
    def location(self) -> bytes:
        """The path as the file system has it."""
        return os.fsencode(self.path)

    @property
    def name(self) -> str:
        """The last part of the path, for people: what is no UTF-8 in it is shown as �."""
        return PurePath(self.location.decode(errors="replace")).name

    @property
    def container(self) -> Container:
        """What the suffix stands for."""
        return container_of(PurePath(os.fsdecode(self.path)).suffix)

    @property
    def part_names(self) -> tuple[bytes, int, bytes] | None:
        """What stands before the number of a part, its digits, what stands after it."""
        found = list(_PART_NUMBER.finditer(self.location))
        if len(found) != 1:
            return None
        match = found[0]
        return self.location[: match.start()], int(match[1] or 1), self.location[match.end() :]

    def default_encoder(self) -> Encoder:
        """VP8 for WebM, H.264 for all others."""
        return Encoder(self.container.default_codec)

    def check(self, encoder: Encoder) -> None:
        """Raise SinkError where the container does not take the codec."""
        check_codec(self.container, encoder.codec)

    def check_size(self, width: int, height: int) -> None:
        """Raise SinkError where a muxer takes no picture as small."""
        check_size(self.container, width, height)

    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> OutputPlan:
        """Parser, muxer and file sink; see ``Sink``."""
        chain = muxer_chain(self.container, encoder.codec, has_fixed_rate=_is_fixed(clock, fps))
        return OutputPlan(
            name=self.name,
            chain=(*chain, _file_sink()),
            location=b"" if self.has_parts else self.location,
            part_names=self.part_names if self.has_parts else None,
            part_ns=round((self.segment_s or 0) * _NS),
            part_bytes=self.segment_bytes or 0,
            waits=clock == "fixed",
            max_bytes=_QUEUE_BYTES,
        )

    def launch_chain(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:
        """The same with the path in it, of the first part where there are parts; see ``Sink``."""
        chain = muxer_chain(self.container, encoder.codec, has_fixed_rate=_is_fixed(clock, fps))
        return (*chain, _file_sink(location=self._first_location))

    @property
    def _first_location(self) -> bytes:
        names = self.part_names if self.has_parts else None
        if names is None:
            return self.location
        prefix, digits, suffix = names
        return prefix + b"0" * digits + suffix


def file(path: PathLike, *, segment_s: float | None = None, segment_bytes: int | None = None) -> FileSink:
    """A file; its suffix picks the container: .mp4 .mov .mkv .webm .ts .avi.

    Plays after a crash up to its last moments, and is an ordinary file with its index after a clean stop.
    Any character may be in the path, which is only a path. An existing file is overwritten.

    Args:
        path: Where. With ``segment_s`` or ``segment_bytes`` it must hold one number such as ``%05d``,
            which counts the parts from 0; otherwise ``%`` means nothing.
        segment_s: Cut at the first key frame after this many seconds; one is asked for then. Each part begins at 0.
        segment_bytes: Likewise after this many bytes. Both may be given.

    Raises:
        SinkError: Unknown suffix, no number in the path, or a length that is none.

    Launch line::

        gst-launch-1.0 -e videotestsrc num-buffers=150 ! video/x-raw,width=1280,height=720,framerate=30/1 \
            ! x264enc ! h264parse ! mp4mux fragment-duration=250 fragment-mode=first-moov-then-finalise \
            ! filesink location=film.mp4 buffer-mode=unbuffered sync=false async=false
    """
    return FileSink(path, segment_s, segment_bytes)


def _check_path(location: bytes) -> None:
    if not location or b"\0" in location or location.endswith(b"/"):
        message = f"path is {os.fsdecode(location)!r}, expected the name of a file"
        raise SinkError(message)


def _check_segment(name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < _LARGEST_SEGMENT:
        message = f"{name} is {value!r}, expected a number above 0"
        raise SinkError(message)


def _is_fixed(clock: Clock, fps: tuple[int, int] | None) -> bool:
    return clock == "fixed" and fps is not None


def _file_sink(location: bytes | None = None) -> Element:
    # Unbuffered: what the muxer has written is in the file, whatever happens to the process.
    properties: dict[str, PropertyValue] = {"buffer-mode": "unbuffered", "sync": False, "async": False}
    return Element("filesink", properties if location is None else {"location": location, **properties})
