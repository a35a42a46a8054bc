"""The rivals of record.py: one process each, a recording per line on standard input."""

import sys
import time

import numpy as np

rival, width, height, frames, fps, description, path = sys.argv[1:]
size = (int(width), int(height))


def make_frames():
    """A moving picture that costs an encoder something, but not everything: gradients and a box."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    for n in range(8):
        frame = np.stack([(x + 8 * n) % 256, (y + 4 * n) % 256, (x // 4 + y // 4) % 256], axis=2).astype(np.uint8)
        frame[200 + 20 * n : 500 + 20 * n, 300 + 30 * n : 700 + 30 * n] = (20 * n, 255 - 20 * n, 128)
        yield np.ascontiguousarray(frame)


def record_with_cv2(pictures):
    import cv2

    writer = cv2.VideoWriter(description, cv2.CAP_GSTREAMER, 0, float(fps), size)
    assert writer.isOpened()
    for n in range(int(frames)):
        writer.write(pictures[n % len(pictures)])
    writer.release()


def record_with_pipeline(pictures):
    import skyline

    with skyline.PipelineSkyLine(description, fps=int(fps), clock="fixed", errors="raise") as sky:
        for n in range(int(frames)):
            sky.put(pictures[n % len(pictures)])


def record_with_open(pictures):
    import skyline

    encoder = skyline.encoders.h264(bitrate_kbps=8000, latency="live", properties={"speed-preset": "ultrafast"})
    with skyline.open(path, fps=int(fps), encoder=encoder) as sky:
        for n in range(int(frames)):
            sky.put(pictures[n % len(pictures)])


record = {"cv2": record_with_cv2, "pipeline": record_with_pipeline, "file": record_with_open}[rival]
pictures = list(make_frames())
for _ in sys.stdin:
    begin = time.perf_counter()
    record(pictures)
    print(time.perf_counter() - begin, flush=True)
