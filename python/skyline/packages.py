"""Which Debian or Ubuntu package brings an element."""

_PACKAGES = {
    "gstreamer1.0-plugins-base": (
        "appsrc appsink videoconvert videoscale videorate videotestsrc audiotestsrc audioconvert audioresample "
        "audiomixer playbin decodebin uridecodebin theoraenc vorbisenc opusenc oggmux"
    ),
    "gstreamer1.0-plugins-good": (
        "mp4mux qtmux matroskamux webmmux avimux flvmux splitmuxsink jpegenc jpegdec vp8enc vp9enc vp8dec vp9dec "
        "aacparse rtpvp8pay rtpvp9pay rtpjpegpay qtdemux matroskademux avidemux udpsink udpsrc rtspsrc rtph264pay rtph264depay rtph265pay rtpbin "
        "v4l2src v4l2sink v4l2h264enc pngenc autovideosink"
    ),
    "gstreamer1.0-plugins-bad": (
        "h264parse h265parse vp9parse av1parse jpegparse mpegtsmux openh264enc x265enc av1enc svtav1enc voaacenc "
        "srtsink srtsrc rtmp2sink rtmp2src webrtcbin hlssink2 shmsink shmsrc vah264enc vah265enc vapostproc "
        "nvh264enc nvh265enc qsvh264enc libde265dec"
    ),
    "gstreamer1.0-plugins-ugly": "x264enc",
    "gstreamer1.0-libav": "avenc_ffv1 avenc_aac avdec_ffv1 avenc_mjpeg avenc_mpeg4 avdec_h264 avdec_h265",
    "gstreamer1.0-fdkaac": "fdkaacenc",
    "gstreamer1.0-rtsp": "rtspclientsink",
    "libgstrtspserver-1.0-dev": "gst-rtsp-server",  # no element, but what Skyline is built with
    "gstreamer1.0-nice": "nicesrc nicesink",
    "gstreamer1.0-gl": "glimagesink glupload gldownload",
    "gstreamer1.0-x": "ximagesink xvimagesink",
    "libgstreamer1.0-0": "filesink filesrc fakesink queue tee capsfilter identity clocksync",
}
_PACKAGE_OF = {element: package for package, elements in _PACKAGES.items() for element in elements.split()}


def package_of(element: str) -> str:
    """Name of the package with this element; empty where it is not known."""
    return _PACKAGE_OF.get(element, "")


def install_line(*elements: str) -> str:
    """The exact command, for root, that installs these elements; empty where no package is known."""
    packages = sorted({package_of(element) for element in elements} - {""})
    return f"apt install {' '.join(packages)}" if packages else ""
