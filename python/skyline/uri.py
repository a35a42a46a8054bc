"""From a path or URI to a sink: one row per scheme."""

import os
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote_to_bytes, urlsplit

from skyline.errors import SinkError
from skyline.sinks.display import display
from skyline.sinks.file import PathLike, file
from skyline.sinks.shm import shm
from skyline.sinks.sink import Sink
from skyline.sinks.v4l2 import v4l2

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*(?=://)")


def sink_of(uri_or_sink: PathLike | Sink) -> Sink:
    """The sink that a path, a URI or a sink stands for.

    Everything without ``scheme://`` in front is a path, also ``a:b.mp4``. Paths are taken as they are;
    in ``file:///a%20b.mp4`` percent signs are decoded.

    Raises:
        SinkError: Unknown scheme, or a path without a known suffix.
    """
    if isinstance(uri_or_sink, Sink):
        return uri_or_sink
    _check_type(uri_or_sink)
    match = _SCHEME.match(uri_or_sink) if isinstance(uri_or_sink, str) else None
    if match is None:
        return file(uri_or_sink)
    make = SCHEMES.get(match[0])
    if make is None:
        message = f"unknown scheme {match[0]!r}, supported: {', '.join(SCHEMES)}"
        raise SinkError(message)
    return make(str(uri_or_sink))


def _check_type(uri: object) -> None:
    if not isinstance(uri, (str, bytes, os.PathLike)):
        message = f"sink is a {type(uri).__name__}, expected a path, a URI or a value of skyline.sinks"
        raise SinkError(message)


def _file_of(uri: str) -> Sink:
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        message = f"file URI names host {parts.netloc!r}; write three slashes: file:///path"
        raise SinkError(message)
    if parts.query or parts.fragment:
        message = "file URI has a query or a fragment; in a path write %3F for ? and %23 for #"
        raise SinkError(message)
    return file(unquote_to_bytes(parts.path))


def _display_of(uri: str) -> Sink:
    if uri != "display://":
        message = f"{uri!r} names something behind display://, which takes nothing: sinks.display(…) has options"
        raise SinkError(message)
    return display()


def _path_of(uri: str, example: str) -> str:
    parts = urlsplit(uri)
    if parts.netloc or not parts.path or parts.query or parts.fragment:
        message = f"{uri!r} is no path after two slashes; write {example}"
        raise SinkError(message)
    return os.fsdecode(unquote_to_bytes(parts.path))


def _shm_of(uri: str) -> Sink:
    return shm(_path_of(uri, "shm:///tmp/frames"))


def _v4l2_of(uri: str) -> Sink:
    return v4l2(_path_of(uri, "v4l2:///dev/video9"))


SCHEMES: Mapping[str, Callable[[str], Sink]] = {
    "file": _file_of,
    "display": _display_of,
    "shm": _shm_of,
    "v4l2": _v4l2_of,
}
