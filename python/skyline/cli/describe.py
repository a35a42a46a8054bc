"""``skyline describe``: the pipelines of a sink as launch text."""

from fractions import Fraction
from typing import Annotated

import typer

import skyline
from skyline.cli.options import BitrateOption, CodecOption, FpsOption, encoder_for
from skyline.encoder_plan import Format
from skyline.uri import sink_of


def describe(
    uri: Annotated[str, typer.Argument(metavar="URI", help="A path, or any URI that skyline.open takes.")],
    *,
    fps: FpsOption = Fraction(30),
    width: Annotated[int, typer.Option(min=1, help="Pixels in a row.")] = 1280,
    height: Annotated[int, typer.Option(min=1, help="Rows.")] = 720,
    format: Annotated[Format, typer.Option(help="Format of the frames.")] = "BGR",
    codec: CodecOption = None,
    bitrate_kbps: BitrateOption = None,
) -> None:
    """Print what would run, as text that gst-launch-1.0 understands. Nothing runs."""
    sink = sink_of(uri)
    encoder = encoder_for(sink, codec, bitrate_kbps)
    typer.echo(skyline.describe(sink, fps=fps, width=width, height=height, format=format, encoder=encoder))
