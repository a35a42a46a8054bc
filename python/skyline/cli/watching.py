"""How somebody sees what a sink sends: one line for each kind of sink."""

from urllib.parse import urlsplit

from skyline.sinks.rtsp_server import RtspServerSink, ServerAddress
from skyline.sinks.sink import Sink

# By the scheme of where it is found, in which is nothing secret.
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

_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # shown, not bound


def address_of(sink: Sink, name: str) -> str:
    """Where the output of this name is found: its name, and of a mount of our own server the whole URL."""
    if not isinstance(sink, RtspServerSink) or not isinstance(sink.server, ServerAddress):
        return name
    host = _THIS_MACHINE.get(sink.server.address, sink.server.address)
    return f"rtsp://{f'[{host}]' if ':' in host else host}:{sink.server.port}{sink.path}"


def how_to_watch(name: str) -> str:
    """The command for it; empty where there is nothing to be said.

    Args:
        name: Where it is found, e.g. ``"udp://127.0.0.1:5000"``.
    """
    if "://" not in name:
        return ""
    parts = urlsplit(name)
    return _HOW.get(parts.scheme, "").format(name=name, path=f"{parts.netloc}{parts.path}")
