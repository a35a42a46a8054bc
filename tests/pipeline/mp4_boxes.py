"""What an MP4 is made of, read from its bytes: an ordinary file has one ``moov`` that lists every sample."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"mvex", b"moof", b"traf"}


@dataclass(frozen=True)
class Box:
    """One box; ``path`` is ``b"moov/trak/mdia"``."""

    path: bytes
    start: int
    payload: bytes


def walk(data: bytes, start: int = 0, end: int | None = None, parent: bytes = b"") -> Iterator[Box]:
    """Every box in the order of the file; raises where a size does not fit."""
    position, stop = start, len(data) if end is None else end
    while position < stop:
        size, kind = struct.unpack_from(">I4s", data, position)
        header = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, position + 8)
            header = 16
        elif size == 0:
            size = stop - position
        if size < header or position + size > stop:
            message = f"box {kind!r} at {position} says {size} bytes; {stop - position} are left"
            raise ValueError(message)
        path = parent + b"/" + kind if parent else kind
        yield Box(path, position, data[position + header : position + size])
        if kind in _CONTAINERS:
            yield from walk(data, position + header, position + size, path)
        position += size


@dataclass(frozen=True)
class Mp4:
    """What the tests ask of an MP4."""

    top: list[str]
    samples_in_moov: int
    key_samples: list[int]
    timescale: int
    deltas: list[int]

    @property
    def is_ordinary(self) -> bool:
        """An index for all, and no fragment."""
        return self.top.count("moov") == 1 and "moof" not in self.top and "mvex" not in self.top


def read_mp4(path: Path) -> Mp4:
    """Read the first track's tables."""
    boxes = list(walk(path.read_bytes()))
    stbl = b"moov/trak/mdia/minf/stbl/"
    by_path = {box.path: box.payload for box in reversed(boxes)}
    mdhd = by_path.get(b"moov/trak/mdia/mdhd", b"")
    timescale = struct.unpack_from(">I", mdhd, 20 if mdhd[:1] == b"\1" else 12)[0] if mdhd else 0
    deltas = [delta for count, delta in _pairs(by_path.get(stbl + b"stts", b"")) for _ in range(count)]
    stsz = by_path.get(stbl + b"stsz", bytes(12))
    stss = by_path.get(stbl + b"stss", b"")
    keys = [key for (key,) in struct.iter_unpack(">I", stss[8:])]
    top = [box.path.decode("latin-1") for box in boxes if b"/" not in box.path or box.path.endswith(b"/mvex")]
    names = [name.rpartition("/")[2] for name in top]
    return Mp4(names, struct.unpack_from(">I", stsz, 8)[0], keys, timescale, deltas)


def _pairs(table: bytes) -> Iterator[tuple[int, int]]:
    return struct.iter_unpack(">II", table[8:])  # type: ignore[return-value]
