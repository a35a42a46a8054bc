"""What the packages take on disk."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rival import Bench, Rival, RivalMissing

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

_SOURCE = Path(__file__).parents[1]


def _installed_mib(package: str) -> float:
    """Of the files that a wheel put there."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError as error:
        message = f"{package} is not installed"
        raise RivalMissing(message) from error
    paths = [Path(str(file.locate())) for file in files if file.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths if path.is_file()) / 2**20


def _built_wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--quiet"]
    try:
        subprocess.run(
            [*command, "--wheel-dir", str(folder), str(_SOURCE)], check=True, capture_output=True, timeout=900
        )
    except (OSError, subprocess.SubprocessError) as error:
        message = f"a wheel could not be built: {error}"
        raise RivalMissing(message) from error
    return next(folder.glob("gst_skyline-*.whl"))


def benches(options: Options) -> Iterator[Bench]:
    """Skyline's wheel, and what it and its rivals take when installed."""
    wheel = _built_wheel(options.folder)
    unpacked = sum(entry.file_size for entry in zipfile.ZipFile(wheel).infolist()) / 2**20
    ours = "GStreamer is the system's and not counted; the rivals bring their own FFmpeg"
    rivals = (
        Rival("skyline", lambda: unpacked, settings=ours, is_ours=True),
        Rival("skyline, the wheel file", lambda: wheel.stat().st_size / 2**20, settings=wheel.name, is_ours=True),
        Rival("cv2 (opencv-python-headless)", lambda: _installed_mib("opencv-python-headless")),
        Rival("av", lambda: _installed_mib("av")),
    )
    yield Bench("footprint-disk", "installed size", "MiB", "less", "skyline", rivals, 1)
