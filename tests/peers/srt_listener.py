"""srt-live-transmit as the listener that records: Haivision's own tool, whatever arrives goes into a file."""

from pathlib import Path
from urllib.parse import urlencode

from tests.peers.peer_process import PeerProcess
from tests.peers.ports import free_udp_port, udp_is_bound
from tests.programs import program


class SrtListener(PeerProcess):
    """Send to ``url()``; ``recordings`` are MPEG-TS files, one per life of the listener, oldest first.

    Args:
        folder: Of this listener alone, made if it is not there.
        passphrase: If given, a caller with another one is refused; 10 to 79 characters
            that need no escape in a URI, which its tools do not undo.
        latency_ms: What the listener asks for.
    """

    def __init__(self, folder: Path, *, passphrase: str | None = None, latency_ms: int = 120) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_udp_port()
        self._lives = 0
        options = {"mode": "listener", "latency": str(latency_ms)}
        if passphrase is not None:
            # Enforced, so that a caller without a passphrase is refused too.
            options |= {"passphrase": passphrase, "enforcedencryption": "1"}
        source = f"srt://127.0.0.1:{self.port}?{urlencode(options)}"
        super().__init__(
            [program("srt-live-transmit"), "-quiet", "-autoreconnect:yes", "-chunk:1316", source, "file://con"],
            folder / "srt.log",
            is_ready=lambda: udp_is_bound(self.port),
            stdout=folder / "0.ts",
        )

    def start(self) -> None:
        self._lives += 1
        self.stdout = self.folder / f"{self._lives:02}.ts"
        super().start()

    def url(self, **options: str | int) -> str:
        query = f"?{urlencode(options)}" if options else ""
        return f"srt://127.0.0.1:{self.port}{query}"

    @property
    def recordings(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.ts") if path.stat().st_size > 0)
