"""What runs between start and stop: a lane of the core, made from options, sink or description."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from skyline import _core
from skyline.errors import SinkError, StateError
from skyline.events import EventThread, Listener, error_of
from skyline.framerate import Fps, fraction
from skyline.stats import Stats, stats_of

if TYPE_CHECKING:
    from skyline.encoder_plan import Clock
    from skyline.errors import PipelineError
    from skyline.options import Options
    from skyline.outputs import Output
    from skyline.sinks.sink import Sink

_LAST_EVENTS_S = 1.0


class Session(ABC):
    """One start of a stream. The caller locks; ``lane`` may be used by any thread.

    Attributes:
        lane: Where frames go.
        outputs: The sinks that run; empty for a description. Replaced as a whole, never changed.
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

    def add(self, sink: Sink) -> Output:
        """Hang one more sink on the encoder, while frames flow. Any thread."""
        message = (
            f"a description of your own ends where it says, so {type(sink).__name__} cannot be added to it: "
            "open a sink instead, or write a tee into the description"
        )
        raise StateError(message)

    def save(self, sink: Sink) -> Output:  # noqa: ARG002  # no ring here
        """Hang a file on the encoder that begins with what a ring has kept. Any thread."""
        message = "there is nothing kept to save: open a sinks.tee(…) with sinks.ring(seconds=10) in it, or add one"
        raise StateError(message)

    def remove(self, output: Output, timeout_s: float) -> bool:  # noqa: ARG002  # nothing to wait for here
        """Finalise one of ``outputs`` and take it off; the others go on. Any thread."""
        message = f"{output!r} is no output of this stream"
        raise SinkError(message)

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
