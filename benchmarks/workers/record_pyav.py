"""PyAV: libavcodec in the process."""

from fractions import Fraction

from recording_side import serve_recorders


def by_pyav(frames, path, fps, *, encoder, bit_rate, gop, options, pix_fmt="yuv420p", threads=0):
    import av

    height, width = frames[0].shape[:2]
    with av.open(path, "w") as file:
        stream = file.add_stream(encoder, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.time_base = Fraction(1, fps)
        stream.codec_context.gop_size = gop
        stream.codec_context.thread_count = threads
        if bit_rate:
            stream.bit_rate = bit_rate
        stream.options = options
        for n, array in enumerate(frames):
            # Without a copy: the array is not written to while it is encoded.
            frame = av.VideoFrame.from_numpy_buffer(array, format="bgr24")
            frame.pts = n
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


serve_recorders({"pyav": by_pyav})
