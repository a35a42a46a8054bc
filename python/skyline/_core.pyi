"""The native core: frames into lanes, units out of them, outputs beside each other.

Private. What Python decides arrives here as plain values; nothing here reads a URI or a path name.
Every blocking call releases the GIL, returns within ``timeout_s`` and looks for signals every 50 ms.
Errors are raised as the classes of :mod:`skyline.errors`.
"""

from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt

from skyline.element_records import ElementDetails, ElementInfo

Frame: TypeAlias = Any  # an ndarray or whatever skyline.frames.as_array accepts
PropertyValue: TypeAlias = bool | int | float | str | bytes

class ElementSpec:
    """One element as data; ``properties`` must exist, ``if_supported`` are set where they do."""

    factory: str
    name: str
    def __init__(
        self,
        factory: str,
        properties: dict[str, PropertyValue] = ...,
        if_supported: dict[str, PropertyValue] = ...,
        name: str = "",
    ) -> None: ...

class Retry:
    """How a lost peer is tried again."""

    def __init__(self, *, first_ns: int, most_ns: int, max_retries: int | None = None) -> None: ...

class Recipe:
    """A sink value as elements: the chain after the output's appsrc."""

    def __init__(
        self,
        *,
        name: str,
        chain: list[ElementSpec],
        location: bytes = b"",
        part_names: tuple[bytes, int, bytes] | None = None,
        part_ns: int = 0,
        part_bytes: int = 0,
        own_zero: bool = True,
        waits: bool = False,
        max_units: int = 0,
        max_bytes: int = 0,
        playlist: tuple[bytes, int, int] | None = None,
        retry: Retry | None = None,
        linger_ns: int = 0,
        silence: list[ElementSpec] = ...,
        datagram_bytes: int = 0,
        hint: str = "",
    ) -> None: ...

class BusError(TypedDict):
    element: str
    domain: str
    code: int
    message: str
    debug: str
    description: str

class CoreEvent(TypedDict):
    kind: Literal[
        "started",
        "connected",
        "reconnecting",
        "segment",
        "dropped",
        "failed",
        "finished",
        "warning",
        "client_joined",
        "client_left",
    ]
    output: str
    message: str
    count: int
    error: BusError | None

LatencyValues: TypeAlias = tuple[int, float, float, float, float, int]  # count, p50, p95, p99, max in ms, clamped

class LatencySteps(TypedDict):
    """From the put of a frame to each step; None where nothing was measured."""

    pushed: LatencyValues | None
    encoded: LatencyValues | None
    sent: LatencyValues | None

class FrameCounters(TypedDict):
    """``frames_in == frames_encoded + sum(frames_dropped.values()) + frames_in_flight`` at every look.

    In an EncodeLane also ``frames_encoded == latency["encoded"] count + unmatched_units``.
    """

    frames_in: int
    frames_encoded: int
    frames_dropped: dict[str, int]  # by reason: "queue_full", "timeout", "failed", "stopped", "unwatched"
    frames_in_flight: int
    copied_frames: int
    nudged_times: int
    level_buffers: int
    queue_age_ms: float
    key_units: int
    bytes_encoded: int
    latency: LatencySteps
    recent_latency: LatencySteps
    unmatched_units: int

class OutputCounters(TypedDict):
    """``units_in == units_sent + units_dropped + units_queued`` at every look."""

    units_in: int
    units_sent: int
    units_dropped: int
    units_queued: int
    bytes_sent: int
    key_units: int
    parts: int
    reconnects: int
    clients: int
    callback_errors: int
    latency: LatencyValues | None
    recent_latency: LatencyValues | None

class Tracker:
    """Tells when GStreamer has finished with a lent frame."""

    @property
    def done(self) -> bool: ...
    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the frame came back; ``None`` waits 10 s at most. True when it is back."""

class Slot:
    """Memory of ours for one frame, to be filled and committed or discarded. One use."""

    @property
    def array(self) -> npt.NDArray[Any]: ...
    def commit(self, pts_ns: int | None = None, timeout_s: float = 10.0) -> bool: ...
    def discard(self) -> None: ...

class Output:
    @property
    def name(self) -> str: ...
    @property
    def state(self) -> Literal["connecting", "live", "backoff", "finishing", "stopped", "failed"]: ...
    @property
    def error(self) -> BusError | None: ...
    def stats(self) -> OutputCounters: ...

class UnitBytes:
    """The bytes of one unit, read-only, through the buffer protocol: ``memoryview(unit_bytes)``."""

    def __buffer__(self, flags: int, /) -> memoryview: ...

class CallbackOutput(Output):
    """An output whose units a thread of Python's takes."""

    def next_unit(self, timeout_s: float) -> tuple[UnitBytes, int, int | None, bool, str] | None:
        """Bytes, PTS and DTS in ns since the first frame, whether it is a key unit, caps; None at the timeout.

        None at once when all is over. Asking for the next says that the last one was dealt with. One thread at a time.
        """
    @property
    def is_over(self) -> bool: ...
    def note_error(self, what: str) -> None:
        """Count an exception of the callback's; an event at most once a second."""

class RTSPServer:
    """A server; its end closes the port. The one of its address and port in this process where ``is_shared``."""

    def __init__(
        self,
        *,
        address: str,
        port: str,
        users: list[tuple[str, str]],
        certificate_file: str,
        key_file: str,
        max_clients: int,
        session_timeout_s: int,
        multicast_address: str,
        is_shared: bool = False,
    ) -> None: ...
    def start(self) -> None: ...
    def stop(self, timeout_s: float = 10.0) -> None: ...
    @property
    def is_running(self) -> bool: ...
    @property
    def port(self) -> str: ...
    @property
    def clients(self) -> int: ...
    def add_launch(self, path: str, launch_text: str) -> None: ...
    def remove_launch(self, path: str) -> bool: ...

class LiveElement:
    """An element of a pipeline that may run."""

    @property
    def name(self) -> str: ...
    @property
    def factory(self) -> str: ...
    def property(self, name: str) -> str | None:
        """As text, an enum by its nick; None where it has no such property."""
    def change(self, name: str, value: int) -> None:
        """Before the element's next buffer; at once where it does not run. SinkError where it cannot be."""

class Lane:
    """A pipeline that frames run down. ``start`` comes with the first frame's size."""

    def put(self, frame: Frame, pts_ns: int | None = None, timeout_s: float = 10.0) -> bool: ...
    def lend(self, frame: Frame, pts_ns: int | None = None, timeout_s: float = 10.0) -> tuple[Tracker, bool]:
        """Share a frame. The bool is False when it was dropped; the tracker is done then."""
    def acquire(self) -> Slot: ...
    def stop(self, timeout_s: float = 10.0) -> bool:
        """EOS, wait, NULL. True when everything was finalised. Idempotent."""
    @property
    def failed(self) -> bool: ...
    @property
    def error(self) -> BusError | None: ...
    def stats(self) -> FrameCounters: ...
    def next_event(self, timeout_s: float) -> CoreEvent | None:
        """The next event; None at the timeout, or at once when the lane is stopped and none is left."""
    @property
    def events_closed(self) -> bool: ...
    def force_keyframe(self) -> bool:
        """The next frame becomes a key unit, where its encoder listens. False where nothing encodes."""
    def encoders(self) -> list[LiveElement]:
        """What encodes in the pipeline; StateError where nothing runs yet or any more."""

class EncodeLane(Lane):
    """``appsrc ! skyconvert ! caps ! chain ! appsink``, its units fanned out to outputs."""

    def __init__(
        self,
        *,
        format: str,
        clock: Literal["arrival", "fixed"],
        fps: tuple[int, int] | None,
        leaky: Literal["none", "upstream", "downstream"],
        max_buffers: int,
    ) -> None: ...
    def add_output(self, recipe: Recipe) -> Output:
        """Open the output (its file, now) and hang it on the fan-out. Any time before stop."""
    def add_ring(self, *, name: str, least_ns: int, max_bytes: int) -> Output:
        """Keep the last units in memory: whole GOPs, ``least_ns`` of them where ``max_bytes`` allows it."""
    def save(self, ring: Output, recipe: Recipe) -> Output:
        """As ``add_output``, but it begins with what the ring has; no unit between is lost or comes twice."""
    def add_callback(self, *, name: str, waits: bool, max_units: int, max_bytes: int) -> CallbackOutput:
        """Hang an output on the fan-out whose units somebody takes with ``next_unit``, until it is over."""
    def add_raw_output(self, recipe: Recipe) -> Output:
        """The same for one that takes the frames themselves; the recipe's bounds count frames."""
    def add_mount(
        self,
        server: RTSPServer,
        *,
        name: str,
        path: str,
        chain: list[ElementSpec],
        on_demand: bool = False,
        max_units: int = 0,
        max_bytes: int = 0,
    ) -> Output:
        """Serve the units under a path; ``chain`` ends in a payloader named pay0."""
    def remove_output(self, output: Output, timeout_s: float = 10.0) -> bool:
        """Drain, finalise and take off. True when it was finalised."""
    def start(
        self,
        *,
        width: int,
        height: int,
        chain: list[ElementSpec],
        encoder_format: str,
        matrix: Literal["bt601", "bt709"],
        range: Literal["limited", "full"],
        keyframe_ns: int,
    ) -> None:
        """Build the encoder for frames of this size and play. Odd sizes are padded to even in I420 and NV12.

        ``keyframe_ns``: a key unit is asked for whenever this much running time has passed since the
        last one; 0 leaves it to the encoder.
        """
    def start_raw(
        self,
        *,
        width: int,
        height: int,
        matrix: Literal["bt601", "bt709"],
        range: Literal["limited", "full"],
    ) -> None:
        """Play without an encoder, for raw outputs. Matrix and range are those of frames that are YUV."""
    def add_encoder(
        self,
        *,
        chain: list[ElementSpec],
        encoder_format: str,
        matrix: Literal["bt601", "bt709"],
        range: Literal["limited", "full"],
        keyframe_ns: int,
    ) -> None:
        """An encoder for the frames of a lane that plays without; arguments as for ``start``. Once."""

class DescriptionLane(Lane):
    """Launch text with an appsrc of its own, run as one pipeline without fan-out."""

    def __init__(
        self,
        description: str,
        *,
        format: str,
        clock: Literal["arrival", "fixed"],
        fps: tuple[int, int] | None,
        leaky: Literal["none", "upstream", "downstream"],
        max_buffers: int,
    ) -> None:
        """Parse; raises PipelineError (domain "parse"), MissingElementError or SinkError (no appsrc)."""
    def start(
        self,
        *,
        width: int,
        height: int,
        colours: tuple[Literal["bt601", "bt709"], Literal["limited", "full"]] | None = None,
    ) -> None:
        """Play. ``colours``: matrix and range of the YUV that frames are or become; None is by rule."""

def measure_frame(frame: Frame, format: str, width: int | None = None, height: int | None = None) -> tuple[int, int]:
    """Width and height of a frame in ``format``; raises FrameError where it does not fit.

    ``width`` and ``height``, where given, must agree. A 1-D I420 or NV12 array needs both.
    """

def trial_encode(
    chain: list[ElementSpec], encoder_format: str, *, width: int = 320, height: int = 240, timeout_s: float = 2.0
) -> None:
    """Encode two grey frames and wait for a unit; raises what went wrong."""

def convert(
    frame: Frame,
    format: str,
    to_format: str,
    *,
    matrix: Literal["bt601", "bt709"] = "bt709",
    range: Literal["limited", "full"] = "limited",
    plain: bool = False,
    out: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.uint8]:
    """One conversion, for tests and benchmarks: the planes of ``to_format``, tightly packed, 1-D.

    ``out`` is written to and returned instead of a new array: C-contiguous, as many bytes as the result, of any
    shape, not memory of the frame. FrameError where its size is another or it cannot be written to.
    """

def element_details(name: str) -> ElementDetails | None:
    """What gst-inspect tells of an element, Skyline's own among them; loads its plugin, makes no element."""

def kernel_pairs() -> dict[str, list[str]]:
    """What each frame format can be converted to by our own kernels."""

def has_rtsp_server() -> bool:
    """Whether this was built with gst-rtsp-server; else RTSPServer raises MissingElementError."""

def ensure_runtime() -> None: ...
def gstreamer_version() -> str: ...
def find_element(name: str) -> ElementInfo | None: ...
def redact(text: str) -> str: ...
def simd_targets() -> list[str]:
    """SIMD targets of the conversions that this build and this machine have, best first, e.g. ``["AVX3", "AVX2"]``."""

def simd_target_in_use() -> str:
    """The one that converts, or ``"plain"``.

    The first of ``simd_targets()``, unless the environment variable ``SKYLINE_SIMD`` named another, or ``plain``, when
    frames were first converted. Raises SinkError where it names none of them, as does every conversion.
    """

def use_simd_target(name: str) -> None:
    """Restrict conversions to a target or ``"plain"``; ``""`` lifts it. For tests and benchmarks."""

def live_holds() -> int:
    """Lent frames GStreamer still has, in the whole process. Drains the release queue first."""

def drain() -> int:
    """Release lent frames that came back; how many. Called by every other call here, and at exit."""

def close_process() -> None:
    """No Python object is released by GStreamer's threads after this. For exit only."""

def abandoned_pipelines() -> int: ...
def forked_after_use() -> bool: ...
def deinit_for_leak_check() -> None: ...
