"""An RTSP server that is published to (RECORD): gst-rtsp-server in a process of its own, on Debian's Python."""

import json
from pathlib import Path

from tests.peers.peer_process import PeerProcess
from tests.peers.ports import free_tcp_port, tcp_listens
from tests.programs import SYSTEM_PYTHON

# What a test that publishes over RTSP has to be marked with: needs_system_python(*RTSP_RECORD_NEEDS).
RTSP_RECORD_NEEDS = ("gi.repository.GstRtspServer",)
_SCRIPT = Path(__file__).with_name("rtsp_record_server.py")


class RtspRecord(PeerProcess):
    """Publish to ``url``; ``recordings`` are MPEG-TS files, one per session that sent something, oldest first.

    Args:
        folder: Of this server alone, made if it is not there.
        users: Name to password: digest is asked for, everybody else gets 401.
        codec: Of what is published: ``"h264"`` or ``"h265"``.
    """

    def __init__(self, folder: Path, *, users: dict[str, str] | None = None, codec: str = "h264") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_tcp_port()
        told = folder / "server.json"
        told.write_text(json.dumps({"port": self.port, "folder": str(folder), "users": users or {}, "codec": codec}))
        super().__init__([SYSTEM_PYTHON, _SCRIPT, told], folder / "server.log", is_ready=lambda: tcp_listens(self.port))

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/live"

    def url_as(self, user: str, password: str) -> str:
        return f"rtsp://{user}:{password}@127.0.0.1:{self.port}/live"

    @property
    def recordings(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.ts") if path.stat().st_size > 0)
