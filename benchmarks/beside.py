"""What a pure-Python loop keeps of its speed beside a thread that pushes 1080p at 60 fps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import senders
from benchmarks.encoder_alone import look_at
from benchmarks.pictures import moving
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed
from benchmarks.worker import Worker
from skyline import _core

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

OURS = "skyline"
SOLO = "nothing beside it"
_TIMER = "a thread that keeps the pace and pushes nothing"
_WIDTH, _HEIGHT, _FPS = 1920, 1080, 60
_I420 = "video/x-raw,format=I420"
_ENDS = {"fakesink": "into fakesink, BGR → I420", "x264": "into x264 ultrafast, BGR → H.264"}


def _work(who: str, end: str) -> senders.Work:
    """The thread's work; PyAV has no fakesink and converts only."""
    work = senders.work("skyline" if who == "nothing" else who, _WIDTH, _HEIGHT, _FPS, "fakesink sync=false")
    work["with"] = who
    if end == "x264":
        return work | {"url": "/dev/null", "format": "h264"}
    convert = "" if who == "skyline" else "videoconvert ! "
    work["text"] = f"appsrc ! {convert}{_I420} ! fakesink sync=false"
    return work | {"with": "av-convert"} if who == "av" else work


def _about(who: str, work: senders.Work) -> str:
    if who == "nothing":
        return "counted in the same way, in slices of a quarter of a second: what of the figures is noise"
    if work["with"] == "av-convert":
        return "VideoFrame.from_ndarray, reformat to yuv420p"
    return senders.described(work)


def benches(options: Options, end: str) -> Iterator[Bench]:
    """The share that is kept, and how many frames per second were pushed meanwhile."""
    replay, rivals, slices = Replay(), [], 4
    names = {"nothing": SOLO, "skyline": OURS}
    if not options.quick:
        names |= {"timer": _TIMER, **{who: senders.NAMES[who] for who in ("cv2", "gi", "av")}}
    workers = {}
    for who, name in names.items():
        made = "nothing" if who == "timer" else who
        work = _work(made, end)
        worker = workers[who] = Worker("counting.py", **senders.python_of(who))
        options.stack.callback(worker.close)

        def run(worker: Worker = worker, pushes: bool = who != "nothing") -> dict[str, float]:
            return worker.ask("count", slices=slices, pushes=pushes)

        check = partial(_check, worker, work, run, options.folder)
        named = {"settings": _about(made, work), "check": check, "is_ours": who == "skyline"}
        rivals.append(replay.rival(name, run, "kept", **named))
    title = f"a counting loop beside a thread that pushes 1080p60 {_ENDS[end]}"
    rounds = 5
    unit = "share of its solo speed"
    measured = Bench(f"interference-loop-{end}", title, unit, "more", SOLO, tuple(rivals), rounds)
    yield measured
    about = f"{title}, without the time in which the kernel kept the loop from a processor"
    yield replay.bench(measured, f"interference-gil-{end}", about, "kept_of_processor_time")
    pushed = f"{title}: frames/s that were pushed meanwhile"
    yield replay.bench(measured, f"interference-rate-{end}", pushed, "frames_per_s", unit="frames/s", base=OURS)
    for worker in workers.values():
        worker.close()


def _check(worker: Worker, work: senders.Work, run: Callable[[], dict[str, float]], folder: Path) -> str:
    """What comes out of the same work into a file; whether the pace is kept beside the loop is a table of its own."""
    seen = "nothing to look at"
    if work["with"] != "nothing":
        path = folder / "seen"
        text = work["text"].replace("fakesink sync=false", f"filesink location={path}")
        worker.ask("record", work={**work, "text": text, "url": str(path), "path": str(path)})
        is_encoded = "x264enc" in text
        seen = look_at(path.read_bytes(), folder, _WIDTH, _HEIGHT, 8) if is_encoded else _compare(path.read_bytes())
    worker.ask("open", work=work)
    frames_per_s = run()["frames_per_s"]
    if work["with"] != "nothing" and frames_per_s < 1:
        raise CheckFailed("no frame was pushed beside the loop")
    return f"{seen}; {frames_per_s:.0f} frames/s beside the loop"


def _compare(written: bytes) -> str:
    """The PSNR of I420 frames, against the plain conversion."""
    pictures = moving(_WIDTH, _HEIGHT)
    expected = np.concatenate([_core.convert(picture, "BGR", "I420", plain=True) for picture in pictures])
    if len(written) != expected.size:
        message = f"{len(written)} bytes of I420 came out, expected {expected.size}"
        raise CheckFailed(message)
    difference = np.frombuffer(written, np.uint8).astype(np.int16) - expected
    decibels = 10 * np.log10(255**2 / max(float((difference.astype(np.int32) ** 2).mean()), 1e-9))
    if decibels < 35:
        message = f"PSNR {decibels:.1f} dB against the plain conversion, expected 35"
        raise CheckFailed(message)
    return f"I420, {min(decibels, 99):.0f} dB"
