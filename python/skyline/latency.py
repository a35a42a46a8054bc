"""How long frames take from the call that brought them to each later step, as percentiles."""

from collections.abc import Mapping
from dataclasses import dataclass

Values = tuple[int, float, float, float, float, int]


@dataclass(frozen=True)
class Percentiles:
    """A latency over ``count`` frames. ``p50_ms <= p95_ms <= p99_ms <= max_ms``.

    Counted in buckets, which take the same memory for ever: a percentile is at most 1.6 % off, ``max_ms`` is exact.

    Attributes:
        count: Frames measured.
        p50_ms: Half of them took no longer, in milliseconds.
        p95_ms: 95 of 100 took no longer.
        p99_ms: 99 of 100 took no longer.
        max_ms: The longest.
        clamped: How many were outside 1 µs … 100 s; they count as the nearer end.
    """

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    clamped: int = 0


@dataclass(frozen=True)
class FrameLatency:
    """How long frames took from *put* to each step; None where no frame was measured.

    *Put* is the moment the call came to the stream, before it waited for room or touched a pixel: ``put``, ``lend``, or
    for ``acquire`` the end of its block. The clock is the system's monotonic one, whatever the frames' own times are.
    Dropped frames are in no step that they did not reach.

    Attributes:
        pushed: To the frame's leaving our queue for the pipeline of the encoder. Contains the wait for room and the
            conversion in ``put``.
        encoded: To the frame's first unit leaving that pipeline, found by its time whatever the order of the units. None
            for a description of your own, where the encoder is not ours to see.
        sent: For a description of your own: to the frame's coming to a sink, before the sink waits for its time; several
            sinks count each for itself. Found by the time of the buffers, which raw video, an encoder, a payloader and
            most muxers for streaming keep: None where nothing keeps it (``mp4mux``). Other streams have it for each
            output, as ``OutputStats.latency``.
    """

    pushed: Percentiles | None = None
    encoded: Percentiles | None = None
    sent: Percentiles | None = None


def percentiles_of(values: Values | None) -> Percentiles | None:
    """The core's values as one of ours."""
    return None if values is None else Percentiles(*values)


def latency_of(steps: Mapping[str, Values | None]) -> FrameLatency:
    """The core's steps as one of ours."""
    return FrameLatency(**{step: percentiles_of(values) for step, values in steps.items()})
