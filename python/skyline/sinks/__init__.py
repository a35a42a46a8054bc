"""Sinks: where frames end. Each function returns a frozen value; nothing runs until it is opened.

One file per protocol. A new one is a file here and a row in ``skyline.uri``.
"""

from skyline.sinks.callback import CallbackPlan, CallbackSink, callback
from skyline.sinks.file import FileSink, file
from skyline.sinks.hls import HLSSink, hls
from skyline.sinks.null import NullSink, null
from skyline.sinks.ring import RingPlan, RingSink, ring
from skyline.sinks.rtmp import RtmpSink, rtmp
from skyline.sinks.rtp import RtpSink, rtp
from skyline.sinks.rtsp import RtspSink, rtsp
from skyline.sinks.sink import OutputPlan, Plan, Retry, Sink
from skyline.sinks.srt import SrtSink, srt
from skyline.sinks.tee import TeeSink, tee
from skyline.sinks.udp import UdpSink, udp

__all__ = [
    "CallbackPlan",
    "CallbackSink",
    "FileSink",
    "HLSSink",
    "NullSink",
    "OutputPlan",
    "Plan",
    "Retry",
    "RingPlan",
    "RingSink",
    "RtmpSink",
    "RtpSink",
    "RtspSink",
    "Sink",
    "SrtSink",
    "TeeSink",
    "UdpSink",
    "callback",
    "file",
    "hls",
    "null",
    "ring",
    "rtmp",
    "rtp",
    "rtsp",
    "srt",
    "tee",
    "udp",
]
