"""What a stream reports, as lines of its log: few, and never more than one of a kind in a second."""

import logging
import time
from collections.abc import Callable

_LEVELS = {
    "connected": logging.INFO,
    "reconnecting": logging.WARNING,
    "failed": logging.WARNING,
    "dropped": logging.WARNING,
}
_BETWEEN_S = 1.0


class EventLog:
    """Writes the events that matter to whoever operates it. One thread.

    A peer that is away, or a sink that is too slow, would otherwise fill the log. What was left out is counted in
    the next line of its kind. Messages come from the core, which has removed what is secret.

    Args:
        logger: Where to.
        now_s: A clock that only goes forward.
    """

    def __init__(self, logger: logging.Logger, now_s: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._now_s = now_s
        self._written: dict[tuple[str, str], float] = {}  # kind and output to when
        self._left_out: dict[tuple[str, str], int] = {}

    def note(self, kind: str, output: str, message: str) -> None:
        """Write it, unless it is none of those or the same was written just now."""
        level = _LEVELS.get(kind)
        if level is None:
            return
        what, now_s = (kind, output), self._now_s()
        if what in self._written and now_s - self._written[what] < _BETWEEN_S:
            self._left_out[what] = self._left_out.get(what, 0) + 1
            return
        self._written[what] = now_s
        left_out = self._left_out.pop(what, 0)
        self._logger.log(
            level,
            "%s%s%s%s",
            f"{output} " if output else "",
            kind,
            f": {message}" if message else "",
            f" ({left_out} more like it left out)" if left_out else "",
        )
