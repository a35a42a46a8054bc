"""Push to a streaming platform, or to any RTMP server. It is called again when the connection is lost.

python push_rtmp.py rtmp://host/application/stream-key [seconds]
"""

import sys
import time

import numpy as np

import skyline

if not sys.argv[1:]:
    sys.exit(__doc__)
seconds = float(sys.argv[2]) if sys.argv[2:] else 60
fps = 30
# Platforms want a key frame each two seconds and a steady bit rate.
encoder = skyline.encoders.h264(bitrate_kbps=2500, keyframe_s=2, latency="live")

with skyline.open(sys.argv[1], fps=fps, encoder=encoder, on_event=print) as sky:  # events never hold the key
    begun_s = time.monotonic()
    for number in range(round(seconds * fps)):
        frame = np.full((360, 640, 3), 60, np.uint8)
        frame[:, 4 * number % 600 : 4 * number % 600 + 40] = (0, 200, 255)
        sky.put(frame)  # never waits for the network
        time.sleep(max(0.0, begun_s + (number + 1) / fps - time.monotonic()))
print(sky.stats())
