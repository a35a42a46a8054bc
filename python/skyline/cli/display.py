"""What the subcommands show: one console, one kind of progress bar, numbers for people."""

from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

# Paths and numbers are not to be coloured word by word.
console = Console(highlight=False)


def progress_bar() -> Progress:
    """A bar for work whose end is known."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def show_path(path: Path) -> None:
    """Print a path as it is: on one line, and brackets in it are no markup."""
    console.print(str(path), style="bold green", markup=False, soft_wrap=True)


def rate_text(fps: Fraction) -> str:
    """``30 fps`` or ``29.97 fps``."""
    return f"{float(fps):.6g} fps"


def size_text(count_bytes: float) -> str:
    """``812 B``, ``1.2 MB``."""
    if count_bytes < 1000:
        return f"{count_bytes:.0f} B"
    for unit, unit_bytes in (("kB", 1e3), ("MB", 1e6)):
        if count_bytes < 1000 * unit_bytes:
            return f"{count_bytes / unit_bytes:.1f} {unit}"
    return f"{count_bytes / 1e9:.1f} GB"


def file_size(path: Path) -> str:
    """The size of a file, for people."""
    return size_text(path.stat().st_size)
