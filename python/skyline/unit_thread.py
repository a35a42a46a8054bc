"""The thread that gives a program its encoded units."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from skyline.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyline._core import CallbackOutput
    from skyline.encoders import Codec

_LOOK_S = 1.0  # next_unit wakes at once for a unit and for the end; this only bounds one wait
_logger = logging.getLogger("skyline")


class UnitThread:
    """Takes the units of one output and gives them to a function, until the output is over."""

    def __init__(self, output: CallbackOutput, take: Callable[[Unit], object], codec: Codec) -> None:
        self._output = output
        self._take = take
        self._codec: Codec = codec
        self._last_error = ""
        threading.Thread(target=self._run, name="skyline-units", daemon=True).start()

    def _run(self) -> None:
        while True:
            told = self._output.next_unit(_LOOK_S)
            if told is not None:
                data, pts_ns, dts_ns, is_key, caps = told
                self._give(Unit(memoryview(data), pts_ns, dts_ns, is_key, caps, self._codec))
                del told, data  # not kept while waiting for the next
            elif self._output.is_over:
                break

    def _give(self, unit: Unit) -> None:
        try:
            self._take(unit)
        except Exception as error:
            kind = type(error).__name__
            # The same trouble with every unit is told once with its traceback; all of it is counted.
            if kind != self._last_error:
                _logger.exception(
                    "the callback raised for the unit at %d ns; the next ones are given all the same", unit.pts_ns
                )
            self._last_error = kind
            self._output.note_error(kind)
