"""Servers of the core: made where the core has them, shared where nobody made one."""

from skyline import _core
from skyline.errors import MissingElementError
from skyline.packages import install_line
from skyline.sinks.rtsp_server import MountPlan, ServerAddress

_RTSP_LIBRARY = "gst-rtsp-server"


def rtsp_server_core(
    *,
    address: str,
    port: str,
    users: tuple[tuple[str, str], ...] = (),
    certificate_file: str = "",
    key_file: str = "",
    max_clients: int = 256,
    session_timeout_s: int = 30,
    multicast_address: str = "239.255.42.1",
    is_shared: bool = False,
) -> _core.RTSPServer:
    """A server of the core; MissingElementError says what to install where Skyline was built without."""
    if not _core.has_rtsp_server():
        message = (
            "Skyline was built without gst-rtsp-server and serves no RTSP; build it again once the library is there"
        )
        raise MissingElementError(_RTSP_LIBRARY, install_line(_RTSP_LIBRARY), message)
    return _core.RTSPServer(
        address="127.0.0.1" if address == "localhost" else address,
        port=port,
        users=list(users),
        certificate_file=certificate_file,
        key_file=key_file,
        max_clients=max_clients,
        session_timeout_s=session_timeout_s,
        multicast_address=multicast_address,
        is_shared=is_shared,
    )


def server_of(plan: MountPlan) -> _core.RTSPServer:
    """The server of the core that a mount hangs on; one that is nobody's starts with the first."""
    if isinstance(plan.server, ServerAddress):
        return rtsp_server_core(address=plan.server.address, port=plan.server.port, is_shared=True)
    server: _core.RTSPServer = plan.server.core
    return server
