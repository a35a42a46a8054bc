"""``skyline.RTSPServer`` with one mount."""

from rtsp_side import serve_stream


def open_stream(work):
    """The server on a port of its own; it encodes whether or not somebody watches."""
    import skyline

    server = skyline.RTSPServer(port="0")
    encoder = skyline.encoders.h264(
        bitrate_kbps=work["kbps"], keyframe_s=1, latency="live", properties={"speed-preset": "ultrafast"}
    )
    options = {"fps": work["fps"], "encoder": encoder, "errors": "raise", **work.get("options", {})}
    sky = skyline.RTSPSkyLine(server, "/live", **options)
    server.start()
    sky.start_streaming()

    def close():
        sky.stop_streaming(timeout_s=5)
        server.stop()

    return server.urls()[0], sky.put, close


serve_stream(open_stream)
