"""A sink that runs, seen from Python."""

from typing import TYPE_CHECKING

from skyline.errors import PipelineError
from skyline.events import error_of
from skyline.stats import OutputStats, output_stats_of

if TYPE_CHECKING:
    from skyline import _core


class Output:
    """One output of a stream. Stays readable after it ended."""

    def __init__(self, running: "_core.Output") -> None:
        self._running = running

    @property
    def name(self) -> str:
        """Its name, e.g. ``"film.mp4"``."""
        return self._running.name

    @property
    def state(self) -> str:
        """``"connecting"``, ``"live"``, ``"backoff"``, ``"finishing"``, ``"stopped"`` or ``"failed"``.

        It is connecting until the first unit got through, and in backoff where its peer was lost and is tried again.
        """
        return self._running.state

    @property
    def error(self) -> PipelineError | None:
        """What it failed with, if it did."""
        return error_of(self._running.error)

    def stats(self) -> OutputStats:
        """Its counters now."""
        return output_stats_of(self.name, self._running.stats())

    def remove_from(self, lane: "_core.EncodeLane", timeout_s: float) -> bool:
        """For ``SkyLine.remove``, which is what a program calls."""
        return lane.remove_output(self._running, timeout_s)

    def save_from(self, lane: "_core.EncodeLane", recipe: "_core.Recipe") -> "_core.Output":
        """For ``SkyLine.save``: what this one keeps begins the new output."""
        return lane.save(self._running, recipe)

    def __repr__(self) -> str:
        return f"<Output {self.name!r} {self.state}>"
