"""What it costs to measure the latency of every frame, as the core does it (latency_cost.cpp)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.programs import built
from benchmarks.rival import Bench, Rival

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

KEY = "latency-cost"
HOT, COLD, COLDER = "a frame, hot", "a frame, after 16 MB of pixels", "a frame, after 64 MB of pixels"
LOOK = "reading it all, as stats() does"

_CORE = Path(__file__).parents[1] / "cpp/core"
_SOURCES = ("lane/frame_latency.cpp", "report/latency.cpp")


def benches(options: Options) -> Iterator[Bench]:
    """Nanoseconds, medians of many calls within each round."""
    program = built(
        "latency_cost", options.folder, flags=["-O3", f"-I{_CORE}", *(str(_CORE / name) for name in _SOURCES)]
    )

    def run(megabytes: int, column: int) -> float:
        told = subprocess.check_output([str(program), str(megabytes * 1_000_000)], text=True, timeout=60)
        return float(told.split()[column])

    rivals = tuple(
        Rival(name, lambda megabytes=megabytes, column=column: run(megabytes, column), is_ours=True)
        for name, megabytes, column in ((HOT, 16, 0), (COLD, 16, 1), (COLDER, 64, 1), (LOOK, 16, 2))
    )
    yield Bench(KEY, "measuring latency", "ns", "less", HOT, rivals, options.rounds(full=7, quick=3))
