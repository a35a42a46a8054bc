"""What the workers that serve RTSP share: numbered frames at a camera's pace, and what each put took. NumPy only."""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from kept_waiting import KeptWaiting
from worker_side import serve

from benchmarks.bar_code import burn
from benchmarks.pictures import moving, noise

_FIRST_FRAMES = 5


class Pacer(threading.Thread):
    """Puts numbered frames at a rate until it is told to end."""

    def __init__(self, put, pictures, fps):
        super().__init__(daemon=True)
        self.put, self.fps = put, fps
        self.pictures = pictures
        self.called_s, self.returned_s, self.kept_s = [], [], []
        self.is_over, self.failed = False, None

    def run(self):
        try:
            kept_waiting = KeptWaiting()
            begin = time.monotonic()
            while not self.is_over:
                number = len(self.returned_s)
                picture = self.pictures[number % len(self.pictures)]
                burn(picture, number)
                time.sleep(max(0.0, begin + number / self.fps - time.monotonic()))
                kept_s = kept_waiting.seconds()
                self.called_s.append(time.monotonic())
                self.put(picture)
                returned_s = time.monotonic()
                self.kept_s.append(kept_waiting.seconds() - kept_s)
                self.returned_s.append(returned_s)
        except Exception as error:  # noqa: BLE001  # told by the next answer
            self.failed = f"{type(error).__name__}: {error}"


def serve_stream(open_stream):
    """Answer ``open``, ``watch`` and ``close``. ``open_stream(work)`` gives the URL, put and close."""
    running = {}

    def check():
        if running["pacer"].failed:
            raise RuntimeError(running["pacer"].failed)

    def open_work(work):
        url, put, close = open_stream(work)
        running["close"] = close
        draw = noise if work.get("is_noise") else moving
        running["pacer"] = Pacer(put, draw(work["width"], work["height"]), work["fps"])
        running["pacer"].start()
        while running["pacer"].is_alive() and len(running["pacer"].returned_s) < _FIRST_FRAMES:
            time.sleep(0.01)  # there is nothing to be served before the first frame
        return {"url": url}

    def watch(seconds):
        """How long each put of the next seconds took, also without the time in which the kernel kept the thread from a
        processor; and the processor time of the whole process meanwhile."""
        pacer = running["pacer"]
        first, begin_s, used_s = len(pacer.returned_s), time.monotonic(), time.process_time()
        time.sleep(seconds)
        used_s, took_s = time.process_time() - used_s, time.monotonic() - begin_s
        check()
        last = len(pacer.returned_s)
        took = [pacer.returned_s[n] - pacer.called_s[n] for n in range(first, last)]
        while_running = [max(0.0, each - kept) for each, kept in zip(took, pacer.kept_s[first:last], strict=True)]
        return {"put_s": took, "put_running_s": while_running, "processor_s": used_s, "took_s": took_s}

    def close_work():
        """Monotonic time at which each frame was put."""
        running["pacer"].is_over = True
        running["pacer"].join(timeout=10)
        running["close"]()
        check()
        return {"called_s": running["pacer"].called_s}

    serve({"open": open_work, "watch": watch, "close": close_work})
