"""Streams that fail, and pictures that do not compress."""

import time
from collections.abc import Callable

import numpy as np
import pytest

import skyline


def noise(number: int, width: int = 320, height: int = 240) -> np.ndarray:
    """A frame that no encoder makes small."""
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)


def black(_: int = 0) -> np.ndarray:
    return np.zeros((64, 64, 3), np.uint8)


def put_until_it_raises(
    sky: skyline.SkyLine, frame: Callable[[int], np.ndarray], limit_s: float = 20
) -> skyline.PipelineError:
    deadline = time.monotonic() + limit_s
    number = 0
    while time.monotonic() < deadline:
        try:
            sky.put(frame(number))
        except skyline.PipelineError as error:
            return error
        number += 1
    pytest.fail(f"{number} frames were accepted and nothing was raised")
