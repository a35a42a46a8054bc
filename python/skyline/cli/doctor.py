"""``skyline doctor``: what works on this machine, what does not and why, and the command that brings what is missing."""

import importlib.metadata
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated, get_args

import numpy as np
import typer
from rich.table import Table

import skyline
from skyline import _core
from skyline.cli.display import console
from skyline.cli.element import look_up, show_element
from skyline.cli.reach import Finding, State, install_command, look_for, look_for_sinks, version_of
from skyline.cli.trial import MAIN_JOB, encoder_step, run_steps
from skyline.containers import CONTAINERS
from skyline.encoder_table import rows
from skyline.encoders import Codec

_COLOUR = {"works": "green", "fails": "red", "missing": "yellow"}
_OPENCV_WHEELS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
_WITHOUT_SIMD = "plain C++: slower; sudo apt install libhwy-dev and rebuild"


@dataclass(frozen=True)
class Converter:
    """The element ``skyconvert``: what every stream of ours, and any description, converts frames with.

    Attributes:
        registered: GStreamer knows it in this process.
        kernels: What each frame format becomes by our own kernels.
        fallback: What converts everything else.
    """

    registered: bool
    kernels: dict[str, list[str]]
    fallback: str


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
    simd_in_use: str
    skyconvert: Converter
    encoders: list[Finding]
    containers: list[Finding]
    sinks: list[Finding]
    install: str


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
    element: Annotated[
        str | None,
        typer.Option(
            help="Tell what this element is and can do, and try nothing: skyconvert, x264enc, any.", metavar="NAME"
        ),
    ] = None,
) -> None:
    """Try every encoder and the main job. Exit code 0 when frames can be recorded here."""
    if element is not None:
        details = look_up(element)
        if as_json:
            typer.echo(json.dumps(details, indent=2))
        else:
            show_element(details)
        return
    report = _examine()
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2))
    else:
        _show(report)
    if not report.works:
        raise typer.Exit(1)


def _examine() -> Report:
    encoders, failure = _try_everything()
    containers = [look_for(container.suffix, container.muxer) for container in CONTAINERS.values()]
    sinks = look_for_sinks()
    missing = [finding.element for finding in (*encoders, *containers, *sinks) if finding.install]
    return Report(
        works=not failure,
        failure=failure,
        skyline=skyline.__version__,
        python=platform.python_version(),
        numpy=np.__version__,
        opencv=_opencv_version(),
        gstreamer=_core.gstreamer_version(),
        simd=_core.simd_targets(),
        simd_in_use=_core.simd_target_in_use(),
        skyconvert=_examine_converter(),
        encoders=encoders,
        containers=containers,
        sinks=sinks,
        install=install_command(*missing),
    )


def _examine_converter() -> Converter:
    return Converter(
        registered=_core.element_details("skyconvert") is not None,
        kernels=_core.kernel_pairs(),
        fallback=f"GstVideoConverter {_core.gstreamer_version()}",
    )


def _try_everything() -> tuple[list[Finding], str]:
    """Every encoder, and why the main job failed if it did."""
    candidates = [(codec, row.factory) for codec in get_args(Codec) for row in rows(codec)]
    versions = {element: version_of(element) for _, element in candidates}
    installed = [encoder_step(codec, element) for codec, element in candidates if versions[element]]
    reasons = run_steps([*installed, MAIN_JOB])
    served = {codec for codec, element in candidates if reasons.get(encoder_step(codec, element)) == ""}
    encoders = []
    for codec, element in candidates:
        reason = reasons.get(encoder_step(codec, element))
        state: State = "missing" if reason is None else "fails" if reason else "works"
        # A codec that something encodes lacks nothing; the other element may not even exist in this release of GStreamer.
        install = install_command(element) if state == "missing" and codec not in served else ""
        encoders.append(Finding(codec, element, versions[element], state, reason or "", install))
    return encoders, reasons[MAIN_JOB]


def _opencv_version() -> str:
    """Of the wheel, without loading it; empty where there is none."""
    installed = {distribution.name: distribution.version for distribution in importlib.metadata.distributions()}
    return next((installed[wheel] for wheel in _OPENCV_WHEELS if wheel in installed), "")


def _show(report: Report) -> None:
    opencv = f"OpenCV {report.opencv}" if report.opencv else "no OpenCV: pip install 'gst-skyline[opencv]'"
    console.print(f"Skyline {report.skyline}   Python {report.python}   NumPy {report.numpy}   {opencv}", markup=False)
    console.print(f"GStreamer {report.gstreamer}")
    _show_converter(report)
    _show_findings("Encoders, in the order in which they are taken", "codec", report.encoders)
    _show_findings("Containers", "suffix", report.containers)
    _show_findings("Sinks", "sink", report.sinks)
    console.print()
    if report.works:
        console.print("[green]Frames can be recorded here:[/] an MP4 was written.")
    else:
        console.print("[red]Frames cannot be recorded here:[/]")
        console.print(f"  {report.failure}", markup=False)
    if report.install:
        console.print("To have what is missing:")
        console.print(f"  {report.install}", markup=False, soft_wrap=True)


def _show_converter(report: Report) -> None:
    converter = report.skyconvert
    pairs = sum(map(len, converter.kernels.values()))
    console.print(f"skyconvert   {'registered' if converter.registered else 'not registered'}")
    console.print(f"  kernels    {_kernels(report)}")
    console.print(f"             {pairs} conversions between {' '.join(converter.kernels)}")
    console.print(f"  the rest   {converter.fallback}, as videoconvert")


def _kernels(report: Report) -> str:
    targets = ", ".join(report.simd) or _WITHOUT_SIMD
    best = report.simd[0] if report.simd else "plain"
    return targets if report.simd_in_use == best else f"{report.simd_in_use}, by SKYLINE_SIMD, instead of {targets}"


def _show_findings(title: str, purpose: str, findings: Iterable[Finding]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in (purpose, "element", "plugin", "here", ""):
        table.add_column(column, overflow="fold")
    for finding in findings:
        state = f"[{_COLOUR[finding.state]}]{finding.state}[/]"
        table.add_row(finding.purpose, finding.element, finding.version or "-", state, finding.reason)
    console.print(f"\n{title}")
    console.print(table)
