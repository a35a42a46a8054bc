"""A pure-Python loop beside a thread that pushes frames: how much of its speed does the loop keep?

Slices of a quarter of a second in turn: the loop alone, the loop beside the pushing thread, alone, beside …
"""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from kept_waiting import KeptWaiting
from worker_side import serve
from writers import make

from benchmarks.pictures import moving

_SLICE_S = 0.25
_state = {}


class Pusher(threading.Thread):
    """Puts frames at a pace while ``pushes`` is set."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.writer = make(work)
        self.pictures = moving(work["width"], work["height"])
        self.period_s = 1 / work["fps"]
        self.pushes, self.is_over = threading.Event(), False
        self.frames = 0
        self.failed = None

    def run(self):
        try:
            while not self.is_over:
                if not self.pushes.wait(0.5):
                    continue
                due_s = time.perf_counter()
                while self.pushes.is_set():
                    self.writer.put(self.pictures[self.frames % len(self.pictures)])
                    self.frames += 1
                    due_s += self.period_s
                    time.sleep(max(0.0, due_s - time.perf_counter()))
        except Exception as error:  # noqa: BLE001  # told by the next answer
            self.failed = f"{type(error).__name__}: {error}"


def _count(seconds, kept_waiting):
    """Turns of the loop, seconds by the clock, and seconds in which the kernel did not keep it waiting."""
    turns, waited_s, begin = 0, kept_waiting.seconds(), time.perf_counter()
    end = begin + seconds
    while (now := time.perf_counter()) < end:
        for _ in range(2000):
            turns += 1
    took_s = now - begin
    return np.array([turns, took_s, max(0.0, took_s - (kept_waiting.seconds() - waited_s))])


def open_writer(work):
    """Make the writer, put a frame, and start the thread."""
    pusher = _state["pusher"] = Pusher(work)
    pusher.writer.put(pusher.pictures[0])
    pusher.start()


def count(slices, pushes=True):
    """The share of its speed that the loop keeps, and frames per second that were put while it counted beside them."""
    pusher, alone, beside, frames, seconds = _state["pusher"], np.zeros(3), np.zeros(3), 0, 0.0
    kept_waiting = KeptWaiting()
    for _ in range(slices):
        alone += _count(_SLICE_S, kept_waiting)
        before, begin = pusher.frames, time.perf_counter()
        if pushes:
            pusher.pushes.set()
        beside += _count(_SLICE_S, kept_waiting)
        pusher.pushes.clear()
        frames, seconds = frames + pusher.frames - before, seconds + time.perf_counter() - begin
        time.sleep(0.03)  # the put that is under way ends before the loop runs alone again
    if pusher.failed:
        raise RuntimeError(pusher.failed)
    by_clock, while_running = (beside[0] / beside[1:]) / (alone[0] / alone[1:])
    return {
        "kept": float(by_clock),
        "kept_of_processor_time": float(while_running),
        "frames_per_s": frames / seconds,
    }


def close_writer():
    """End thread and writer."""
    pusher = _state.pop("pusher")
    pusher.is_over = True
    pusher.join(timeout=5)
    pusher.writer.close()


def record(work):
    """Put every picture once into this work and end it, for somebody to look at what came out."""
    writer = make(work)
    for picture in moving(work["width"], work["height"]):
        writer.put(picture)
        time.sleep(1 / work["fps"])
    writer.close()


serve({"record": record, "open": open_writer, "count": count, "close": close_writer})
