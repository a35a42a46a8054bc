"""cv2.VideoWriter with GStreamer, under Debian's Python (python3-opencv)."""

import sys
import time
from pathlib import Path

from worker_side import serve

try:
    import cv2
except ImportError:
    cv2 = None

sys.path.insert(0, str(Path(__file__).parents[1]))
from pictures import noise

frames = []
writers = {}


def open_frames(width, height, count):
    if cv2 is None or "GStreamer:                   YES" not in cv2.getBuildInformation():
        raise ImportError("there is no cv2 with GStreamer: apt install python3-opencv")
    frames.extend(noise(width, height, count=count))


def opened(description):
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(description, cv2.CAP_GSTREAMER, 0, 30.0, (width, height))
    if not writer.isOpened():
        raise RuntimeError(f"cv2 cannot open {description}")
    return writer


def push(description, count):
    if description not in writers:
        writers[description] = opened(description)
    write_frame = writers[description].write
    turn = [frames[n % len(frames)] for n in range(count)]
    begin = time.perf_counter()
    for frame in turn:
        write_frame(frame)
    return {"seconds": (time.perf_counter() - begin) / count}


def write(description, count):
    writer = opened(description)
    for frame in frames[:count]:
        writer.write(frame)
    writer.release()  # sends the end of stream and waits for it


serve({"open_frames": open_frames, "push": push, "write": write})
