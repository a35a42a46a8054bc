"""HLS: a folder of short files and a playlist, which any web server can serve."""

import os
from dataclasses import dataclass
from pathlib import PurePath

from skyline.containers import CONTAINERS, muxer_chain
from skyline.elements import Element
from skyline.encoder_plan import Clock
from skyline.encoders import Encoder
from skyline.errors import SinkError
from skyline.sinks.sink import OutputPlan, Sink

PathLike = str | bytes | os.PathLike[str] | os.PathLike[bytes]

_CODECS = ("h264", "h265")
_NAME = b"index.m3u8"
_SUFFIX = b".m3u8"
_NS = 1_000_000_000
_DIGITS = 5
_MAX_UNITS = 600
_MAX_BYTES = 64 * 1024 * 1024  # a GOP is as long as a segment, and one that is larger would be dropped as a whole
_LONGEST_SEGMENT_S = 3600.0
_MOST_SEGMENTS = 100_000


@dataclass(frozen=True)
class HlsSink(Sink):
    """A playlist and its segments. Made by ``sinks.hls``.

    Attributes:
        path: As given.
        segment_s: Length of a segment in seconds.
        playlist_length: Segments listed; 0 is all.
        keep_extra: Segments kept after they left the playlist; None is one more than are listed.
    """

    path: PathLike
    segment_s: float = 2.0
    playlist_length: int = 6
    keep_extra: int | None = None

    def __post_init__(self) -> None:
        given = os.fsencode(self.path)
        if not given or b"\0" in given or given == _SUFFIX or given.endswith(b"/" + _SUFFIX):
            message = f"path is {os.fsdecode(given)!r}, expected a folder, or a playlist that ends in .m3u8"
            raise SinkError(message)
        _check_length(self.segment_s)
        _check_count("playlist_length", self.playlist_length)
        if self.keep_extra is not None:
            _check_count("keep_extra", self.keep_extra)

    @property
    def is_file(self) -> bool:
        """False: somebody watches while it is written."""
        return False

    @property
    def playlist(self) -> bytes:
        """Path of the playlist as the file system has it."""
        given = os.fsencode(self.path)
        return given if given.lower().endswith(_SUFFIX) else given.rstrip(b"/") + b"/" + _NAME

    @property
    def name(self) -> str:
        """Folder and name of the playlist, for people: what is no UTF-8 in it is shown as �."""
        return "/".join(PurePath(self.playlist.decode(errors="replace")).parts[-2:])

    def default_encoder(self) -> Encoder:
        """H.264."""
        return Encoder("h264")

    def check(self, encoder: Encoder) -> None:
        """Raise SinkError where a segment does not take the codec."""
        if encoder.codec not in _CODECS:
            message = f"{encoder.codec} does not go into HLS, which takes {', '.join(_CODECS)}"
            raise SinkError(message)

    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> OutputPlan:
        """Parser, transport stream muxer and file sink; see ``Sink``."""
        length = self.playlist_length
        return OutputPlan(
            name=self.name,
            chain=(*self._muxer(encoder, clock, fps), _file_sink()),
            part_names=(self._stem + b"-", _DIGITS, b".ts"),
            part_ns=round(self.segment_s * _NS),
            # One time for all segments: a player goes on from one to the next without a jump.
            owns_zero=False,
            waits=clock == "fixed",
            max_units=_MAX_UNITS,
            max_bytes=_MAX_BYTES,
            playlist=(self.playlist, length, length + 1 if self.keep_extra is None else self.keep_extra),
        )

    def launch_chain(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:
        """The first segment; GStreamer has no element that writes the playlist in this way. See ``Sink``."""
        first = self._stem + b"-" + b"0" * _DIGITS + b".ts"
        return (*self._muxer(encoder, clock, fps), _file_sink(location=first))

    @property
    def _stem(self) -> bytes:
        return self.playlist[: -len(_SUFFIX)]

    def _muxer(self, encoder: Encoder, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:
        self.check(encoder)
        return muxer_chain(CONTAINERS[".ts"], encoder.codec, has_fixed_rate=clock == "fixed" and fps is not None)


def hls(
    directory_or_playlist: PathLike,
    *,
    segment_s: float = 2.0,
    playlist_length: int = 6,
    keep_extra: int | None = None,
) -> HlsSink:
    """A live HLS stream: MPEG-TS segments and a playlist in a folder, for a web server to serve.

    A segment is listed once it is complete, and the playlist is replaced in one step, so that a reader never finds a
    file missing or half written. Times go on from segment to segment, also across a pause or a restart, which the
    playlist tells (``EXT-X-DISCONTINUITY``). A key frame is asked for where each segment begins; where an encoder makes
    none, the segment is longer, its true length is in the playlist, and a ``"warning"`` is reported.

    A player is two or three segments behind, so ``segment_s=1`` and a browser are about 3 s late.

    The folder is made where it is missing, with those above it. What an earlier stream left in it is carried on: its
    numbers go on, its segments are deleted as if they had just left the playlist, and nothing is ever written over. Its
    playlist stays until the first segment is complete, for those who watch; one that had ended is removed at once. Only
    files named like the playlist are touched: beside ``live.m3u8`` that is ``live-00000.ts`` and so on.

    Live (the default) nothing waits for the disk: what it cannot take is dropped, whole groups of pictures at a time.
    With ``clock="fixed"`` every frame is written, at any speed. A full disk or a folder that vanished ends this output
    alone.

    Args:
        directory_or_playlist: A folder, in which the playlist is ``index.m3u8``; or the playlist, ending in ``.m3u8``.
        segment_s: Length of a segment in seconds, up to the first key frame after it.
        playlist_length: Segments listed. 0 lists and keeps all (``EXT-X-PLAYLIST-TYPE:EVENT``), and deletes nothing.
        keep_extra: Segments kept after they left the playlist, for slow readers; None is one more than are listed, which
            is what the standard asks for.

    Raises:
        SinkError: No path, or a length or number that is none.

    Launch line::

        gst-launch-1.0 -e videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1 \
            ! x264enc tune=zerolatency key-int-max=60 ! h264parse \
            ! hlssink2 target-duration=2 playlist-length=6 location=index-%05d.ts playlist-location=index.m3u8
    """
    return HlsSink(directory_or_playlist, segment_s, playlist_length, keep_extra)


def _check_length(segment_s: object) -> None:
    if (
        isinstance(segment_s, bool)
        or not isinstance(segment_s, (int, float))
        or not 0 < segment_s <= _LONGEST_SEGMENT_S
    ):
        message = f"segment_s is {segment_s!r}, expected seconds above 0, at most {_LONGEST_SEGMENT_S:g}"
        raise SinkError(message)


def _check_count(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SEGMENTS:
        message = f"{name} is {value!r}, expected a whole number from 0 to {_MOST_SEGMENTS}"
        raise SinkError(message)


def _file_sink(location: bytes | None = None) -> Element:
    if location is None:
        return Element("filesink", {"sync": False, "async": False})
    return Element("filesink", {"location": location, "sync": False, "async": False})
