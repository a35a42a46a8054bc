"""Frames at a camera's pace into a writer, each with its number burnt in where it is asked for; answers with the time of each call."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from worker_side import serve
from writers import load, make

from benchmarks.bar_code import burn
from benchmarks.pictures import moving

_pictures = {}


def send(work, frames):
    """``called_s``: monotonic time before each put; ``opened_s``: before the writer was made."""
    size = work["width"], work["height"]
    if size not in _pictures:
        _pictures[size] = moving(*size)
    pictures = _pictures[size]
    fd = os.open(work["pipe"], os.O_WRONLY) if "pipe" in work else -1
    load(work)
    opened_s = time.monotonic()
    writer = make(work, fd)
    called_s, returned_s = [], []
    begin = time.monotonic() + 0.01
    for number in range(frames):
        picture = pictures[number % len(pictures)]
        if work["numbered"]:
            burn(picture, number)
        time.sleep(max(0.0, begin + number / work["fps"] - time.monotonic()))
        called_s.append(time.monotonic())
        writer.put(picture)
        returned_s.append(time.monotonic())
    time.sleep(0.1)  # the last unit is out before the end is begun
    writer.close()
    if fd >= 0:
        os.close(fd)
    return {"called_s": called_s, "returned_s": returned_s, "opened_s": opened_s}


serve({"send": send})
