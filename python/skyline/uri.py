"""From a path or URI to a sink: one row per scheme.

::

    scheme://[user:password@]host[:port][/path][?option=value&…]

The options are the keyword arguments of the function in ``skyline.sinks`` that makes the sink, by their names.
An IPv6 address stands in brackets; what is special in a user's name or password is percent-encoded.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from skyline.errors import SinkError
from skyline.sinks.display import display
from skyline.sinks.file import PathLike, file
from skyline.sinks.hls import hls
from skyline.sinks.network import authority
from skyline.sinks.null import null
from skyline.sinks.rtmp import rtmp
from skyline.sinks.rtp import rtp
from skyline.sinks.rtsp import rtsp
from skyline.sinks.rtsp_server import ServerAddress, rtsp_server
from skyline.sinks.shm import shm
from skyline.sinks.sink import Sink
from skyline.sinks.srt import srt
from skyline.sinks.udp import udp
from skyline.sinks.v4l2 import v4l2
from skyline.uri_options import options_of, split_options
from skyline.uri_parts import UriParts, parse_uri, scheme_of


def sink_of(uri_or_sink: PathLike | Sink) -> Sink:
    """The sink that a path, a URI or a sink stands for.

    Everything without ``scheme://`` in front is a path, also ``a:b.mp4``: of a file, or, where it ends in ``.m3u8`` or
    a slash, of an HLS stream. Paths are taken as they are; in ``file:///a%20b.mp4`` percent signs are decoded.

    Raises:
        SinkError: Unknown scheme or option, what a scheme needs is missing, or a path without a known suffix.
    """
    if isinstance(uri_or_sink, Sink):
        return uri_or_sink
    _check_type(uri_or_sink)
    scheme = scheme_of(uri_or_sink) if isinstance(uri_or_sink, str) else None
    if scheme is None:
        is_hls = os.fsencode(uri_or_sink).lower().endswith((b".m3u8", b"/"))
        return hls(uri_or_sink) if is_hls else file(uri_or_sink)
    make = SCHEMES.get(scheme)
    if make is None:
        message = f"unknown scheme {scheme!r}, supported: {', '.join(SCHEMES)}"
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


def _to_host_and_port(make: Callable[..., Sink]) -> Callable[[str], Sink]:
    """A row of a sink that is a host, a port and options."""

    def of(uri: str) -> Sink:
        parts = _without_path(parse_uri(uri))
        if not parts.host or parts.port is None:
            message = f"{parts.scheme} needs a host and a port: {parts.scheme}://192.168.1.5:5000"
            raise SinkError(message)
        return make(parts.host, parts.port, **options_of(make, parts.query))

    return of


def _srt_of(uri: str) -> Sink:
    parts = _without_path(parse_uri(uri))
    return srt(f"srt://{_address(parts)}", **options_of(srt, parts.query))


def _rtsp_of(uri: str) -> Sink:
    parts = parse_uri(uri)
    if not parts.host or "listen=1" in parts.query.split("&"):
        return _rtsp_server_of(parts)
    credentials = {"user": parts.user, "password": parts.password}
    given: dict[str, Any] = {name: value for name, value in credentials.items() if value is not None}
    return rtsp(f"{parts.scheme}://{_address(parts)}{parts.path}", **{**given, **options_of(rtsp, parts.query)})


def _rtsp_server_of(parts: UriParts) -> Sink:
    """What listens: rtsp://:8554/camera, or with the address of an interface rtsp://0.0.0.0:8554/camera?listen=1."""
    if parts.user is not None or parts.scheme == "rtsps":
        message = (
            "an RTSP server of a URI has neither users nor TLS; make skyline.RTSPServer(users=…, tls=…) for RTSPSkyLine"
        )
        raise SinkError(message)
    address = ServerAddress(str(parts.port or 8554), parts.host or "127.0.0.1")
    query = "&".join(one for one in parts.query.split("&") if one != "listen=1")
    return rtsp_server(address, unquote(parts.path), **options_of(rtsp_server, query))


def _rtmp_of(uri: str) -> Sink:
    # What is no option of ours belongs to the stream key: platforms hand out keys with a query.
    before, _, query = uri.partition("?")
    options, rest = split_options(rtmp, query)
    return rtmp(f"{before}?{rest}" if rest else before, **options)


def _hls_of(uri: str) -> Sink:
    before, _, query = uri.removeprefix("hls://").partition("?")
    if "#" in before:
        message = "hls URI has a fragment; in a path write %23 for #"
        raise SinkError(message)
    return hls(unquote_to_bytes(before), **options_of(hls, query))


def _nameless(make: Callable[..., Sink]) -> Callable[[str], Sink]:
    """A row of a sink that is only options."""

    def of(uri: str) -> Sink:
        parts = _without_path(parse_uri(uri))
        if parts.host or parts.port is not None:
            message = f"{parts.scheme} names nothing: {parts.scheme}://"
            raise SinkError(message)
        return make(**options_of(make, parts.query))

    return of


def _at_path(make: Callable[..., Sink], example: str) -> Callable[[str], Sink]:
    """A row of a sink that is a path on this machine and options."""

    def of(uri: str) -> Sink:
        parts = parse_uri(uri)
        if parts.host or parts.user is not None or parts.port is not None or parts.path in ("", "/"):
            message = f"{parts.scheme} needs a path behind three slashes: {example}"
            raise SinkError(message)
        return make(os.fsdecode(unquote_to_bytes(parts.path)), **options_of(make, parts.query))

    return of


def _address(parts: UriParts) -> str:
    return authority(unquote(parts.host), parts.port)


def _without_path(parts: UriParts) -> UriParts:
    if parts.path not in ("", "/"):
        message = f"{parts.scheme} has no path: {parts.scheme}://host:port?option=value"
        raise SinkError(message)
    if parts.user is not None:
        message = f"{parts.scheme} knows no user: {parts.scheme}://host:port?option=value"
        raise SinkError(message)
    return parts


SCHEMES: Mapping[str, Callable[[str], Sink]] = {
    "file": _file_of,
    "rtsp": _rtsp_of,
    "rtsps": _rtsp_of,
    "rtmp": _rtmp_of,
    "rtmps": _rtmp_of,
    "srt": _srt_of,
    "udp": _to_host_and_port(udp),
    "rtp": _to_host_and_port(rtp),
    "hls": _hls_of,
    "display": _nameless(display),
    "shm": _at_path(shm, "shm:///tmp/frames"),
    "v4l2": _at_path(v4l2, "v4l2:///dev/video9"),
    "null": _nameless(null),
}
