"""Numbered frames at a camera's pace, put on a thread, with how long each put took."""

import threading
import time
from types import TracebackType

import numpy as np
from typing_extensions import Self

import skyline
from skyline.errors import SkyLineError
from tests.peers.ports import wait_until
from tests.pipeline.bar_code import numbered_frame

FPS = 25


class Camera:
    """Runs in a ``with``; ``put`` is how many were, ``error`` what put raised.

    Args:
        sky: Where to.
        noise: Whether half of the picture is noise, so that a second has some megabits.
    """

    def __init__(self, sky: skyline.SkyLine, *, width: int = 320, height: int = 96, noise: bool = False) -> None:
        self.put = 0
        self.error: SkyLineError | None = None
        self.slowest_s = 0.0
        self.sky = sky
        self._width, self._height = width, height
        self._random = np.random.default_rng(1) if noise else None
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_ending.set()
        self._thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more were put."""
        until = self.put + more
        wait_until(lambda: self.put >= until or self.error is not None, 30, f"{more} frames")

    def _run(self) -> None:
        due = time.monotonic()
        while not self._is_ending.is_set() and self.error is None:
            frame = self._frame()
            began = time.monotonic()
            try:
                self.sky.put(frame)
            except SkyLineError as error:
                self.error = error
                return
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            self.put += 1
            due += 1 / FPS
            self._is_ending.wait(max(due - time.monotonic(), 0))

    def _frame(self) -> np.ndarray:
        frame = numbered_frame(self.put, width=self._width, height=self._height)
        if self._random is not None:
            middle = slice(self._height * 2 // 5, self._height * 3 // 5)  # between what is read of the bars
            frame[middle] = self._random.integers(0, 255, frame[middle].shape, np.uint8)
        return frame
