"""The status lines of ``skyline stream``: what flows, and how each output fares."""

import time
from collections import deque
from collections.abc import Callable

from rich.text import Text

from skyline.cli.display import size_text
from skyline.stats import OutputStats, Stats

_WINDOW_S = 2.0


class Flow:
    """One line for the stream and one for each output.

    Args:
        look: Gives the counters of the moment.
    """

    def __init__(self, look: Callable[[], Stats]) -> None:
        self._look = look
        self._begun_s = time.monotonic()
        self._seen = deque([(self._begun_s, Stats())])

    def lately(self) -> Text:
        """With the rates of the last two seconds."""
        now_s, stats = time.monotonic(), self._look()
        while len(self._seen) > 1 and now_s - self._seen[1][0] > _WINDOW_S:
            self._seen.popleft()
        self._seen.append((now_s, stats))
        return self._lines(*self._seen[0], now_s, stats)

    def on_the_whole(self) -> Text:
        """With the rates since the beginning."""
        return self._lines(self._begun_s, Stats(), time.monotonic(), self._look())

    def _lines(self, then_s: float, before: Stats, now_s: float, stats: Stats) -> Text:
        past_s = max(now_s - then_s, 1e-3)
        figures = (
            f"{now_s - self._begun_s:7.1f} s",
            f"{stats.frames_in} frames",
            f"{(stats.frames_in - before.frames_in) / past_s:.1f} frames/s",
            f"{(stats.bytes_encoded - before.bytes_encoded) * 8 / 1000 / past_s:.0f} kbit/s",
            f"{stats.dropped} dropped",
        )
        return Text("\n".join(("   ".join(figures), *map(_line_of, stats.outputs))))


def _line_of(output: OutputStats) -> str:
    figures = [
        output.name,
        f"{output.units_sent} sent",
        size_text(output.bytes_sent),
        f"{output.units_dropped} dropped",
    ]
    happened = ((output.reconnects, "reconnects"), (output.clients, "clients"))
    figures += [f"{count} {what}" for count, what in happened if count]
    return f"{'':10}{'   '.join(figures)}"
