"""An RTSP server with one stream, for any number of viewers, until Ctrl-C.

python rtsp_server.py [port] [seconds]
"""

import itertools
import sys
import time

import numpy as np

import skyline

port = sys.argv[1] if sys.argv[1:] else "8554"
seconds = float(sys.argv[2]) if sys.argv[2:] else float("inf")
fps = 30


def tell(event: skyline.Event) -> None:
    if event.kind in ("client_joined", "client_left"):
        print(event.kind, event.message, flush=True)


server = skyline.RTSPServer(port=port)  # this machine only; address="0.0.0.0" for all
server.start()
with skyline.RTSPSkyLine(server, "/live", fps=fps, on_event=tell) as sky:
    print("watch it: ffplay -rtsp_transport tcp", server.urls()[0], flush=True)
    begun_s = time.monotonic()
    try:
        for number in itertools.takewhile(lambda number: number < seconds * fps, itertools.count()):
            frame = np.full((360, 640, 3), 60, np.uint8)
            frame[:, 4 * number % 600 : 4 * number % 600 + 40] = (0, 200, 255)
            sky.put(frame)
            time.sleep(max(0.0, begun_s + (number + 1) / fps - time.monotonic()))
    except KeyboardInterrupt:
        print("stopping")
server.stop()
