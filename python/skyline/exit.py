"""What happens to running streams when the process ends or forks.

At exit every stream still running is stopped within about five seconds altogether, so that files are whole.
SIGTERM does the same where the program has no handler of its own: it raises ``SystemExit(143)``, which leaves
``with`` blocks in order. That handler is installed when the first stream starts on the main thread.

A forked child cannot use what its parent started; there every call raises StateError and nothing is stopped.
"""

import atexit
import contextlib
import logging
import os
import signal
import threading
import time
import weakref
from types import FrameType
from typing import NoReturn, Protocol

from skyline import _core
from skyline.errors import StateError

_EXIT_S = 5.0
_LEAST_S = 0.2  # for each stream, however many there are
_COME_BACK_S = 0.1  # twice the slice in which the core looks up from waiting
_SIGTERM_STATUS = 128 + signal.SIGTERM

_logger = logging.getLogger("skyline.exit")


class Stoppable(Protocol):
    """A stream, as far as the end of the process is concerned."""

    def stop_streaming(self, timeout_s: float = 10.0) -> bool:
        """Stop within this time."""
        ...


class _Living:
    """The streams that run, and the process they run in."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.streams: weakref.WeakSet[Stoppable] = weakref.WeakSet()  # guarded by lock
        self.owner_pid = 0  # guarded by lock; 0 before the first start

    def add(self, stream: Stoppable) -> bool:
        """True for the first stream of this process."""
        with self.lock:
            self.streams.add(stream)
            is_first = self.owner_pid != os.getpid()
            self.owner_pid = os.getpid()
            return is_first

    def discard(self, stream: Stoppable) -> None:
        with self.lock:
            self.streams.discard(stream)

    def take(self) -> list[Stoppable]:
        with self.lock:
            streams = list(self.streams)
            self.streams.clear()
            return streams


_living = _Living()


def is_forked() -> bool:
    """Whether this is a child that was forked after GStreamer had been used."""
    return _core.forked_after_use()


def check_process() -> None:
    """Raise StateError where ``is_forked``."""
    if is_forked():
        message = "GStreamer does not survive a fork: use multiprocessing's spawn method, or start after the fork"
        raise StateError(message)


def watch(stream: Stoppable) -> None:
    """Stop this stream at exit, if nobody does before. Any thread."""
    if _living.add(stream):
        atexit.register(_stop_all)
        _take_sigterm()


def forget(stream: Stoppable) -> None:
    """The stream was stopped."""
    _living.discard(stream)


def _take_sigterm() -> None:
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # ValueError: a sub-interpreter's main thread may not set handlers.
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGTERM, _raise_exit)


def _raise_exit(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_SIGTERM_STATUS)


def _stop_all() -> None:
    if _living.owner_pid != os.getpid() or is_forked():
        return
    deadline = time.monotonic() + _EXIT_S
    streams = _living.take()
    for index, stream in enumerate(streams):
        share = (deadline - time.monotonic()) / (len(streams) - index)
        try:
            stream.stop_streaming(timeout_s=max(share, _LEAST_S))
        except Exception:
            _logger.exception("a stream could not be stopped at exit")
    if threading.active_count() > 1:
        # Calls that the stop has woken need the GIL to come back from the core. A thread that is still in
        # there when the interpreter is finalised would be ended in the middle of C++.
        time.sleep(_COME_BACK_S)
    _core.drain()
    _core.close_process()
