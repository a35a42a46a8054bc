"""The RTSP server, and the SkyLine that streams to it."""

from __future__ import annotations

import logging
import re
from os import fsdecode
from typing import TYPE_CHECKING

from skyline import exit as at_exit
from skyline.built_in import SinkSkyLine
from skyline.errors import SinkError
from skyline.rtsp_core import rtsp_server_core
from skyline.sinks.rtsp_server import check_port, rtsp_server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self, Unpack

    from skyline.options import StreamOptions
    from skyline.sinks.file import PathLike

_ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # shown, not bound
_PATH = re.compile(r"/[^\s?#]*")


class RTSPServer:
    """Serves streams to any number of RTSP clients, over TCP, UDP and multicast.

    ::

        server = RTSPServer("8554")
        sky = RTSPSkyLine(server, "/camera")
        server.start()
        sky.start_streaming(30, 1280, 720)       # ffplay rtsp://127.0.0.1:8554/camera

    Streams come and go before and while it runs; it can be stopped and started again, on the same port. Any method
    may be called from any thread. As a context manager it starts and stops.

    Args:
        port: As text or number; ``"0"`` is a free one, which ``port`` tells after ``start``.
        parent_logger: The logger is its child, named as the class; None is a logger of the root.
        address: Of the interface it listens on: ``"0.0.0.0"`` is all of them. By default only this machine gets in.
        users: Names and passwords, told by digest authentication. None lets everybody in.
        tls: Paths of a certificate and of its key, PEM. The URLs begin with ``rtsps://`` then, and nothing is said in clear.
        max_clients: Connections at a time; more are closed.
        session_timeout_s: How long a UDP client may say nothing.
        multicast_address: Of the group for clients that ask for multicast.

    Attributes:
        logger: The logger.
        core: What runs; for Skyline itself.
        streams: Launch text by mount point: what ``add_stream`` was given, and what a stream of ours there is.

    Raises:
        SinkError: A port, an address, a certificate or a key that is none.
        MissingElementError: Skyline was built without gst-rtsp-server.
    """

    def __init__(
        self,
        port: str | int = "8554",
        parent_logger: logging.Logger | None = None,
        *,
        address: str = "127.0.0.1",
        users: Mapping[str, str] | None = None,
        tls: tuple[PathLike, PathLike] | None = None,
        max_clients: int = 256,
        session_timeout_s: int = 30,
        multicast_address: str = "239.255.42.1",
    ) -> None:
        check_port(port)
        name = type(self).__name__
        self.logger = logging.getLogger(name) if parent_logger is None else parent_logger.getChild(name)
        self.streams: dict[str, str] = {}
        self._address = address
        self._scheme = "rtsp" if tls is None else "rtsps"
        certificate, key = ("", "") if tls is None else (fsdecode(tls[0]), fsdecode(tls[1]))
        self.core = rtsp_server_core(
            address=address,
            port=str(port),
            users=tuple((users or {}).items()),
            certificate_file=certificate,
            key_file=key,
            max_clients=max_clients,
            session_timeout_s=session_timeout_s,
            multicast_address=multicast_address,
        )

    @property
    def port(self) -> str:
        """The port, as text; the real one once it was started."""
        return self.core.port

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self.core.is_running

    @property
    def clients(self) -> int:
        """Connections now."""
        return self.core.clients

    def add_stream(self, mount_point: str, pipeline: str) -> None:
        """Serve launch text of your own, made for the first client and shared by all.

        Args:
            mount_point: Path, beginning with a slash. What ``add_stream`` gave there before is replaced.
            pipeline: Ends in payloaders named ``pay0``, ``pay1``… It is code: never put text of a stranger into it.

        Raises:
            SinkError: A path in use by a stream of ours, or no ``pay0``.
            PipelineError: GStreamer cannot read it.
            MissingElementError: An element in it is not installed.
        """
        at_exit.check_process()
        if not _PATH.fullmatch(mount_point):
            message = f"mount_point is {mount_point!r}, expected a path such as /camera"
            raise SinkError(message)
        self.core.add_launch(mount_point, pipeline)
        self.streams[mount_point] = pipeline

    def remove_stream(self, mount_point: str) -> None:
        """Serve it no longer. Who watches it already may go on.

        Raises:
            KeyError: Nothing was added there.
        """
        at_exit.check_process()
        del self.streams[mount_point]
        self.core.remove_launch(mount_point)

    def start(self) -> None:
        """Listen. Does nothing where it does already.

        Raises:
            ResourceError: The port is taken, or the address is not of this machine.
        """
        at_exit.check_process()
        self.core.start()
        self.logger.info("serving on %s", self._url)

    def stop(self, timeout_s: float = 10.0) -> None:
        """Close the port and all connections; streams go on, unseen. It may be started again."""
        at_exit.check_process()
        self.core.stop(timeout_s)

    def urls(self) -> list[str]:
        """Where each stream is found."""
        return [self._url + mount_point for mount_point in self.streams]

    @property
    def _url(self) -> str:
        host = _ANY.get(self._address, f"[{self._address}]" if ":" in self._address else self._address)
        return f"{self._scheme}://{host}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "running" if self.is_running else "stopped"
        return f"<{type(self).__name__} {self._url} {state}, streams: {', '.join(self.streams) or 'none'}>"


class RTSPSkyLine(SinkSkyLine):
    r"""Frames to the clients of an RTSP server. Registers its path there; each start is served under it.

    Args:
        server: Where; it may be started before or after.
        path: Of the mount. The slash in front may be left out.
        on_demand: Encode only while somebody watches.
        **options: As for ``skyline.open``, except that ``errors`` is ``"state"``.

    Attributes:
        server: The server.
        path: Of the mount, beginning with a slash.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1 \
            ! x264enc tune=zerolatency ! rtph264pay name=pay0 pt=96 config-interval=-1 ! fakesink
    """

    def __init__(
        self, server: RTSPServer, path: str, *, on_demand: bool = False, **options: Unpack[StreamOptions]
    ) -> None:
        sink = rtsp_server(server, path, on_demand=on_demand)
        if sink.path in server.streams:
            message = f"path is {sink.path!r}, which {server!r} has already"
            raise SinkError(message)
        super().__init__(sink, **options)
        self.server = server
        self.path = sink.path
        server.streams[sink.path] = f"frames of a {type(self).__name__}"
