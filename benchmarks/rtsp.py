"""An RTSP server: how long a frame is on its way to a viewer, what a client costs, what a bad one does to put."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks import rtsp_cost, rtsp_latency, rtsp_servers, rtsp_stalls
from benchmarks.targets import Target

if TYPE_CHECKING:
    from benchmarks.__main__ import Options
    from benchmarks.rival import Bench

TARGETS = (
    Target(
        "put → decoded over RTSP: the pipeline of the original SkyLine",
        rtsp_latency.KEY,
        rtsp_servers.OURS,
        rtsp_servers.ORIGINAL,
        "gain",
        limit=10,
        moonshot=50,
    ),
    Target(
        "processor time of one RTSP client more, of 16, in % of the encode",
        rtsp_cost.SHARE,
        rtsp_cost.name_of(16),
        None,
        "figure",
        limit=3.0,
        moonshot=1.0,
    ),
    *(
        Target(f"p99 of put, {name}: all clients read", rtsp_stalls.KEY, name, rtsp_stalls.NONE, "cost", 1.2, 1.05)
        for name in (rtsp_stalls.STOPPED, rtsp_stalls.VANISHED)
    ),
)


def benches(options: Options) -> Iterator[Bench]:
    """The way of a frame first."""
    yield from rtsp_latency.benches(options)
    yield from rtsp_cost.benches(options)
    yield from rtsp_stalls.benches(options)
