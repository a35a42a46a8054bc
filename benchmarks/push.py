"""What it costs the caller to push one 1080p BGR frame into fakesink, against a memcpy of that frame.

Cold: eight source frames in turn (50 MB, beyond any cache), pooled destinations.
"""

from __future__ import annotations

import argparse
import ctypes
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from interleaved import Rival, compare, report

import skyline
from skyline import _core

WIDTH, HEIGHT, FRAMES = 1920, 1080, 64

Frames = list[npt.NDArray[np.uint8]]


def make_frames() -> Frames:
    generator = np.random.default_rng(1)
    return [generator.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8) for _ in range(8)]


def timed(frames: Frames, push: Callable[[npt.NDArray[np.uint8]], object]) -> float:
    begin = time.perf_counter()
    for n in range(FRAMES):
        push(frames[n % len(frames)])
    return (time.perf_counter() - begin) / FRAMES


def memcpy(frames: Frames) -> Rival:
    destinations = [np.zeros_like(frames[0]) for _ in range(4)]
    counter = iter(range(1 << 62))

    def copy(frame: npt.NDArray[np.uint8]) -> None:
        ctypes.memmove(destinations[next(counter) % 4].ctypes.data, frame.ctypes.data, frame.nbytes)

    return Rival("memcpy", lambda: timed(frames, copy))


def into(description: str) -> skyline.SkyLine:
    sky = skyline.PipelineSkyLine(description, fps=30, clock="arrival", errors="raise")
    sky.start_streaming()
    return sky


def pushing(name: str, frames: Frames, description: str, verb: str, target: str = "") -> Rival:
    sky = into(description)
    push = getattr(sky, verb)

    def run() -> float:
        _core.use_simd_target(target)
        try:
            return timed(frames, push)
        finally:
            _core.use_simd_target("")

    def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            check_pixels(frames, description, verb, Path(folder) / "frames.raw")

    return Rival(name, run, check)


def check_pixels(frames: Frames, description: str, verb: str, path: Path) -> None:
    """The same description into a file instead: are these the frames that came out?"""
    with into(description.replace("fakesink", f"filesink location={path}")) as sky:
        for frame in frames:
            getattr(sky, verb)(frame)
    written = np.fromfile(path, np.uint8)
    if "I420" in description:
        expected = np.concatenate([_core.convert(frame, "BGR", "I420", plain=True) for frame in frames])
    else:
        expected = np.concatenate([frame.ravel() for frame in frames])
    np.testing.assert_array_equal(written, expected)


def floor() -> Rival:
    source = Path(__file__).with_name("floor.cpp")
    program = Path(tempfile.mkdtemp()) / "floor"
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "gstreamer-app-1.0"], text=True).split()
    subprocess.check_call(["g++", "-O2", "-std=c++17", str(source), "-o", str(program), *flags])
    arguments = [str(program), str(WIDTH), str(HEIGHT), "2000"]
    return Rival("C loop over gst_app_src_push_buffer", lambda: float(subprocess.check_output(arguments)))


def lending(frames: Frames) -> Rival:
    sky = into("appsrc ! fakesink sync=false")

    def run() -> float:
        begin = time.perf_counter()
        for n in range(2000):
            sky.lend(frames[n % len(frames)])
        return (time.perf_counter() - begin) / 2000

    return Rival("lend", run)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--json", type=Path, help="folder for the results")
    options = parser.parse_args()
    frames = make_frames()
    raw, i420 = "appsrc ! fakesink sync=false", "appsrc ! video/x-raw,format=I420 ! fakesink sync=false"
    rivals = [memcpy(frames), pushing("put, no conversion", frames, raw, "put")]
    targets = {"put, no conversion": 1.3}
    limits = {"AVX2": 1.4, "AVX3": 1.1}
    for simd in [name for name in _core.simd_targets() if name in limits]:
        name = f"put, BGR to I420, {simd}"
        rivals.append(pushing(name, frames, i420, "put", simd))
        targets[name] = limits[simd]
    folder = options.json
    met = report(
        "put 1080p BGR into fakesink",
        compare(rivals, base="memcpy", rounds=options.rounds),
        targets,
        folder and folder / "put.json",
    )
    c_loop = floor()
    ratios = compare([c_loop, lending(frames)], base=c_loop.name, rounds=max(5, options.rounds // 3))
    met = report("lend 1080p BGR into fakesink", ratios, {"lend": 3.0}, folder and folder / "lend.json") and met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
