"""put, lend and acquire into files, then the end of GStreamer in this process: what script/sanitize's leak check runs.

The twin of tests/cpp/three_verbs.cpp, with the bindings in between. Not a test module: a process ends with it.
"""

import contextlib
import gc
import sys
from pathlib import Path

import numpy as np

import skyline
from skyline import _core


def push(sky: skyline.SkyLine, frames: int) -> None:
    rng = np.random.default_rng(1)
    for number in range(frames):
        frame = rng.integers(0, 256, (120, 160, 3), np.uint8)
        if number % 3 == 0:
            sky.put(frame)
        elif number % 3 == 1:
            sky.lend(frame)
        else:
            with sky.acquire() as slot:
                slot.array[...] = frame


def main(folder: Path) -> int:
    for name in ("three.mp4", "three.mkv"):
        with skyline.open(str(folder / name), fps=30, width=160, height=120) as sky:
            push(sky, 30)
    with skyline.PipelineSkyLine("appsrc ! videoconvert ! x264enc tune=zerolatency ! fakesink", fps=30) as own:
        push(own, 30)
    # A stream that fails has an end too.
    with contextlib.suppress(skyline.SkyLineError), skyline.open(str(folder / "missing" / "x.mkv"), fps=30) as sky:
        push(sky, 30)
    del sky, own
    gc.collect()
    _core.drain()
    if live := _core.live_holds():
        print(f"{live} lent frames are still held")
    _core.deinit_for_leak_check()
    return int(live != 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
