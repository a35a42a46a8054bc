"""What several subcommands read from the command line, and how."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated

import typer

from skyline.encoders import Codec, Encoder
from skyline.framerate import fraction
from skyline.sinks import Sink


@dataclass(frozen=True)
class Size:
    """Pixels: ``1280x720``."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


# Some releases of typer hand a default through the parser too, so both take what they return.


def parse_size(text: str | Size) -> Size:
    """Read ``1280x720``."""
    if isinstance(text, Size):
        return text
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) > 0 and int(height) > 0):
        message = f"{text!r} is not a size; write WIDTHxHEIGHT in pixels, such as 1280x720"
        raise typer.BadParameter(message)
    return Size(int(width), int(height))


def parse_fps(text: str | Fraction) -> Fraction:
    """Read ``30``, ``29.97`` (which is 30000/1001) or ``30000/1001``."""
    if isinstance(text, Fraction):
        return text
    try:
        return Fraction(*fraction(Fraction(text) if "/" in text else float(text)))
    except (ValueError, ZeroDivisionError) as error:  # a SinkError is a ValueError
        message = f"{text!r} is not a rate; write frames per second, such as 30, 29.97 or 30000/1001"
        raise typer.BadParameter(message) from error


def encoder_for(sink: Sink, codec: Codec | None, bitrate_kbps: float | None) -> Encoder:
    """What was asked for, or what suits the sink."""
    return replace(sink.default_encoder() if codec is None else Encoder(codec), bitrate_kbps=bitrate_kbps)


FpsOption = Annotated[Fraction, typer.Option("--fps", parser=parse_fps, metavar="FPS", help="Frames per second.")]
CodecOption = Annotated[
    Codec | None, typer.Option("--codec", help="What to encode with; the container's own if not given.")
]
BitrateOption = Annotated[
    float | None, typer.Option("--bitrate", metavar="KBPS", help="In kbit/s; what the picture needs if not given.")
]
WidthOption = Annotated[
    int | None, typer.Option(min=1, metavar="PIXELS", help="Width in pixels; frames are scaled where needed.")
]
HeightOption = Annotated[
    int | None, typer.Option(min=1, metavar="PIXELS", help="Height in pixels; frames are scaled where needed.")
]
