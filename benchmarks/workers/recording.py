"""A long recording into a file, as fast as it goes: does the memory stay where it is?"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from many_streams import resident_bytes
from worker_side import serve
from writers import make

from benchmarks.pictures import moving


def record(work, frames):
    """Resident MiB after a tenth of the frames, and at the end, each the highest of the time around it."""
    pictures, writer = moving(work["width"], work["height"]), make(work)
    seen = []
    begin = time.monotonic()
    for number in range(frames):
        writer.put(pictures[number % len(pictures)])
        if number % max(1, frames // 200) == 0:
            seen.append(resident_bytes() / 2**20)
    took_s = time.monotonic() - begin
    writer.close()
    tenth = max(1, len(seen) // 10)
    return {"early": max(seen[tenth : 2 * tenth]), "late": max(seen[-tenth:]), "peak": max(seen), "took_s": took_s}


if __name__ == "__main__":
    serve({"record": record})
