"""cv2.VideoWriter: with GStreamer under Debian's Python, with its own FFmpeg under ours."""

from recording_side import serve_recorders


def by_gstreamer(frames, path, fps, description):
    import cv2

    size = frames[0].shape[1::-1]
    write(cv2.VideoWriter(description.format(path=path), cv2.CAP_GSTREAMER, 0, float(fps), size), frames)


def by_ffmpeg(frames, path, fps, fourcc):
    import cv2

    size = frames[0].shape[1::-1]
    write(cv2.VideoWriter(path, cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*fourcc), float(fps), size), frames)


def write(writer, frames):
    if not writer.isOpened():
        raise RuntimeError("cv2.VideoWriter did not open")
    for frame in frames:
        writer.write(frame)
    writer.release()


serve_recorders({"gstreamer": by_gstreamer, "ffmpeg": by_ffmpeg})
