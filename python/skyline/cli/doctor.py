"""``skyline doctor``: what works on this machine, what does not and why, and the command that brings what is missing."""

import importlib.metadata
import json
import platform
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, get_args

import numpy as np
import typer
from rich.table import Table

import skyline
from skyline import _core
from skyline.cli.display import console
from skyline.containers import CONTAINERS
from skyline.encoder_choice import choose_row
from skyline.encoder_table import rows
from skyline.encoders import Codec, Encoder
from skyline.errors import MissingElementError, SkyLineError
from skyline.packages import install_line

State = Literal["works", "fails", "missing"]

_COLOUR = {"works": "green", "fails": "red", "missing": "yellow"}
_OPENCV_WHEELS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
_WITHOUT_SIMD = "plain C++: slower; sudo apt install libhwy-dev and rebuild"


@dataclass(frozen=True)
class Finding:
    """One element and what became of trying it.

    Attributes:
        purpose: The codec it makes or the container it writes.
        element: GStreamer's name for it.
        version: Of its plugin; empty where it is missing.
        state: An encoder works when it has encoded; a muxer when it is there.
        reason: Why it fails; empty otherwise.
        install: The command that brings it, where it is needed for the purpose and a package is known.
    """

    purpose: str
    element: str
    version: str
    state: State
    reason: str = ""
    install: str = ""


@dataclass(frozen=True)
class Report:
    """Everything that is found out, before anything is shown."""

    works: bool
    failure: str
    skyline: str
    python: str
    numpy: str
    opencv: str
    gstreamer: str
    simd: list[str]
    encoders: list[Finding]
    containers: list[Finding]
    install: str


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Try every encoder and the main job. Exit code 0 when frames can be recorded here."""
    report = _examine()
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2))
    else:
        _show(report)
    if not report.works:
        raise typer.Exit(1)


def _examine() -> Report:
    encoders = _try_encoders()
    containers = [_look_for_muxer(container.suffix, container.muxer) for container in CONTAINERS.values()]
    failure = _try_main_job()
    missing = [finding.element for finding in (*encoders, *containers) if finding.install]
    return Report(
        works=not failure,
        failure=failure,
        skyline=skyline.__version__,
        python=platform.python_version(),
        numpy=np.__version__,
        opencv=_opencv_version(),
        gstreamer=_core.gstreamer_version(),
        simd=_core.simd_targets(),
        encoders=encoders,
        containers=containers,
        install=install_line(*missing),
    )


def _try_encoders() -> list[Finding]:
    found = [_try_encoder(codec, row.factory) for codec in get_args(Codec) for row in rows(codec)]
    served = {finding.purpose for finding in found if finding.state == "works"}
    # A codec that something encodes lacks nothing; the other element may not even exist in this release of GStreamer.
    return [replace(finding, install="") if finding.purpose in served else finding for finding in found]


def _try_encoder(codec: Codec, element: str) -> Finding:
    info = _core.find_element(element)
    version = info["version"] if info else ""
    try:
        choose_row(Encoder(codec, element=element), format="BGR", clock="arrival")
    except MissingElementError as error:
        return Finding(codec, element, version, "missing", install=error.hint)
    except SkyLineError as error:
        return Finding(codec, element, version, "fails", reason=str(error))
    return Finding(codec, element, version, "works")


def _look_for_muxer(suffix: str, muxer: str) -> Finding:
    info = _core.find_element(muxer)
    if info is None:
        return Finding(suffix, muxer, "", "missing", install=install_line(muxer))
    return Finding(suffix, muxer, info["version"], "works")


def _try_main_job() -> str:
    """Record half a second into an MP4; why it did not work, or nothing."""
    frame = np.zeros((240, 320, 3), np.uint8)
    try:
        with tempfile.TemporaryDirectory(prefix="skyline-doctor-") as folder:
            path = Path(folder) / "doctor.mp4"
            stats = skyline.stream([frame] * 15, path, fps=30)
            is_whole = stats.frames_encoded == stats.frames_in and path.stat().st_size > 0
            return "" if is_whole else f"not every frame arrived: {stats}"
    except (SkyLineError, OSError) as error:
        return str(error)


def _opencv_version() -> str:
    """Of the wheel, without loading it; empty where there is none."""
    installed = {distribution.name: distribution.version for distribution in importlib.metadata.distributions()}
    return next((installed[wheel] for wheel in _OPENCV_WHEELS if wheel in installed), "")


def _show(report: Report) -> None:
    opencv = f"OpenCV {report.opencv}" if report.opencv else "no OpenCV: pip install 'gst-skyline[opencv]'"
    console.print(f"Skyline {report.skyline}   Python {report.python}   NumPy {report.numpy}   {opencv}", markup=False)
    console.print(f"GStreamer {report.gstreamer}")
    console.print(f"Conversion   {', '.join(report.simd) or _WITHOUT_SIMD}")
    _show_findings("Encoders, in the order in which they are taken", "codec", report.encoders)
    _show_findings("Containers", "suffix", report.containers)
    console.print()
    if report.works:
        console.print("[green]Frames can be recorded here:[/] an MP4 was written.")
    else:
        console.print("[red]Frames cannot be recorded here:[/]")
        console.print(f"  {report.failure}", markup=False)
    if report.install:
        console.print("To have what is missing:")
        console.print(f"  {report.install}", markup=False, soft_wrap=True)


def _show_findings(title: str, purpose: str, findings: Iterable[Finding]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in (purpose, "element", "plugin", "here", ""):
        table.add_column(column, overflow="fold")
    for finding in findings:
        state = f"[{_COLOUR[finding.state]}]{finding.state}[/]"
        table.add_row(finding.purpose, finding.element, finding.version or "-", state, finding.reason)
    console.print(f"\n{title}")
    console.print(table)
