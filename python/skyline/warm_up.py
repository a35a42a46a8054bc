"""Measures the frame rate of a loop that nobody declared, for descriptions that need a number."""

import itertools
import time
from collections.abc import Callable
from statistics import median

_PAUSE = 5.0  # an interval this many times the median is a pause,
_MOST_PAUSES = 0.1  # unless so many intervals are that long: then they are the rhythm
_CLOCK_ERROR = 3e-4  # between two clocks; 29.97 and 30 are 1e-3 apart
_NOISE_FACTOR = 4.0
_LARGEST_SNAP = 0.01
_WELL_KNOWN = (
    *tuple(base * 1000 / 1001 for base in (24, 30, 60, 120)),
    *(0.1, 0.2, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 7.5, 8, 10, 12, 12.5, 15, 16, 18, 20, 24, 25, 30, 36, 40, 48, 50),
    *(60, 72, 75, 80, 90, 100, 120, 144, 150, 200, 240),
)


class RateMeter:
    """Counts ticks and tells their rate.

    A straight line is fitted through the times of the ticks, so that the jitter of a single frame hardly
    counts; a pause starts a new line with the same slope and does no harm. Not thread-safe.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: list[float] = []

    def tick(self) -> None:
        """Note that a frame came now."""
        self._times.append(self._clock())

    def __len__(self) -> int:
        return len(self._times)

    def rate(self, *, at_most: float) -> float:
        """Frames per second, on a well-known rate where the noise allows it.

        Args:
            at_most: The answer where frames came faster, or all at one time.
        """
        fitted = _common_slope(_without_pauses(self._times))
        if fitted is None:
            return at_most
        interval, error = fitted
        return min(_snap(1 / interval, _NOISE_FACTOR * error / interval), at_most)


def _without_pauses(times: list[float]) -> list[list[float]]:
    intervals = [later - earlier for earlier, later in itertools.pairwise(times)]
    if not intervals:
        return []
    limit = _PAUSE * median(intervals)
    if sum(interval > limit for interval in intervals) > max(2, _MOST_PAUSES * len(intervals)):
        return [times]
    lines = [times[:1]]
    for interval, moment in zip(intervals, times[1:], strict=True):
        if interval > limit:
            lines.append([moment])
        else:
            lines[-1].append(moment)
    return lines


def _common_slope(lines: list[list[float]]) -> tuple[float, float] | None:
    """Seconds per tick and its standard error, by least squares with one offset per line."""
    points = [
        (index - (len(line) - 1) / 2, moment - sum(line) / len(line))
        for line in lines
        for index, moment in enumerate(line)
    ]
    spread = sum(x * x for x, _ in points)
    if spread == 0:
        return None
    slope = sum(x * y for x, y in points) / spread
    if slope <= 0:
        return None
    freedom = max(1, len(points) - len(lines) - 1)
    variance = sum((y - slope * x) ** 2 for x, y in points) / freedom
    return slope, (variance / spread) ** 0.5


def _snap(rate: float, noise: float) -> float:
    tolerance = min(max(noise, _CLOCK_ERROR), _LARGEST_SNAP)
    nearest = min(_WELL_KNOWN, key=lambda known: abs(known - rate) / known)
    if abs(nearest - rate) / nearest <= tolerance:
        return nearest
    return float(f"{rate:.4g}")
