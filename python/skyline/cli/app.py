"""The subcommands in one typer application."""

from typing import Annotated

import typer

import skyline
from skyline.cli.demo import demo
from skyline.cli.describe import describe
from skyline.cli.doctor import doctor
from skyline.cli.record import record
from skyline.cli.stream import stream

app = typer.Typer(
    name="skyline",
    help="NumPy frames in, any GStreamer sink out.",
    no_args_is_help=True,
    add_completion=False,
    # An error of ours is one line; anything else is a bug and shows its traceback as Python prints it.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (demo, record, stream, doctor, describe):
    app.command()(command)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"gst-skyline {skyline.__version__}")
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave."),
    ] = False,
) -> None:
    """NumPy frames in, any GStreamer sink out."""
