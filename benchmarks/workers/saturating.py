"""1080p at a camera's pace into an encoder that cannot keep up: what does each call of put cost meanwhile?

Between two puts, half a period later, a memcpy of the same frame: under the same load, as cold, and after a sleep too.
"""

import ctypes
import itertools
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from kept_waiting import KeptWaiting
from worker_side import serve
from writers import make

from benchmarks.pictures import moving

_state = {}


def open_writer(work):
    """Make the writer and fill it up."""
    frames = moving(work["width"], work["height"])
    writer = make(work)
    _state.update(writer=writer, frames=frames, copies=[np.zeros_like(frames[0]) for _ in range(4)], work=work)
    for _ in range(8):
        writer.put(frames[0])


def _sleep_until(due_s):
    time.sleep(max(0.0, due_s - time.perf_counter()))


def _timed(kept_waiting, call, *arguments):
    """Seconds by the clock, and without what the kernel kept this thread waiting for a processor."""
    waited_s, begin = kept_waiting.seconds(), time.perf_counter()
    call(*arguments)
    took_s = time.perf_counter() - begin
    return took_s, max(0.0, took_s - (kept_waiting.seconds() - waited_s))


def offer(count, seconds):
    """Percentiles of put and of memcpy in milliseconds, and how often the caller's thread was interrupted.

    ``count`` frames, or as many as go in ``seconds`` where put waits for the encoder.
    """
    put, period_s = _state["writer"].put, 1 / _state["work"]["fps"]
    copies = itertools.cycle(_state["copies"])
    put_s, memcpy_s, kept_waiting = [], [], KeptWaiting()
    before = resource.getrusage(resource.RUSAGE_THREAD)
    begun_s = due_s = time.perf_counter()
    for frame in itertools.islice(itertools.cycle(_state["frames"]), count):
        _sleep_until(due_s)
        put_s.append(_timed(kept_waiting, put, frame))
        _sleep_until(due_s + period_s / 2)
        copy = next(copies)
        memcpy_s.append(_timed(kept_waiting, ctypes.memmove, copy.ctypes.data, frame.ctypes.data, frame.nbytes))
        if time.perf_counter() - begun_s > seconds:
            break
        due_s = max(due_s + period_s, time.perf_counter() - period_s)
    after = resource.getrusage(resource.RUSAGE_THREAD)
    answer = {}
    for name, times_s in (("put", put_s), ("memcpy", memcpy_s)):
        for percent in (50, 95, 99):
            by_clock, running = np.percentile(np.asarray(times_s), percent, axis=0) * 1000
            answer[f"{name}_p{percent}_ms"] = float(by_clock)
            answer[f"{name}_p{percent}_running_ms"] = float(running)
    answer["preempted_per_frame"] = (after.ru_nivcsw - before.ru_nivcsw) / len(put_s)
    answer["page_faults_per_frame"] = (after.ru_minflt - before.ru_minflt) / len(put_s)
    return answer


def counters():
    """Skyline's own books."""
    stats = _state["writer"].sky.stats()
    return {"in": stats.frames_in, "dropped": stats.dropped, "taken": stats.frames_encoded}


def close_writer():
    """End it."""
    _state.pop("writer").close()


serve({"open": open_writer, "offer": offer, "counters": counters, "close": close_writer})
