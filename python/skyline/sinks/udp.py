"""MPEG transport stream in UDP datagrams: what players mean by ``udp://``."""

from dataclasses import dataclass
from typing import ClassVar

from skyline.datagrams import TS_CODECS, TS_DATAGRAM_BYTES, datagram_sink, ts_chain
from skyline.elements import Element
from skyline.encoders import Codec, Encoder
from skyline.sinks.network import NetworkSink, authority, check_host, check_port, check_whole


@dataclass(frozen=True)
class UdpSink(NetworkSink):
    """A transport stream to one address or group. Made by ``sinks.udp``.

    Attributes:
        host: Name, address or multicast group.
        port: Of the receiver.
        ttl: How many routers a datagram may pass.
        iface: Network interface for a multicast group; None is the system's choice.
    """

    host: str
    port: int
    ttl: int = 1
    iface: str | None = None

    protocol: ClassVar[str] = "UDP (MPEG-TS)"
    codecs: ClassVar[tuple[Codec, ...]] = TS_CODECS
    datagram_bytes: ClassVar[int] = TS_DATAGRAM_BYTES

    def __post_init__(self) -> None:
        check_host(self.host)
        check_port(self.port)
        check_whole("ttl", self.ttl, 1, 255)

    @property
    def name(self) -> str:
        """``udp://host:port``."""
        return f"udp://{authority(self.host, self.port)}"

    def _chain(self, encoder: Encoder, *, is_shown: bool) -> tuple[Element, ...]:
        return (*ts_chain(encoder, is_shown=is_shown), datagram_sink(self.host, self.port, self.ttl, self.iface))


def udp(host: str, port: int, *, ttl: int = 1, iface: str | None = None) -> UdpSink:
    """An MPEG transport stream over UDP, as players, VLC and ffmpeg read it. Nobody need listen.

    H.264 or H.265. Whoever tunes in has a picture with the next key frame: each second, if no encoder is given.

    Args:
        host: Receiver, or a multicast group such as ``"239.1.2.3"``.
        port: Of the receiver.
        ttl: How many routers a multicast datagram may pass; 1 stays in the local network.
        iface: Network interface for a multicast group, e.g. ``"eth0"``.

    Raises:
        SinkError: No host, or a number out of its range.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=30 \
            ! h264parse config-interval=-1 ! mpegtsmux alignment=7 \
            ! udpsink host=127.0.0.1 port=5000 sync=false async=false

    Watch it with ``ffplay udp://127.0.0.1:5000`` or ``vlc udp://@:5000``.
    """
    return UdpSink(host, port, ttl, iface)
