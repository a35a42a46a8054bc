"""Keep the last seconds in memory; when something happens, save them and what follows.

python pre_event.py [path]
"""

import sys
import time

import numpy as np

import skyline

path = sys.argv[1] if sys.argv[1:] else "event.mp4"
fps = 30
encoder = skyline.encoders.h264(keyframe_s=1)  # a clip begins at a key frame

with skyline.open(skyline.sinks.ring(seconds=2), fps=fps, encoder=encoder) as sky:
    begun_s = time.monotonic()
    for number in range(180):
        brightness = 200 if number == 120 else 60
        frame = np.full((360, 640, 3), brightness, np.uint8)
        sky.put(frame)
        if frame.mean() > 150:  # whatever a detector says
            clip = sky.save(path)  # begins two to three seconds ago, and goes on
        time.sleep(max(0.0, begun_s + (number + 1) / fps - time.monotonic()))
    sky.remove(clip)
