"""What it costs the caller to push one BGR frame into fakesink, against a memcpy of that frame.

Cold: source frames in turn, together beyond any cache. Each rival pushes into one pipeline that runs on; the figure is
the time its calls took, and every frame of a round has arrived before the next rival begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from benchmarks.push_checks import check_bytes, check_i420
from benchmarks.push_rivals import FLOOR, c_loop, cv2_writer, pygobject
from benchmarks.push_setting import Setting
from benchmarks.rival import Bench, Rival
from benchmarks.targets import Target
from skyline import _core

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

SIZES = {"480p": (640, 480), "1080p": (1920, 1080), "4K": (3840, 2160)}
_SIMD = _core.simd_targets() or ["plain"]
_AVX512 = _SIMD[0] if _SIMD[0].startswith("AVX3") else "AVX3"  # AVX3, AVX3_DL, AVX3_ZEN4, …
_RAW, _I420 = "video/x-raw,format=BGR", "video/x-raw,format=I420"


def converting(simd: str) -> str:
    """Name of the rival that converts on a SIMD target."""
    return f"put, BGR to I420, {simd}"


TARGETS = (
    Target("lend into fakesink: a C loop", "push-1080p", "lend", FLOOR, "cost", 1.3, 1.1),
    Target("put into fakesink: memcpy", "push-1080p", "put", "memcpy", "cost", 1.3, 1.1),
    Target(
        "put, BGR to I420, AVX2: memcpy of the BGR",
        "push-1080p",
        converting("AVX2"),
        "memcpy",
        "cost",
        1.3,
        1.1,
        "AVX2",
    ),
    Target(
        "put, BGR to I420, AVX-512: memcpy of the BGR",
        "push-1080p",
        converting(_AVX512),
        "memcpy",
        "cost",
        0.9,
        0.7,
        _AVX512,
    ),
)


def benches(options: Options) -> Iterator[Bench]:
    """One table per size."""
    for name, (width, height) in SIZES.items():
        if options.quick and name != "1080p":
            continue
        stack = options.stack.enter_context(ExitStack())
        setting = Setting(width, height, options.folder, stack)
        missing: dict[str, str] = {}
        rivals = [*_skyline(setting, options.quick), *c_loop(setting, missing)]
        if not options.quick:
            rivals += [*cv2_writer(setting, missing), *pygobject(setting, missing)]
        yield Bench(
            f"push-{name}",
            f"push one {name} BGR frame into fakesink; cold: {setting.sources} source frames in turn",
            "s/frame",
            "less",
            "memcpy",
            tuple(rivals),
            options.rounds(31, 151),
            missing,
        )
        stack.close()  # the workers of this size hold its frames


def _skyline(setting: Setting, quick: bool) -> Iterator[Rival]:
    """Ours and memcpy: in one process, from the same frames."""
    worker = setting.worker("push_skyline.py")

    def copy() -> float:
        return float(worker.ask("copy", count=setting.copies)["seconds"])

    def pushing(name: str, verb: str, *, simd: str = "", note: str = "") -> Rival:
        caps = f"{_I420} ! " if simd else ""
        description = f"appsrc ! {caps}fakesink sync=false"
        # The best target is not asked for: it is what a user gets.
        arguments: dict[str, Any] = {"verb": verb, "simd": "" if simd == _SIMD[0] else simd}
        count = setting.lends if verb == "lend" else setting.copies

        def run() -> float:
            return float(worker.ask("push", description=description, count=count, **arguments)["seconds"])

        def check() -> str:
            path = setting.folder / "pushed.raw"
            pinned = f"appsrc ! {_I420 if simd else _RAW},{setting.caps} ! filesink location={path}"
            worker.ask("write", description=pinned, count=len(setting.checked), **arguments)
            return (check_i420 if simd else check_bytes)(path, setting.checked)

        settings = f"PipelineSkyLine({description!r}, fps=30, clock='arrival'){note}"
        return Rival(name, run, settings, check, is_ours=True)

    def check_copy() -> str:
        copy()  # the worker has compared the bytes first
        return "bytes equal"

    settings = "memmove by ctypes into 4 destinations in turn, beside ours and of the same frames"
    yield Rival("memcpy", copy, settings, check_copy)
    yield pushing("put", "put")
    for simd in _SIMD:
        if not quick or simd in (_SIMD[0], "AVX2"):
            note = ", the target it chooses" if simd == _SIMD[0] else f", restricted to {simd}"
            yield pushing(converting(simd), "put", simd=simd, note=note)
    if not quick:
        yield pushing("acquire + np.copyto", "acquire", note="; filling the slot is in the figure")
    yield pushing("lend", "lend")
