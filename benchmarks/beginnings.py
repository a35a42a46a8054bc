"""From nothing to an imported module, and from an imported module to the first encoded unit; fresh processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import senders
from benchmarks.latency_encoder import UNITS
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed, Rival, RivalMissing
from benchmarks.unit_pipe import UnitPipe
from benchmarks.worker import SYSTEM_PYTHON, Worker

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

_GI = "import gi; gi.require_version('Gst', '1.0'); from gi.repository import Gst"
_IMPORTS = {
    "numpy": (sys.executable, "import numpy"),
    "skyline": (sys.executable, "import skyline"),
    "cv2 (wheel)": (sys.executable, "import cv2"),
    "av": (sys.executable, "import av"),
    "numpy (Debian)": (SYSTEM_PYTHON, "import numpy"),
    "cv2 (Debian)": (SYSTEM_PYTHON, "import cv2"),
    "gi and Gst": (SYSTEM_PYTHON, _GI),
}


def _import_ms(python: str, text: str) -> float:
    begin = time.perf_counter()
    try:
        subprocess.run([python, "-c", text], check=True, capture_output=True, timeout=60)
    except subprocess.CalledProcessError as error:
        raise RivalMissing(error.stderr.decode(errors="replace").strip().split("\n")[-1]) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RivalMissing(str(error)) from error
    return (time.perf_counter() - begin) * 1000


def imports(options: Options) -> Iterator[Bench]:
    """Start of the interpreter included; NumPy, which frames need anyway, is the base."""
    names = ("numpy", "skyline") if options.quick else tuple(_IMPORTS)
    rivals = []
    for name in names:
        python, text = _IMPORTS[name]
        is_ours = name == "skyline"
        # Not its path, which says nothing on another machine.
        settings = f"{'the environment' if python == sys.executable else 'the system'}'s python -c {text!r}"
        rivals.append(Rival(name, partial(_import_ms, python, text), settings=settings, is_ours=is_ours))
    title = "import in a fresh interpreter, from exec to exit"
    yield Bench("footprint-import", title, "ms", "less", "numpy", tuple(rivals), options.rounds(full=15, quick=7))


def first_units(options: Options) -> Iterator[Bench]:
    """From before the writer is made until its first put has returned, and until its first unit is out."""
    replay, path = Replay(), options.folder / "first"
    rivals = []
    for who, name in {**senders.NAMES, "open": "skyline.open(path.mkv)"}.items():
        work = senders.work(who, 1280, 720, 30, UNITS, numbered=False) | {"path": f"{path}.mkv"}
        if who != "open":
            work["pipe"] = str(path)
        named = {
            "settings": "encoders.h264(latency='live'), ultrafast" if who == "open" else senders.described(work),
            "check": partial(_check, work),
            "is_ours": who in ("skyline", "open"),
        }
        rivals.append(replay.rival(name, partial(_first, work), "put_ms", **named))
    title = "fresh process, module imported: from opening a writer of 720p H.264"
    base = senders.NAMES["skyline"]
    measured = Bench(
        "footprint-first-put", f"{title} until its first put returns", "ms", "less", base, tuple(rivals), 7
    )
    yield measured
    yield replay.bench(measured, "footprint-first-unit", f"{title} until its first unit is out", "unit_ms")


def _first(work: senders.Work) -> dict[str, float]:
    pipe = UnitPipe(Path(work["pipe"])) if "pipe" in work else None
    worker = Worker("paced.py", **senders.python_of(work["with"]))
    arrivals_s = []
    try:
        answer = worker.ask("send", work=work, frames=15)
    finally:
        worker.close()
        if pipe is not None:
            arrivals_s = pipe.arrivals_s()
    opened_s = answer["opened_s"]
    found = {"put_ms": (answer["returned_s"][0] - opened_s) * 1000}
    if pipe is None:
        return found
    if len(arrivals_s) != 15:
        message = f"15 frames went in, {len(arrivals_s)} units came out"
        raise CheckFailed(message)
    return found | {"unit_ms": (arrivals_s[0] - opened_s) * 1000}


def _check(work: senders.Work) -> str:
    return "15 units for 15 frames" if "unit_ms" in _first(work) else f"{Path(work['path']).stat().st_size} bytes"
