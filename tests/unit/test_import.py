"""Importing is cheap and starts nothing: GStreamer comes with the first use."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOOKS = """
import json, os, sys
from pathlib import Path
before = set(sys.modules)
import numpy
numpy_only = set(sys.modules)
import skyline
{more}
print(json.dumps({{
    "modules": sorted(set(sys.modules) - numpy_only),
    "threads": sorted((task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()),
    "packages": sorted({{name.partition(".")[0] for name in set(sys.modules) - numpy_only}} - set(sys.stdlib_module_names)),
    "signals": [str(__import__("signal").getsignal(number)) for number in (2, 15)],
    "environ_changed": dict(os.environ) != ENVIRON,
}}))
"""


def look(tmp_path: Path, more: str = "", *flags: str) -> dict[str, Any]:
    env = {
        **os.environ,
        "GST_REGISTRY": str(tmp_path / "registry.bin"),
        "GST_REGISTRY_1_0": str(tmp_path / "registry.bin"),
        "OPENBLAS_NUM_THREADS": "1",  # numpy's own threads are not what is asked about
    }
    text = "import os; ENVIRON = dict(os.environ)\n" + LOOKS.format(more=more)
    ran = subprocess.run(
        [sys.executable, *flags, "-c", text], capture_output=True, text=True, check=False, timeout=60, env=env
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_import_does_not_start_gstreamer(tmp_path: Path) -> None:
    seen = look(tmp_path)
    assert len(seen["threads"]) == 1
    assert not (tmp_path / "registry.bin").exists()


def test_the_registry_does_appear_with_the_first_use(tmp_path: Path) -> None:
    """The positive control of the test above."""
    look(tmp_path, "skyline._core.ensure_runtime()")
    assert (tmp_path / "registry.bin").exists()


def test_making_values_and_objects_is_not_use(tmp_path: Path) -> None:
    more = "skyline.FileSkyLine('x.mp4', fps=30); skyline.PipelineSkyLine('appsrc ! fakesink'); skyline.encoders.h264(); skyline.sinks.file('x.mp4')"
    seen = look(tmp_path, more)
    assert len(seen["threads"]) == 1
    assert not (tmp_path / "registry.bin").exists()


def test_import_needs_numpy_alone(tmp_path: Path) -> None:
    allowed = {"skyline", "numpy"}
    # What site-packages' .pth files bring in is there before we are.
    assert {name for name in look(tmp_path)["packages"] if not name.startswith("_")} <= allowed


def test_import_changes_nothing_of_the_process(tmp_path: Path) -> None:
    seen = look(tmp_path)
    assert not seen["environ_changed"]
    assert "default_int_handler" in seen["signals"][0]


def test_import_is_cheap(tmp_path: Path) -> None:
    """Nothing large that an import alone does not need: what costs time is seen in what is loaded."""
    expensive = {
        "asyncio",
        "cv2",
        "dotenv",
        "email",
        "http",
        "multiprocessing",
        "rich",
        "ssl",
        "typer",
        "unittest",
        "xml",
    }
    assert expensive & set(look(tmp_path)["modules"]) == set()


def test_import_gives_no_warning(tmp_path: Path) -> None:
    look(tmp_path, "", "-W", "error", "-X", "dev")


@pytest.mark.parametrize("order", ["cv2, skyline", "skyline, cv2"])
def test_beside_opencv_in_both_orders(tmp_path: Path, order: str) -> None:
    pytest.importorskip("cv2")
    text = f"""
import {order}, sys
import numpy as np
with skyline.open(sys.argv[1], fps=30) as sky:
    for number in range(5):
        sky.put(np.full((64, 64, 3), 40 * number, np.uint8))
capture = cv2.VideoCapture(sys.argv[1])
count = 0
while capture.read()[0]:
    count += 1
print(count)
"""
    ran = subprocess.run(
        [sys.executable, "-c", text, str(tmp_path / "film.mp4")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "5"), ran.stderr


def test_all_that_is_promised_is_there() -> None:
    import skyline

    for name in [
        "open",
        "stream",
        "describe",
        "SkyLine",
        "FileSkyLine",
        "PipelineSkyLine",
        "USE_LAST_VALUE",
        "Stats",
        "Event",
        "Output",
        "Tracker",
        "encoders",
        "sinks",
        "SkyLineError",
        "FrameError",
        "SinkError",
        "MissingElementError",
        "StateError",
        "PipelineError",
        "NegotiationError",
        "ResourceError",
        "LibraryError",
        "StreamError",
    ]:
        assert hasattr(skyline, name), name
    assert isinstance(skyline.__version__, str)
    for kind, also in (
        ("FrameError", ValueError), ("SinkError", ValueError), ("MissingElementError", LookupError), ("StateError", RuntimeError),
        ("PipelineError", RuntimeError), ("ResourceError", OSError),
    ):  # fmt: skip
        assert issubclass(getattr(skyline, kind), also)
        assert issubclass(getattr(skyline, kind), skyline.SkyLineError)
    for codec in ("h264", "h265", "vp8", "vp9", "av1", "mjpeg", "ffv1"):
        assert callable(getattr(skyline.encoders, codec))
