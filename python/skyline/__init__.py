"""NumPy frames in, any GStreamer sink out.

::

    with skyline.open("film.mp4", fps=30) as sky:
        for frame in frames:                # (height, width, 3) uint8 BGR, as OpenCV has them
            sky.put(frame)                  # copied: the array is yours again

Functions: ``open``, ``stream``, ``describe``. Values: ``sinks``, ``encoders``. Classes: ``SkyLine``, to derive
from, and its family: ``FileSkyLine``, ``RTSPSkyLine`` with ``RTSPServer``, ``RTMPSkyLine``, ``SRTSkyLine``, ``UDPSkyLine``,
``RTPSkyLine``, ``DisplaySkyLine``, ``PipelineSkyLine``. Everything raised is a ``SkyLineError``.

Importing starts nothing: GStreamer is initialised with the first stream.
"""

try:
    from skyline import _core as _core  # first, so that a broken build says so clearly
except ImportError as _error:
    _message = (
        f"skyline's native module cannot be loaded: {_error}. In a checkout build it with script/bootstrap or "
        "`pip install .`; it needs GStreamer 1.20 or newer: sudo apt install libgstreamer-plugins-base1.0-0"
    )
    raise ImportError(_message, name=_error.name, path=_error.path) from _error

from skyline import encoders, errors, sinks
from skyline._core import Tracker
from skyline.built_in import (
    DisplaySkyLine,
    FileSkyLine,
    PipelineSkyLine,
    RTMPSkyLine,
    RTPSkyLine,
    SinkSkyLine,
    SRTSkyLine,
    UDPSkyLine,
)
from skyline.encoders import Encoder
from skyline.errors import (
    FrameError,
    LibraryError,
    MissingElementError,
    NegotiationError,
    PipelineError,
    ResourceError,
    SinkError,
    SkyLineError,
    StateError,
    StreamError,
)
from skyline.events import Event
from skyline.frames import Frame
from skyline.latency import FrameLatency, Percentiles
from skyline.outputs import Output
from skyline.rtsp import RTSPServer, RTSPSkyLine
from skyline.sinks import Sink
from skyline.skyline import SkyLine
from skyline.slots import Slot
from skyline.state import USE_LAST_VALUE, State
from skyline.stats import OutputStats, Stats
from skyline.streams import describe, open, stream  # noqa: A004  # meant as skyline.open
from skyline.units import Unit

__all__ = [
    "USE_LAST_VALUE",
    "DisplaySkyLine",
    "Encoder",
    "Event",
    "FileSkyLine",
    "Frame",
    "FrameError",
    "FrameLatency",
    "LibraryError",
    "MissingElementError",
    "NegotiationError",
    "Output",
    "OutputStats",
    "Percentiles",
    "PipelineError",
    "PipelineSkyLine",
    "RTMPSkyLine",
    "RTPSkyLine",
    "RTSPServer",
    "RTSPSkyLine",
    "ResourceError",
    "SRTSkyLine",
    "Sink",
    "SinkError",
    "SinkSkyLine",
    "SkyLine",
    "SkyLineError",
    "Slot",
    "State",
    "StateError",
    "Stats",
    "StreamError",
    "Tracker",
    "UDPSkyLine",
    "Unit",
    "describe",
    "encoders",
    "errors",
    "open",
    "sinks",
    "stream",
]


def __getattr__(name: str) -> str:
    """``__version__``: of the installed package. Asked late, because the answer loads twenty modules."""
    if name != "__version__":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  # see above

    try:
        return version("gst-skyline")
    except PackageNotFoundError:  # run from a tree that was never installed
        return "0+unknown"
