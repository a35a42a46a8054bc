"""Who else pushes frames into GStreamer: a C program, cv2.VideoWriter, PyGObject."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

from benchmarks.programs import built
from benchmarks.push_checks import check_bytes, check_floor
from benchmarks.push_setting import Setting
from benchmarks.rival import CheckFailed, Rival, RivalMissing
from benchmarks.worker import SYSTEM_PYTHON

FLOOR = "C: gst_app_src_push_buffer"
_QUEUE = "block=true max-buffers=4 max-bytes=0 max-time=0"  # as long as ours
_WAYS = {
    "fill": "Buffer.new_allocate, buffer.fill(0, frame.tobytes()), emit('push-buffer')",
    "new_wrapped": "Buffer.new_wrapped(frame.tobytes()), emit('push-buffer')",
    "GLib.Bytes": "Buffer.new_wrapped_bytes(GLib.Bytes.new(frame.tobytes())), AppSrc.push_buffer",
    "map": "Buffer.new_allocate, np.copyto into map(WRITE) as python3-gst-1.0 makes it, AppSrc.push_buffer",
}


def c_loop(setting: Setting, missing: dict[str, str]) -> Iterator[Rival]:
    """The floor: buffers that wrap the frames, blocking as ours does, no Python."""
    try:
        program = built("floor", setting.folder)
    except RivalMissing as error:
        missing[FLOOR] = str(error)
        return

    def started(*arguments: str) -> str:
        command = [str(program), str(setting.width), str(setting.height), *arguments]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        except subprocess.SubprocessError as error:
            message = f"floor: {error}"
            raise CheckFailed(message) from error

    def check() -> str:
        path = setting.folder / "floor.raw"
        started("6", str(path))
        return check_floor(path, setting.width * setting.height * 3, 6)

    settings = f"g++ -O2; gst_buffer_new_wrapped_full; appsrc format=time is-live=true {_QUEUE} ! fakesink sync=false"
    yield Rival(FLOOR, lambda: float(started(str(setting.lends))), f"{settings}; after 200 frames", check)


def cv2_writer(setting: Setting, missing: dict[str, str]) -> Iterator[Rival]:
    """cv2.VideoWriter under Debian's Python: its appsrc blocks, whatever the description says."""
    sources = {"cv2.VideoWriter": "appsrc", "cv2.VideoWriter, queue of 16": "appsrc max-bytes=0 max-buffers=16"}
    try:
        worker = setting.worker("push_cv2.py", python=SYSTEM_PYTHON)
    except (RivalMissing, CheckFailed) as error:
        missing["cv2.VideoWriter"] = str(error)
        return

    def writing(name: str, source: str) -> Rival:
        description = f"{source} ! fakesink sync=false"

        def check() -> str:
            path = setting.folder / "pushed.raw"
            pinned = f"{source} ! video/x-raw,format=BGR,{setting.caps} ! filesink location={path}"
            worker.ask("write", description=pinned, count=len(setting.checked))
            return check_bytes(path, setting.checked)

        def run() -> float:
            return float(worker.ask("push", description=description, count=setting.copies)["seconds"])

        settings = f"VideoWriter({description!r}, CAP_GSTREAMER, 0, 30.0, size), Debian's python3-opencv"
        return Rival(name, run, settings, check)

    for name, source in sources.items():
        yield writing(name, source)


def pygobject(setting: Setting, missing: dict[str, str]) -> Iterator[Rival]:
    """PyGObject under Debian's Python, in the ways its users fill and push a buffer."""
    source = f"appsrc name=src format=time is-live=true {_QUEUE}"
    caps = f"video/x-raw,format=BGR,{setting.caps}"
    description = f"{source} ! fakesink name=sink sync=false"
    try:
        worker = setting.worker("push_gi.py", python=SYSTEM_PYTHON)
    except (RivalMissing, CheckFailed) as error:
        missing["PyGObject"] = str(error)
        return

    def pushing(way: str, text: str) -> Rival:
        def check() -> str:
            path = setting.folder / "pushed.raw"
            pinned = f"{source} ! {caps} ! filesink location={path}"
            worker.ask("write", description=pinned, caps=caps, way=way, count=len(setting.checked))
            return check_bytes(path, setting.checked)

        def run() -> float:
            arguments: dict[str, Any] = {"description": description, "caps": caps, "way": way, "count": setting.copies}
            return float(worker.ask("push", **arguments)["seconds"])

        return Rival(f"PyGObject, {way}", run, f"{text}; {description}; Debian's python3-gi", check)

    for way, text in _WAYS.items():
        yield pushing(way, text)
