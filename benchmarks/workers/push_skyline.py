"""Ours, and the memcpy it is measured by: the same frames, one process, our own interpreter."""

import sys
import time
from pathlib import Path

import numpy as np
from worker_side import serve

sys.path.insert(0, str(Path(__file__).parents[2]))
import skyline
from benchmarks.pictures import noise
from benchmarks.timing import memcpy, per_frame
from skyline import _core

frames = []
copies = {}
streams = {}


def put(sky):
    return sky.put


def lend(sky):
    return sky.lend


def acquire(sky):
    height, width = frames[0].shape[:2]

    def fill(frame):
        with sky.acquire(width=width, height=height) as slot:
            np.copyto(slot.array, frame)

    return fill


VERBS = {"put": put, "lend": lend, "acquire": acquire}


def open_frames(width, height, count):
    frames.extend(noise(width, height, count=count))


def opened(description):
    sky = skyline.PipelineSkyLine(description, fps=30, clock="arrival", errors="raise")
    sky.start_streaming()
    return sky


def copy(count):
    if count not in copies:
        copies[count] = memcpy(frames, count)
        copies[count].check()
    return {"seconds": copies[count].run()}


def push(description, verb, count, simd=""):
    """Seconds per frame. Every frame of the round must have arrived, none dropped or copied."""
    if (description, verb) not in streams:
        streams[description, verb] = opened(description)
    sky = streams[description, verb]
    before = sky.stats()
    _core.use_simd_target(simd)
    try:
        seconds = per_frame(frames, VERBS[verb](sky), count)
    finally:
        _core.use_simd_target("")
    deadline = time.monotonic() + 10
    while (after := sky.stats()).frames_in_flight and time.monotonic() < deadline:
        time.sleep(0.0005)
    if after.frames_encoded - before.frames_encoded != count or after.dropped or after.copied_frames:
        raise RuntimeError(f"{count} frames went in, then: {after}")
    return {"seconds": seconds}


def write(description, verb, count, simd=""):
    _core.use_simd_target(simd)
    try:
        with opened(description) as sky:
            call = VERBS[verb](sky)
            for frame in frames[:count]:
                call(frame)
    finally:
        _core.use_simd_target("")


serve({"open_frames": open_frames, "copy": copy, "push": push, "write": write})
