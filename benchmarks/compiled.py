"""The C++ sources among the workers, compiled on this machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.rival import RivalMissing
from benchmarks.worker import WORKERS


def compiled(source: str, folder: Path, *packages: str, shared: bool = False) -> Path:
    """Compile ``workers/<source>`` against pkg-config packages into a program, or a library for ctypes.

    Raises:
        RivalMissing: There is no compiler, or a package's headers are not installed.
    """
    for tool in ("g++", "pkg-config"):
        if shutil.which(tool) is None:
            message = f"{tool} is not installed: apt install g++ pkg-config"
            raise RivalMissing(message)
    target = folder / Path(source).with_suffix(".so" if shared else "").name
    try:
        flags = _output(["pkg-config", "--cflags", "--libs", *packages]).split()
        _output(
            [
                "g++",
                "-O2",
                "-std=c++17",
                *(["-shared", "-fPIC"] if shared else []),
                str(WORKERS / source),
                "-o",
                str(target),
                *flags,
            ]
        )
    except subprocess.CalledProcessError as error:
        message = f"{source} cannot be compiled: {error.stderr.strip()[-300:]}"
        raise RivalMissing(message) from error
    return target


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
