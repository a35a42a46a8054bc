"""Times exactly as GStreamer has them: ``appsrc ! gdppay ! filesink`` writes every buffer's nanoseconds."""

from pathlib import Path

import numpy as np

_HEADER = np.dtype(
    [
        ("version", ">u2"),
        ("flags", "u1"),
        ("padding", "u1"),
        ("kind", ">u2"),
        ("length", ">u4"),
        ("pts_ns", ">u8"),
        ("duration_ns", ">u8"),
        ("rest", "V36"),
    ]
)
_BUFFER = 1
NO_DURATION = 2**64 - 1


def description(path: Path) -> str:
    """A pipeline that writes the times of its frames; the path must be a plain one."""
    return f'appsrc ! gdppay ! filesink location="{path}"'


def times_in(path: Path) -> tuple[list[int], list[int]]:
    """Presentation times and durations of all buffers, in nanoseconds."""
    data = path.read_bytes()
    pts: list[int] = []
    durations: list[int] = []
    position = 0
    while position < len(data):
        header = np.frombuffer(data, _HEADER, 1, position)[0]
        size = _HEADER.itemsize + int(header["length"])
        if header["kind"] != _BUFFER:
            position += size
            continue
        # All frames of a stream are equally long: read on in one go until something else comes.
        record = np.dtype([("header", _HEADER), ("payload", f"V{header['length']}")])
        records = np.frombuffer(data, record, (len(data) - position) // size, position)["header"]
        same = (records["kind"] == _BUFFER) & (records["length"] == header["length"]) & (records["version"] == 0x100)
        count = len(records) if same.all() else int(np.argmin(same))
        pts += records["pts_ns"][:count].tolist()
        durations += records["duration_ns"][:count].tolist()
        position += size * count
    return pts, durations
