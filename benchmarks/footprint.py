"""What Skyline costs before and beside its work: import, size on disk, the first frame, memory of a long recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks import beginnings, disk, recording
from benchmarks.targets import Target

if TYPE_CHECKING:
    from benchmarks.__main__ import Options
    from benchmarks.rival import Bench

TARGETS = (
    Target(
        "resident memory of a long recording, its last tenth over its second",
        "footprint-recording",
        recording.LATE,
        recording.EARLY,
        "cost",
        limit=1.05,
        moonshot=1.01,
    ),
)


def benches(options: Options) -> Iterator[Bench]:
    """The promise is about flat memory."""
    yield from recording.benches(options)
    yield from beginnings.imports(options)
    if not options.quick:
        yield from beginnings.first_units(options)
        yield from disk.benches(options)
