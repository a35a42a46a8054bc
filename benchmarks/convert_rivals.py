"""Who converts: memcpy as the measure, ours on every SIMD target, OpenCV and PyAV."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.convert_work import BYTES, SHAPES, Bind, Work, rival
from benchmarks.rival import CheckFailed, Rival
from skyline import _core

SIMD = [*_core.simd_targets(), "plain"]
COPY = "memcpy"
COPY_OF_RESULT = "memcpy of the BGR frame"
_PYAV = {"BGR": "bgr24", "BGRA": "bgra", "GRAY8": "gray", "I420": "yuv420p", "NV12": "nv12"}


def skyline_on(simd: str) -> str:
    """Name of ours on a SIMD target."""
    return f"Skyline, {simd}"


def copies(work: Work, name: str = COPY) -> Rival:
    """A memcpy of the frames of a work, into four destinations in turn."""

    def bind(frame: Any, out: Any) -> Any:
        return partial(ctypes.memmove, out.ctypes.data, frame.ctypes.data, frame.nbytes)

    def check() -> str:
        out = np.zeros(SHAPES[work.source], np.uint8)
        bind(work.frames[0], out)()
        if not np.array_equal(out, work.frames[0]):
            message = "memcpy did not copy"
            raise CheckFailed(message)
        return "bytes equal"

    settings = f"memmove by ctypes, {BYTES[work.source]} bytes, 4 destinations in turn"
    return Rival(name, lambda: work.seconds(bind, 32, into=work.source), settings, check)


def ours(work: Work, simd: str) -> Rival:
    """The core's kernel, into pooled destinations as in ``put``. The best target is not asked for."""
    wish = "" if simd == SIMD[0] else simd

    def bind(frame: Any, out: Any) -> Any:
        return partial(_core.convert, frame, work.source, work.result, matrix="bt709", out=out)

    def on_target(call: Any) -> Any:
        _core.use_simd_target(wish)
        try:
            return call()
        finally:
            _core.use_simd_target("")

    return Rival(
        skyline_on(simd),
        lambda: on_target(partial(work.seconds, bind, 8 if simd == "plain" else 32)),
        "the kernel of put, bt709 limited, one thread, "
        + (f"restricted to {wish}" if wish else "the target it chooses"),
        lambda: on_target(partial(work.check, bind, "bt709", is_ours=True)),
        is_ours=True,
    )


def opencv(work: Work, missing: dict[str, str]) -> Iterator[Rival]:
    """cv2.cvtColor of the wheel, into pooled destinations; its matrix is always bt601 limited."""
    try:
        import cv2
    except ImportError:
        missing["cv2.cvtColor"] = "pip install opencv-python-headless"
        return
    forth, back = f"COLOR_{work.source}2YUV_{work.result}", f"COLOR_YUV2{work.result}_{work.source}"
    code = getattr(cv2, forth, getattr(cv2, back, None))
    if code is None or "GRAY8" in (work.source, work.result):
        gray = "copies luma as it is" if work.result == "GRAY8" else "has no such code"
        missing["cv2.cvtColor"] = f"{work.source} to {work.result}: {gray}"
        return

    def bind(frame: Any, out: Any) -> Any:
        return partial(cv2.cvtColor, frame, code, out)

    all_threads = cv2.getNumThreads()
    for name, threads in {"cv2.cvtColor, 1 thread": 1, f"cv2.cvtColor, {all_threads} threads": all_threads}.items():
        yield _with_threads(work, name, bind, threads)


def _with_threads(work: Work, name: str, bind: Bind, threads: int) -> Rival:
    import cv2

    settings = f"opencv-python-headless {cv2.__version__}, dst= pooled, bt601 limited, cv2.setNumThreads({threads})"
    plain = rival(work, name, bind, "bt601", settings)

    def run() -> float:
        cv2.setNumThreads(threads)
        return plain.run()

    return Rival(name, run, settings, plain.check)


def pyav(work: Work, missing: dict[str, str]) -> Iterator[Rival]:
    """PyAV's reformat: swscale, from ready frames that wrap the arrays; it allocates each result."""
    try:
        import av
        from av.video.reformatter import VideoReformatter
    except ImportError:
        missing["PyAV reformat"] = "pip install av"
        return

    def ready(frame: Any) -> Any:
        wrap = partial(av.VideoFrame.from_numpy_buffer, frame, format=_PYAV[work.source])
        return work.once(("PyAV", id(frame)), lambda: (frame, wrap()))[1]

    def binding(threads: int) -> Bind:
        reformatter = VideoReformatter()

        def bind(frame: Any, out: Any) -> Any:  # noqa: ARG001  # reformat has no destination
            return partial(reformatter.reformat, ready(frame), format=_PYAV[work.result], threads=threads)

        return bind

    for name, threads in {"PyAV reformat, 1 thread": 1, "PyAV reformat, all threads": 0}.items():
        settings = f"av {av.__version__}, VideoReformatter on VideoFrame.from_numpy_buffer, bilinear, bt601 limited, threads={threads}"
        bind = binding(threads)
        plain = rival(work, name, bind, "bt601", settings, count=16)
        check = partial(work.check, _as_array(bind), "bt601", is_pooled=False)
        yield Rival(name, plain.run, settings, check)


def _as_array(bind: Bind) -> Bind:
    def bound(frame: Any, out: Any) -> Any:
        call: Any = bind(frame, out)
        return lambda: call().to_ndarray()

    return bound
