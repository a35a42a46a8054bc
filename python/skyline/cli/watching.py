"""How somebody sees what a sink sends: one line for each kind of sink."""

from urllib.parse import urlsplit

# By the scheme of an output's name, which holds nothing secret.
_HOW = {
    "rtsp": "ffplay -rtsp_transport tcp {name}",
    "rtsps": "ffplay -rtsp_transport tcp {name}",
    "udp": "ffplay {name}",
    "rtp": "ffplay -protocol_whitelist file,udp,rtp FILE.sdp, where the URI ends in ?sdp=FILE.sdp",
    "srt": "ffplay {name}, or where that is the caller: ffplay '{name}?mode=listener', started first",
    "rtmp": "at the server",
    "rtmps": "at the server",
    "hls": "ffplay {path}, or any browser through a web server",
    "shm": "gst-launch-1.0 shmsrc socket-path={path} …",
    "v4l2": "ffplay {path}",
}


def how_to_watch(name: str) -> str:
    """The command for it; empty where there is nothing to be said.

    Args:
        name: Of the output, e.g. ``"udp://127.0.0.1:5000"``.
    """
    if "://" not in name:
        return ""
    parts = urlsplit(name)
    return _HOW.get(parts.scheme, "").format(name=name, path=f"{parts.netloc}{parts.path}")
