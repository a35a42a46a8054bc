"""``skyline record``: a camera, a file, a stream or a drawn picture into a file, with live statistics."""

import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live
from rich.text import Text

import skyline
from skyline.cli.display import console, show_path, size_text
from skyline.cli.ending import ends_quietly
from skyline.cli.options import BitrateOption, CodecOption, HeightOption, WidthOption, encoder_for, parse_fps

if TYPE_CHECKING:
    from skyline.cli.source import Source


def record(
    source: Annotated[
        str,
        typer.Argument(
            help="A camera's number, a video file, a URL that OpenCV can open, or 'test' for a drawn picture."
        ),
    ],
    path: Annotated[Path, typer.Argument(help="The file to write; with --segment-s its name needs a %05d.")],
    *,
    seconds: Annotated[
        float | None, typer.Option(min=0.001, metavar="SECONDS", help="How much to record; to the end if not given.")
    ] = None,
    fps: Annotated[
        Fraction | None,
        typer.Option(
            parser=parse_fps,
            metavar="FPS",
            help="Ask a camera for this rate; lay out the frames of a file at this rate.",
        ),
    ] = None,
    width: WidthOption = None,
    height: HeightOption = None,
    codec: CodecOption = None,
    bitrate_kbps: BitrateOption = None,
    segment_s: Annotated[
        float | None, typer.Option("--segment-s", min=0.1, metavar="SECONDS", help="Cut into parts of this length.")
    ] = None,
) -> None:
    """Record until the source ends, --seconds have passed, or Ctrl-C. The file is finalised in every case."""
    # OpenCV is loaded by the commands that draw or read with it: the others work without.
    from skyline.cli.source import open_source

    frames = open_source(source, fps=fps, width=width, height=height)
    sink = skyline.sinks.file(path, segment_s=segment_s)
    with skyline.open(
        sink,
        # A camera's frames are stamped as they arrive: what it promises and what it delivers differ.
        fps=None if frames.is_live else frames.fps,
        encoder=encoder_for(sink, codec, bitrate_kbps),
    ) as sky:
        begun_s = time.monotonic()
        live = Live(
            get_renderable=lambda: _statistics(sky, time.monotonic() - begun_s), console=console, transient=True
        )
        with ends_quietly(), live:
            _copy(frames, sky, seconds)
        took_s = time.monotonic() - begun_s
    show_path(path)
    console.print(_statistics(sky, took_s))


def _copy(source: "Source", sky: skyline.SkyLine, seconds: float | None) -> None:
    for frame, time_s in source.frames:
        if seconds is not None and time_s >= seconds:
            break
        sky.put(frame, pts_ns=round(time_s * 1e9) if source.has_times else None)


def _statistics(sky: skyline.SkyLine, elapsed_s: float) -> Text:
    stats = sky.stats()
    encoded = stats.latency.encoded
    latency = "" if encoded is None else f"   encoded in {encoded.p95_ms:.1f} ms (p95)"
    return Text(
        f"{elapsed_s:7.1f} s   {stats.frames_in} frames   {stats.frames_in / max(elapsed_s, 1e-3):.1f} frames/s"
        f"   {size_text(stats.bytes_encoded)}   {stats.dropped} dropped   {stats.level_buffers} waiting{latency}"
    )
