"""A name is only a name."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import skyline
from tests.pipeline.bar_code import numbered_frames, numbers_in

NAMES: list[bytes] = [
    b"plain.mp4",
    b"two words.mp4",
    b" leading and trailing .mp4",
    b"a b'&.mp4",
    b"single'quote.mp4",
    b'double"quote.mp4',
    b"both'\"quotes'\".mp4",
    b"back\\slash.mp4",
    b"trailing\\.mp4",
    b"\\\\.mp4",
    b'a\\"b.mp4',
    b"bang!.mp4",
    b"a ! filesink location=evil.raw.mp4",
    b'a" ! filesink location="evil.raw.mp4',
    b"a' ! fakesink name='x.mp4",
    b"100%.mp4",
    b"%s%n%d.mp4",
    b"%05d.mp4",
    b"new\nline.mp4",
    b"tab\there.mp4",
    b"return\rhere.mp4",
    b"bell\x07.mp4",
    "ünïcödé-日本語-🎬.mp4".encode(),
    "decomposed-é.mp4".encode(),
    b"latin1-\xe4\xf6\xfc.mp4",
    b"\xff\xfe\x80.mp4",
    b"-leading-dash.mp4",
    b"--help.mp4",
    b"$HOME.mp4",
    b"`date`.mp4",
    b"$(touch evil).mp4",
    b"semi;colon.mp4",
    b"pipe|amp&.mp4",
    b"<angle>.mp4",
    b"star*question?.mp4",
    b"[brackets]{braces}.mp4",
    b"(parens),comma=equals.mp4",
    b"hash#tilde~.mp4",
    b"colon:at@.mp4",
    b"file:looks-like-a-uri.mp4",
    b"a" * 251 + b".mp4",
    b".hidden.mp4",
]


def wrongly_named(folder: Path, names: list[bytes], *, is_relative: bool) -> Iterator[str]:
    """Record under each name in a folder of its own; say what came instead of exactly this file."""
    for number, name in enumerate(names):
        place = folder / str(number)
        place.mkdir()
        os.chdir(place)
        path = os.fsdecode(name) if is_relative else os.path.join(place, os.fsdecode(name))  # noqa: PTH118
        try:
            with skyline.FileSkyLine(path, fps=30, errors="raise") as sky:
                for frame in numbered_frames(2, width=64, height=16):
                    sky.put(frame)
        except Exception as error:
            yield f"{name!r}: {error!r}"
            continue
        there = os.listdir(os.fsencode(place))  # noqa: PTH208 names need not be text
        if there != [name]:
            yield f"{name!r}: made {there}"
        elif numbers_in(os.path.join(os.fsencode(place), name), width=64, height=16) != [0, 1]:  # noqa: PTH118
            yield f"{name!r}: does not play"


@pytest.mark.parametrize("is_relative", [False, True], ids=["absolute", "relative"])
def test_a_name_is_only_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_relative: bool) -> None:
    """Exactly this file comes into being, and nothing else, in the folder or above it."""
    monkeypatch.chdir(tmp_path)
    assert list(wrongly_named(tmp_path, NAMES, is_relative=is_relative)) == []
    assert len(list(tmp_path.iterdir())) == len(NAMES)


@pytest.mark.parametrize("suffix", ["mov", "mkv", "webm", "ts", "avi"])
def test_the_worst_name_in_every_container_and_type(tmp_path: Path, suffix: str) -> None:
    name = b"w\\or\"st' ! x=y %05d\n\xff." + suffix.encode()
    for kind in ("str", "Path", "bytes"):
        folder = tmp_path / kind
        folder.mkdir()
        raw = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 it need not be text
        path = {"str": os.fsdecode(raw), "Path": Path(os.fsdecode(raw)), "bytes": raw}[kind]
        skyline.stream(numbered_frames(12), skyline.sinks.file(path), fps=30)
        assert os.listdir(os.fsencode(folder)) == [name]  # noqa: PTH208
        assert numbers_in(raw) == list(range(12))


def test_open_takes_any_path_for_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["a b'&.mp4", "x ! y.mkv", "-dash.ts", "50%.avi"]
    for name in names:
        skyline.stream(numbered_frames(2), name, fps=30)
    skyline.stream(numbered_frames(2), (tmp_path / "from uri é.mp4").as_uri(), fps=30)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "from uri é.mp4"])


def test_a_name_of_256_bytes_is_an_error_of_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(skyline.ResourceError) as caught:
        skyline.stream(numbered_frames(10), tmp_path / ("a" * 252 + ".mp4"), fps=30)
    assert caught.value.errno == errno.ENAMETOOLONG
    assert list(tmp_path.iterdir()) == []


def test_a_zero_byte_in_a_name_is_refused_in_python(tmp_path: Path) -> None:
    with pytest.raises(skyline.SinkError):
        skyline.sinks.file(f"{tmp_path}/a\0b.mp4")
