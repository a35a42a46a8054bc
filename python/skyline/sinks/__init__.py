"""Sinks: where frames end. Each function returns a frozen value; nothing runs until it is opened.

One file per protocol. A new one is a file here and a row in ``skyline.uri``.
"""

from skyline.sinks.file import FileSink, file
from skyline.sinks.rtsp_server import MountPlan, RTSPServerSink, rtsp_server
from skyline.sinks.sink import OutputPlan, Plan, Sink
from skyline.sinks.tee import TeeSink, tee

__all__ = [
    "FileSink",
    "MountPlan",
    "OutputPlan",
    "Plan",
    "RTSPServerSink",
    "Sink",
    "TeeSink",
    "file",
    "rtsp_server",
    "tee",
]
