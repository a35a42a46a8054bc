"""What the clients of one stream cost the process that serves them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import rtsp_servers
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed
from benchmarks.rtsp_clients import clients, text_of
from benchmarks.rtsp_viewer import view

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

KEY = "rtsp-clients"
SHARE = "rtsp-clients-share"
_SIZE, _FPS, _KBPS = (1280, 720), 30, 2000
_ALONE = "encoding, no client"


def name_of(count: int) -> str:
    """What tables call so many clients."""
    return f"{count} client{'s' if count > 1 else ''}" if count else _ALONE


def benches(options: Options) -> Iterator[Bench]:
    """Processor time by the number of clients; then what one more costs, as a share of the encode."""
    replay = Replay()
    with ExitStack() as stack:
        worker = rtsp_servers.worker(rtsp_servers.OURS)
        stack.callback(worker.close)
        work = rtsp_servers.work(rtsp_servers.OURS, *_SIZE, _FPS, _KBPS)
        url = str(worker.ask("open", work=work)["url"])
        seconds, counts = (1.5, (0, 1, 16)) if options.quick else (4.0, (0, 1, 4, 16))

        def run(count: int) -> dict[str, float]:
            with clients(url, count):
                watched = worker.ask("watch", seconds=seconds)
            found = {"ms_per_s": watched["processor_s"] * 1000 / watched["took_s"]}
            if count > 1:
                alone = replay.last(_ALONE)["ms_per_s"]
                found["each"] = (found["ms_per_s"] - alone) / count / alone * 100
            return found

        rivals = []
        for count in counts:
            settings = f"{count} × {text_of('rtsp://…')}" if count else rtsp_servers.described(work)
            named = {"settings": settings, "is_ours": True}
            if count == 16:
                named["check"] = partial(_check, url, count, options.folder)
            rivals.append(replay.rival(name_of(count), partial(run, count), "ms_per_s", **named))
        title = "clients of one 720p30 stream over TCP: processor time of the process that encodes and serves"
        measured = Bench(KEY, title, "ms per second", "less", _ALONE, tuple(rivals), options.rounds(7, 3))
        yield measured
        about = "clients of one 720p30 stream over TCP: what each costs"
        yield replay.bench(measured, SHARE, about, "each", unit="% of the encode", base=name_of(16))
        worker.ask("close")


def _check(url: str, count: int, folder: Path) -> str:
    """Every client gets the same, and a viewer beside them every picture."""
    with clients(url, count, files=folder):
        seen = view(url, *_SIZE, _FPS, pictures=30)
        sizes = [(folder / f"client-{number}").stat().st_size for number in range(count)]
    if min(sizes) < 0.5 * max(sizes):
        message = f"the clients got between {min(sizes)} and {max(sizes)} bytes"
        raise CheckFailed(message)
    return f"{len(seen)} numbers read in order beside them; each got {min(sizes) / 1e3:.0f} kB or more"
