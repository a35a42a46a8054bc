"""RTMP push, to streaming platforms and servers such as nginx-rtmp."""

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import quote

from skyline.elements import Element, PropertyValue
from skyline.encoders import Codec, Encoder
from skyline.errors import SinkError
from skyline.silence import silent_aac
from skyline.sinks.network import AT_ONCE, MASK, NetworkSink, authority, check_host
from skyline.sinks.sink import Retry
from skyline.uri_parts import parse_uri

_TIMEOUT_S = 5
_MUXER_LATENCY_NS = 100_000_000  # what the muxer waits for the slower of picture and sound
_LOOK_AHEAD_NS = 1_000_000_000  # more than an encoder holds back that looks ahead


@dataclass(frozen=True)
class RtmpSink(NetworkSink):
    """A stream on an RTMP server. Made by ``sinks.rtmp``.

    Attributes:
        address: Of the server, with the application, without key and credentials.
        silence: Whether silent sound goes with the pictures.
        insecure: Whether any certificate is taken.
        key: The stream, and whatever stands behind it. Never shown.
        user: None for a server that asks for nobody. Never shown.
        password: Never shown.
    """

    address: str
    silence: bool = True
    insecure: bool = False
    key: str = field(default="", repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    protocol: ClassVar[str] = "RTMP (FLV)"
    codecs: ClassVar[tuple[Codec, ...]] = ("h264",)
    keyframe_s: ClassVar[float] = 2.0  # what platforms ask for
    retry: ClassVar[Retry | None] = Retry()

    @property
    def name(self) -> str:
        """``rtmp://host/application``."""
        return self.address

    def _chain(self, encoder: Encoder, *, is_shown: bool) -> tuple[Element, ...]:
        is_live = encoder.latency in (None, "live")
        muxer: dict[str, PropertyValue] = {
            "streamable": True,
            "latency": _MUXER_LATENCY_NS if is_live else _LOOK_AHEAD_NS,
        }
        properties: dict[str, PropertyValue] = {
            "location": f"{self.address}/{MASK if is_shown else self.key}",
            "timeout": _TIMEOUT_S,
            **AT_ONCE,
        }
        if self.insecure:
            properties["tls-validation-flags"] = 0
        if self.user is not None:
            properties["username"] = MASK if is_shown else self.user
            properties["password"] = MASK if is_shown else self.password or ""
        return (
            Element("h264parse"),
            Element("flvmux", muxer, name="mux"),
            Element("rtmp2sink", properties),
        )

    def _silence(self) -> tuple[Element, ...]:
        return silent_aac() if self.silence else ()


def rtmp(uri: str, *, stream_key: str | None = None, silence: bool = True, insecure: bool = False) -> RtmpSink:
    """Publish on an RTMP server or platform (YouTube, Twitch, Facebook, nginx-rtmp …).

    H.264, which is what RTMP carries. Silent AAC goes with it, because platforms refuse a stream without sound.
    Called again when the server goes away.

    Args:
        uri: ``"rtmp://host[:1935]/application/key"`` or ``"rtmps://…"``. The last part of the path, with the query
            behind it, is the stream key.
        stream_key: The key, where it is not in the URI. Never shown anywhere.
        silence: False sends pictures alone.
        insecure: With rtmps: take any certificate. False checks it.

    Raises:
        SinkError: No host, application or key.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=60 ! h264parse \
            ! flvmux name=mux streamable=true latency=100000000 \
            ! rtmp2sink location=rtmp://127.0.0.1/live/key sync=false async=false \
            audiotestsrc wave=silence ! clocksync ! voaacenc ! aacparse ! mux.

    Watch it where the platform shows it; from nginx-rtmp with ``ffplay rtmp://127.0.0.1/live/key``.
    """
    parts = parse_uri(uri, "rtmp", "rtmps")
    check_host(parts.host)
    path = parts.path.strip("/")
    if stream_key is not None:
        application, key = path, quote(stream_key, safe="/?&=+%:@,;~*!$'()")
    else:
        application, _, key = path.rpartition("/")
    key += f"?{parts.query}" if parts.query else ""
    if not application or not key:
        message = f"{parts.scheme} needs an application and a stream key: {parts.scheme}://host/application/key"
        raise SinkError(message)
    address = f"{parts.scheme}://{authority(parts.host, parts.port)}/{application}"
    return RtmpSink(address, silence, insecure, key, parts.user, parts.password)
