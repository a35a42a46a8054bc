"""Sinks: where frames end. Each function returns a frozen value; nothing runs until it is opened.

One file per protocol. A new one is a file here and a row in ``skyline.uri``.
"""

from skyline.sinks.display import DisplaySink, display
from skyline.sinks.file import FileSink, file
from skyline.sinks.shm import ShmSink, shm
from skyline.sinks.sink import OutputPlan, Plan, RawPlan, Sink
from skyline.sinks.tee import TeeSink, tee
from skyline.sinks.v4l2 import V4l2Sink, v4l2

__all__ = [
    "DisplaySink",
    "FileSink",
    "OutputPlan",
    "Plan",
    "RawPlan",
    "ShmSink",
    "Sink",
    "TeeSink",
    "V4l2Sink",
    "display",
    "file",
    "shm",
    "tee",
    "v4l2",
]
