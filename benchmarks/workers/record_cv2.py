"""cv2.VideoWriter: with GStreamer under Debian's Python, its own MJPEG under ours."""

from recording_side import serve_recorders


def by_gstreamer(frames, path, fps, description):
    import cv2

    size = frames[0].shape[1::-1]
    write(cv2.VideoWriter(description.format(path=path), cv2.CAP_GSTREAMER, 0, float(fps), size), frames)


def by_built_in(frames, path, fps, quality):
    import cv2

    size = frames[0].shape[1::-1]
    writer = cv2.VideoWriter(path, cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter_fourcc(*"MJPG"), float(fps), size)
    writer.set(cv2.VIDEOWRITER_PROP_QUALITY, quality)
    write(writer, frames)


def write(writer, frames):
    if not writer.isOpened():
        raise RuntimeError("cv2.VideoWriter did not open")
    for frame in frames:
        writer.write(frame)
    writer.release()


serve_recorders({"gstreamer": by_gstreamer, "built_in": by_built_in})
