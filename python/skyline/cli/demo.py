"""``skyline demo``: draw frames with OpenCV, record them, read them back."""

import shutil
import time
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

import skyline
from skyline.cli import CommandError
from skyline.cli.display import console, file_size, progress_bar, rate_text
from skyline.cli.drawing import DrawnPicture
from skyline.cli.options import Fps, Size, parse_size

_PLAYERS = ("ffplay", "mpv", "vlc", "gst-play-1.0")


def demo(
    path: Annotated[Path, typer.Argument(help="The file to write; its suffix picks the container.")] = Path(
        "skyline-demo.mp4"
    ),
    seconds: Annotated[float, typer.Option(min=0.001, help="Length of the film.")] = 5.0,
    size: Annotated[Size, typer.Option(parser=parse_size, metavar="WIDTHxHEIGHT", help="Size of the picture.")] = Size(  # noqa: B008  frozen
        1280, 720
    ),
    fps: Fps = Fraction(30),
) -> None:
    """Record a drawn picture into a file, and say how to play it."""
    frame_count = max(1, round(seconds * fps))
    picture = DrawnPicture(width=size.width, height=size.height, fps=fps)
    frame = np.empty((size.height, size.width, 3), np.uint8)

    begun_s = time.perf_counter()
    with progress_bar() as bar, skyline.open(path, fps=fps) as sky:
        for number in bar.track(range(frame_count), description=path.name):
            picture.draw(number, frame)
            sky.put(frame)
    took_s = time.perf_counter() - begun_s

    _check(path, frame_count)
    console.print(f"[bold green]{path.resolve()}[/]")
    console.print(f"  {frame_count} frames of {size}, {float(frame_count / fps):.3f} s at {rate_text(fps)}, {file_size(path)}")
    console.print(f"  encoder {sky.encoder}, {frame_count / took_s:.0f} frames drawn and written per second")
    console.print(f"  play it: {_player()} {path}")


def _check(path: Path, frame_count: int) -> None:
    """Count the frames with a reader that is not ours."""
    reader = cv2.VideoCapture(str(path))
    if not reader.isOpened():
        console.print(f"  (this OpenCV cannot read {path.suffix} files, so the recording was not read back)")
        return
    found = 0
    while reader.grab():
        found += 1
    reader.release()
    if found != frame_count:
        message = f"{path}: {frame_count} frames were recorded, but OpenCV reads {found}"
        raise CommandError(message)


def _player() -> str:
    return next(filter(shutil.which, _PLAYERS), "ffplay")
