"""Seconds per frame of a call, over frames in turn."""

from __future__ import annotations

import ctypes
import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.rival import CheckFailed, Rival


def per_frame(frames: Sequence[Any], call: Callable[[Any], object], count: int) -> float:
    """Seconds that one call takes, over ``count`` calls with the frames in turn."""
    turn = list(itertools.islice(itertools.cycle(frames), count))
    begin = time.perf_counter()
    for frame in turn:
        call(frame)
    return (time.perf_counter() - begin) / count


def memcpy(frames: Sequence[Any], count: int) -> Rival:
    """The least that a copy costs: into four destinations in turn, touched beforehand."""
    copies = itertools.cycle([np.zeros_like(frames[0]) for _ in range(4)])

    def copy(frame: Any) -> None:
        ctypes.memmove(next(copies).ctypes.data, frame.ctypes.data, frame.nbytes)

    def check() -> str:
        destination = np.zeros_like(frames[0])
        ctypes.memmove(destination.ctypes.data, frames[0].ctypes.data, frames[0].nbytes)
        if not np.array_equal(destination, frames[0]):
            raise CheckFailed("memcpy did not copy")
        return "bytes equal"

    return Rival("memcpy", lambda: per_frame(frames, copy, count), "libc memmove by ctypes", check)
