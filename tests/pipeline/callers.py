"""Frames and callers of several threads."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.pictures import Array, constant_frame
from tests.streams import PATIENCE_S

WIDTH, HEIGHT = 640, 64  # 120 KiB: the sink of a stalled pipe stands still inside the first frame


def large_frame(value: int = 0) -> Array:
    return constant_frame(value, WIDTH, HEIGHT)


class Caught:
    """A call on a thread of its own: how it ended and how long it took."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self.seconds = 0.0
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], Any]) -> None:
        began = time.monotonic()
        try:
            self.result = call()
        except BaseException as error:  # a thread's exception belongs to the test
            self.error = error
        self.seconds = time.monotonic() - began

    def is_waiting(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> "Caught":
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the call never came back"
        return self


def numbered(thread: int, number: int) -> Array:
    frame = np.empty((2, 4, 3), np.uint8)
    frame[...] = (thread, number, 255)
    return frame
