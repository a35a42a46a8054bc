"""Run by the system's Python, whose cv2 has GStreamer: reads a pipeline as people do and prints when each frame came.

Prints ``ready``, then a line ``monotonic_ns number`` for each frame; ends at the end of the stream or when told to.
"""

import sys
import time

import cv2

BITS = 16


def main() -> None:
    capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_GSTREAMER)
    if not capture.isOpened():
        sys.exit("VideoCapture not opened")
    print("ready", flush=True)
    while True:
        is_there, frame = capture.read()
        if not is_there:
            break
        print(time.monotonic_ns(), number_in(frame), flush=True)
    capture.release()


def number_in(frame) -> int:
    """What the bar code says, read in the middle of its halves; -1 for no bar code."""
    height, width = frame.shape[:2]
    number = 0
    for bit in range(BITS):
        centre = int((bit + 0.5) * width / BITS)
        upper, lower = int(frame[height // 3, centre, 1]), int(frame[height * 2 // 3, centre, 1])
        if abs(upper - lower) < 60:
            return -1
        number |= (upper > lower) << bit
    return number


main()
