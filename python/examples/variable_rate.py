"""Frames at times of your own: a film that begins at 50 frames a second and slows down to 5.

python variable_rate.py [path]
"""

import sys

import numpy as np

import skyline

path = sys.argv[1] if sys.argv[1:] else "slower.mkv"
pts_ns = 0

with skyline.open(path) as sky:
    for number in range(40):
        frame = np.full((360, 640, 3), 60, np.uint8)
        frame[:, 15 * number : 15 * number + 40] = (0, 200, 255)
        sky.put(frame, pts_ns=pts_ns)  # nanoseconds since the first frame
        pts_ns += 20_000_000 + number * 4_500_000
