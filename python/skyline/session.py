"""What runs between start and stop: a lane of the core, made from options, sink or description."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from skyline import _core
from skyline.colorimetry import colours_of
from skyline.core_values import element_specs, recipe
from skyline.description_clock import clock_of
from skyline.encoder_choice import choose_row
from skyline.encoder_plan import ASSUMED_FPS, Clock, plan_encoder
from skyline.events import EventThread, Listener, error_of
from skyline.framerate import Fps, exact_framerates, fraction
from skyline.outputs import Output
from skyline.stats import Stats, stats_of

if TYPE_CHECKING:
    from skyline.encoders import Encoder
    from skyline.errors import PipelineError
    from skyline.options import Options
    from skyline.sinks.sink import Sink

_LAST_EVENTS_S = 1.0


class Session(ABC):
    """One start of a stream. The caller locks; ``lane`` may be used by any thread.

    Attributes:
        lane: Where frames go.
        outputs: The sinks that run; empty for a description.
        encoder: Name of the element that encodes; empty for a description.
        warm_up_frames: Frames that were only measured before it.
    """

    lane: _core.Lane
    encoder = ""

    def __init__(self, options: Options, fps: Fps | None, clock: Clock) -> None:
        self.options = options
        self.fps = None if fps is None else fraction(fps)
        self.clock = clock
        self.outputs: tuple[Output, ...] = ()
        self.warm_up_frames = 0
        self._event_thread: EventThread | None = None

    @abstractmethod
    def begin(self, width: int, height: int) -> None:
        """Play, for frames of this size."""

    def measure(self, frame: object, width: int | None, height: int | None) -> tuple[int, int]:
        """Width and height of a first frame; raises FrameError where they are not those given."""
        return _core.measure_frame(frame, self.options.format, width, height)

    def tell_events(self, listener: Listener) -> None:
        """Tell every event from now on."""
        if self._event_thread is None:
            self._event_thread = EventThread(self.lane, listener)

    def stop(self, timeout_s: float) -> bool:
        """Finalise; True when everything was. The last events are told before it returns."""
        deadline = time.monotonic() + timeout_s
        finalised = self.lane.stop(timeout_s)
        if self._event_thread is not None:
            self._event_thread.join(min(_LAST_EVENTS_S, max(deadline - time.monotonic(), 0.1)))
        return finalised

    def error(self) -> PipelineError | None:
        """What the lane failed with, if it did."""
        return error_of(self.lane.error) if self.lane.failed else None

    def stats(self) -> Stats:
        """The counters now."""
        outputs = tuple(output.stats() for output in self.outputs)
        return stats_of(self.lane.stats(), outputs, encoder=self.encoder, warm_up_frames=self.warm_up_frames)


class SinkSession(Session):
    """Encodes once, for one sink. Opens the sink at once, chooses the encoder, builds it with the first size."""

    lane: _core.EncodeLane

    def __init__(self, sink: Sink, options: Options, fps: Fps | None) -> None:
        super().__init__(options, fps, sink.clock(options.clock, has_rate=fps is not None))
        self._encoder: Encoder = options.encoder or sink.default_encoder()
        plan = sink.plan(self._encoder, clock=self.clock, fps=self.fps)
        self._row = choose_row(self._encoder, format=options.format, clock=self.clock, colorimetry=options.colorimetry)
        self.encoder = self._row.factory
        self.lane = _core.EncodeLane(
            format=options.format,
            clock=self.clock,
            fps=self.fps or (ASSUMED_FPS if self._row.needs_rate else None),
            leaky=options.leaky or "none",
            max_buffers=options.max_buffers,
        )
        self.outputs = (Output(self.lane.add_output(recipe(plan))),)

    def begin(self, width: int, height: int) -> None:
        """Build the encoder for this size and play."""
        plan = plan_encoder(
            self._encoder,
            self._row,
            format=self.options.format,
            width=width,
            height=height,
            fps=self.fps,
            clock=self.clock,
            colorimetry=self.options.colorimetry,
        )
        self.lane.start(
            width=width,
            height=height,
            chain=element_specs(plan.chain),
            encoder_format=plan.encoder_format,
            matrix=plan.matrix,
            range=plan.range,
            keyframe_ns=plan.keyframe_ns,
        )


class DescriptionSession(Session):
    """Runs launch text with an appsrc of its own."""

    lane: _core.DescriptionLane

    def __init__(self, description: str, options: Options, fps: Fps | None, *, is_measured: bool = False) -> None:
        has_rate = fps is not None and not is_measured
        super().__init__(options, fps, clock_of(description, options.clock, has_rate=has_rate))
        self.lane = _core.DescriptionLane(
            exact_framerates(description),
            format=options.format,
            clock=self.clock,
            fps=self.fps,
            leaky=options.leaky or "none",
            max_buffers=options.max_buffers,
        )

    def begin(self, width: int, height: int) -> None:
        """Play with frames of this size."""
        given = self.options.colorimetry
        self.lane.start(width=width, height=height, colours=None if given is None else colours_of(given, height))
