"""Where streams of this machine can go, and the command that brings what is missing for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from skyline import _core
from skyline.packages import install_line

State = Literal["works", "fails", "missing"]

_RTSP_SERVER = "gst-rtsp-server"

# What a sink is for, and the elements without which there is none of it.
_ELEMENTS: Mapping[str, tuple[str, ...]] = {
    "rtsp push": ("rtspclientsink",),
    "rtmp": ("flvmux", "rtmp2sink"),
    "srt": ("mpegtsmux", "srtsink"),
    "udp": ("mpegtsmux", "udpsink"),
    "rtp": ("rtph264pay", "udpsink"),
    "hls": ("mpegtsmux",),
    "display": ("autovideosink", "ximagesink"),
    "shm": ("shmsink",),
    "v4l2": ("v4l2sink",),
}


@dataclass(frozen=True)
class Finding:
    """One element and what became of trying it.

    Attributes:
        purpose: The codec it makes, the container it writes or the sink it serves.
        element: GStreamer's name for it.
        version: Of its plugin; empty where it is missing.
        state: An encoder works when it has encoded; anything else when it is there.
        reason: Why it fails; empty otherwise.
        install: The command that brings it, where it is needed for the purpose and a package is known.
    """

    purpose: str
    element: str
    version: str
    state: State
    reason: str = ""
    install: str = ""


def version_of(element: str) -> str:
    """Of the plugin with this element; empty where there is none."""
    info = _core.find_element(element)
    return info["version"] if info else ""


def install_command(*elements: str) -> str:
    """For a user who may sudo; empty where no package is known."""
    line = install_line(*elements)
    return f"sudo {line}" if line else ""


def look_for(purpose: str, element: str) -> Finding:
    """An element that is not tried: it works when it is there."""
    version = version_of(element)
    if not version:
        return Finding(purpose, element, "", "missing", install=install_command(element))
    return Finding(purpose, element, version, "works")


def look_for_sinks() -> list[Finding]:
    """Every element that a sink needs, beside the encoders and the containers."""
    return [
        _look_for_server(),
        *(look_for(purpose, element) for purpose, elements in _ELEMENTS.items() for element in elements),
    ]


def _look_for_server() -> Finding:
    if _core.has_rtsp_server():
        return Finding("rtsp server", _RTSP_SERVER, _core.gstreamer_version(), "works")
    install = install_command(_RTSP_SERVER)
    return Finding(
        "rtsp server", _RTSP_SERVER, "", "missing", f"built without it: {install}; build Skyline again", install
    )
