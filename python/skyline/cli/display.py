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
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def rate_text(fps: Fraction) -> str:
    """``30 fps`` or ``29.97 fps``."""
    return f"{float(fps):.6g} fps"


def size_text(count_bytes: float) -> str:
    """``812 B``, ``1.2 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count_bytes < 1000:
            break
        count_bytes /= 1000
    else:
        unit = "TB"
    return f"{count_bytes:.0f} {unit}" if unit == "B" else f"{count_bytes:.1f} {unit}"


def file_size(path: Path) -> str:
    """The size of a file, for people."""
    return size_text(path.stat().st_size)
