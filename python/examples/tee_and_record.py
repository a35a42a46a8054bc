"""A live stream and a file of all of it, and in the middle a recording that comes and goes. Encoded once.

python tee_and_record.py [URI] [path of the whole] [path of the middle]
"""

import sys
import time

import numpy as np

import skyline

given = dict(enumerate(sys.argv))
uri = given.get(1, "udp://127.0.0.1:5000")  # watch it: ffplay udp://127.0.0.1:5000
whole, middle = given.get(2, "whole.mp4"), given.get(3, "middle.mp4")
fps = 30

with skyline.open(skyline.sinks.tee(uri, whole), fps=fps, on_event=print) as sky:
    begun_s = time.monotonic()
    for number in range(150):
        if number == 45:
            recording = sky.add(middle)  # begins with this frame, which becomes a key frame; its time starts at 0
        if number == 105:
            sky.remove(recording)  # finalised: it can be played now, while the stream goes on
        frame = np.full((360, 640, 3), 60, np.uint8)
        frame[:, 4 * number : 4 * number + 40] = (0, 200, 255)
        sky.put(frame)
        time.sleep(max(0.0, begun_s + (number + 1) / fps - time.monotonic()))
    for output in sky.outputs:
        print(output.name, output.state, output.stats().units_sent)
