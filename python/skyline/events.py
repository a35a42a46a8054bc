"""What a stream reports while it runs, and the thread that tells the user."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skyline.errors import PipelineError, make_error
from skyline.event_log import EventLog

if TYPE_CHECKING:
    from skyline._core import Lane

_LOOK_S = 1.0  # next_event wakes at once for an event and for the end; this only bounds one wait


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        kind: ``"started"``, ``"segment"`` (a part is finished), ``"connected"`` (the peer takes frames),
            ``"reconnecting"`` (it was lost and is tried again), ``"dropped"``, ``"failed"``, ``"finished"``, ``"warning"``,
            ``"client_joined"`` and ``"client_left"`` (of a server; the message is the address).
        output: Name of the output; empty for the stream itself.
        message: For people; the name of the file for ``"segment"``.
        error: What failed, where kind is ``"failed"``, ``"reconnecting"`` or ``"warning"``.
        count: Of ``"dropped"``: how many since the last such event. Of ``"reconnecting"``: the number of the attempt.
    """

    kind: str
    output: str = ""
    message: str = ""
    error: PipelineError | None = None
    count: int = 0


def event_of(values: Mapping[str, Any]) -> Event:
    """The core's event as a value."""
    error = error_of(values.get("error"))
    return Event(values["kind"], values["output"], values["message"], error, values["count"])


def error_of(values: Mapping[str, Any] | None) -> PipelineError | None:
    """The core's bus error as the exception it would be raised as."""
    if values is None:
        return None
    error = make_error("PipelineError", str(values.get("message", "")), dict(values))
    return error if isinstance(error, PipelineError) else None


class Listener:
    """Who wants to know. Shared by a stream and its event thread, which must not keep the stream alive."""

    def __init__(self, callback: Callable[[Event], object] | None, logger: logging.Logger) -> None:
        self.callback = callback
        self._logger = logger
        self._log = EventLog(logger)

    def tell(self, event: Event) -> None:
        """Log it, and call the callback of this moment. Its exception is logged and goes no further."""
        self._log.note(event.kind, event.output, event.message)
        callback = self.callback
        if callback is None:
            return
        try:
            callback(event)
        except Exception:
            self._logger.exception("on_event raised for %s; the stream goes on", event.kind)


class EventThread:
    """Takes the events of one lane and tells them, one at a time, on a thread of its own."""

    def __init__(self, lane: "Lane", listener: Listener) -> None:
        self._lane = lane
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name="skyline-events", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait until the last event was told; returns at once on the thread itself."""
        if self._thread is not threading.current_thread():
            self._thread.join(max(timeout_s, 0))

    def _run(self) -> None:
        while True:
            values = self._lane.next_event(_LOOK_S)
            if values is not None:
                self._listener.tell(event_of(values))
            elif self._lane.events_closed:
                break
        # A traceback that somebody keeps leads here; it must not keep the lane.
        del self._lane
