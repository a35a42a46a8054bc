"""Run by the system's Python with launch text, a folder and a format: notes each frame and when it came.

Writes the pixels to ``frames.raw`` and then a line ``monotonic_ns pts_ns width height`` to ``times.txt``, both unbuffered.
Ends at the end of the stream (0), at an error (1), or when it is told to (0).
"""

import signal
import sys
import time
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402  # the version is required first


def main() -> None:
    launch, folder, pixel_format = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    Gst.init(None)
    pipeline = Gst.parse_launch(
        f"{launch} ! videoconvert ! video/x-raw,format={pixel_format} "
        "! appsink name=frames sync=false emit-signals=true max-buffers=500"
    )
    pixels = (folder / "frames.raw").open("wb", buffering=0)
    times = (folder / "times.txt").open("wb", buffering=0)

    def note(sink: Any) -> Any:
        now_ns = time.monotonic_ns()
        sample = sink.emit("pull-sample")
        caps, buffer = sample.get_caps().get_structure(0), sample.get_buffer()
        width, height = caps.get_value("width"), caps.get_value("height")
        pixels.write(_without_padding(buffer.extract_dup(0, buffer.get_size()), width, height, pixel_format))
        times.write(f"{now_ns} {buffer.pts} {width} {height}\n".encode())
        return Gst.FlowReturn.OK

    pipeline.get_by_name("frames").connect("new-sample", note)
    loop = GLib.MainLoop()
    status = 0

    def on_message(_bus: Any, message: Any) -> None:
        nonlocal status
        if message.type == Gst.MessageType.ERROR:
            error, debug = message.parse_error()
            print(f"{error.message} ({debug})", flush=True)
            status = 1
        if message.type in {Gst.MessageType.ERROR, Gst.MessageType.EOS}:
            loop.quit()

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message", on_message)
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    print("ready", flush=True)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    sys.exit(status)


def _without_padding(rows: bytes, width: int, height: int, pixel_format: str) -> bytes:
    row = width * (3 if pixel_format == "BGR" else 1)
    stride = (row + 3) // 4 * 4
    return rows if row == stride else b"".join(rows[y * stride : y * stride + row] for y in range(height))


main()
