"""What takes frames, each behind ``put(frame)`` and ``close()``: Skyline and its rivals at the same work.

``make(work)``: ``work["with"]`` says who; ``text`` is launch text for those that speak GStreamer (``{fd}`` in it is the
descriptor of ``pipe``), ``url``, ``format``, ``preset`` and ``bitrate_kbps`` are for those that speak FFmpeg.
"""

import importlib
import os
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np


class Skyline:
    def __init__(self, work, fd):
        import skyline

        options = {"clock": "arrival", "errors": "raise", **work.get("options", {})}
        self.sky = skyline.PipelineSkyLine(work["text"].format(fd=fd), fps=work["fps"], **options)
        self.sky.start_streaming()
        self.put = self.sky.put

    def close(self):
        self.sky.stop_streaming(timeout_s=5.0)


class SkylineOpen:
    """``skyline.open``: an encode lane and an output of its own, into a file."""

    def __init__(self, work, _fd):
        import skyline

        properties = {"speed-preset": "ultrafast"}
        encoder = skyline.encoders.h264(bitrate_kbps=work["bitrate_kbps"], latency="live", properties=properties)
        self.sky = skyline.open(work["path"], fps=work["fps"], encoder=encoder, clock="arrival")
        self.put = self.sky.put

    def close(self):
        self.sky.stop_streaming(timeout_s=5.0)


class OpenCV:
    def __init__(self, work, fd):
        import cv2

        size = (work["width"], work["height"])
        self.writer = cv2.VideoWriter(work["text"].format(fd=fd), cv2.CAP_GSTREAMER, 0, float(work["fps"]), size)
        if not self.writer.isOpened():
            raise RuntimeError("cv2.VideoWriter did not open")
        self.put = self.writer.write

    def close(self):
        self.writer.release()


def _import_gst():
    import gi

    try:
        gi.require_version("Gst", "1.0")
        gi.require_version("GstApp", "1.0")
    except ValueError as error:  # no typelib
        raise ImportError(str(error)) from error
    from gi.repository import Gst, GstApp  # noqa: F401  # GstApp gives the appsrc its push_buffer

    return Gst


class PyGObject:
    def __init__(self, work, fd):
        self.gst = gst = _import_gst()
        gst.init(None)
        text = work["text"].format(fd=fd).replace("appsrc", "appsrc name=source", 1)
        self.pipeline = gst.parse_launch(text)
        self.appsrc = self.pipeline.get_by_name("source")
        caps = f"video/x-raw,format=BGR,width={work['width']},height={work['height']},framerate={work['fps']}/1"
        self.appsrc.set_property("caps", gst.Caps.from_string(caps))
        settings = {"format": "time", "is-live": "true", "do-timestamp": "true", "block": "true"}
        settings.update({"max-buffers": "4", "max-bytes": "0"})
        for name, value in {**settings, **work.get("appsrc", {})}.items():
            gst.util_set_object_arg(self.appsrc, name, value)
        self.pipeline.set_state(gst.State.PLAYING)

    def put(self, frame):
        # The fastest of what push compares: python3-gst-1.0 gives the memory of a mapped buffer.
        buffer = self.gst.Buffer.new_allocate(None, frame.nbytes, None)
        with buffer.map(self.gst.MapFlags.WRITE) as info:
            np.copyto(np.frombuffer(info.data, np.uint8).reshape(frame.shape), frame)
        self.appsrc.push_buffer(buffer)

    def close(self):
        self.appsrc.end_of_stream()
        either = self.gst.MessageType.EOS | self.gst.MessageType.ERROR
        self.pipeline.get_bus().timed_pop_filtered(5 * self.gst.SECOND, either)
        self.pipeline.set_state(self.gst.State.NULL)


class PyAV:
    def __init__(self, work, fd):
        import av

        self.av, self.fd, self.number = av, fd, 0
        self.container = None
        options = {"preset": work["preset"], "tune": "zerolatency", "aud": "1", "g": str(2 * work["fps"])}
        kilobits = work["bitrate_kbps"]
        options.update({"maxrate": f"{kilobits}k", "bufsize": f"{kilobits * 600 // 1000}k"})  # as x264enc's default
        if fd < 0:
            self.container = av.open(work["url"], "w", format=work["format"], options={"flush_packets": "1"})
            self.stream = self.container.add_stream("libx264", rate=work["fps"], options=options)
            self.codec = self.stream.codec_context
        else:
            self.codec = av.CodecContext.create("libx264", "w")
            self.codec.framerate = work["fps"]
            self.codec.options = options
        self.codec.width, self.codec.height, self.codec.pix_fmt = work["width"], work["height"], "yuv420p"
        self.codec.time_base = Fraction(1, work["fps"])
        self.codec.bit_rate = kilobits * 1000

    def put(self, frame):
        picture = self.av.VideoFrame.from_ndarray(frame, format="bgr24")
        picture.pts = self.number
        self.number += 1
        self._out(self.codec.encode(picture) if self.container is None else self.stream.encode(picture))

    def _out(self, packets):
        for packet in packets:
            if self.container is None:
                os.write(self.fd, packet)
            else:
                self.container.mux(packet)

    def close(self):
        self._out(self.codec.encode(None) if self.container is None else self.stream.encode(None))
        if self.container is not None:
            self.container.close()


class PyAVConvert:
    """BGR to I420 and nothing else: PyAV's equal of a fakesink. ``path``: writes what came out."""

    def __init__(self, work, _fd):
        import av

        self.av = av
        self.planes = [] if "path" in work else None
        self.path = work.get("path")

    def put(self, frame):
        # Colours as an HD encoder wants them; without the words swscale would take bt601.
        picture = self.av.VideoFrame.from_ndarray(frame, format="bgr24")
        picture = picture.reformat(
            format="yuv420p", dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG"
        )
        if self.planes is not None:
            self.planes.append(picture.to_ndarray().tobytes())

    def close(self):
        if self.planes is not None:
            Path(self.path).write_bytes(b"".join(self.planes))


class FFmpeg:
    def __init__(self, work, fd):
        kilobits, size = work["bitrate_kbps"], f"{work['width']}x{work['height']}"
        command = ["ffmpeg", "-v", "error", "-nostdin", "-flags", "low_delay"]
        command += ["-probesize", "32", "-analyzeduration", "0", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", size]
        command += ["-r", str(work["fps"]), "-i", "pipe:0", "-fps_mode", "passthrough", "-c:v", "libx264"]
        command += [
            "-preset",
            work["preset"],
            "-tune",
            "zerolatency",
            "-pix_fmt",
            "yuv420p",
            "-aud",
            "1",
            "-g",
            str(2 * work["fps"]),
        ]
        command += ["-b:v", f"{kilobits}k", "-maxrate", f"{kilobits}k", "-bufsize", f"{kilobits * 600 // 1000}k"]
        command += ["-flush_packets", "1"]
        command += ["-f", "h264", f"pipe:{fd}"] if fd >= 0 else ["-f", work["format"], work["url"]]
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[fd] if fd >= 0 else []
            )
        except FileNotFoundError as error:
            raise ImportError("ffmpeg is not installed") from error

    def put(self, frame):
        self.process.stdin.write(frame.data)
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Nothing:
    """Takes frames and does nothing: what the worker itself costs."""

    def __init__(self, _work, _fd):
        pass

    def put(self, frame):
        pass

    def close(self):
        pass


_WITH = {
    "skyline": Skyline,
    "open": SkylineOpen,
    "cv2": OpenCV,
    "gi": PyGObject,
    "av": PyAV,
    "av-convert": PyAVConvert,
    "ffmpeg": FFmpeg,
    "nothing": Nothing,
}


_MODULES = {"skyline": "skyline", "open": "skyline", "cv2": "cv2", "av": "av", "av-convert": "av"}


def load(work):
    """Import what a writer needs, and no more: a library that starts on first use has not started yet."""
    if work["with"] == "gi":
        _import_gst()
    elif work["with"] in _MODULES:
        importlib.import_module(_MODULES[work["with"]])


def make(work, fd=-1):
    """A started writer for this work."""
    return _WITH[work["with"]](work, fd)
