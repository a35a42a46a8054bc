"""Streams by the dozen: what the sixteenth costs beside the first, and what size and rate cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks import many_streams
from benchmarks.targets import Target

if TYPE_CHECKING:
    from benchmarks.__main__ import Options
    from benchmarks.rival import Bench

TARGETS = (
    Target(
        "memory per stream, 16 streams of 720p over 1",
        "scale-memory",
        many_streams.name_of("skyline", 16),
        many_streams.name_of("skyline", 1),
        "cost",
        limit=1.1,
        moonshot=1.0,
    ),
    Target(
        "processor time per stream, 16 streams of 720p over 1",
        "scale-processor",
        many_streams.name_of("skyline", 16),
        many_streams.name_of("skyline", 1),
        "cost",
        limit=1.1,
        moonshot=1.0,
    ),
)


def benches(options: Options) -> Iterator[Bench]:
    """The number of streams first: the targets are there."""
    yield from many_streams.by_number(options)
    if not options.quick:
        yield from many_streams.by_size(options)
        yield from many_streams.by_rate(options)
