"""cv2.VideoWriter into a UDP port of this machine, and gst-rtsp-server that serves what comes there. Debian's Python."""

import threading

from rtsp_side import serve_stream


def _import_server():
    import gi

    try:
        gi.require_version("Gst", "1.0")
        gi.require_version("GstRtspServer", "1.0")
    except ValueError as error:  # no typelib
        raise ImportError(f"{error}: sudo apt install gir1.2-gst-rtsp-server-1.0") from error
    from gi.repository import GLib, Gst, GstRtspServer

    Gst.init(None)
    return GLib, GstRtspServer


def open_stream(work):
    """The server on a port of its own, with one shared media, and the writer."""
    import cv2

    glib, rtsp = _import_server()
    server = rtsp.RTSPServer(service="0", address="127.0.0.1")
    factory = rtsp.RTSPMediaFactory()
    factory.set_launch(work["server"])
    factory.set_shared(True)
    server.get_mount_points().add_factory("/live", factory)
    if server.attach(None) == 0:
        raise RuntimeError("the server did not attach")
    loop = glib.MainLoop()
    threading.Thread(target=loop.run, daemon=True).start()
    size = (work["width"], work["height"])
    writer = cv2.VideoWriter(work["text"], cv2.CAP_GSTREAMER, 0, float(work["fps"]), size)
    if not writer.isOpened():
        raise RuntimeError("cv2.VideoWriter did not open")

    def close():
        writer.release()
        loop.quit()

    return f"rtsp://127.0.0.1:{server.get_bound_port()}/live", writer.write, close


serve_stream(open_stream)
