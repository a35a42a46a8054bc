"""RTSP and RTMP: what the server recorded is what was put, frame by frame."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.peers.nginx_rtmp import NginxRtmp
from tests.peers.ports import wait_until
from tests.peers.pushing import check_recording, push
from tests.peers.rtsp_record import RTSP_RECORD_NEEDS, RtspRecord
from tests.programs import program

FRAMES = 40


@pytest.mark.needs_elements("rtspclientsink")
@pytest.mark.needs_system_python(*RTSP_RECORD_NEEDS)
@pytest.mark.parametrize("protocols", ["tcp", "udp"])
def test_rtsp_is_recorded_by_a_server(tmp_path: Path, planted_secret: str, protocols: str) -> None:
    with RtspRecord(tmp_path / "server", users={"me": planted_secret}) as server:
        put_s = push(f"{server.url_as('me', planted_secret)}?protocols={protocols}", FRAMES)
        wait_until(lambda: bool(server.recordings), 5, "a recording")
        server.stop()
    [recording] = server.recordings
    check_recording(recording, put_s)


@pytest.mark.needs_elements("rtmp2sink", "flvmux", "aacparse")
@pytest.mark.needs_program("nginx")
def test_rtmp_is_recorded_with_silence(tmp_path: Path, planted_secret: str) -> None:
    with NginxRtmp(tmp_path / "nginx", stream_key=planted_secret) as nginx:
        put_s = push(nginx.url(planted_secret), FRAMES)
        nginx.stop()
    [recording] = nginx.recordings
    check_recording(recording, put_s)
    video, audio = streams_of(recording)
    assert (video["codec_name"], audio["codec_name"]) == ("h264", "aac")
    assert audio["times_s"][0] == pytest.approx(video["times_s"][0], abs=0.05)
    assert audio["times_s"][-1] == pytest.approx(video["times_s"][-1], abs=0.1)
    gaps_s = [after - before for before, after in zip(audio["times_s"], audio["times_s"][1:], strict=False)]
    assert max(gaps_s) < 0.05


@pytest.mark.needs_elements("rtmp2sink", "flvmux")
@pytest.mark.needs_program("nginx")
def test_rtmp_is_recorded_without_sound_where_asked(tmp_path: Path) -> None:
    with NginxRtmp(tmp_path / "nginx") as nginx:
        put_s = push(f"{nginx.url()}?silence=no", FRAMES)
        nginx.stop()
    [recording] = nginx.recordings
    check_recording(recording, put_s)
    assert [stream["codec_name"] for stream in streams_of(recording)] == ["h264"]


def streams_of(recording: Path) -> list[dict[str, Any]]:
    """Each stream with its codec, and the times of its packets."""
    entries = "stream=index,codec_name:packet=stream_index,pts_time"
    command = [program("ffprobe"), "-v", "error", "-show_entries", entries, "-of", "json", str(recording)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    return [
        {
            **stream,
            "times_s": [float(one["pts_time"]) for one in told["packets"] if one["stream_index"] == stream["index"]],
        }
        for stream in told["streams"]
    ]
