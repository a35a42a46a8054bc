"""Sinks: where frames end. Each function returns a frozen value; nothing runs until it is opened.

One file per protocol. A new one is a file here and a row in ``skyline.uri``.
"""

from skyline.sinks.file import FileSink, file
from skyline.sinks.hls import HLSSink, hls
from skyline.sinks.sink import OutputPlan, Sink

__all__ = ["FileSink", "HLSSink", "OutputPlan", "Sink", "file", "hls"]
