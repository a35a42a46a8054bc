"""Sinks: where frames end. Each function returns a frozen value; nothing runs until it is opened.

One file per protocol. A new one is a file here and a row in ``skyline.uri``.
"""

from skyline.sinks.callback import CallbackPlan, CallbackSink, callback
from skyline.sinks.file import FileSink, file
from skyline.sinks.hls import HLSSink, hls
from skyline.sinks.ring import RingPlan, RingSink, ring
from skyline.sinks.sink import OutputPlan, Plan, Sink
from skyline.sinks.tee import TeeSink, tee

__all__ = [
    "CallbackPlan",
    "CallbackSink",
    "FileSink",
    "HLSSink",
    "OutputPlan",
    "Plan",
    "RingPlan",
    "RingSink",
    "Sink",
    "TeeSink",
    "callback",
    "file",
    "hls",
    "ring",
    "tee",
]
