"""The other end of record_contenders.py: makes the frames, times one recording. NumPy only: it also runs under Debian's Python."""

import itertools
import sys
import time
from pathlib import Path

from worker_side import serve

sys.path.append(str(Path(__file__).resolve().parents[2]))
from benchmarks.pictures import moving


def serve_recorders(recorders):
    """Answer ``prepare`` and ``record``; a recorder takes the frames, the path, and what its rival was given.

    Everything that a user pays for is in the time: opening, every frame, closing. Imports are not; a first
    recording, which is not timed, has done them.
    """
    pictures = []

    def prepare(width, height):
        pictures[:] = moving(width, height)

    def record(by, path, frames, **settings):
        turn = list(itertools.islice(itertools.cycle(pictures), frames))
        recorder = recorders[by]
        begin = time.perf_counter()
        recorder(turn, path, **settings)
        return {"seconds": time.perf_counter() - begin}

    serve({"prepare": prepare, "record": record})
