"""Programs and libraries in C++ that the suite compares with or measures by, compiled when they are needed."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rival import RivalMissing
from benchmarks.worker import WORKERS


def built(
    name: str,
    folder: Path,
    package: str = "gstreamer-app-1.0",
    *,
    as_library: bool = False,
    flags: Sequence[str] = (),
) -> Path:
    """Compile ``workers/<name>.cpp`` against GStreamer into a folder, once; the program, or a library for ctypes.

    Args:
        name: Of the source.
        folder: For the program.
        package: As pkg-config knows it.
        as_library: For ctypes.
        flags: Further ones of the compiler, and further sources.

    Raises:
        RivalMissing: No compiler, or no headers.
    """
    program = folder / (f"{name}.so" if as_library else name)
    if program.exists():
        return program
    try:
        linked = subprocess.check_output(["pkg-config", "--cflags", "--libs", package], text=True, timeout=10).split()
        source = str(WORKERS / f"{name}.cpp")
        subprocess.run(
            [
                "g++",
                "-O2",
                "-std=c++17",
                *(["-shared", "-fPIC"] if as_library else []),
                source,
                "-o",
                str(program),
                *flags,
                *linked,
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    except (OSError, subprocess.SubprocessError) as error:
        message = f"{name} needs g++ and GStreamer's headers: {error}"
        raise RivalMissing(message) from error
    return program
