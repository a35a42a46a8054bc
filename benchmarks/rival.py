"""What is compared: rivals that do the same work, and what was measured of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Rival:
    """Something that does the same work as the others of its bench.

    Args:
        name: What tables and charts call it.
        run: Does the work once and returns the figure, in the unit of its bench.
        settings: How it runs: its launch text, options, threads. Printed, so that anybody can object.
        check: Does the work once, looks at what came out and raises CheckFailed where that is not right;
            returns what it saw, in a few words. Runs once, before anything is timed.
        is_ours: Drawn in our colour.
    """

    name: str
    run: Callable[[], float]
    settings: str = ""
    check: Callable[[], str] | None = None
    is_ours: bool = False


class CheckFailed(Exception):
    """The work was not done right, so it is not timed."""


class RivalMissing(Exception):
    """The rival cannot run on this machine; says what would bring it."""


@dataclass(frozen=True)
class Bench:
    """One table: rivals on the same work.

    Args:
        key: Names it in files, e.g. ``"record-h264-1080p"``.
        title: What the work is, for people.
        unit: Of the figures, e.g. ``"s/frame"``, ``"frames/s"``, ``"ms"``, ``"MiB"``.
        better: Whether less or more of it is better.
        base: Name of the rival that the printed ratios refer to.
        rivals: In the order in which they run within a round.
        rounds: How often each runs.
        missing: Rivals that are not here, and why.
    """

    key: str
    title: str
    unit: str
    better: Literal["less", "more"]
    base: str
    rivals: tuple[Rival, ...]
    rounds: int
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spread:
    """A median with its 10th and 90th percentile."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Of at least one value."""
        ordered = sorted(values)
        last = len(ordered) - 1
        return cls(statistics.median(ordered), ordered[round(last * 0.1)], ordered[round(last * 0.9)])

    def __str__(self) -> str:
        return f"{self.median:.2f} [{self.low:.2f}–{self.high:.2f}]"


@dataclass
class Measured:
    """The figures of a bench, one per rival and round."""

    bench: Bench
    figures: dict[str, list[float]]
    checked: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def spread(self, name: str) -> Spread:
        """Of the figures themselves: on a shared machine these are noise, ratios are not."""
        return Spread.of(self.figures[name])

    def ratio(self, name: str, base: str) -> Spread:
        """Of the figures of two rivals, each pair from the same round."""
        return Spread.of([ours / theirs for ours, theirs in zip(self.figures[name], self.figures[base], strict=True)])
