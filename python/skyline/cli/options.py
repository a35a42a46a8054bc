"""What several subcommands read from the command line, and how."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

import typer


@dataclass(frozen=True)
class Size:
    """Pixels: ``1280x720``."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def parse_size(text: str) -> Size:
    """Read ``1280x720``."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) > 0 and int(height) > 0):
        message = f"{text!r} is not a size; write WIDTHxHEIGHT in pixels, such as 1280x720"
        raise typer.BadParameter(message)
    return Size(int(width), int(height))


def parse_fps(text: str) -> Fraction:
    """Read ``30``, ``29.97`` or ``30000/1001``."""
    try:
        fps = Fraction(text)
    except (ValueError, ZeroDivisionError):
        fps = Fraction(0)
    if fps <= 0:
        message = f"{text!r} is not a rate; write frames per second, such as 30, 29.97 or 30000/1001"
        raise typer.BadParameter(message)
    return fps


Fps = Annotated[Fraction, typer.Option("--fps", parser=parse_fps, metavar="FPS", help="Frames per second.")]
