"""SkyLines that need no numbers: for our own sinks, and for launch text that is already complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from skyline.description_session import DescriptionSession
from skyline.encoder_choice import first_installed_row
from skyline.errors import SinkError
from skyline.launch import describe_sink
from skyline.sink_session import SinkSession
from skyline.sinks import DisplaySink, FileSink, RtmpSink, RtpSink, Sink, SrtSink, UdpSink
from skyline.skyline import SkyLine
from skyline.state import Numbers
from skyline.uri import sink_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from skyline.options import StreamOptions
    from skyline.session import Session
    from skyline.sinks.file import PathLike


class SinkSkyLine(SkyLine):
    """Frames into one of ``skyline.sinks``: what ``skyline.open`` returns.

    No warm-up: size and format come from the first frame, and none is lost. ``start_streaming`` opens the sink
    and chooses the encoder, so what is wrong with either is said there. Starting again overwrites a file.
    """

    _needs_numbers = False
    _kinds: ClassVar[tuple[type[Sink], ...]] = (Sink,)
    """What it takes."""

    def __init__(self, sink: PathLike | Sink, **options: Unpack[StreamOptions]) -> None:
        super().__init__(**options)
        self.sink = sink_of(sink)
        if not isinstance(self.sink, self._kinds):
            kinds = " or ".join(kind.__name__ for kind in self._kinds)
            message = f"{type(self).__name__} takes a {kinds} or its URI, got a {type(self.sink).__name__}"
            raise SinkError(message)
        self._encoder = self._options.encoder or self.sink.default_encoder()
        self.sink.check(self._encoder)

    def _make_session(self, numbers: Numbers) -> Session:
        return SinkSession(self.sink, self._options, numbers.fps)

    def _get_pipeline(self, fps: float, width: int, height: int) -> str:
        row = first_installed_row(self._encoder)
        return describe_sink(self.sink, self._options, row, Numbers(fps, width, height))


class FileSkyLine(SinkSkyLine):
    r"""Frames into a file; as ``skyline.open``, but started with ``start_streaming``.

    Launch line::

        gst-launch-1.0 -e videotestsrc num-buffers=150 ! video/x-raw,width=1280,height=720,framerate=30/1 \
            ! x264enc ! h264parse ! mp4mux fragment-duration=250 fragment-mode=first-moov-then-finalise \
            ! filesink location=film.mp4 buffer-mode=unbuffered sync=false async=false
    """

    _kinds = (FileSink,)


class RTMPSkyLine(SinkSkyLine):
    """Frames to an RTMP server: ``RTMPSkyLine("rtmp://host/application/key")``. See ``sinks.rtmp``."""

    _kinds = (RtmpSink,)


class SRTSkyLine(SinkSkyLine):
    """Frames to an SRT peer: ``SRTSkyLine("srt://host:9000")``, or ``"srt://:9000"`` to listen. See ``sinks.srt``."""

    _kinds = (SrtSink,)


class UDPSkyLine(SinkSkyLine):
    """Frames as a transport stream in datagrams: ``UDPSkyLine("udp://host:5000")``. See ``sinks.udp``."""

    _kinds = (UdpSink,)


class RTPSkyLine(SinkSkyLine):
    """Frames as RTP in datagrams: ``RTPSkyLine("rtp://host:5000?sdp=cam.sdp")``. See ``sinks.rtp``."""

    _kinds = (RtpSink,)


class DisplaySkyLine(SinkSkyLine):
    """Frames into a window: ``DisplaySkyLine()``. Nothing is encoded. See ``sinks.display``."""

    _kinds = (DisplaySink,)

    def __init__(self, sink: PathLike | Sink = "display://", **options: Unpack[StreamOptions]) -> None:
        super().__init__(sink, **options)


class PipelineSkyLine(SkyLine):
    """Frames into launch text of your own that needs no numbers.

    Args:
        description: With an ``appsrc`` where the frames enter. It is code: never put a path or text of
            a stranger into it; ``skyline.open`` takes those.
        **options: As for ``skyline.open``, except that ``errors`` is ``"state"``. With an fps and nothing but
            file sinks in the description, ``clock`` is ``"fixed"`` unless given: that is rendering.

    Launch line::

        gst-launch-1.0 videotestsrc num-buffers=150 ! videoconvert ! autovideosink
    """

    _needs_numbers = False

    def __init__(self, description: str, **options: Unpack[StreamOptions]) -> None:
        super().__init__(**options)
        self.description = description

    def _make_session(self, numbers: Numbers) -> Session:
        return DescriptionSession(self.description, self._options, numbers.fps)

    def _get_pipeline(self, fps: float, width: int, height: int) -> str:  # noqa: ARG002  # complete as it is
        return self.description
