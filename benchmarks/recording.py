"""Recordings to compare: a work, contenders that do it, and the rivals made of them, one process each."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.recording_check import Checker
from benchmarks.rival import Rival, RivalMissing
from benchmarks.worker import Worker

FPS = 30


@dataclass(frozen=True)
class Work:
    """A file to be made of BGR frames.

    Args:
        key: Of the bench.
        title: For people.
        width: Of the frames.
        height: Of the frames.
        frames: How many.
        codec: As ffprobe calls it.
        suffix: Of the file's name.
        pix_fmts: As ffprobe calls them; what the file may have.
        loss_db: How far the luma's PSNR may lie below ours. With the very same options of x264 swscale ends 3 dB
            below, because it rounds more coarsely in the conversion; an encoder that saves work loses more.
        size_share: How far the size may lie from ours.
    """

    key: str
    title: str
    width: int
    height: int
    frames: int
    codec: str = "h264"
    suffix: str = ".mp4"
    pix_fmts: tuple[str, ...] = ("yuv420p",)
    loss_db: float = 4.0
    size_share: float = 0.1


@dataclass(frozen=True)
class Contender:
    """One way to make the file.

    Args:
        name: What tables call it.
        script: Its worker.
        by: Which of the worker's recorders.
        given: What that is told.
        settings: The same for people.
        python: The interpreter of the worker.
        is_ours: Whether it is Skyline; the first one of a bench must be.
        may_differ: Options of x264 that its documented interface leaves no choice about, or that it gains by.
    """

    name: str
    script: str
    by: str
    given: dict[str, Any]
    settings: str
    python: str = sys.executable
    is_ours: bool = False
    may_differ: frozenset[str] = field(default_factory=frozenset)


def rivals(work: Work, contenders: tuple[Contender, ...], folder: Path, stack: ExitStack) -> tuple[Rival, ...]:
    """The contenders, each in a process of its own that ``stack`` ends; what they write is held against the first's."""
    checker = Checker(work)
    return tuple(_rival(work, contender, checker, folder, stack) for contender in contenders)


def _rival(work: Work, contender: Contender, checker: Checker, folder: Path, stack: ExitStack) -> Rival:
    file = "".join(letter if letter.isalnum() else "-" for letter in contender.name)
    path = folder / f"{work.key}-{file}{work.suffix}"
    workers: list[Worker] = []

    def run() -> float:
        given = {"path": str(path), "frames": work.frames, "fps": FPS, **contender.given}
        return float(workers[0].ask("record", by=contender.by, **given)["seconds"]) / work.frames

    def check() -> str:
        try:
            workers.append(Worker(contender.script, python=contender.python))
        except OSError as error:
            raise RivalMissing(f"no {contender.python}") from error
        stack.callback(workers[0].close)
        workers[0].ask("prepare", width=work.width, height=work.height)
        run()
        return checker.look_at(path, contender.may_differ)

    return Rival(contender.name, run, contender.settings, check, contender.is_ours)
