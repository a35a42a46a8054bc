"""The conversion alone, 1080p, one frame after the other into pooled memory: no pipeline, no allocation.

Cold is what a camera or a model gives: the frame is not in the cache. Hot is one frame again and again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.convert_native import LIBYUV, gstreamer, libyuv, videoconvert
from benchmarks.convert_rivals import COPY, COPY_OF_RESULT, SIMD, copies, opencv, ours, pyav, skyline_on
from benchmarks.convert_work import Work
from benchmarks.rival import Bench
from benchmarks.targets import Target

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

_PACKED, _PLANAR = ("BGR", "BGRA", "GRAY8"), ("I420", "NV12")
_TARGETS_OF = (("BGR", "I420", False), ("I420", "BGR", False))


def key(work: Work) -> str:
    """Of the bench, e.g. ``convert-bgr-i420-cold``."""
    return f"convert-{work.source}-{work.result}-{'hot' if work.is_hot else 'cold'}".lower()


_FORTH, _BACK = (key(Work(*pair)) for pair in _TARGETS_OF)
_OURS = skyline_on(SIMD[0])

TARGETS = (
    Target("BGR to I420: videoconvert", _FORTH, _OURS, videoconvert(1), "gain", 12, 18),
    Target("BGR to I420: libyuv", _FORTH, _OURS, LIBYUV, "gain", 1.2, 1.8),
    Target("I420 to BGR: videoconvert", _BACK, _OURS, videoconvert(1), "gain", 4, 7),
    Target("I420 to BGR: memcpy of the BGR", _BACK, _OURS, COPY_OF_RESULT, "cost", 1.6, 1.0),
)


def benches(options: Options) -> Iterator[Bench]:
    """Every pair of formats, forth and back, cold and hot; in a quick run the two that targets are about."""
    pairs = [*itertools.product(_PACKED, _PLANAR), *itertools.product(_PLANAR, _PACKED)]
    works = [(*pair, hot) for pair in pairs for hot in (False, True)]
    for work in itertools.starmap(Work, _TARGETS_OF if options.quick else works):
        back = Work(work.result, work.source, work.is_hot)
        yield _bench(work, back, options)
        work.release()
        back.release()


def _bench(work: Work, back: Work, options: Options) -> Bench:
    missing: dict[str, str] = {}
    rivals = [copies(work)]
    if work.result == "BGR":
        rivals.append(copies(back, COPY_OF_RESULT))
    rivals += [ours(work, simd) for simd in (SIMD[:1] if options.quick else SIMD)]
    rivals += libyuv(work, missing)
    rivals += gstreamer(work, options.folder, options.stack, missing, quick=options.quick)
    if not options.quick:
        rivals += [*opencv(work, missing), *pyav(work, missing)]
    how = "hot: one frame again and again" if work.is_hot else f"cold: {len(work.frames)} frames in turn"
    title = f"{work.source} to {work.result} in memory, 1080p, {how}"
    return Bench(key(work), title, "s/frame", "less", COPY, tuple(rivals), options.rounds(15, 201), missing)
