"""``skyline describe``: the pipelines of a sink as launch text."""

from fractions import Fraction
from typing import Annotated

import typer

import skyline
from skyline.cli.options import BitrateKbps, Codec, Fps, encoder_of


def describe(
    uri: Annotated[str, typer.Argument(metavar="URI", help="A path, or any URI that skyline.open takes.")],
    fps: Fps = Fraction(30),
    width: Annotated[int, typer.Option(min=1, help="Pixels in a row.")] = 1280,
    height: Annotated[int, typer.Option(min=1, help="Rows.")] = 720,
    frame_format: Annotated[str, typer.Option("--format", help="Format of the frames, such as BGR or GRAY8.")] = "BGR",
    codec: Codec = None,
    bitrate_kbps: BitrateKbps = None,
) -> None:
    """Print what would run, as text that gst-launch-1.0 understands. Nothing runs."""
    encoder = encoder_of(codec, bitrate_kbps)
    typer.echo(skyline.describe(uri, fps=fps, width=width, height=height, format=frame_format, encoder=encoder))
