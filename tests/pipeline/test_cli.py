"""The command ``skyline``, run as its user runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import skyline
from skyline import _core
from skyline.cli import trial
from skyline.cli.reach import look_for_sinks
from tests.pipeline.ffprobe import look

for _module in ("cv2", "rich", "typer"):
    pytest.importorskip(_module)

H264 = pytest.mark.needs_elements("x264enc", "mp4mux")


def skyline_command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "skyline", *map(str, arguments)]


def run(
    *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    whole_env = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **(env or {})}
    return subprocess.run(
        skyline_command(*arguments), capture_output=True, text=True, timeout=90, check=False, cwd=cwd, env=whole_env
    )


def fails_in_one_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 1, ended.stderr
    assert ended.stderr.startswith("skyline: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Two seconds of 29.97 frames a second, with B-frames, made by a stranger."""
    path = tmp_path / "film.mp4"
    source = "testsrc2=size=320x180:rate=30000/1001"
    command: list[str | Path] = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        source,
        "-frames:v",
        "60",
        "-c:v",
        "libx264",
        "-bf",
        "2",
        path,
    ]
    subprocess.run(command, check=True, timeout=60)
    return path


# --- demo ------------------------------------------------------------------------------------------------------------


@H264
def test_demo_writes_into_the_current_directory(tmp_path: Path) -> None:
    ended = run("demo", "--seconds", "2", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    made = look(tmp_path / "skyline-demo.mp4")
    assert (made.codec, made.pixel_format, made.width, made.height, made.frames) == ("h264", "yuv420p", 1280, 720, 60)
    assert made.duration_s == pytest.approx(2, abs=0.001)
    assert str(tmp_path / "skyline-demo.mp4") in ended.stdout.splitlines()
    assert "play it" in ended.stdout
    assert "x264enc" in ended.stdout


@pytest.mark.needs_elements("vp8enc", "webmmux")
def test_demo_takes_size_rate_and_path(tmp_path: Path) -> None:
    path = tmp_path / "a b'&[bold].webm"
    ended = run("demo", path, "--seconds", "1", "--size", "321x241", "--fps", "29.97")
    assert ended.returncode == 0, ended.stderr
    assert str(path) in ended.stdout.splitlines()
    made = look(path)
    assert made.frames == 30
    assert (made.width, made.height) == (322, 242)  # 4:2:0 has even sides


def test_demo_says_why_it_cannot_write(tmp_path: Path) -> None:
    told = fails_in_one_line(run("demo", tmp_path / "missing" / "film.mp4", "--seconds", "1"))
    assert "No such file or directory" in told
    told = fails_in_one_line(run("demo", tmp_path / "film.unknown", "--seconds", "1"))
    assert ".unknown" in told


@pytest.mark.parametrize(("option", "value"), [("--size", "big"), ("--size", "0x4"), ("--fps", "0"), ("--fps", "fast")])
def test_a_wrong_option_is_explained(option: str, value: str, tmp_path: Path) -> None:
    ended = run("demo", option, value, cwd=tmp_path)
    assert ended.returncode == 2
    assert value in ended.stderr
    assert "such as" in re.sub(r"\s+", " ", ended.stderr)
    assert not list(tmp_path.iterdir())


# --- record ----------------------------------------------------------------------------------------------------------


@H264
def test_record_the_drawn_picture(tmp_path: Path) -> None:
    ended = run(
        "record", "test", tmp_path / "drawn.mp4", "--seconds", "1.5", "--fps", "20", "--width", "320", "--height", "240"
    )
    assert ended.returncode == 0, ended.stderr
    made = look(tmp_path / "drawn.mp4")
    assert (made.width, made.height, made.frames) == (320, 240, 30)
    assert made.duration_s == pytest.approx(1.5, abs=0.001)
    assert "30 frames" in ended.stdout
    assert re.search(r"encoded in \d+\.\d ms \(p95\)", ended.stdout)


@H264
def test_record_a_file_keeps_its_times(film: Path, tmp_path: Path) -> None:
    ended = run("record", film, tmp_path / "copy.mp4")
    assert ended.returncode == 0, ended.stderr
    assert look(tmp_path / "copy.mp4").times_s == pytest.approx(look(film).times_s, abs=0.0005)


@pytest.mark.needs_elements("vp9enc", "webmmux")
def test_record_a_file_at_another_rate_size_and_codec(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "small.webm"
    ended = run(
        "record", film, path, "--width", "160", "--codec", "vp9", "--bitrate", "200", "--fps", "10", "--seconds", "3"
    )
    assert ended.returncode == 0, ended.stderr
    made = look(path)
    assert (made.codec, made.width, made.height, made.frames) == ("vp9", 160, 90, 30)
    assert made.times_s == pytest.approx([number / 10 for number in range(30)], abs=0.001)


@H264
def test_record_in_parts(tmp_path: Path) -> None:
    pattern = tmp_path / "part-%05d.mp4"
    ended = run("record", "test", pattern, "--seconds", "3", "--segment-s", "1", "--width", "320", "--height", "180")
    assert ended.returncode == 0, ended.stderr
    parts = sorted(tmp_path.glob("part-*.mp4"))
    assert [look(part).frames for part in parts] == [30, 30, 30]


@H264
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_record_is_finalised_by_a_signal(ending: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "stopped.mp4"
    command = skyline_command("record", "test", path, "--width", "320", "--height", "240")
    recorder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while (not path.exists() or path.stat().st_size < 20_000) and time.monotonic() < deadline:
        assert recorder.poll() is None, recorder.communicate()
        time.sleep(0.02)
    recorder.send_signal(ending)
    told, complained = recorder.communicate(timeout=30)
    assert recorder.returncode == 0, complained
    made = look(path)
    counted = re.search(r"(\d+) frames", told)
    assert counted is not None, told
    assert made.frames == int(counted[1])


def test_record_says_what_it_cannot_open(tmp_path: Path) -> None:
    told = fails_in_one_line(run("record", tmp_path / "no-such-film.mp4", tmp_path / "copy.mp4"))
    assert "no-such-film.mp4" in told
    assert not (tmp_path / "copy.mp4").exists()


@H264
def test_record_says_that_nothing_came(tmp_path: Path) -> None:
    (tmp_path / "empty.yuv4mpeg").write_bytes(b"YUV4MPEG2 W16 H16 F25:1 C420jpeg\n")
    told = fails_in_one_line(run("record", tmp_path / "empty.yuv4mpeg", tmp_path / "copy.mp4"))
    assert "no frame came" in told
    assert not (tmp_path / "copy.mp4").exists()


def test_record_refuses_a_codec_the_container_cannot_hold(tmp_path: Path) -> None:
    fails_in_one_line(run("record", "test", tmp_path / "film.webm", "--codec", "h264", "--seconds", "1"))


# --- doctor and describe ---------------------------------------------------------------------------------------------


@H264
def test_doctor_knows_this_machine() -> None:
    ended = run("doctor", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["works"] is True
    assert told["gstreamer"].startswith("1.")
    x264 = next(row for row in told["encoders"] if row["element"] == "x264enc")
    assert x264["state"] == "works"
    for row in (*told["encoders"], *told["sinks"]):
        assert row["state"] in {"works", "fails", "missing"}
        if row["state"] == "fails":
            assert row["reason"]


@pytest.mark.parametrize("end", ["os.abort()", "os._exit(3)"])
def test_doctor_survives_an_encoder_that_ends_the_process(end: str) -> None:
    """What libraries behind encoders do: the others are tried all the same, and the culprit is named."""
    program = f"import os, sys; print('\"\"', flush=True); print('it was me', file=sys.stderr); {end}"
    with pytest.MonkeyPatch.context() as patch:
        real_run = subprocess.run
        calls = 0

        def run_once_badly(command: list[str], **options: Any) -> Any:
            nonlocal calls
            calls += 1
            return real_run([sys.executable, "-c", program] if calls == 1 else command, **options)

        patch.setattr(subprocess, "run", run_once_badly)
        reasons = trial.run_steps(["first", "second", trial.MAIN_JOB])
    assert reasons["first"] == ""
    assert "it was me" in reasons["second"]
    assert reasons[trial.MAIN_JOB] == ""


@pytest.mark.parametrize("is_built_in", [True, False])
def test_doctor_knows_whether_it_can_serve_rtsp(is_built_in: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_core, "has_rtsp_server", lambda: is_built_in)
    found = next(finding for finding in look_for_sinks() if finding.purpose == "rtsp server")
    assert found.state == ("works" if is_built_in else "missing")
    assert found.install == ("" if is_built_in else "sudo apt install libgstrtspserver-1.0-dev")


@H264
def test_doctor_for_people() -> None:
    ended = run("doctor")
    assert ended.returncode == 0, ended.stderr
    for word in ("GStreamer 1.", "x264enc", "works", "NumPy"):
        assert word in ended.stdout


def test_doctor_without_plugins_says_how_to_get_them(tmp_path: Path) -> None:
    """GStreamer with an empty registry: nothing works, and the line to be typed is there."""
    bare = {"GST_REGISTRY_1_0": str(tmp_path / "registry"), "GST_PLUGIN_SYSTEM_PATH_1_0": str(tmp_path)}
    ended = run("doctor", env=bare)
    assert ended.returncode == 1
    assert re.search(r"sudo apt install .*gstreamer1\.0-plugins-ugly", ended.stdout)
    for sink in ("rtsp push", "rtmp", "srt", "udp", "rtp", "hls", "display", "shm", "v4l2"):
        assert re.search(rf"^{sink} .* missing", ended.stdout, re.MULTILINE), sink
    assert "Traceback" not in ended.stderr


@H264
def test_describe_prints_what_gst_launch_runs(tmp_path: Path) -> None:
    ended = run("describe", "film.mp4", "--fps", "30", "--width", "320", "--height", "240", "--bitrate", "500")
    assert ended.returncode == 0, ended.stderr
    subprocess.run(f"gst-launch-1.0 -q -e {ended.stdout}", shell=True, check=True, timeout=60, cwd=tmp_path)
    described = look(tmp_path / "film.mp4")
    assert (described.codec, described.width, described.height, described.frames) == ("h264", 320, 240, 150)


# --- the rest --------------------------------------------------------------------------------------------------------


def test_version_and_help() -> None:
    assert run("--version").stdout.split() == ["gst-skyline", skyline.__version__]
    told = run("--help").stdout
    for command in ("demo", "record", "stream", "doctor", "describe"):
        assert command in told


@pytest.mark.parametrize(("module", "extra"), [("typer", "cli"), ("rich", "cli"), ("cv2", "opencv")])
def test_a_missing_extra_is_named(module: str, extra: str, tmp_path: Path) -> None:
    """A module of that name that cannot be imported stands for one that is not installed."""
    program = (
        "import sys; from importlib.abc import MetaPathFinder\n"
        "class Gone(MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] == {module!r}: raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)\n"
        "sys.meta_path.insert(0, Gone()); sys.argv[1:] = ['demo', '--seconds', '0.1']\n"
        "from skyline.cli import main; main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert f"pip install 'gst-skyline[{extra}]'" in fails_in_one_line(ended)
