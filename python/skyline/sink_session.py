"""What runs where the sinks are ours: one encoder, or none, and everything that hangs on it."""

from __future__ import annotations

import threading
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

from skyline import _core
from skyline.bitrate import change_target, check_can_change, settle_level, target_kbps
from skyline.colorimetry import colours_of
from skyline.core_values import hang, lane_arguments, recipe
from skyline.encoder_choice import choose_row
from skyline.encoder_plan import ASSUMED_FPS, check_says_colours, plan_encoder
from skyline.errors import SinkError
from skyline.outputs import Output
from skyline.session import Session
from skyline.sinks.ring import RingPlan
from skyline.sinks.sink import OutputPlan

if TYPE_CHECKING:
    from skyline.encoder_plan import EncoderPlan
    from skyline.encoder_row import EncoderRow
    from skyline.encoders import Encoder
    from skyline.framerate import Fps
    from skyline.options import Options
    from skyline.sinks.sink import Plan, Sink


class SinkSession(Session):
    """Encodes once, for any number of sinks.

    Opens the sinks at once, chooses the encoder, and builds it with the first size. Where all of them take frames
    as they are there is none, until one is added that needs it.
    """

    lane: _core.EncodeLane

    def __init__(self, sink: Sink, options: Options, fps: Fps | None) -> None:
        super().__init__(options, fps, sink.clock(options.clock, has_rate=fps is not None))
        self._sink = sink
        self._encoder: Encoder = options.encoder or sink.default_encoder()
        self._outputs_lock = threading.Lock()  # between add and remove
        self._ever: weakref.WeakSet[Output] = weakref.WeakSet()  # those of the past too
        self._rings: weakref.WeakSet[Output] = weakref.WeakSet()
        for each in sink.sinks:
            each.plan(self._encoder, clock=self.clock, fps=self.fps)  # all that is wrong is said before anything opens
        row = None if sink.is_raw else self._choose_row()
        self._row: EncoderRow | None = None  # guarded by _begin_lock, as _encoder and _size
        self._size: tuple[int, int] | None = None  # known once it has begun
        if row is not None:
            self._use(row)
        # What shows frames, and an encoder that may come, may want a rate.
        needs_rate = row is None or row.needs_rate
        self.lane = _core.EncodeLane(
            format=options.format,
            clock=self.clock,
            fps=self.fps or (ASSUMED_FPS if needs_rate else None),
            leaky=options.leaky or ("none" if sink.is_file or self.clock == "fixed" else "downstream"),
            max_buffers=options.max_buffers,
        )
        for each in sink.sinks:
            self._hang(each)

    def add(self, sink: Sink) -> Output:
        """Open it and hang it on the encoder; its first unit is a key unit, asked for now."""
        if sink.sinks != (sink,):
            message = f"{sink!r} is several sinks: add them one by one, each becomes an output"
            raise SinkError(message)
        self._check(sink)
        return self._hang(sink)

    def save(self, sink: Sink) -> Output:
        """Open a file that begins with what the ring has; the units from now on follow."""
        with self._outputs_lock:
            rings = [output for output in self.outputs if output in self._rings]
        if not rings:
            return super().save(sink)
        self._check(sink)
        plan = self._plan_of(sink)
        if not isinstance(plan, OutputPlan) or not sink.is_file:
            message = f"what was kept is saved to a file, not to {plan.name}"
            raise SinkError(message)
        return self._note(rings[0].save_from(self.lane, recipe(plan)))

    def remove(self, output: Output, timeout_s: float) -> bool:
        """Take it off, write what it has, finalise. Once more for what was removed already: the same answer."""
        with self._outputs_lock:
            if output not in self._ever:
                super().remove(output, timeout_s)
            self.outputs = tuple(each for each in self.outputs if each is not output)
        return output.remove_from(self.lane, timeout_s)

    def _check(self, sink: Sink) -> None:
        if not sink.is_raw:
            self._provide_encoder(sink)
        if self._size is not None:
            sink.check_size(*self._size)

    def _provide_encoder(self, sink: Sink) -> None:
        """Check that what encodes does for this sink; the first that needs it brings it about."""
        with self._begin_lock:
            if self._row is None:
                self._encoder = self.options.encoder or sink.default_encoder()
            sink.check(self._encoder)
            if self._row is not None:
                return
            row = self._choose_row()
            if self._size is not None:
                self.lane.add_encoder(**lane_arguments(self._plan(row, *self._size)))
            self._use(row)
            if self._size is not None:
                self._settle(row, *self._size)

    def _choose_row(self) -> EncoderRow:
        options = self.options
        return choose_row(self._encoder, format=options.format, clock=self.clock, colorimetry=options.colorimetry)

    def _use(self, row: EncoderRow) -> None:
        self._row = row
        self.encoder = row.factory
        self.bitrate_kbps = self._encoder.bitrate_kbps

    def _plan_of(self, sink: Sink) -> Plan:
        plan = sink.plan(self._encoder, clock=self.clock, fps=self.fps)
        if self._row is not None and not sink.is_raw:
            check_says_colours(self._row, self.options.colorimetry, container_says=sink.says_colours, name=plan.name)
        return plan

    def _hang(self, sink: Sink) -> Output:
        plan = self._plan_of(sink)
        output = self._note(hang(self.lane, plan))
        if isinstance(plan, RingPlan):
            self._rings.add(output)
        return output

    def _note(self, running: _core.Output) -> Output:
        output = Output(running)
        with self._outputs_lock:
            self._ever.add(output)
            self.outputs = (*self.outputs, output)
        return output

    def begin(self, width: int, height: int) -> None:
        """Build the encoder for this size and play."""
        with self._begin_lock:
            self._begin(width, height)
            self._size = (width, height)

    def set_bitrate(self, kbps: float) -> None:
        """Change the target; before the first frame it is the one that the encoder is built with."""
        with self._begin_lock:
            if self._row is None:
                message = "nothing is encoded: all outputs take the frames as they are"
                raise SinkError(message)
            if self._size is not None:
                change_target(self._running_encoder(), self._row, kbps)
            else:
                check_can_change(self._row, self._encoder.properties.get)
                others = {
                    name: value for name, value in self._encoder.properties.items() if name not in self._row.in_units(1)
                }
                self._encoder = replace(self._encoder, bitrate_kbps=kbps, properties=others)
            self.bitrate_kbps = kbps

    def force_keyframe(self) -> bool:
        """As every session; False too where this release's element is known not to listen, or nothing is encoded."""
        version = tuple(int(number) for number in _core.gstreamer_version().split(".")[:2])
        return self._row is not None and version >= self._row.forces_keys_since and super().force_keyframe()

    def _begin(self, width: int, height: int) -> None:
        self._sink.check_size(width, height)
        if self._row is None:
            matrix, range_ = colours_of(self.options.colorimetry, height)
            self.lane.start_raw(width=width, height=height, matrix=matrix, range=range_)
            return
        self.lane.start(width=width, height=height, **lane_arguments(self._plan(self._row, width, height)))
        self._settle(self._row, width, height)

    def _plan(self, row: EncoderRow, width: int, height: int) -> EncoderPlan:
        return plan_encoder(
            self._encoder,
            row,
            format=self.options.format,
            width=width,
            height=height,
            fps=self.fps,
            clock=self.clock,
            colorimetry=self.options.colorimetry,
        )

    def _settle(self, row: EncoderRow, width: int, height: int) -> None:
        (encoder,) = (element for element in self._plan(row, width, height).chain if element.factory == self.encoder)
        self.bitrate_kbps = target_kbps(row, encoder.properties.get)
        settle_level(self._running_encoder(), row, self.bitrate_kbps)

    def _running_encoder(self) -> _core.LiveElement:
        (running,) = (element for element in self.lane.encoders() if element.factory == self.encoder)
        return running
