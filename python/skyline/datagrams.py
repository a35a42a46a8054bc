"""Elements that send datagrams, and a transport stream that goes into them."""

from skyline.containers import CONTAINERS, muxer_chain
from skyline.elements import Element, PropertyValue
from skyline.encoders import Encoder
from skyline.sinks.network import AT_ONCE

_TS = CONTAINERS[".ts"]
TS_CODECS = _TS.codecs
TS_DATAGRAM_BYTES = 7 * 188
"""Seven packets: what fits into an Ethernet frame, and what every reader expects."""


def ts_chain(encoder: Encoder, *, is_shown: bool) -> tuple[Element, ...]:
    """Parser and muxer of a transport stream.

    In one pipeline of GStreamer alone it is the muxer that makes datagrams; ours are made behind it, for it would
    keep the end of each frame until the next one fills the last datagram.
    """
    parser, muxer = muxer_chain(_TS, encoder.codec, has_fixed_rate=False)
    return (
        Element(parser.factory, {"config-interval": -1}),
        Element(muxer.factory, {**muxer.properties, "alignment": 7 if is_shown else 0}),
    )


def datagram_sink(host: str, port: int, ttl: int, iface: str | None) -> Element:
    """What sends to an address or group."""
    properties: dict[str, PropertyValue] = {"host": host, "port": port, "ttl-mc": ttl}
    if iface is not None:
        properties["multicast-iface"] = iface
    return Element("udpsink", {**properties, **AT_ONCE})
