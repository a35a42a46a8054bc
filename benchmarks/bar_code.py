"""A number burnt into the top of a frame, so that it is known again on the other side. NumPy only.

Sixteen bars, and their complement below them: a torn or blended strip contradicts itself and is not read.
"""

import numpy as np

BITS = 16
STRIP = 32  # rows
_BLACK, _WHITE = 40, 210


def burn(frame, number):
    """Overwrite the top rows of a BGR frame with the bars of ``number``."""
    is_set = (number >> np.arange(BITS)) & 1
    bars = np.where(is_set, _WHITE, _BLACK).astype(np.uint8).repeat(frame.shape[1] // BITS)
    frame[:STRIP, : len(bars)] = bars[:, np.newaxis]
    frame[STRIP // 2 : STRIP, : len(bars)] = (_WHITE + _BLACK - bars)[:, np.newaxis]


def read(strip):
    """The number in the luma of the top rows; -1 where the bars contradict each other."""
    bar = strip.shape[1] // BITS
    centres = strip[:, : bar * BITS].reshape(STRIP, BITS, bar)[:, :, bar // 4 : bar * 3 // 4]
    upper = centres[2 : STRIP // 2 - 2].mean(axis=(0, 2))
    lower = centres[STRIP // 2 + 2 : STRIP - 2].mean(axis=(0, 2))
    if (abs(upper - lower) < 60).any():
        return -1
    return int(((upper > lower).astype(int) << np.arange(BITS)).sum())
