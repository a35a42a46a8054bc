"""What the tests of a stream's life look at: memory, and what a class of one's own was asked."""

import numpy as np

import skyline


def black(width: int = 64, height: int = 64) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


def fill(sky: skyline.SkyLine) -> None:
    with sky.acquire() as slot:
        slot.array[0, 0] = 1
