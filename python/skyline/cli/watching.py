"""Where somebody finds what a sink sends, and how they see it: a line for each kind of sink, without secrets."""

import os
import shlex

from skyline import sinks
from skyline.sinks.rtsp_server import ServerAddress

_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # shown, not bound


def address_of(sink: sinks.Sink, name: str) -> str:
    """Where an output of this name is found: its name, and of a mount of our own server the whole URL."""
    if not isinstance(sink, sinks.RtspServerSink) or not isinstance(sink.server, ServerAddress):
        return name
    host = _THIS_MACHINE.get(sink.server.address, sink.server.address)
    return f"rtsp://{f'[{host}]' if ':' in host else host}:{sink.server.port}{sink.path}"


def how_to_watch(sink: sinks.Sink, address: str) -> str:
    """The command for it; empty where there is nothing to be said.

    Args:
        sink: What is watched.
        address: What ``address_of`` says.
    """
    match sink:
        case sinks.RtspServerSink() | sinks.RtspSink():
            return f"ffplay -rtsp_transport tcp {address}"
        case sinks.SrtSink(mode="caller"):
            return f"ffplay '{address}?mode=listener', started first"
        case sinks.UdpSink() | sinks.SrtSink():
            return f"ffplay {address}"
        case sinks.RtpSink(sdp_path=str(path)):
            return f"ffplay -protocol_whitelist file,udp,rtp {shlex.quote(path)}"
        case sinks.RtpSink():
            return "with the SDP file that is written where the URI ends in ?sdp=cam.sdp"
        case sinks.HlsSink():
            return f"ffplay {shlex.quote(os.fsdecode(sink.playlist))}"
        case sinks.ShmSink():
            return f"gst-launch-1.0 shmsrc socket-path={shlex.quote(os.fsdecode(sink.socket_path))} ! …"
        case sinks.V4l2Sink():
            return f"ffplay {shlex.quote(sink.device)}"
        case _:
            return ""
