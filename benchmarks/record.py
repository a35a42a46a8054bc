"""Whole recordings of BGR frames that a Python loop makes, opening and finalising included: seconds per frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks import record_codecs as codecs
from benchmarks import record_h264 as h264
from benchmarks.record_contenders import Contender, Work, rivals
from benchmarks.rival import Bench
from benchmarks.targets import Target

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

ULTRAFAST = "record-h264-1080p"


def benches(options: Options) -> Iterator[Bench]:
    """H.264 as the promises have it; in a full run also a smaller picture, a slower preset, other codecs."""
    every = not options.quick
    frames = 150 if every else 120
    fast = "x264 ultrafast, zerolatency, 8000 kbit/s, MP4"
    work = Work(ULTRAFAST, f"{frames} frames of 1080p BGR to H.264 ({fast})", 1920, 1080, frames)
    yield from _bench(options, work, h264.contenders("ultrafast", every=every), 7)
    if options.quick:
        return
    work = Work("record-h264-720p", f"300 frames of 720p BGR to H.264 ({fast})", 1280, 720, 300)
    yield from _bench(options, work, h264.contenders("ultrafast", every=False), 5)
    slow = "x264 veryfast, zerolatency, 8000 kbit/s, MP4"
    work = Work("record-h264-veryfast", f"60 frames of 1080p BGR to H.264 ({slow})", 1920, 1080, 60)
    yield from _bench(options, work, h264.contenders("veryfast", every=False), 5)
    work = Work(
        "record-openh264-1080p", "100 frames of 1080p BGR to H.264 (OpenH264, live, 8000 kbit/s, MP4)", 1920, 1080, 100
    )
    yield from _bench(options, work, codecs.openh264(), 5)
    work = Work(
        *("record-vp8-1080p", "30 frames of 1080p BGR to VP8 (realtime, 8000 kbit/s, WebM)", 1920, 1080, 30),
        codec="vp8",
        suffix=".webm",
        size_share=0.3,  # realtime libvpx adapts its effort to the time it is given
    )
    yield from _bench(options, work, codecs.vp8(), 5)
    work = Work(
        *("record-mjpeg-1080p", "100 frames of 1080p BGR to Motion JPEG (quality 85, AVI)", 1920, 1080, 100),
        codec="mjpeg",
        suffix=".avi",
        pix_fmts=("yuvj420p",),
        size_share=0.5,  # the encoders' tables of quality are not the same
    )
    yield from _bench(options, work, codecs.mjpeg(), 5)


def _bench(options: Options, work: Work, contenders: tuple[Contender, ...], rounds: int) -> Iterator[Bench]:
    with ExitStack() as workers:
        options.stack.callback(workers.close)  # also where the suite ends in the middle of the bench
        found = rivals(work, contenders, options.folder, workers)
        yield Bench(work.key, work.title, "s/frame", "less", found[0].name, found, rounds)


def _target(work: str, theirs: str, limit: float, moonshot: float, ours: str = h264.OPEN) -> Target:
    return Target(work, ULTRAFAST, ours, theirs, "gain", limit, moonshot)


TARGETS = (
    _target("record: cv2.VideoWriter on the same launch text", h264.CV2, 2.0, 2.3, h264.DESCRIPTION),
    _target("record: open(path) against cv2.VideoWriter", h264.CV2, 2.0, 2.3),
    _target("record: cv2.VideoWriter with queues and 2 converting threads", h264.CV2_TUNED, 1.35, 1.6),
    _target("record: PyAV", h264.PYAV, 1.3, 1.5),
    _target("record: ffmpeg behind a pipe", h264.PIPE, 2.3, 3.0),
    _target("record: ffmpegcv", h264.FFMPEGCV, 1.8, 2.5),
    _target("record: VidGear WriteGear", h264.WRITEGEAR, 2.0, 3.0),
    _target("record: share of GStreamer fed with I420 from C", h264.FLOOR, 0.92, 0.97),
)
