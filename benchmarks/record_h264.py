"""Who records H.264 with x264, each told the same: preset, zerolatency, bitrate and its buffer, distance of key frames."""

from __future__ import annotations

from benchmarks.record_contenders import Contender
from benchmarks.worker import SYSTEM_PYTHON

KBPS, KEY_FRAMES = 8000, 60
BUFFER_KBIT = KBPS * 600 // 1000  # x264enc's vbv-buf-capacity: 600 ms

OPEN, LEND, DESCRIPTION = "skyline.open(path)", "skyline.open(path), lend", "skyline.PipelineSkyLine"
OPEN_FRAMES = "skyline.open(path), frame threads"
FLOOR = "GStreamer in C, frames that are I420 already"
CV2, CV2_TUNED = "cv2.VideoWriter, the same text", "cv2.VideoWriter, text with queues"
PYAV, PYAV_FRAMES, PIPE = "PyAV", "PyAV, frame threads", "ffmpeg, rawvideo pipe"
HABIT = "ffmpeg, rawvideo pipe as most write it"
FFMPEGCV, WRITEGEAR, IMAGEIO = "ffmpegcv", "VidGear WriteGear", "imageio-ffmpeg"


def encoder(preset: str) -> str:
    """The launch text of encoder, muxer and file."""
    settings = f"tune=zerolatency speed-preset={preset} bitrate={KBPS} key-int-max={KEY_FRAMES}"
    return f"x264enc {settings} ! h264parse ! mp4mux ! filesink location={{path}}"


def contenders(preset: str, *, every: bool) -> tuple[Contender, ...]:
    """Ours first.

    Args:
        preset: Of x264.
        every: Also those that no promise is about.
    """
    return (*_ours(preset, every=every), _floor(preset), *_gstreamer(preset), *_ffmpeg(preset, every=every))


def _ours(preset: str, *, every: bool) -> tuple[Contender, ...]:
    text = f"appsrc ! videoconvert ! video/x-raw,format=I420 ! {encoder(preset)}"
    given = {
        "codec": "h264",
        "bitrate_kbps": KBPS,
        "keyframe_s": KEY_FRAMES / 30,
        "latency": "live",
        "profile": None if preset == "ultrafast" else "high",  # ultrafast uses nothing that baseline lacks
        "properties": {"speed-preset": preset},
    }
    settings = f"encoder=h264({', '.join(f'{name}={value!r}' for name, value in given.items() if name != 'codec')})"
    ours = [
        Contender(OPEN, "record_skyline.py", "open", given, f"put; {settings}", is_ours=True),
        Contender(DESCRIPTION, "record_skyline.py", "description", {"description": text}, f"put; {text}", is_ours=True),
    ]
    if every:
        ours.append(Contender(LEND, "record_skyline.py", "lend", given, f"lend; {settings}", is_ours=True))
        framed = {**given, "properties": {"speed-preset": preset, "sliced-threads": False}}
        settings = "the same with the property sliced-threads=False: frames are held back"
        ours.append(
            Contender(OPEN_FRAMES, "record_skyline.py", "open", framed, settings, is_ours=True, may_differ=_THREADS)
        )
    return tuple(ours)


def _floor(preset: str) -> Contender:
    text = f"appsrc ! {encoder(preset)}"
    return Contender(FLOOR, "record_floor.py", "floor", {"description": text}, text)


def _gstreamer(preset: str) -> tuple[Contender, ...]:
    plain = f"appsrc ! videoconvert ! video/x-raw,format=I420 ! {encoder(preset)}"
    tuned = f"appsrc ! queue ! videoconvert n-threads=2 ! video/x-raw,format=I420 ! queue ! {encoder(preset)}"
    return tuple(
        Contender(name, "record_cv2.py", "gstreamer", {"description": text}, f"Debian's cv2; {text}", SYSTEM_PYTHON)
        for name, text in ((CV2, plain), (CV2_TUNED, tuned))
    )


def _ffmpeg(preset: str, *, every: bool) -> tuple[Contender, ...]:
    tuned = {"preset": preset, "tune": "zerolatency", "maxrate": f"{KBPS}k", "bufsize": f"{BUFFER_KBIT}k"}
    words = [word for name, value in tuned.items() for word in (f"-{name}", value)]
    rate = ["-b:v", f"{KBPS}k", "-g", str(KEY_FRAMES)]
    piped = ["-c:v", "libx264", *words, *rate, "-pix_fmt", "yuv420p"]
    # WriteGear adds "-crf 18", with which x264 forgets the bitrate; -1 takes it back.
    geared = dict(
        zip(*[iter(["-vcodec", "libx264", "-crf", "-1", *words, *rate, "-pix_fmt", "yuv420p"])] * 2, strict=True)
    )
    av = {"encoder": "libx264", "bit_rate": KBPS * 1000, "gop": KEY_FRAMES, "options": tuned}
    cv = {"codec": "libx264", "preset": preset, "bitrate": f"{KBPS}k"}
    found = [
        Contender(PYAV, "record_pyav.py", "pyav", av, f"from_numpy_buffer, libx264 {' '.join(words)}, threads auto"),
        Contender(PIPE, "record_ffmpeg.py", "pipe", {"options": piped}, f"1 MiB pipe, no copy; {' '.join(piped)}"),
        Contender(
            FFMPEGCV,
            "record_ffmpeg.py",
            "ffmpegcv",
            cv,
            f"VideoWriter(path, 'libx264', 30, bitrate='{KBPS}k', preset='{preset}'): it takes no more; frame threads",
            may_differ=_UNTOLD_BY_FFMPEGCV,
        ),
        Contender(WRITEGEAR, "record_ffmpeg.py", "writegear", {"options": geared}, f"system ffmpeg; {geared}"),
    ]
    if every:
        settings = f"stdin.write(frame.tobytes()), a pipe as the system makes it; {' '.join(piped)}"
        found.append(Contender(HABIT, "record_ffmpeg.py", "habit", {"options": piped}, settings))
        told = {"codec": "libx264", "bitrate": f"{KBPS}k", "options": [*words, "-g", str(KEY_FRAMES)]}
        framed = {**av, "options": {**tuned, "x264-params": "sliced-threads=0"}}
        settings = "the same with x264-params sliced-threads=0: frames are held back"
        found.append(Contender(PYAV_FRAMES, "record_pyav.py", "pyav", framed, settings, may_differ=_THREADS))
        settings = f"its own ffmpeg; codec=libx264, bitrate={KBPS}k, {' '.join(words)}"
        found.append(Contender(IMAGEIO, "record_ffmpeg.py", "imageio", told, settings))
    return tuple(found)


_THREADS = frozenset(("threads", "lookahead_threads", "sliced_threads", "slices"))
# It takes neither tune nor buffer nor distance of key frames.
_UNTOLD_BY_FFMPEGCV = _THREADS | frozenset(
    ("keyint", "keyint_min", "rc", "rc_lookahead", "vbv_maxrate", "vbv_bufsize", "nal_hrd", "filler")
)
