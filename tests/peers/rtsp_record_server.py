"""Run by the system's Python with the name of a JSON file: an RTSP server that writes what is published to it."""

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402  # versions are required first

_ROLE = "publisher"


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text())
    Gst.init(None)
    codec = told["codec"]
    factory = GstRtspServer.RTSPMediaFactory()
    # A transport stream, written unbuffered: whole up to the last packet however this process ends.
    factory.set_launch(
        f"( rtp{codec}depay name=depay0 ! {codec}parse ! mpegtsmux "
        "! filesink name=file buffer-mode=unbuffered sync=false async=false )"
    )
    factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
    factory.set_latency(0)
    folder = Path(told["folder"])
    numbers = itertools.count(1 + len(list(folder.glob("*.ts"))))

    def name_its_file(_factory: Any, media: Any) -> None:
        media.get_element().get_by_name("file").set_property("location", str(folder / f"{next(numbers):03}.ts"))

        media.connect("prepared", _take_times_as_they_are)

    factory.connect("media-configure", name_its_file)
    server = GstRtspServer.RTSPServer(service=str(told["port"]), address="127.0.0.1")
    if told["users"]:
        server.set_auth(_only(told["users"]))
        allowed = Gst.Structure.new_empty(_ROLE)
        allowed.set_value("media.factory.access", True)
        allowed.set_value("media.factory.construct", True)
        factory.add_role_from_structure(allowed)
    server.get_mount_points().add_factory("/live", factory)
    if server.attach(None) == 0:
        sys.exit(f"port {told['port']} is taken")
    GLib.MainLoop().run()


def _take_times_as_they_are(media: Any) -> None:
    """Else what is written has times that were smoothed with the moments of arrival."""
    for element in media.get_element().get_parent().iterate_elements():
        if element.get_factory().get_name() == "rtpbin":
            element.set_property("buffer-mode", 0)


def _only(users: dict[str, str]) -> Any:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    for user, password in users.items():
        token = GstRtspServer.RTSPToken()
        token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, _ROLE)
        auth.add_digest(user, password, token)
    return auth


main()
