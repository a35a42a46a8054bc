"""Start and stop of a SkyLine, by hand and as a context manager."""

from __future__ import annotations

import contextlib
import time
import warnings
from typing import TYPE_CHECKING

from skyline import exit as at_exit
from skyline.errors import PipelineError, SkyLineError, StateError
from skyline.options import check_numbers
from skyline.state import USE_LAST_VALUE, Numbers, State
from skyline.stats import Stats
from skyline.transitions import Transitions

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from skyline.framerate import Fps

_DROPPED_S = 2.0  # for a stream that was collected before anybody stopped it


class Lifecycle(Transitions):
    """``start_streaming``, ``stop_streaming``, ``with``."""

    def start_streaming(
        self,
        fps: Fps | None = USE_LAST_VALUE,
        width: int | None = USE_LAST_VALUE,
        height: int | None = USE_LAST_VALUE,
    ) -> None:
        """Start, or start again: a running stream is stopped first.

        Args:
            fps: Frames per second; None finds out; ``USE_LAST_VALUE`` is what was last tried to open, and
                before that what the constructor was given.
            width: Width of the frames in pixels; likewise.
            height: Height of the frames in pixels; likewise.

        Raises:
            SkyLineError: With ``errors="raise"``: why it could not. With ``errors="state"`` nothing is raised;
                the state becomes ERROR and ``last_error`` says why.
            StateError: In a child forked after GStreamer had been used.
        """
        at_exit.check_process()
        with self._lock:
            if self._is_stopping:  # a signal handler, on the thread that stops
                message = "the stream is being stopped by the code that this interrupts; start it afterwards"
                raise StateError(message)
            if self._session is not None:
                with contextlib.suppress(PipelineError):  # of the old session; it is over
                    self.stop_streaming()
            last = self._last
            numbers = Numbers(
                last.fps if _is_last(fps) else fps,
                last.width if _is_last(width) else width,
                last.height if _is_last(height) else height,
            )
            self._last_error, self._was_raised, self._last_stats = None, False, Stats()
            try:
                check_numbers(*numbers)
            except SkyLineError as error:
                self._give_up(error)
                return
            self._show(numbers)
            if self._needs_numbers and None in numbers:
                self.state = State.START_WARMUP
            else:
                self._open(numbers)

    def stop_streaming(self, timeout_s: float = 10.0) -> bool:
        """Let what is queued through, finalise and stop. Stopping what is stopped is fine. Any thread may.

        Args:
            timeout_s: It returns after this time in any case.

        Returns:
            True when everything was finalised; False at the timeout or after a failure.

        Raises:
            PipelineError: With ``errors="raise"``: the stream has failed, and no call has said so yet.
            StateError: In a child forked after GStreamer had been used.
        """
        at_exit.check_process()
        deadline = time.monotonic() + timeout_s
        if not self._lock.acquire(timeout=max(timeout_s, 0)):
            return False
        try:
            if self._is_stopping:  # a signal handler, on the thread that stops: that goes on when it returns
                return False
            session, self._lane = self._session, None
            if session is None:
                self.state = State.STOPPED
                return True
            self._is_stopping = True
            try:
                finalised = session.stop(max(deadline - time.monotonic(), 0))
            finally:
                self._is_stopping = False
                self.state = State.STOPPED  # interrupted: the session stays, and stopping again goes on with it
            error, is_new = session.error(), not self._was_raised
            self._was_raised = True
            self._last_stats, self._session = session.stats(), None
            at_exit.forget(self)
            self._last_error = self._last_error or error
        finally:
            self._lock.release()
        if error is not None and is_new and self._options.errors == "raise":
            raise error
        if not finalised:
            failed = ", ".join(output.name for output in session.outputs if output.state == "failed")
            reason = error or (f"{failed} failed" if failed else f"no end in {timeout_s} s")
            self.logger.warning("stopped, but not everything was finalised: %s", reason)
        return finalised

    def __enter__(self) -> Self:
        if self.state is State.STOPPED:
            self.start_streaming()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if at_exit.is_forked():
            return
        # An exception on its way says more than what stopping might add.
        with contextlib.suppress(*(() if kind is None else (SkyLineError,))):
            self.stop_streaming()

    def __del__(self) -> None:
        if getattr(self, "_session", None) is None or at_exit.is_forked():
            return
        with contextlib.suppress(SkyLineError):
            self.stop_streaming(_DROPPED_S)
        # Last, because it raises where warnings are errors, and the file is to be whole by then.
        warnings.warn(f"{self!r} was never stopped", ResourceWarning, stacklevel=2)


def _is_last(value: object) -> bool:
    return isinstance(value, int) and value == USE_LAST_VALUE
