"""Programs in C++ that the suite compares with or measures by, compiled when they are needed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.rival import RivalMissing
from benchmarks.worker import WORKERS


def built(name: str, folder: Path) -> Path:
    """Compile ``workers/<name>.cpp`` against GStreamer into a folder; the program.

    Raises:
        RivalMissing: No compiler, or no headers.
    """
    program = folder / name
    try:
        flags = subprocess.check_output(
            ["pkg-config", "--cflags", "--libs", "gstreamer-app-1.0"], text=True, timeout=10
        ).split()
        source = str(WORKERS / f"{name}.cpp")
        subprocess.run(
            ["g++", "-O2", "-std=c++17", source, "-o", str(program), *flags],
            check=True,
            capture_output=True,
            timeout=120,
        )
    except (OSError, subprocess.SubprocessError) as error:
        message = f"{name} needs g++ and GStreamer's headers: {error}"
        raise RivalMissing(message) from error
    return program
