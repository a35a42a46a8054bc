"""Several figures of the same runs: the work is done once, and each figure gets a table of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.rival import Bench, Rival


class Replay:
    """Keeps what the runs of a bench's rivals found beside their figure, round by round."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Mapping[str, float]]] = {}

    def rival(self, name: str, work: Callable[[], Mapping[str, float]], figure: str, **others: object) -> Rival:
        """A rival whose run does the work, keeps all of its figures and answers with one of them."""

        def run() -> float:
            found = work()
            self._kept.setdefault(name, []).append(found)
            return found[figure]

        return Rival(name, run, **others)  # type: ignore[arg-type]

    def last(self, name: str) -> Mapping[str, float]:
        """What the newest run of a rival found."""
        return self._kept[name][-1]

    def bench(self, measured: Bench, key: str, title: str, figure: str, *, unit: str = "", base: str = "") -> Bench:
        """A bench of another figure of the same runs; ``measured`` has run, nothing runs again.

        Args:
            measured: What has run.
            key: Of the new bench.
            title: Likewise.
            figure: Which of the figures.
            unit: Where it is another one.
            base: Where it is another one; the old base is left out then.
        """
        rivals = []
        for rival in measured.rivals:
            runs = self._kept.get(rival.name, [])
            if base and rival.name == measured.base:
                continue
            if len(runs) == measured.rounds + 1 and figure in runs[0]:  # the first is the warm-up
                turn = iter([found[figure] for found in runs])
                rivals.append(replace(rival, run=lambda turn=turn: next(turn), check=None, settings=""))
        base = base or measured.base
        return replace(
            measured, base=base, key=key, title=title, unit=unit or measured.unit, rivals=tuple(rivals), missing={}
        )
