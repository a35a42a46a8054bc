"""The encoders of GStreamer that we know how to set up: one row each, in the order in which they are tried.

Every live row holds no frame back and makes no B-frames, and says so explicitly. Numbers were checked against
GStreamer 1.22 with gst-inspect-1.0 and by running; a property that other releases lack is in ``if_supported``.
"""

from skyline.elements import Element, caps_filter
from skyline.encoder_row import EncoderRow
from skyline.errors import SinkError

_YUV = {"NV12": "NV12"}  # everything else becomes I420


# Headers in every key unit, whole access units: what an output can begin with, whatever it is.
_H264_AFTER = (
    Element("h264parse", {"config-interval": -1}),
    caps_filter("video/x-h264,stream-format=byte-stream,alignment=au"),
)
_H265_AFTER = (
    Element("h265parse", {"config-interval": -1}),
    caps_filter("video/x-h265,stream-format=byte-stream,alignment=au"),
)
_AV1_AFTER = (Element("av1parse"), caps_filter("video/x-av1,stream-format=obu-stream,alignment=tu"))

TABLE: tuple[EncoderRow, ...] = (
    EncoderRow(
        "h264",
        "x264enc",
        formats=_YUV,
        bitrate=("bitrate", 1000),
        rate_spares_a_frame=True,
        constant_when={"pass": "quant|qual"},
        keyframe="key-int-max",
        live={"tune": "zerolatency", "speed-preset": "superfast", "bframes": 0, "rc-lookahead": 0},
        # 10 frames of look-ahead and 3 in threads: what a kill -9 loses stays under a second.
        quality={"speed-preset": "veryfast", "bframes": 0, "rc-lookahead": 10, "sync-lookahead": 0, "threads": 4},
        # Without vbv-buf-capacity=0 the default bitrate of 2048 kbit/s would still be a ceiling.
        constant_quality={"pass": "qual", "quantizer": 21, "vbv-buf-capacity": 0},
        profiles=("constrained-baseline", "high"),
        media="video/x-h264",
        plain_profiles=("constrained-baseline", "baseline", "main", "high"),
        deep_profiles={"high-4:4:4": "Y444", "high-4:2:2": "Y42B", "high-10": "I420_10LE"},
        after=_H264_AFTER,
    ),
    EncoderRow(
        "h264",
        "openh264enc",
        bitrate=("bitrate", 1),
        bitrate_ceiling="max-bitrate",
        says_colours=False,
        constant_when={"rate-control": "off|buffer"},
        keyframe="gop-size",
        # rate-control=bitrate gives up on noise; quality keeps near the bitrate too.
        live={"rate-control": "quality", "complexity": "low", "enable-frame-skip": False},
        quality={"rate-control": "quality", "complexity": "high", "enable-frame-skip": False},
        profiles=("constrained-baseline", "high"),
        media="video/x-h264",
        plain_profiles=("constrained-baseline", "baseline", "main", "constrained-high", "high"),
        after=_H264_AFTER,
    ),
    EncoderRow(
        "h265",
        "x265enc",
        bitrate=("bitrate", 1000),
        pins_level=True,
        constant_when={"option-string": "(.*:)?(crf|qp)=.*", "qp": "[0-9]+"},
        keyframe="key-int-max",
        needs_rate=True,
        live={
            "tune": "zerolatency",
            "speed-preset": "ultrafast",
            "option-string": "bframes=0:rc-lookahead=0:open-gop=0",
        },
        quality={
            "speed-preset": "veryfast",
            "option-string": "bframes=0:rc-lookahead=10:frame-threads=2:open-gop=0",
        },
        constant_quality={"option-string": "bframes=0:rc-lookahead=10:frame-threads=2:open-gop=0:crf=25"},
        profiles=("main", "main"),
        media="video/x-h265",
        plain_profiles=("main",),
        deep_profiles={"main-10": "I420_10LE", "main-422-10": "I422_10LE", "main-444": "Y444"},
        after=_H265_AFTER,
    ),
    EncoderRow(
        "vp8",
        "vp8enc",
        only_colours=("bt601", "limited"),  # RFC 6386; decoders take it whatever the container says
        bitrate=("target-bitrate", 1),
        constant_when={"end-usage": "cq"},
        keyframe="keyframe-max-dist",
        live={
            "deadline": 1,
            "cpu-used": 8,
            "lag-in-frames": 0,
            "auto-alt-ref": False,
            # Its threads wait for one another by spinning: on a busy machine several are many times slower than one.
            "threads": 1,
            "end-usage": "cbr",
            "error-resilient": "partitions",
        },
        quality={"deadline": 1_000_000, "cpu-used": 5, "lag-in-frames": 0, "auto-alt-ref": False, "threads": 4},
        constant_quality={"end-usage": "cq", "cq-level": 16},
        ceiling=4,
    ),
    EncoderRow(
        "vp9",
        "vp9enc",
        bitrate=("target-bitrate", 1),
        constant_when={"end-usage": "cq"},
        keyframe="keyframe-max-dist",
        # lag-in-frames reads 0 by default, yet 25 frames are held unless it is set.
        live={
            "deadline": 1,
            "cpu-used": 8,
            "lag-in-frames": 0,
            "auto-alt-ref": False,
            "threads": 4,
            "end-usage": "cbr",
        },
        quality={"deadline": 1_000_000, "cpu-used": 5, "lag-in-frames": 0, "auto-alt-ref": False, "threads": 4},
        constant_quality={"end-usage": "cq", "cq-level": 28},
        ceiling=4,
        if_supported={"row-mt": True, "tile-columns": 2},
        after=(Element("vp9parse"),),
    ),
    EncoderRow(
        "av1",
        "av1enc",
        bitrate=("target-bitrate", 1000),
        keyframe="keyframe-max-dist",
        forces_keys_since=(1, 26),
        constant_when={"end-usage": "q"},
        # max-quantizer is 0 by default, with which libaom aborts the process in realtime cbr.
        live={
            "usage-profile": "realtime",
            "cpu-used": 9,
            "lag-in-frames": 0,
            "end-usage": "cbr",
            "min-quantizer": 8,
            "max-quantizer": 56,
            "threads": 4,
        },
        quality={
            "usage-profile": "realtime",
            "cpu-used": 7,
            "lag-in-frames": 0,
            "end-usage": "vbr",
            "min-quantizer": 4,
            "max-quantizer": 56,
            "threads": 4,
        },
        if_supported={"row-mt": True, "tile-columns": 1},
        after=_AV1_AFTER,
    ),
    # Not svtav1enc: without reordering (pred-struct=1) it ends the process (GStreamer 1.26.2 with SVT-AV1 2.3).
    EncoderRow(
        "mjpeg",
        "jpegenc",
        formats=_YUV,
        live={"quality": 85},
        quality={"quality": 92},
        only_colours=("bt601", "full"),  # JFIF
    ),
    EncoderRow(
        "ffv1",
        "avenc_ffv1",
        # What it keeps bit by bit; a frame that is not here can become one of these without loss.
        formats={
            "BGR": "BGRA",
            "RGB": "BGRA",
            "BGRA": "BGRA",
            "RGBA": "BGRA",
            "BGRx": "BGRA",
            "RGBx": "BGRA",
            "GRAY8": "GRAY8",
            "GRAY16_LE": "GRAY16_LE",
        },
        # Every frame a key unit: a file of this kind is an archive, and a cut or a crash costs nothing.
        live={"gop-size": 1},
        quality={"gop-size": 1},
        # The encoder writes the first of these fields, matroskamux reads the second: GStreamer's own misspelling.
        after=(caps_filter("video/x-ffv,ffvversion=1,ffversion=1"),),
    ),
)


def rows(codec: str, element: str | None = None) -> tuple[EncoderRow, ...]:
    """The rows of a codec in the order of trial, or the one of the element that was asked for."""
    of_codec = tuple(row for row in TABLE if row.codec == codec)
    if element is None:
        return of_codec
    chosen = tuple(row for row in of_codec if row.factory == element)
    if not chosen:
        known = ", ".join(row.factory for row in of_codec)
        message = f"element is {element!r}, which is not known for {codec}; known: {known}"
        raise SinkError(message)
    return chosen
