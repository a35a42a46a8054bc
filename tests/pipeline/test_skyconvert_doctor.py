"""What ``skyline doctor`` tells of elements: Skyline's own, and anybody's."""

import json
import os
import subprocess
import sys

import pytest

from skyline import _core

for _module in ("cv2", "rich", "typer"):
    pytest.importorskip(_module)


def doctor(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "skyline", "doctor", *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1"},
    )


def test_skyconvert_for_people() -> None:
    told = doctor("--element", "skyconvert")
    assert told.returncode == 0, told.stderr
    for words in ("Skyline's own", "Filter/Converter/Video", "sink (sink, always)", "video/x-raw", "in all}", "(ANY)"):
        assert words in told.stdout
    path_line = next(line for line in told.stdout.splitlines() if line.startswith("path"))
    assert "read-only" in path_line
    assert "none" in path_line
    assert "n-threads" in told.stdout


def test_skyconvert_as_json() -> None:
    told = json.loads(doctor("--element", "skyconvert", "--json").stdout)
    assert told["name"] == "skyconvert"
    assert told["plugin"] == ""
    raw = told["pads"][0]["caps"][0]
    assert raw["media"] == "video/x-raw"
    assert {"BGR", "I420", "NV12", "YUY2", "P010_10LE", "GRAY8"} <= set(raw["fields"]["format"])
    properties = {one["name"]: one for one in told["properties"]}
    assert properties["n-threads"]["value"] == "1"
    assert "writable" not in properties["path"]["flags"]
    assert "writable" in properties["n-threads"]["flags"]


def test_an_element_of_gstreamers() -> None:
    """With what only some elements have: signals, enums, ranges, pads on request."""
    details = _core.element_details("appsrc")
    assert details is not None
    assert details["plugin"] == "app"
    assert details["version"].startswith("1.")
    signals = {one["name"]: one for one in details["signals"]}
    assert signals["need-data"]["parameters"] == ["guint"]
    assert signals["push-buffer"]["is_action"]
    assert not signals["need-data"]["is_action"]
    properties = {one["name"]: one for one in details["properties"]}
    assert properties["leaky-type"]["choices"] == ["none", "upstream", "downstream"]
    assert properties["max-bytes"]["range"] == "0 - 18446744073709551615"
    assert properties["max-bytes"]["value"] == "200000"
    assert properties["caps"]["value"] == ""
    tee = _core.element_details("tee")
    assert tee is not None
    assert {(pad["name"], pad["presence"]) for pad in tee["pads"]} == {("sink", "always"), ("src_%u", "request")}
    assert all(pad["caps"] == [] for pad in tee["pads"])


def test_an_element_that_is_not_there() -> None:
    told = doctor("--element", "no-such-element")
    assert told.returncode == 1
    assert told.stderr == 'skyline: GStreamer has no element "no-such-element"\n'
    assert _core.element_details("no-such-element") is None


def test_the_report_has_skyconvert() -> None:
    """With the plain report, which tries encoders and takes its time, both in one run."""
    told = json.loads(doctor("--json").stdout)["skyconvert"]
    assert told["registered"] is True
    assert told["fallback"] == f"GstVideoConverter {_core.gstreamer_version()}"
    assert told["kernels"] == _core.kernel_pairs()
    assert {"I420", "NV12"} <= set(told["kernels"]["BGR"])
    assert "BGR" not in told["kernels"]["BGR"]


def test_the_report_for_people_has_skyconvert() -> None:
    told = doctor().stdout
    assert "skyconvert   registered" in told
    for target in _core.simd_targets():
        assert target in told
    assert "GstVideoConverter" in told
