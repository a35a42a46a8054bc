"""The counters of a stream and of its outputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skyline.latency import FrameLatency, Percentiles, latency_of, percentiles_of

WARM_UP = "warm_up"
"""Reason of a frame that was only measured, in ``Stats.frames_dropped``."""


@dataclass(frozen=True)
class OutputStats:
    """Counters of one output. ``units_in == units_sent + units_dropped + units_queued`` at every look.

    Attributes:
        name: Of the output.
        units_in: Encoded units offered to it, from its first key unit on; of a server while somebody watches.
        units_sent: Handed to its muxer.
        units_dropped: Not sent, because it could not keep up or had failed.
        units_queued: Waiting.
        bytes_sent: Bytes of the units sent.
        key_units: Key units among them.
        parts: Files begun, or pipelines of any other kind.
        reconnects: Times that a lost peer was there again.
        clients: Of a server: who is connected now.
        callback_errors: Times that the function of ``sinks.callback`` raised.
        latency: From put (see ``FrameLatency``) to the frame's first unit being handed to this output's muxer or payloader,
            since the start. Contains its wait in the output's queue, and not what a sink does with it afterwards.
            None where nothing was sent.
        recent_latency: The same over the last 5 to 10 s.
    """

    name: str
    units_in: int = 0
    units_sent: int = 0
    units_dropped: int = 0
    units_queued: int = 0
    bytes_sent: int = 0
    key_units: int = 0
    parts: int = 0
    reconnects: int = 0
    clients: int = 0
    callback_errors: int = 0
    latency: Percentiles | None = None
    recent_latency: Percentiles | None = None


@dataclass(frozen=True)
class Stats:
    """Counters of a stream since it started.

    ``frames_in == frames_encoded + dropped + frames_in_flight`` at every look. For a description of your own,
    "encoded" is "taken by the pipeline".

    Attributes:
        frames_in: Frames given by put, lend and acquire.
        frames_encoded: Frames that came out of the encoder.
        frames_dropped: Frames that did not, by reason: ``"queue_full"``, ``"timeout"``, ``"failed"``,
            ``"stopped"``, ``"warm_up"``, and ``"unwatched"``: nobody looked at the outputs that are on demand.
        frames_in_flight: Frames on their way.
        copied_frames: Lent frames that had to be copied, because their memory might vanish.
        nudged_times: Times that repeated or went back and were moved by a nanosecond.
        level_buffers: Frames waiting in front of the encoder.
        queue_age_ms: How long ago the oldest of them was put, in milliseconds; 0 with none.
        key_units: Key units made.
        bytes_encoded: Bytes of all units.
        latency: How long frames took from put to each step, since the start.
        recent_latency: The same over the last 5 to 10 s: two windows of five seconds that take turns.
        unmatched_units: Encoded units whose time was no frame's, so that their latency is not known; no encoder of
            ours makes any.
        encoder: The element that encodes, e.g. ``"x264enc"``; empty for a description of your own.
        bitrate_kbps: Its target in kbit/s, as ``set_bitrate`` last had it; None with constant quality, without
            an encoder, or with several.
        outputs: Counters of each output.
    """

    frames_in: int = 0
    frames_encoded: int = 0
    frames_dropped: Mapping[str, int] = field(default_factory=dict)
    frames_in_flight: int = 0
    copied_frames: int = 0
    nudged_times: int = 0
    level_buffers: int = 0
    queue_age_ms: float = 0.0
    key_units: int = 0
    bytes_encoded: int = 0
    latency: FrameLatency = field(default_factory=FrameLatency)
    recent_latency: FrameLatency = field(default_factory=FrameLatency)
    unmatched_units: int = 0
    encoder: str = ""
    bitrate_kbps: float | None = None
    outputs: tuple[OutputStats, ...] = ()

    @property
    def dropped(self) -> int:
        """Frames dropped, for whatever reason."""
        return sum(self.frames_dropped.values())


def output_stats_of(name: str, counters: Mapping[str, Any]) -> OutputStats:
    """The core's counters of an output as a value."""
    latencies = {name: percentiles_of(counters[name]) for name in ("latency", "recent_latency")}
    return OutputStats(**{**counters, **latencies}, name=name)


def stats_of(
    counters: Mapping[str, Any],
    outputs: tuple[OutputStats, ...] = (),
    *,
    encoder: str = "",
    bitrate_kbps: float | None = None,
    warm_up_frames: int = 0,
) -> Stats:
    """The core's counters as a value; frames of the warm-up, which the core never saw, are added."""
    dropped = dict(counters["frames_dropped"])
    if warm_up_frames:
        dropped[WARM_UP] = warm_up_frames
    known = {name: counters[name] for name in Stats.__dataclass_fields__ if name in counters}
    known.update(frames_in=counters["frames_in"] + warm_up_frames, frames_dropped=dropped)
    known.update({name: latency_of(counters[name]) for name in ("latency", "recent_latency")})
    return Stats(**known, encoder=encoder, bitrate_kbps=bitrate_kbps, outputs=outputs)
