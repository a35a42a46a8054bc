"""What Skyline promises, row by row, and whether a run kept it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from benchmarks.rival import Measured, Spread


@dataclass(frozen=True)
class Target:
    """A promise about two rivals of one bench, or about one figure.

    Args:
        work: What the table calls it.
        bench: Key of the bench.
        ours: Name of the rival that the promise is about.
        theirs: The rival it is compared with; None promises about the figure itself.
        kind: ``"cost"``: ours / theirs, at most the limit. ``"gain"``: how many times better ours is, at least
            the limit, whichever way the bench counts. ``"share"``: ours / theirs, at least the limit.
            ``"figure"``: ours alone, at most the limit.
        limit: What is promised.
        moonshot: What is hoped for.
        needs: SIMD target without which the row does not apply.
    """

    work: str
    bench: str
    ours: str
    theirs: str | None
    kind: Literal["cost", "gain", "share", "figure"]
    limit: float
    moonshot: float
    needs: str = ""

    def result(self, measured: Measured) -> Spread | None:
        """The figure of the promise; None where a rival was not here."""
        names = [self.ours] if self.theirs is None else [self.ours, self.theirs]
        if any(name not in measured.figures for name in names):
            return None
        if self.theirs is None:
            return measured.spread(self.ours)
        if self.kind == "gain" and measured.bench.better == "less":
            return measured.ratio(self.theirs, self.ours)
        return measured.ratio(self.ours, self.theirs)

    def holds(self, figure: float, limit: float) -> bool:
        """Whether a figure keeps a limit."""
        return figure <= limit if self.kind in ("cost", "figure") else figure >= limit

    @property
    def sign(self) -> str:
        """Before the limit, in the table."""
        return "≤" if self.kind in ("cost", "figure") else "≥"


@dataclass(frozen=True)
class Verdict:
    """A target and what became of it."""

    target: Target
    figure: Spread | None
    word: Literal["moonshot", "met", "missed", "not measured", "does not apply"]


def verdicts(targets: tuple[Target, ...], measured: Mapping[str, Measured], simd: list[str]) -> list[Verdict]:
    """Judge every target of a bench that ran."""
    found = []
    for target in targets:
        if target.bench not in measured:
            continue
        if target.needs and target.needs not in simd:
            found.append(Verdict(target, None, "does not apply"))
            continue
        figure = target.result(measured[target.bench])
        if figure is None:
            found.append(Verdict(target, None, "not measured"))
        elif target.holds(figure.median, target.moonshot):
            found.append(Verdict(target, figure, "moonshot"))
        else:
            found.append(Verdict(target, figure, "met" if target.holds(figure.median, target.limit) else "missed"))
    return found
