"""RTSP, served: any number of clients fetch the stream from us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from skyline.elements import Element, PropertyValue
from skyline.encoders import Codec, Encoder
from skyline.errors import SinkError
from skyline.sinks.sink import Plan, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyline.encoder_plan import Clock

_LARGEST_PORT = 65_535
_MOST_UNITS = 300
_MOST_BYTES = 16 * 1024 * 1024
_PATH = re.compile(r"/[A-Za-z0-9._~/-]+")


def _payloader(factory: str, if_supported: Mapping[str, PropertyValue] | None = None) -> Element:
    return Element(factory, {"pt": 96}, if_supported or {}, name="pay0")


# Parameter sets with each key unit, and no unit waits for the next one to share its packet.
_LIVE: dict[str, PropertyValue] = {"config-interval": -1, "aggregate-mode": "zero-latency"}

_PAYLOADERS: Mapping[Codec, Element] = {
    "h264": _payloader("rtph264pay", _LIVE),
    "h265": _payloader("rtph265pay", _LIVE),
    "vp8": _payloader("rtpvp8pay"),
    "vp9": _payloader("rtpvp9pay"),
    "av1": _payloader("rtpav1pay"),
    "mjpeg": Element("rtpjpegpay", name="pay0"),  # whose number is 26 for ever
}


class Server(Protocol):
    """What a sink knows of ``skyline.RTSPServer``."""

    core: Any

    @property
    def port(self) -> str:
        """The port."""


@dataclass(frozen=True)
class ServerAddress:
    """A server of nobody in particular: it starts with the first stream here and stops with the last.

    Attributes:
        port: As text; ``"0"`` is a free one.
        address: Of the interface.
    """

    port: str = "8554"
    address: str = "127.0.0.1"

    def __post_init__(self) -> None:
        check_port(self.port)


@dataclass(frozen=True)
class MountPlan(Plan):
    """A mount of a server.

    Attributes:
        server: Where it is served, or of which address.
        path: Of the mount, beginning with a slash.
        chain: Payloader, named pay0.
        on_demand: Whether nothing need be encoded while nobody watches.
        max_units: Bound of its queue in units.
        max_bytes: Bound of its queue in bytes.
    """

    server: Server | ServerAddress
    path: str
    chain: tuple[Element, ...]
    on_demand: bool = False
    max_units: int = _MOST_UNITS
    max_bytes: int = _MOST_BYTES


@dataclass(frozen=True)
class RtspServerSink(Sink):
    """A mount of an RTSP server. Made by ``sinks.rtsp_server``.

    Attributes:
        server: Where it is served, or of which address.
        path: Of the mount, beginning with a slash.
        on_demand: Whether to encode only while somebody watches.
    """

    server: Server | ServerAddress
    path: str
    on_demand: bool = False

    def __post_init__(self) -> None:
        path = self.path if self.path.startswith("/") else f"/{self.path}"
        if not _PATH.fullmatch(path) or "//" in path or path.endswith("/"):
            message = f"path is {self.path!r}, expected letters, digits and . _ ~ - /, such as /camera"
            raise SinkError(message)
        object.__setattr__(self, "path", path)

    @property
    def is_file(self) -> bool:
        """False."""
        return False

    def default_encoder(self) -> Encoder:
        """H.264."""
        return Encoder("h264")

    def check(self, encoder: Encoder) -> None:
        """Raise SinkError where no payloader takes the codec."""
        if encoder.codec not in _PAYLOADERS:
            message = f"{encoder.codec} cannot be sent by RTP, which carries {', '.join(_PAYLOADERS)}"
            raise SinkError(message)

    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> MountPlan:  # noqa: ARG002  # live
        """The payloader; see ``Sink``."""
        self.check(encoder)
        return MountPlan(self.path, self.server, self.path, (_PAYLOADERS[encoder.codec],), self.on_demand)

    def launch_chain(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:  # noqa: ARG002  # live
        """The payloader into nowhere, because gst-launch-1.0 has no server; see ``Sink``."""
        self.check(encoder)
        return (_PAYLOADERS[encoder.codec], Element("fakesink", {"sync": False, "async": False}))


def check_port(port: object) -> None:
    """Raise SinkError for what is no port of a server, as text or number; 0 is a free one."""
    is_number = isinstance(port, (str, int)) and not isinstance(port, bool) and str(port).isdecimal()
    if not is_number or int(str(port)) > _LARGEST_PORT:
        message = f"port is {port!r}, expected a number from 0 to {_LARGEST_PORT}"
        raise SinkError(message)


def rtsp_server(server: Server | ServerAddress | str | int, path: str, *, on_demand: bool = False) -> RtspServerSink:
    """A mount of an RTSP server: players open ``rtsp://host:port/path``, over UDP, TCP or multicast.

    One encode and one payloader serve all clients. A client that joins gets a key frame at once, and waits up to 10 s
    for it where there was no frame yet; one that is slow
    loses packets of its own and is sent away when it takes nothing for 6 s.

    Args:
        server: A ``skyline.RTSPServer``; or a port, for a server of 127.0.0.1 without users, which starts with the
            first stream there and stops with the last.
        path: Of the mount. The slash in front may be left out.
        on_demand: Encode only while somebody watches.

    Raises:
        SinkError: No server, or a path with other characters than letters, digits and ``. _ ~ - /``.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1 \
            ! x264enc tune=zerolatency ! rtph264pay name=pay0 pt=96 config-interval=-1 ! fakesink
    """
    if isinstance(server, (str, int)):
        check_port(server)
        server = ServerAddress(str(server))
    elif not isinstance(server, ServerAddress) and not hasattr(server, "core"):
        message = f"server is a {type(server).__name__}, expected a skyline.RTSPServer or a port"
        raise SinkError(message)
    return RtspServerSink(server, path, on_demand=on_demand)
