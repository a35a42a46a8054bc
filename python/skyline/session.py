"""What runs between start and stop: a lane of the core, made from options, sink or description."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING

from skyline import _core
from skyline.bitrate import change_target, check_can_change, settle_level, target_kbps
from skyline.core_values import element_specs, recipe
from skyline.encoder_choice import choose_row
from skyline.encoder_plan import ASSUMED_FPS, Clock, check_says_colours, plan_encoder
from skyline.events import EventThread, Listener, error_of
from skyline.framerate import Fps, fraction
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
        bitrate_kbps: Its target; None where it has none, or several encode.
        warm_up_frames: Frames that were only measured before it.
    """

    lane: _core.Lane
    encoder = ""
    bitrate_kbps: float | None = None

    def __init__(self, options: Options, fps: Fps | None, clock: Clock) -> None:
        self.options = options
        self.fps = None if fps is None else fraction(fps)
        self.clock = clock
        self.outputs: tuple[Output, ...] = ()
        self.warm_up_frames = 0
        self._event_thread: EventThread | None = None
        self._begin_lock = threading.Lock()  # between begin and set_bitrate

    @abstractmethod
    def begin(self, width: int, height: int) -> None:
        """Play, for frames of this size."""

    @abstractmethod
    def set_bitrate(self, kbps: float) -> None:
        """Change the target, from the next frame that enters the encoder on. Any thread."""

    def force_keyframe(self) -> bool:
        """Ask that the next frame becomes a key frame; False where nobody listens. Any thread."""
        return self.lane.force_keyframe()

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
        return stats_of(
            self.lane.stats(),
            outputs,
            encoder=self.encoder,
            bitrate_kbps=self.bitrate_kbps,
            warm_up_frames=self.warm_up_frames,
        )


class SinkSession(Session):
    """Encodes once, for one sink. Opens the sink at once, chooses the encoder, builds it with the first size."""

    lane: _core.EncodeLane

    def __init__(self, sink: Sink, options: Options, fps: Fps | None) -> None:
        super().__init__(options, fps, sink.clock(options.clock, has_rate=fps is not None))
        self._sink = sink
        self._encoder: Encoder = options.encoder or sink.default_encoder()
        plan = sink.plan(self._encoder, clock=self.clock, fps=self.fps)
        self._row = choose_row(self._encoder, format=options.format, clock=self.clock, colorimetry=options.colorimetry)
        check_says_colours(self._row, options.colorimetry, container_says=sink.says_colours, name=plan.name)
        self.encoder = self._row.factory
        self.bitrate_kbps = self._encoder.bitrate_kbps
        self._has_begun = False  # guarded by _begin_lock, as _encoder
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
        with self._begin_lock:
            self._begin(width, height)
            self._has_begun = True

    def set_bitrate(self, kbps: float) -> None:
        """Change the target; before the first frame it is the one that the encoder is built with."""
        with self._begin_lock:
            if self._has_begun:
                change_target(self._running_encoder(), self._row, kbps)
            else:
                check_can_change(self._row, self._encoder.properties.get)
                others = {
                    name: value for name, value in self._encoder.properties.items() if name not in self._row.in_units(1)
                }
                self._encoder = replace(self._encoder, bitrate_kbps=kbps, properties=others)
            self.bitrate_kbps = kbps

    def force_keyframe(self) -> bool:
        """As every session; False too where this release's element is known not to listen."""
        version = tuple(int(number) for number in _core.gstreamer_version().split(".")[:2])
        return version >= self._row.forces_keys_since and super().force_keyframe()

    def _begin(self, width: int, height: int) -> None:
        self._sink.check_size(width, height)
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
        (encoder,) = (element for element in plan.chain if element.factory == self.encoder)
        self.bitrate_kbps = target_kbps(self._row, encoder.properties.get)
        settle_level(self._running_encoder(), self._row, self.bitrate_kbps)

    def _running_encoder(self) -> _core.LiveElement:
        (running,) = (element for element in self.lane.encoders() if element.factory == self.encoder)
        return running
