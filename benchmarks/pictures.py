"""The frames that every rival is given. NumPy only: the workers import it too."""

from __future__ import annotations

from typing import Any

import numpy as np


def noise(width: int, height: int, channels: int = 3, count: int = 8, seed: int = 1) -> list[Any]:
    """Random frames, each with memory of its own: 8 of 1080p BGR are 50 MB, beyond any cache."""
    generator = np.random.default_rng(seed)
    shape = (height, width) if channels == 1 else (height, width, channels)
    return [generator.integers(0, 256, shape, dtype=np.uint8) for _ in range(count)]


def moving(width: int, height: int, count: int = 8, seed: int = 1) -> list[Any]:
    """A moving picture that costs an encoder something, but not everything: gradients, a box, soft texture."""
    y, x = np.mgrid[0:height, 0:width]
    texture = np.random.default_rng(seed).integers(0, 24, (height, width), dtype=np.uint8)
    frames = []
    for n in range(count):
        blue, green, red = (x + 8 * n) % 512 // 2, (y + 4 * n) % 512 // 2, (x // 4 + y // 4) % 232 + texture
        frame = np.ascontiguousarray(np.stack([blue, green, red], axis=2).astype(np.uint8))
        top, left = (200 + 20 * n) * height // 1080, (300 + 30 * n) * width // 1920
        frame[top : top + 300 * height // 1080, left : left + 400 * width // 1920] = (20 * n, 255 - 20 * n, 128)
        frames.append(frame)
    return frames
