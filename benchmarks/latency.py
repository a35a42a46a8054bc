"""How long a frame is on its way: to the end of the encoder, and to a decoder over RTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks import latency_cost, latency_encoder, latency_rtp
from benchmarks.targets import Target

if TYPE_CHECKING:
    from benchmarks.__main__ import Options
    from benchmarks.rival import Bench

TARGETS = (
    Target(
        "put → unit out of x264 zerolatency, over the encoder's own time (p50, ms, 1080p30)",
        "latency-encoder-1080p30",
        latency_encoder.OVER,
        None,
        "figure",
        limit=1.0,
        moonshot=0.3,
    ),
    Target(
        "measuring a frame's latency (ns, its pixels between two frames)",
        latency_cost.KEY,
        latency_cost.COLD,
        None,
        "figure",
        limit=1000,
        moonshot=500,
    ),
)


def benches(options: Options) -> Iterator[Bench]:
    """The encoder's end first: the target is there."""
    yield from latency_encoder.benches(options, 1920, 1080, 30)
    yield from latency_cost.benches(options)
    if not options.quick:
        yield from latency_encoder.benches(options, 1280, 720, 30)
        yield from latency_rtp.benches(options, 1280, 720, 30)
        yield from latency_rtp.benches(options, 1280, 720, 120)
