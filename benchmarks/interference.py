"""What pushing frames does to the rest of a program: to another Python thread, and to the caller when the encoder is saturated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks import beside, saturated
from benchmarks.targets import Target

if TYPE_CHECKING:
    from benchmarks.__main__ import Options
    from benchmarks.rival import Bench

TARGETS = (
    Target(
        "a second Python thread beside put at 1080p60 (BGR → I420, fakesink), share of its solo speed",
        "interference-loop-fakesink",
        beside.OURS,
        beside.SOLO,
        "share",
        limit=0.9,
        moonshot=0.97,
    ),
    Target(
        'p99 of put while the encoder is saturated, leaky="downstream", in median memcpys meanwhile',
        "interference-saturated",
        saturated.name_of("downstream"),
        None,
        "figure",
        limit=2.0,
        moonshot=1.2,
    ),
)


def benches(options: Options) -> Iterator[Bench]:
    """The loop first, then put."""
    yield from beside.benches(options, "fakesink")
    if not options.quick:
        yield from beside.benches(options, "x264")
    yield from saturated.benches(options)
