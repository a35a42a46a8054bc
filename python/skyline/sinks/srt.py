"""SRT: a transport stream that survives loss, encrypted if wanted; calling or waiting for callers."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

from skyline.datagrams import TS_CODECS, TS_DATAGRAM_BYTES, ts_chain
from skyline.elements import Element, PropertyValue
from skyline.encoders import Codec, Encoder
from skyline.errors import SinkError
from skyline.sinks.network import (
    AT_ONCE,
    MASK,
    NetworkSink,
    authority,
    check_choice,
    check_host,
    check_port,
    check_whole,
)
from skyline.sinks.sink import Retry
from skyline.uri_parts import parse_uri

Mode = Literal["caller", "listener"]

_LOCAL = "127.0.0.1"
_MARGIN_S = 0.1  # over the latency, in which what was lost is sent again
_LONGEST_STREAMID = 512


@dataclass(frozen=True)
class SrtSink(NetworkSink):
    """A transport stream over SRT. Made by ``sinks.srt``.

    Attributes:
        host: Peer to call, or own address to listen at.
        port: Of the peer, or own.
        mode: ``"caller"`` or ``"listener"``.
        latency_ms: How long a lost packet may be sent again.
        passphrase: Never shown.
        streamid: What a server knows the stream by. Never shown.
    """

    host: str
    port: int
    mode: Mode = "caller"
    latency_ms: int = 200
    passphrase: str | None = field(default=None, repr=False)
    streamid: str | None = field(default=None, repr=False)

    protocol: ClassVar[str] = "SRT (MPEG-TS)"
    retry: ClassVar[Retry | None] = Retry(most_s=1.0)  # an attempt itself knocks for three seconds
    codecs: ClassVar[tuple[Codec, ...]] = TS_CODECS
    datagram_bytes: ClassVar[int] = TS_DATAGRAM_BYTES

    def __post_init__(self) -> None:
        check_host(self.host)
        check_port(self.port)
        check_choice("mode", self.mode, get_args(Mode))
        check_whole("latency_ms", self.latency_ms, 20, 60_000)
        # Lengths and never values: both are credentials.
        if self.passphrase is not None and not 10 <= len(self.passphrase.encode()) <= 79:
            message = "passphrase must have 10 to 79 bytes, as SRT wants it"
            raise SinkError(message)
        if self.streamid is not None and len(self.streamid.encode()) > _LONGEST_STREAMID:
            message = f"streamid must have at most {_LONGEST_STREAMID} bytes, as SRT wants it"
            raise SinkError(message)

    @property
    def name(self) -> str:
        """``srt://host:port``."""
        return f"srt://{authority(self.host, self.port)}"

    @property
    def linger_s(self) -> float:
        """The latency and a little: closed at once, SRT forgets what the peer does not have yet."""
        return self.latency_ms / 1000 + _MARGIN_S

    def _chain(self, encoder: Encoder, *, is_shown: bool) -> tuple[Element, ...]:
        secrets = {"passphrase": self.passphrase, "streamid": self.streamid}
        properties: dict[str, PropertyValue] = {
            "uri": f"srt://{authority(self.host, self.port)}?mode={self.mode}",
            "latency": self.latency_ms,
            **{name: MASK if is_shown else value for name, value in secrets.items() if value is not None},
            # A caller keeps what comes until it got through, or would begin without a key frame; who listens sends
            # to those who are there. A lost connection is rebuilt, with a key frame first.
            "wait-for-connection": self.mode == "caller",
            **AT_ONCE,
        }
        return (*ts_chain(encoder, is_shown=is_shown), Element("srtsink", properties, {"auto-reconnect": False}))


def srt(
    uri_or_host: str,
    port: int | None = None,
    *,
    mode: Mode | None = None,
    passphrase: str | None = None,
    latency_ms: int = 200,
    streamid: str | None = None,
) -> SrtSink:
    """A transport stream over SRT: as UDP, but what gets lost is sent again, and it can be encrypted.

    H.264 or H.265. A caller that loses its peer calls again. A listener takes any number of callers, and waits for
    none: frames flow on while nobody is there.

    Args:
        uri_or_host: ``"srt://host:port"``, or the host. Without a host (``"srt://:9000"``) it listens at 127.0.0.1;
            ``"0.0.0.0"`` with ``mode="listener"`` at every address.
        port: Where ``uri_or_host`` names none.
        mode: ``"caller"`` or ``"listener"``; None calls where there is a host to call.
        passphrase: 10 to 79 bytes; both ends must have the same. None does not encrypt.
        latency_ms: How long a lost packet may be sent again, 20 to 60000: about four round trips.
        streamid: What a server knows the stream by, e.g. ``"publish:cam"``.

    Raises:
        SinkError: No port, an unknown mode, or a number or length out of its range.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=30 \
            ! h264parse config-interval=-1 ! mpegtsmux alignment=7 \
            ! srtsink uri="srt://127.0.0.1:9000?mode=caller" latency=200 auto-reconnect=false \
            sync=false async=false

    Watch it with ``ffplay "srt://127.0.0.1:9000?mode=listener"`` started first; where Skyline listens, with
    ``ffplay srt://127.0.0.1:9000`` or ``vlc srt://127.0.0.1:9000``.
    """
    host = uri_or_host
    if "://" in uri_or_host:
        parts = parse_uri(uri_or_host, "srt")
        if parts.query:
            message = "srt() takes the options of a URI as arguments; skyline.open and uri.sink_of read them from it"
            raise SinkError(message)
        host, port = parts.host, parts.port if port is None else port
    if port is None:
        message = "srt needs a port: srt://host:port"
        raise SinkError(message)
    return SrtSink(host or _LOCAL, port, mode or ("caller" if host else "listener"), latency_ms, passphrase, streamid)
