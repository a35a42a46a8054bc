"""Work that looks at what came out each time it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Figures = Mapping[str, float]


class CheckedRun:
    """The check of such work is its first run, which serves as the warm-up too: nothing is done twice.

    Args:
        work: Does it, and raises CheckFailed where what came out is not right.
        saw: What it has looked at, in a few words.
    """

    def __init__(self, work: Callable[[], Figures], saw: str) -> None:
        self._work, self._saw = work, saw
        self._first: Figures | None = None

    def check(self) -> str:
        """Do it and keep what it found for the first run."""
        self._first = self._work()
        return self._saw

    def run(self) -> Figures:
        """Do it, or what the check has found."""
        first, self._first = self._first, None
        return first or self._work()
