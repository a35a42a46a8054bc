"""RTP over UDP, and the SDP file that tells a player what is in it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from skyline.datagrams import datagram_sink
from skyline.elements import Element, PropertyValue
from skyline.encoders import Codec, Encoder
from skyline.sinks.network import NetworkSink, authority, check_host, check_port, check_whole, is_multicast

_CLOCK_RATE = 90_000

# Each key unit brings its headers. A payloader that adds them (config-interval=-1) does it before each slice of a
# key frame, and FFmpeg takes what comes behind them for another picture.
_AGGREGATE: dict[str, PropertyValue] = {"aggregate-mode": "zero-latency"}
_PICTURE_ID: dict[str, PropertyValue] = {"picture-id-mode": "15-bit"}  # by which a receiver knows what it has lost


@dataclass(frozen=True)
class _Payload:
    """How one codec becomes packets: the elements, and what an SDP says of it."""

    chain: tuple[Element, ...]
    encoding: str
    parameters: str = ""
    payload_type: int = 96


_PAYLOADS: Mapping[str, _Payload] = {
    "h264": _Payload(
        (Element("h264parse"), Element("rtph264pay", if_supported=_AGGREGATE)),
        "H264",
        "packetization-mode=1",
    ),
    "h265": _Payload(
        (Element("h265parse"), Element("rtph265pay", if_supported=_AGGREGATE)),
        "H265",
    ),
    "vp8": _Payload((Element("rtpvp8pay", _PICTURE_ID),), "VP8"),
    "vp9": _Payload((Element("rtpvp9pay", _PICTURE_ID),), "VP9"),
    "mjpeg": _Payload((Element("rtpjpegpay"),), "JPEG", payload_type=26),  # its number is fixed by RFC 3551
}


@dataclass(frozen=True)
class RtpSink(NetworkSink):
    """RTP to one address or group. Made by ``sinks.rtp``.

    Attributes:
        host: Name, address or multicast group.
        port: Of the receiver.
        sdp_path: Where the SDP file is written when the stream is opened; None writes none.
        payload_type: RTP's number for the codec; None is 96, and 26 for JPEG.
        mtu: Bytes of the largest packet.
        ttl: How many routers a multicast datagram may pass.
        iface: Network interface for a multicast group; None is the system's choice.
    """

    host: str
    port: int
    sdp_path: str | None = None
    payload_type: int | None = None
    mtu: int = 1400
    ttl: int = 1
    iface: str | None = None

    protocol: ClassVar[str] = "RTP"
    codecs: ClassVar[tuple[Codec, ...]] = ("h264", "h265", "vp8", "vp9", "mjpeg")

    def __post_init__(self) -> None:
        check_host(self.host)
        check_port(self.port)
        if self.payload_type is not None:
            check_whole("payload_type", self.payload_type, 0, 127)
        check_whole("mtu", self.mtu, 100, 65_000)
        check_whole("ttl", self.ttl, 1, 255)

    @property
    def name(self) -> str:
        """``rtp://host:port``."""
        return f"rtp://{authority(self.host, self.port)}"

    def sdp(self, encoder: Encoder | None = None) -> str:
        """What a player must know, as an SDP file.

        Args:
            encoder: What it is encoded with; None is the default, H.264.

        Raises:
            SinkError: RTP does not carry the codec.
        """
        encoder = encoder or self.default_encoder()
        self.check(encoder)
        payload, number = _PAYLOADS[encoder.codec], self._number(encoder)
        family = "IP6" if ":" in self.host else "IP4"
        scope = f"/{self.ttl}" if family == "IP4" and is_multicast(self.host) else ""
        lines = [
            "v=0",
            f"o=- 0 0 IN {family} {self.host}",
            "s=Skyline",
            f"c=IN {family} {self.host}{scope}",
            "t=0 0",
            f"m=video {self.port} RTP/AVP {number}",
            f"a=rtpmap:{number} {payload.encoding}/{_CLOCK_RATE}",
        ]
        if payload.parameters:
            lines.append(f"a=fmtp:{number} {payload.parameters}")
        return "".join(f"{line}\r\n" for line in lines)

    def _chain(self, encoder: Encoder, *, is_shown: bool) -> tuple[Element, ...]:
        del is_shown
        *before, payloader = _PAYLOADS[encoder.codec].chain
        packets = {"pt": self._number(encoder), "mtu": self.mtu, **payloader.properties}
        return (
            *before,
            Element(payloader.factory, packets, payloader.if_supported),
            datagram_sink(self.host, self.port, self.ttl, self.iface),
        )

    def _side_file(self, encoder: Encoder) -> tuple[str, bytes] | None:
        return None if self.sdp_path is None else (self.sdp_path, self.sdp(encoder).encode())

    def _number(self, encoder: Encoder) -> int:
        return _PAYLOADS[encoder.codec].payload_type if self.payload_type is None else self.payload_type


def rtp(
    host: str,
    port: int,
    *,
    sdp: str | os.PathLike[str] | None = None,
    payload_type: int | None = None,
    mtu: int = 1400,
    ttl: int = 1,
    iface: str | None = None,
) -> RtpSink:
    """RTP over UDP: the shortest way between two programs. Nobody need listen.

    H.264, H.265, VP8, VP9, or JPEG up to 2040x2040. A stream of RTP does not say what is in it: a GStreamer receiver
    is given caps, a player the SDP file. Whoever tunes in has a picture with the next key frame: each second, if no
    encoder is given.

    Args:
        host: Receiver, or a multicast group such as ``"239.1.2.3"``.
        port: Of the receiver; even by custom.
        sdp: Where the SDP file is written when the stream is opened. ``.sdp()`` of the value gives its text.
        payload_type: RTP's number for the codec; None is 96, and 26 for JPEG.
        mtu: Bytes of the largest packet.
        ttl: How many routers a multicast datagram may pass; 1 stays in the local network.
        iface: Network interface for a multicast group, e.g. ``"eth0"``.

    Raises:
        SinkError: No host, or a number out of its range.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=30 \
            ! h264parse config-interval=-1 ! rtph264pay pt=96 mtu=1400 aggregate-mode=zero-latency \
            ! udpsink host=127.0.0.1 port=5000 sync=false async=false

    Watch it with ``ffplay -protocol_whitelist file,udp,rtp cam.sdp`` or ``vlc cam.sdp``, or with::

        gst-launch-1.0 udpsrc port=5000 caps="application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=96" \
            ! rtph264depay ! decodebin ! autovideosink
    """
    return RtpSink(host, port, None if sdp is None else os.fspath(sdp), payload_type, mtu, ttl, iface)
