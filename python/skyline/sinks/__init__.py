"""Sinks: where frames end. Each function returns a frozen value; nothing runs until it is opened.

One file per protocol. A new one is a file here and a row in ``skyline.uri``.
"""

from skyline.sinks.callback import CallbackPlan, CallbackSink, callback
from skyline.sinks.display import DisplaySink, display
from skyline.sinks.file import FileSink, file
from skyline.sinks.hls import HlsSink, hls
from skyline.sinks.null import NullSink, null
from skyline.sinks.ring import RingPlan, RingSink, ring
from skyline.sinks.rtmp import RtmpSink, rtmp
from skyline.sinks.rtp import RtpSink, rtp
from skyline.sinks.rtsp import RtspSink, rtsp
from skyline.sinks.rtsp_server import MountPlan, RtspServerSink, rtsp_server
from skyline.sinks.shm import ShmSink, shm
from skyline.sinks.sink import OutputPlan, Plan, RawPlan, Retry, Sink
from skyline.sinks.srt import SrtSink, srt
from skyline.sinks.tee import TeeSink, tee
from skyline.sinks.udp import UdpSink, udp
from skyline.sinks.v4l2 import V4l2Sink, v4l2

__all__ = [
    "CallbackPlan",
    "CallbackSink",
    "DisplaySink",
    "FileSink",
    "HlsSink",
    "MountPlan",
    "NullSink",
    "OutputPlan",
    "Plan",
    "RawPlan",
    "Retry",
    "RingPlan",
    "RingSink",
    "RtmpSink",
    "RtpSink",
    "RtspServerSink",
    "RtspSink",
    "ShmSink",
    "Sink",
    "SrtSink",
    "TeeSink",
    "UdpSink",
    "V4l2Sink",
    "callback",
    "display",
    "file",
    "hls",
    "null",
    "ring",
    "rtmp",
    "rtp",
    "rtsp",
    "rtsp_server",
    "shm",
    "srt",
    "tee",
    "udp",
    "v4l2",
]
