"""PyGObject under Debian's Python, in the ways its users fill and push a buffer."""

import sys
import time
from pathlib import Path

import numpy as np
from worker_side import serve

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstApp", "1.0")
    from gi.repository import GLib, Gst, GstApp  # noqa: F401  # GstApp brings AppSrc.push_buffer
except (ImportError, ValueError) as error:
    is_missing = f"{error}: apt install python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0"
else:
    is_missing = ""
sys.path.insert(0, str(Path(__file__).parents[1]))
from pictures import noise

frames = []
streams = {}


def fill_and_emit(appsrc, frame):
    buffer = Gst.Buffer.new_allocate(None, frame.nbytes, None)
    buffer.fill(0, frame.tobytes())
    return buffer, lambda: appsrc.emit("push-buffer", buffer)


def wrap_and_emit(appsrc, frame):
    buffer = Gst.Buffer.new_wrapped(frame.tobytes())
    return buffer, lambda: appsrc.emit("push-buffer", buffer)


def wrap_bytes_and_call(appsrc, frame):
    buffer = Gst.Buffer.new_wrapped_bytes(GLib.Bytes.new(frame.tobytes()))
    return buffer, lambda: appsrc.push_buffer(buffer)


def map_and_call(appsrc, frame):
    buffer = Gst.Buffer.new_allocate(None, frame.nbytes, None)
    with buffer.map(Gst.MapFlags.WRITE) as info:
        np.copyto(np.frombuffer(info.data, np.uint8).reshape(frame.shape), frame)
    return buffer, lambda: appsrc.push_buffer(buffer)


WAYS = {
    "fill": fill_and_emit,
    "new_wrapped": wrap_and_emit,
    "GLib.Bytes": wrap_bytes_and_call,
    "map": map_and_call,
}


class Stream:
    def __init__(self, description, caps):
        self.pipeline = Gst.parse_launch(description)
        self.appsrc = self.pipeline.get_by_name("src")
        self.sink = self.pipeline.get_by_name("sink")
        self.appsrc.set_property("caps", Gst.Caps.from_string(caps))
        self.pipeline.set_state(Gst.State.PLAYING)
        self.pushed = 0

    def push(self, way, frame):
        buffer, push = WAYS[way](self.appsrc, frame)
        buffer.pts = self.pushed * 33333333
        self.pushed += 1
        if push() != Gst.FlowReturn.OK:
            raise RuntimeError(f"{way}: not pushed")

    def wait_until_all_are_rendered(self):
        deadline = time.monotonic() + 10
        while (rendered := self.sink.props.stats.get_uint64("rendered").value) != self.pushed:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.pushed} frames pushed, {rendered} rendered")
            time.sleep(0.0005)

    def close(self):
        self.appsrc.end_of_stream()
        wanted = Gst.MessageType.EOS | Gst.MessageType.ERROR
        message = self.pipeline.get_bus().timed_pop_filtered(10 * Gst.SECOND, wanted)
        self.pipeline.set_state(Gst.State.NULL)
        if message is None or message.type != Gst.MessageType.EOS:
            raise RuntimeError("no end of stream: " + (message.parse_error().debug if message else "10 s"))


def open_frames(width, height, count):
    if is_missing:
        raise ImportError(is_missing)
    Gst.init(None)
    frames.extend(noise(width, height, count=count))


def has_writable_maps():
    """python3-gst-1.0 makes Gst.Buffer.map a context manager with writable memory."""
    if not hasattr(Gst.MapInfo, "__enter__"):
        raise ImportError("Gst.Buffer.map gives no writable memory: apt install python3-gst-1.0")


def push(description, caps, way, count):
    if way == "map":
        has_writable_maps()
    if way not in streams:
        streams[way] = Stream(description, caps)
    stream = streams[way]
    turn = [frames[n % len(frames)] for n in range(count)]
    begin = time.perf_counter()
    for frame in turn:
        stream.push(way, frame)
    seconds = (time.perf_counter() - begin) / count
    stream.wait_until_all_are_rendered()
    return {"seconds": seconds}


def write(description, caps, way, count):
    if way == "map":
        has_writable_maps()
    stream = Stream(description, caps)
    for frame in frames[:count]:
        stream.push(way, frame)
    stream.close()


serve({"open_frames": open_frames, "push": push, "write": write})
