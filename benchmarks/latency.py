"""What it costs to measure every frame's latency (latency.cpp) and to read it with stats(). Medians.

A frame is measured hot, and cold: after 16 and 64 MB of other memory were written, as a frame's pixels are.
"""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

import skyline

TOP = Path(__file__).parents[1]
EVICTED_BYTES = (16_000_000, 64_000_000)
LOOKS, ROUNDS = 500, 41


def core() -> list[str]:
    sources = [Path(__file__).with_name("latency.cpp"), TOP / "cpp/core/lane/frame_latency.cpp"]
    sources.append(TOP / "cpp/core/report/latency.cpp")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "latency"
        subprocess.check_call(["g++", "-O3", "-std=c++17", "-I", TOP / "cpp/core", *sources, "-o", program])
        return [subprocess.check_output([program, str(size)], text=True).strip() for size in EVICTED_BYTES]


def look() -> float:
    """Seconds a call of stats() takes, of a stream with one output that has measured something."""
    with tempfile.TemporaryDirectory() as folder, skyline.open(Path(folder) / "film.mkv") as sky:
        for _ in range(100):
            sky.put(np.zeros((96, 160, 3), np.uint8))
        rounds = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            for _ in range(LOOKS):
                sky.stats()
            rounds.append((time.perf_counter() - begin) / LOOKS)
        return statistics.median(rounds)


if __name__ == "__main__":
    for size, told in zip(EVICTED_BYTES, core(), strict=True):
        print(f"{size // 1_000_000} MB between two frames: {told}")
    print(f"stats(): {look() * 1e6:.1f} µs")
