"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from skyline import _core

_PACKAGES = ("numpy", "opencv-python-headless", "av", "imageio-ffmpeg", "vidgear", "ffmpegcv")


def machine() -> dict[str, str]:
    """Processor, cores, kernel, versions: label to text."""
    versions = {name: _version(name) for name in _PACKAGES}
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": f"Linux {platform.release()}, {platform.machine()}, {_distribution()}",
        "python": platform.python_version(),
        "gstreamer": _core.gstreamer_version(),
        "ffmpeg": _first_line(["ffmpeg", "-version"]),
        "simd": f"{_core.simd_target_in_use()} in use, of {', '.join(_core.simd_targets()) or 'none'}",
        "packages": ", ".join(f"{name} {version}" for name, version in versions.items() if version),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _first_line(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.split("\n")[0]
    except (OSError, subprocess.SubprocessError):
        return "not here"
