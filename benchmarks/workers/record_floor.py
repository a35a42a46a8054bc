"""The floor: GStreamer's own encoder and muxer, fed by C with frames that need no conversion."""

import ctypes
import subprocess
import tempfile
from pathlib import Path

from recording_side import serve_recorders

SOURCE = Path(__file__).with_name("recording_floor.cpp")
built = {}
converted = {}


def library():
    """Compiled at the first recording, which is not timed."""
    if "record" not in built:
        packages = ["pkg-config", "--cflags", "--libs", "gstreamer-app-1.0"]
        flags = subprocess.check_output(packages, text=True).split()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "recording_floor.so"
            subprocess.check_call(
                ["g++", "-O2", "-std=c++17", "-fPIC", "-shared", str(SOURCE), "-o", str(path), *flags]
            )
            built["record"] = ctypes.CDLL(str(path)).record
            built["record"].argtypes = [
                ctypes.c_char_p,
                ctypes.c_char_p,
                ctypes.c_void_p,
                ctypes.c_int,
                ctypes.c_size_t,
                ctypes.c_int,
                ctypes.c_int,
            ]
    return built["record"]


def ready(frames, colours):
    """The different ones among the frames as I420, converted once."""
    from skyline import _core

    for frame in frames:
        if id(frame) not in converted:
            converted[id(frame)] = _core.convert(frame, "BGR", "I420", **colours)
    return [converted[key] for key in dict.fromkeys(id(frame) for frame in frames)]


def by_floor(frames, path, fps, description, colorimetry="bt709"):
    height, width = frames[0].shape[:2]
    colours = {"matrix": "bt601", "range": "full"} if colorimetry == "1:4:0:0" else {"matrix": colorimetry}
    pictures = ready(frames, colours)
    addresses = (ctypes.c_void_p * len(pictures))(*[picture.ctypes.data for picture in pictures])
    caps = f"video/x-raw,format=I420,width={width},height={height},framerate={fps}/1,colorimetry={colorimetry}"
    text = description.format(path=path).replace("appsrc", "appsrc name=source", 1)
    arguments = (text.encode(), caps.encode(), addresses, len(pictures), pictures[0].nbytes, len(frames), fps)
    if library()(*arguments) != 0:
        raise RuntimeError("the pipeline failed")


serve_recorders({"floor": by_floor})
