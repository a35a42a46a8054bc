"""RTSP push: a server takes the stream by RECORD and hands it on to players."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

from skyline.elements import Element, PropertyValue
from skyline.encoders import Codec, Encoder
from skyline.errors import SinkError
from skyline.sinks.network import MASK, NetworkSink, authority, check_choice, check_host
from skyline.sinks.sink import Retry
from skyline.uri_parts import parse_uri

Protocols = Literal["tcp", "udp"]

_TCP_TIMEOUT_US = 5_000_000
_LINGER_S = 0.2  # a server that is left at once forgets what it has not yet handed on
_BEFORE = {"h264": Element("h264parse", {"config-interval": -1}), "h265": Element("h265parse", {"config-interval": -1})}


@dataclass(frozen=True)
class RtspSink(NetworkSink):
    """A stream on somebody's RTSP server. Made by ``sinks.rtsp``.

    Attributes:
        address: Of the server, with the path, without credentials and query.
        protocols: ``"tcp"`` or ``"udp"``.
        insecure: Whether any certificate is taken.
        user: None for a server that asks for nobody.
        password: Never shown.
        query: What stands after the path, for the server. Never shown.
    """

    address: str
    protocols: Protocols = "tcp"
    insecure: bool = False
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    query: str = field(default="", repr=False)

    protocol: ClassVar[str] = "RTSP"
    codecs: ClassVar[tuple[Codec, ...]] = ("h264", "h265", "vp8", "vp9", "mjpeg")
    retry: ClassVar[Retry | None] = Retry()

    def __post_init__(self) -> None:
        check_choice("protocols", self.protocols, get_args(Protocols))
        if self.password is not None and self.user is None:
            message = "password is given without a user"
            raise SinkError(message)

    @property
    def name(self) -> str:
        """``rtsp://host:port/path``."""
        return self.address

    @property
    def linger_s(self) -> float:
        """A moment."""
        return _LINGER_S

    def _chain(self, encoder: Encoder, *, is_shown: bool) -> tuple[Element, ...]:
        query = f"?{MASK if is_shown else self.query}" if self.query else ""
        properties: dict[str, PropertyValue] = {
            "location": self.address + query,
            "protocols": self.protocols,
            "latency": 0,  # its default holds everything back for two seconds
            "tcp-timeout": _TCP_TIMEOUT_US,
            # By itself it would reconnect under the threads that still send, and not record again.
            "udp-reconnect": False,
        }
        if self.insecure:
            properties["tls-validation-flags"] = 0
        if self.user is not None:
            properties["user-id"] = MASK if is_shown else self.user
            properties["user-pw"] = MASK if is_shown else self.password or ""
        before = (_BEFORE[encoder.codec],) if encoder.codec in _BEFORE else ()
        return (*before, Element("rtspclientsink", properties))


def rtsp(
    uri: str,
    *,
    user: str | None = None,
    password: str | None = None,
    protocols: Protocols = "tcp",
    insecure: bool = False,
) -> RtspSink:
    """Publish on an RTSP server (MediaMTX, Wowza, gst-rtsp-server …) by ANNOUNCE and RECORD.

    H.264, H.265, VP8, VP9 or JPEG. Called again when the server goes away. To be a server yourself, see
    ``sinks.rtsp_server``.

    Args:
        uri: ``"rtsp://host[:554]/path"`` or ``"rtsps://…"``; a query goes to the server as it is. Credentials may
            stand in it, or better in ``user`` and ``password``.
        user: For a server that asks.
        password: Likewise. Never shown anywhere.
        protocols: How frames travel: ``"tcp"`` in the same connection, ``"udp"`` beside it.
        insecure: With rtsps: take any certificate. False checks it.

    Raises:
        SinkError: No host or path in the URI, or an unknown protocol.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=30 \
            ! h264parse config-interval=-1 ! rtspclientsink location=rtsp://127.0.0.1:8554/cam protocols=tcp latency=0

    Watch it with ``ffplay rtsp://127.0.0.1:8554/cam`` or ``vlc rtsp://127.0.0.1:8554/cam``, from that server.
    """
    parts = parse_uri(uri, "rtsp", "rtsps")
    check_host(parts.host)
    if parts.path in ("", "/"):
        message = f"{parts.scheme} needs a path on the server: {parts.scheme}://host:554/cam"
        raise SinkError(message)
    address = f"{parts.scheme}://{authority(parts.host, parts.port)}{parts.path}"
    user = parts.user if user is None else user
    password = parts.password if password is None else password
    return RtspSink(address, protocols, insecure, user, password, parts.query)
