"""N streams in one process, each at its own pace: what do they cost in memory and in processor time?

Asked once; every measurement is a process of its own. Memory is what the streams add to a process that has already run
one stream of the same kind to its end and has given back what malloc kept: libraries, plug-ins and tables are not
counted, and nothing that the first stream left behind is lent to the second.
"""

import ctypes
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from worker_side import serve
from writers import make

from benchmarks.pictures import moving


def resident_bytes():
    """Of this process."""
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no Rss in smaps_rollup")


def _feed(writers, pictures, fps, seconds):
    """Every stream at its rate, one after the other within a period; how many frames."""
    begin, count = time.perf_counter(), round(seconds * fps) * len(writers)
    for number in range(count):
        time.sleep(max(0.0, begin + number / (fps * len(writers)) - time.perf_counter()))
        turn, stream = divmod(number, len(writers))
        writers[stream].put(pictures[turn % len(pictures)])
    time.sleep(1 / fps)
    return count, time.perf_counter() - begin


def measure(work, streams, seconds):
    """Resident bytes and processor seconds per stream, and processor seconds per frame."""
    pictures, fps = moving(work["width"], work["height"], count=4), work["fps"]
    works = [dict(work, path=work["path"].format(number)) if "path" in work else work for number in range(streams)]
    first = make(works[0])
    _feed([first], pictures, fps, 1.0)
    first.close()
    del first
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    before_bytes = resident_bytes()

    writers = [make(each) for each in works]
    _feed(writers, pictures, fps, 1.0)
    before_s = time.process_time()
    frames, took_s = _feed(writers, pictures, fps, seconds)
    used_s = time.process_time() - before_s
    added_bytes = resident_bytes() - before_bytes
    counted = [writer.sky.stats() for writer in writers if hasattr(writer, "sky")]
    for writer in writers:
        writer.close()
    return {
        "mib": added_bytes / streams / 2**20,
        "processor_ms_per_s": used_s * 1000 / took_s / streams,
        "processor_ms_per_frame": used_s * 1000 / frames,
        "fps": frames / took_s / streams,
        "dropped": sum(stats.dropped for stats in counted),
    }


if __name__ == "__main__":
    serve({"measure": measure})
