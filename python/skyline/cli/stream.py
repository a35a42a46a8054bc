"""``skyline stream``: a camera, a file, a stream or a drawn picture to any number of sinks, as it happens."""

import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live
from rich.text import Text

import skyline
from skyline.cli import CommandError
from skyline.cli.display import console
from skyline.cli.ending import ends_quietly
from skyline.cli.flow import Flow
from skyline.cli.options import BitrateOption, CodecOption, HeightOption, WidthOption, encoder_for, parse_fps
from skyline.cli.watching import address_of, how_to_watch
from skyline.uri import sink_of

if TYPE_CHECKING:
    from skyline.cli.source import Frame, Source
    from skyline.sinks import Sink

# What the status lines show anyway; the rest is news.
_EVERYDAY = ("started", "finished", "dropped")


def stream(
    source: Annotated[
        str,
        typer.Argument(
            help="A camera's number, a video file, a URL that OpenCV can open, or 'test' for a drawn picture."
        ),
    ],
    uris: Annotated[
        list[str],
        typer.Argument(
            metavar="URI…", help="Where to: rtsp://:8554/live, srt://host:9000, udp://host:5000, film.mp4 …"
        ),
    ],
    *,
    seconds: Annotated[
        float | None, typer.Option(min=0.001, metavar="SECONDS", help="How long; to the end if not given.")
    ] = None,
    fps: Annotated[
        Fraction | None,
        typer.Option(
            parser=parse_fps, metavar="FPS", help="Ask a camera for this rate; play a file or draw at this rate."
        ),
    ] = None,
    width: WidthOption = None,
    height: HeightOption = None,
    codec: CodecOption = None,
    bitrate_kbps: BitrateOption = None,
    keyframe_s: Annotated[
        float | None,
        typer.Option("--keyframe-s", min=0.1, metavar="SECONDS", help="A key frame at least this often."),
    ] = None,
) -> None:
    """Send frames to every URI at once, encoded once, until the source ends, --seconds have passed, or Ctrl-C.

    One URI that fails ends nothing but itself; the exit code is 1 then.
    """
    # OpenCV is loaded by the commands that draw or read with it: the others work without.
    from skyline.cli.source import open_source

    sink = sink_of(uris[0]) if len(uris) == 1 else skyline.sinks.tee(*uris)
    encoder = encoder_for(sink, codec, bitrate_kbps)
    if keyframe_s is not None:
        encoder = replace(encoder, keyframe_s=keyframe_s)
    frames = open_source(source, fps=fps, width=width, height=height)
    with skyline.open(
        sink,
        # A camera's frames are stamped as they arrive: what it promises and what it delivers differ.
        fps=None if frames.is_live else frames.fps,
        encoder=encoder,
        on_event=_tell,
    ) as sky:
        outputs = sky.outputs
        for each, output in zip(sink.sinks, outputs, strict=True):
            _introduce(each, output.name)
        flow = Flow(sky.stats)
        live = Live(get_renderable=flow.lately, console=console, transient=True)
        with ends_quietly(), live:
            for frame, time_s in _as_it_happens(frames):
                if seconds is not None and time_s >= seconds:
                    break
                sky.put(frame, pts_ns=round(time_s * 1e9) if frames.has_times else None)
    console.print(flow.on_the_whole())
    failed = [output for output in outputs if output.state == "failed"]
    if failed:
        raise CommandError("; ".join(f"{output.name}: {output.error}" for output in failed))


def _as_it_happens(source: "Source") -> Iterator[tuple["Frame", float]]:
    """The frames, each when its time has come; a camera's come by themselves."""
    begun_s = time.monotonic()
    for frame, time_s in source.frames:
        if not source.is_live:
            time.sleep(max(0.0, begun_s + time_s - time.monotonic()))
        yield frame, time_s


def _introduce(sink: "Sink", name: str) -> None:
    address = address_of(sink, name)
    console.print(address, style="bold green", markup=False, soft_wrap=True)
    how = how_to_watch(sink, address)
    if how:
        console.print(f"  watch it: {how}", markup=False, soft_wrap=True)


def _tell(event: skyline.Event) -> None:
    """Print what is news, above the status line."""
    if event.kind in _EVERYDAY:
        return
    what = event.message or (str(event.error) if event.error else "")
    text = Text.assemble((event.kind.replace("_", " "), "bold"), f"   {event.output}   {what}")
    console.print(text, soft_wrap=True)
