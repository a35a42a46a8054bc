"""nginx with its RTMP module: every publish becomes an FLV file. One process, on the loopback, for any user."""

from pathlib import Path

from tests.peers.peer_process import PeerProcess
from tests.peers.ports import free_tcp_port, tcp_listens
from tests.programs import program

_MODULES = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/local/lib/nginx/modules")

# One process and no master: SIGKILL and SIGSTOP hit the one that holds the sockets, and `user` plays no part.
_CONFIGURATION = """
load_module {module};
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 128; }}
rtmp {{
  access_log off;
  server {{
    listen 127.0.0.1:{port};
    application live {{
      live on;
      record all;
      record_path {recordings};
      record_unique on;
      {more}
    }}
  }}
}}
"""
_KEY_CHECK = """
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /publish {{
      if ($arg_name != "{key}") {{ return 403; }}
      return 200;
    }}
  }}
}}
"""


class NginxRtmp(PeerProcess):
    """Publish to ``url(key)``; ``recordings`` are the FLV files, oldest first, one per publish.

    Args:
        folder: Of this server alone, made if it is not there.
        stream_key: If given, every other key is refused.
        more: Lines for the application, as ``drop_idle_publisher 5s;``.
    """

    def __init__(self, folder: Path, *, stream_key: str | None = None, more: str = "") -> None:
        self.folder = folder
        self.port = free_tcp_port()
        self._lives = 0
        self._more = more
        self._stream_key = stream_key
        self._check_port = free_tcp_port()
        configuration = folder / "nginx.conf"
        super().__init__(
            [program("nginx"), "-p", folder, "-c", configuration],
            folder / "nginx.log",
            is_ready=lambda: tcp_listens(self.port) and (stream_key is None or tcp_listens(self._check_port)),
        )

    def start(self) -> None:
        # A file's name has the second it began in, so each life records into a folder of its own.
        self._lives += 1
        recordings = self.folder / f"recordings-{self._lives:02}"
        recordings.mkdir(parents=True)
        more, check = self._more, ""
        if self._stream_key is not None:
            more += f"\n      notify_method get;\n      on_publish http://127.0.0.1:{self._check_port}/publish;"
            check = _KEY_CHECK.format(folder=self.folder, port=self._check_port, key=self._stream_key)
        rtmp = _CONFIGURATION.format(
            module=_module(), folder=self.folder, port=self.port, recordings=recordings, more=more
        )
        (self.folder / "nginx.conf").write_text(rtmp + check)
        super().start()

    def url(self, key: str = "key") -> str:
        return f"rtmp://127.0.0.1:{self.port}/live/{key}"

    @property
    def recordings(self) -> list[Path]:
        return sorted(self.folder.glob("recordings-*/*.flv"))


def _module() -> Path:
    found = [path for folder in _MODULES if (path := Path(folder) / "ngx_rtmp_module.so").exists()]
    assert found, "nginx has no ngx_rtmp_module.so (Debian: libnginx-mod-rtmp)"
    return found[0]
