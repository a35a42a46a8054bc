"""What runs where the sinks are ours: everything that hangs on the encoder."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from skyline.core_values import hang, recipe
from skyline.encoder_plan import check_says_colours
from skyline.encoding_session import EncodingSession
from skyline.errors import SinkError
from skyline.outputs import Output
from skyline.sinks.ring import RingPlan
from skyline.sinks.sink import OutputPlan

if TYPE_CHECKING:
    from skyline import _core
    from skyline.framerate import Fps
    from skyline.options import Options
    from skyline.sinks.sink import Plan, Sink


class SinkSession(EncodingSession):
    """Encodes once, for any number of sinks.

    Opens the sinks at once. Each becomes an output, and more come and go while frames flow.
    """

    def __init__(self, sink: Sink, options: Options, fps: Fps | None) -> None:
        super().__init__(sink, options, fps)
        self._outputs_lock = threading.Lock()  # between add and remove
        self._ever: weakref.WeakSet[Output] = weakref.WeakSet()  # those of the past too
        self._rings: weakref.WeakSet[Output] = weakref.WeakSet()
        for each in sink.sinks:
            each.plan(self._encoder, clock=self.clock, fps=self.fps)  # all that is wrong is said before anything opens
        self._make_lane()
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
