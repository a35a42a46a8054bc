"""``skyline demo``: draw frames with OpenCV, record them, read them back."""

import shlex
import shutil
import time
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import skyline
from skyline.cli import CommandError
from skyline.cli.display import console, file_size, progress_bar, rate_text, show_path
from skyline.cli.options import FpsOption, Size, parse_size
from skyline.encoder_choice import choose_row

_PLAYERS = ("ffplay", "mpv", "vlc", "gst-play-1.0")


def demo(
    path: Annotated[Path, typer.Argument(help="The file to write; its suffix picks the container.")] = Path(
        "skyline-demo.mp4"
    ),
    seconds: Annotated[float, typer.Option(min=0.001, metavar="SECONDS", help="Length of the film.")] = 5.0,
    size: Annotated[Size, typer.Option(parser=parse_size, metavar="WIDTHxHEIGHT", help="Size of the picture.")] = Size(  # noqa: B008  frozen
        1280, 720
    ),
    fps: FpsOption = Fraction(30),
) -> None:
    """Record a drawn picture into a file, and say how to play it."""
    # OpenCV is loaded by the commands that draw or read with it: the others work without.
    from skyline.cli.drawing import DrawnPicture
    from skyline.cli.source import count_frames

    frame_count = max(1, round(seconds * fps))
    sink = skyline.sinks.file(path)
    encoder = sink.default_encoder()
    # The stream takes the same one: what works is found out once in a process.
    element = choose_row(encoder, format="BGR", clock="fixed").factory
    picture = DrawnPicture(width=size.width, height=size.height, fps=fps)
    frame = np.empty((size.height, size.width, 3), np.uint8)

    begun_s = time.perf_counter()
    with progress_bar() as bar, skyline.open(sink, fps=fps, encoder=encoder) as sky:
        for number in bar.track(range(frame_count), description=path.name):
            picture.draw(number, frame)
            sky.put(frame)
    took_s = time.perf_counter() - begun_s

    # Counted by a reader that is not ours.
    readable = count_frames(path)
    if readable not in (frame_count, None):
        message = f"{path}: {frame_count} frames were recorded, but OpenCV reads {readable}"
        raise CommandError(message)
    show_path(path.resolve())
    console.print(
        f"  {frame_count} frames of {size}, {float(frame_count / fps):.3f} s at {rate_text(fps)}, {file_size(path)}"
    )
    console.print(f"  {encoder.codec} by {element}; {frame_count / took_s:.0f} frames drawn and written per second")
    console.print(f"  play it: {_player()} {shlex.quote(str(path))}", markup=False, soft_wrap=True)


def _player() -> str:
    return next(filter(shutil.which, _PLAYERS), "ffplay")
