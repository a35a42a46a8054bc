"""Frames without a copy: your memory lent to GStreamer, or GStreamer's memory filled by you.

python lend_and_acquire.py [path]
"""

import sys

import numpy as np

import skyline

path = sys.argv[1] if sys.argv[1:] else "lent.mp4"
height, width = 360, 640

with skyline.open(path, fps=30, width=width, height=height) as sky:
    # Lend: the array belongs to GStreamer until tracker.done, and cannot be written to meanwhile.
    frame = np.full((height, width, 3), (200, 120, 40), np.uint8)
    tracker = sky.lend(frame)
    try:
        frame[:] = 0
    except ValueError as error:
        print("while it is lent:", error)
    if tracker.wait(timeout_s=5):
        frame[:] = 0  # it came back

    # Acquire: fill memory of ours; leaving the block pushes it, an exception in it does not.
    for number in range(59):
        with sky.acquire() as slot:
            slot.array[:] = 40
            slot.array[:, 10 * number : 10 * number + 20] = (0, 200, 255)
