"""Converters in C, called by ctypes on the very arrays the others get: what videoconvert runs, and libyuv."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.convert_work import BYTES, HEIGHT, PIXELS, REWEIGHTED, SHAPES, WIDTH, Bind, Work, rival
from benchmarks.programs import built
from benchmarks.rival import CheckFailed, Rival, RivalMissing

LIBYUV = "libyuv"
_LIBYUV = {
    ("BGR", "I420"): "RGB24ToI420",
    ("BGRA", "I420"): "ARGBToI420",
    ("BGRA", "NV12"): "ARGBToNV12",
    ("I420", "BGR"): "I420ToRGB24",
    ("I420", "BGRA"): "I420ToARGB",
    ("NV12", "BGR"): "NV12ToRGB24",
    ("NV12", "BGRA"): "NV12ToARGB",
}
_STRIDES = {"BGR": WIDTH * 3, "BGRA": WIDTH * 4}


def videoconvert(threads: int) -> str:
    """Name of the rival."""
    return f"videoconvert, n-threads={threads}"


def gstreamer(work: Work, folder: Path, stack: ExitStack, missing: dict[str, str], *, quick: bool) -> Iterator[Rival]:
    """GstVideoConverter as the element sets it up, and with what the element offers for speed."""
    try:
        library = ctypes.CDLL(str(built("converter", folder, "gstreamer-video-1.0", as_library=True)))
    except RivalMissing as error:
        missing[videoconvert(1)] = str(error)
        return
    library.converter_new.restype = ctypes.c_void_p

    def converting(name: str, threads: int, fast: int, text: str) -> Rival:
        formats = (work.source.encode(), work.result.encode())
        converter = ctypes.c_void_p(library.converter_new(*formats, WIDTH, HEIGHT, threads, fast))
        stack.callback(library.converter_free, converter)

        def bind(frame: Any, out: Any) -> Any:
            pointers = (ctypes.c_void_p(array.ctypes.data) for array in (frame, out))
            return partial(library.converter_frame, converter, *pointers)

        def check() -> str:
            seen = plain.check() if plain.check else ""
            if fast:
                return seen
            check_against_element(work, bind, f"videoconvert n-threads={threads}", folder)
            return f"{seen}, the element's bytes"

        # GStreamer's GRAY8 is bt601: of a bt709 frame it weights the colours anew.
        matrix = REWEIGHTED if work.result == "GRAY8" else "bt709"
        settings = f"gst_video_converter_frame, {text}, {matrix} limited"
        plain = rival(work, name, bind, matrix, settings, count=8)
        return Rival(name, plain.run, settings, check)

    yield converting(videoconvert(1), 1, 0, "options of the element's defaults")
    if not quick:
        yield converting(videoconvert(2), 2, 0, "options of the element's defaults, n-threads=2")
        fastest = "dither=none chroma-resampler=nearest-neighbour chroma-mode=none"
        yield converting("videoconvert, least quality", 1, 1, fastest)


def check_against_element(work: Work, bind: Bind, element: str, folder: Path) -> None:
    """The element itself, on a random frame: the same bytes, so this is what it runs."""
    frame, out = work.frames[0], np.zeros(SHAPES[work.result], np.uint8)
    bind(frame, out)()
    given, made = folder / "given.raw", folder / "made.raw"
    frame.tofile(given)
    size = f"width={WIDTH} height={HEIGHT} framerate=30/1"
    # rawvideoparse says a colorimetry and a chroma-site; a camera or an appsrc does not.
    caps = f"capssetter replace=true caps=video/x-raw,format={work.source},{size.replace(' ', ',')}"
    parse = f"rawvideoparse format={work.source.lower()} {size} ! {caps}"
    sink = f"video/x-raw,format={work.result} ! filesink location={made}"
    command = f"gst-launch-1.0 -q filesrc location={given} ! {parse} ! {element} ! {sink}"
    try:
        subprocess.run(command.split(), capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        message = f"the element videoconvert did not run: {error}"
        raise CheckFailed(message) from error
    if not np.array_equal(np.fromfile(made, np.uint8), out.reshape(-1)[: BYTES[work.result]]):
        message = "GstVideoConverter makes other bytes than the element videoconvert"
        raise CheckFailed(message)


def libyuv(work: Work, missing: dict[str, str]) -> Iterator[Rival]:
    """libyuv as Debian ships it; its matrix is bt601 limited."""
    function = _LIBYUV.get((work.source, work.result))
    if function is None:
        gray = "copies luma as it is" if "GRAY8" in (work.source, work.result) else "has no such function"
        missing[LIBYUV] = f"{work.source} to {work.result}: {gray}"
        return
    try:
        call = getattr(ctypes.CDLL("libyuv.so.0"), function)
    except OSError:
        missing[LIBYUV] = "apt install libyuv0"
        return

    def bind(frame: Any, out: Any) -> Any:
        return partial(call, *_planes(frame, work.source), *_planes(out, work.result), WIDTH, HEIGHT)

    settings = f"{function} of libyuv.so.0 by ctypes, bt601 limited, one thread"
    yield rival(work, LIBYUV, bind, "bt601", settings)


def _planes(array: Any, format: str) -> list[Any]:
    """Pointers and strides in libyuv's order."""
    begin = array.ctypes.data
    if format == "I420":
        chroma = [ctypes.c_void_p(begin + PIXELS), WIDTH // 2, ctypes.c_void_p(begin + PIXELS * 5 // 4), WIDTH // 2]
        return [ctypes.c_void_p(begin), WIDTH, *chroma]
    if format == "NV12":
        return [ctypes.c_void_p(begin), WIDTH, ctypes.c_void_p(begin + PIXELS), WIDTH]
    return [ctypes.c_void_p(begin), _STRIDES[format]]
