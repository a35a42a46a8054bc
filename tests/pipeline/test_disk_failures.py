"""Disks that are full, paths that cannot be written: an error at the next call, and what was written plays."""

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests.pipeline import children
from tests.pipeline.bar_code import numbered_frame, numbers_in
from tests.pipeline.failing import noise, put_until_it_raises

IS_ROOT = os.geteuid() == 0


NOBODY = 65534


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 600 kB."""
    mount = tmp_path / "small"
    mount.mkdir()
    if not IS_ROOT:
        pytest.skip("mounting a tmpfs needs root")
    ran = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", mount], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        pytest.skip(f"no tmpfs here: {ran.stderr.strip()}")
    try:
        yield mount
    finally:
        subprocess.run(["umount", mount], check=True)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_full_disk_is_a_resource_error_and_what_was_written_plays(small_disk: Path, suffix: str) -> None:
    path = small_disk / f"film.{suffix}"
    events: list[skyline.Event] = []
    sky = skyline.open(
        path, fps=30, on_event=events.append, encoder=skyline.encoders.h264(bitrate_kbps=3000, latency="live")
    )

    def barred(number: int) -> np.ndarray:
        frame = numbered_frame(number % 60_000, height=240)
        frame[110:130] = noise(number)[110:130]
        return frame

    error = put_until_it_raises(sky, barred)
    assert isinstance(error, skyline.ResourceError)
    assert isinstance(error, OSError)
    assert error.errno == errno.ENOSPC
    assert "filesink" in error.element
    assert "No space left on device" in str(error)
    assert error.domain == "resource"
    assert sky.state is skyline.SkyLine.State.ERROR
    assert sky.last_error is not None
    with pytest.raises(skyline.ResourceError):  # the next call says the same
        sky.put(barred(0))
    with contextlib.suppress(skyline.PipelineError):
        sky.stop_streaming()
    assert any(event.kind == "failed" and event.error is not None for event in events)
    numbers = numbers_in(path, height=240)
    assert len(numbers) >= 20
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("how", ["directory missing", "is a directory", "file where a directory should be"])
def test_a_path_that_cannot_be_written_is_a_resource_error(tmp_path: Path, how: str) -> None:
    path, number = {
        "directory missing": (tmp_path / "no" / "such" / "film.mp4", errno.ENOENT),
        "is a directory": (tmp_path / "film.mp4", errno.EISDIR),
        "file where a directory should be": (tmp_path / "file" / "film.mp4", errno.ENOTDIR),
    }[how]
    (tmp_path / "file").touch()
    if how == "is a directory":
        path.mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(skyline.ResourceError) as caught, skyline.open(path, fps=30) as sky:
        put_until_it_raises(sky, numbered_frame)
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == number
    assert os.strerror(number) in str(caught.value)
    assert str(path) in str(caught.value)
    assert "filesink" in caught.value.element
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("target", ["directory", "file"])
def test_no_permission_is_a_resource_error(tmp_path: Path, target: str) -> None:
    """Root may write anywhere, so the program runs as nobody."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    path = folder / "film.mp4"
    if target == "file":
        path.touch(mode=0o444)
        folder.chmod(0o777)
    text = children.program("""
        try:
            with skyline.open(sys.argv[1], fps=30) as sky:
                for _ in range(300):
                    sky.put(np.zeros((64, 64, 3), np.uint8))
        except skyline.ResourceError as error:
            print(error.errno, isinstance(error, PermissionError), error.element, sys.argv[1] in str(error), sep="|")
        """)
    if IS_ROOT:
        for parent in [tmp_path, *tmp_path.parents][:3]:
            parent.chmod(0o755)
        wrapper = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        if subprocess.run([*wrapper, "ls", tmp_path], capture_output=True, check=False).returncode != 0:
            pytest.skip("nobody cannot even look here")
    else:
        folder.chmod(0o555)
        wrapper = []
    ended = children.run(text, path, env={"HOME": str(tmp_path)}, wrapper=wrapper)
    assert ended.returncode == 0, str(ended)
    number, _, element, names_path = ended.stdout.strip().split("|")
    assert (int(number), names_path) == (errno.EACCES, "True")
    assert "filesink" in element


def test_dev_full_is_a_resource_error(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    path.symlink_to("/dev/full")
    with skyline.open(path, fps=30) as sky:
        error = put_until_it_raises(sky, noise)
        assert isinstance(error, skyline.ResourceError)
        assert error.errno == errno.ENOSPC
        sky.last_error  # noqa: B018 it can be looked at
