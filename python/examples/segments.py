"""Record in parts of two seconds: cam-00000.mp4, cam-00001.mp4, …; no frame is lost at a cut.

python segments.py [path with %05d]
"""

import sys
from collections.abc import Iterator

import numpy as np

import skyline

pattern = sys.argv[1] if sys.argv[1:] else "cam-%05d.mp4"


def drawn_frames() -> Iterator[np.ndarray]:
    for number in range(150):
        frame = np.full((360, 640, 3), 60, np.uint8)
        frame[:, 4 * number : 4 * number + 40] = (0, 200, 255)
        yield frame


def tell(event: skyline.Event) -> None:
    if event.kind == "segment":
        print("finished", event.message)


skyline.stream(drawn_frames(), skyline.sinks.file(pattern, segment_s=2), fps=30, on_event=tell)
