"""What writes frames into the pipe of an ffmpeg: by hand, ffmpegcv, WriteGear, imageio-ffmpeg."""

import contextlib
import fcntl
import subprocess

from recording_side import serve_recorders

F_SETPIPE_SZ = 1031
LARGEST_PIPE = 1 << 20  # what an ordinary user may ask for


def command(frames, path, fps, options):
    height, width = frames[0].shape[:2]
    words = ["ffmpeg", "-y", "-loglevel", "error", "-nostdin", "-f", "rawvideo", "-pix_fmt", "bgr24"]
    return [*words, "-s", f"{width}x{height}", "-framerate", str(fps), "-i", "pipe:0", *options, path]


def end(process):
    process.stdin.close()
    if process.wait(timeout=60) != 0:
        raise RuntimeError("ffmpeg failed")


def by_hand(frames, path, fps, options):
    process = subprocess.Popen(command(frames, path, fps, options), stdin=subprocess.PIPE, bufsize=0)
    widen(process.stdin)
    for frame in frames:
        view = memoryview(frame).cast("B")
        while view:
            view = view[process.stdin.write(view) :]
    end(process)


def by_habit(frames, path, fps, options):
    process = subprocess.Popen(command(frames, path, fps, options), stdin=subprocess.PIPE)
    for frame in frames:
        process.stdin.write(frame.tobytes())
    end(process)


def widen(pipe):
    with contextlib.suppress(OSError):  # the user has used up what the system allows
        fcntl.fcntl(pipe.fileno(), F_SETPIPE_SZ, LARGEST_PIPE)


def by_ffmpegcv(frames, path, fps, *, codec, preset, bitrate):
    import ffmpegcv

    with ffmpegcv.VideoWriter(path, codec, fps, bitrate=bitrate, preset=preset) as writer:
        for frame in frames:
            writer.write(frame)


def by_writegear(frames, path, fps, options):
    import logging

    from vidgear.gears import WriteGear

    logging.getLogger("WriteGear").setLevel(logging.CRITICAL)
    writer = WriteGear(output=path, custom_ffmpeg="/usr/bin/ffmpeg", **{"-input_framerate": fps}, **options)
    for frame in frames:
        writer.write(frame)
    writer.close()


def by_imageio(frames, path, fps, *, codec, bitrate, options):
    import imageio_ffmpeg

    size = frames[0].shape[1::-1]
    writer = imageio_ffmpeg.write_frames(
        path,
        size,
        pix_fmt_in="bgr24",
        pix_fmt_out="yuv420p",
        fps=fps,
        codec=codec,
        bitrate=bitrate,
        macro_block_size=2,
        output_params=options,
    )
    writer.send(None)
    for frame in frames:
        writer.send(frame)
    writer.close()


serve_recorders(
    {"pipe": by_hand, "habit": by_habit, "ffmpegcv": by_ffmpegcv, "writegear": by_writegear, "imageio": by_imageio}
)
