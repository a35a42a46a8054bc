"""Run rivals one after the other, round by round, and compare them only inside a round.

A shared machine drifts by tens of per cent in seconds. A ratio of two neighbours in time does not.
"""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Rival:
    """Something that does the same work as the others.

    Args:
        name: What the table calls it, with its settings.
        run: Does the work once and returns the seconds per frame that it took.
        check: Raises where the work was not done right; runs once, before anything is timed.
    """

    name: str
    run: Callable[[], float]
    check: Callable[[], None] | None = None


@dataclass
class Ratio:
    """Seconds per frame of one rival divided by those of the base, round by round."""

    name: str
    base: str
    per_round: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.per_round)

    @property
    def spread(self) -> tuple[float, float]:
        """10th and 90th percentile."""
        ordered = sorted(self.per_round)
        last = len(ordered) - 1
        return ordered[round(last * 0.1)], ordered[round(last * 0.9)]


def machine() -> str:
    """The processor and its kernel, in one line."""
    model = platform.processor() or "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{model}, {platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}"


def compare(rivals: list[Rival], *, base: str, rounds: int) -> list[Ratio]:
    """Check every rival, run one round to warm up, then time ``rounds`` rounds in order A B C A B C."""
    for rival in rivals:
        if rival.check is not None:
            rival.check()
        rival.run()
    ratios = {rival.name: Ratio(rival.name, base) for rival in rivals}
    for _ in range(rounds):
        seconds = {rival.name: rival.run() for rival in rivals}
        for name, ratio in ratios.items():
            ratio.per_round.append(seconds[name] / seconds[base])
    return list(ratios.values())


def report(title: str, ratios: list[Ratio], targets: dict[str, float], json_path: Path | None) -> bool:
    """Print the table and say of each target whether it was met; True when all were."""
    print(f"\n{title}\n{machine()}")
    all_met = True
    for ratio in ratios:
        low, high = ratio.spread
        line = f"  {ratio.name:<58} {ratio.median:6.2f} x {ratio.base}  [{low:.2f}-{high:.2f}]"
        if ratio.name in targets:
            met = ratio.median <= targets[ratio.name]
            all_met = all_met and met
            line += f"  target <= {targets[ratio.name]:.2f}: {'met' if met else 'missed'}"
        print(line)
    if json_path is not None:
        rows = [{"name": r.name, "base": r.base, "median": r.median, "per_round": r.per_round} for r in ratios]
        json_path.write_text(
            json.dumps({"title": title, "machine": machine(), "rows": rows}, indent=1), encoding="utf-8"
        )
    return all_met
