"""Machines without an encoder or a muxer: the next one is taken, or the error says what to install."""

import subprocess
from pathlib import Path

import pytest

import skyline
from tests.conftest import need_elements
from tests.pipeline import children

TRIES_H264 = children.program("""
    encoder = skyline.encoders.h264(element=sys.argv[2] if len(sys.argv) > 2 else None)
    try:
        with skyline.open(sys.argv[1], fps=30, encoder=encoder) as sky:
            for number in range(5):
                sky.put(np.full((64, 64, 3), number, np.uint8))
            print(sky.stats().encoder)
    except skyline.MissingElementError as error:
        print("missing", error.element, error.hint, sep="|")
        print(error)
        sys.exit(3)
    """)


def test_without_x264_the_next_encoder_is_taken(tmp_path: Path) -> None:
    need_elements("x264enc", "openh264enc")
    ended = children.run(TRIES_H264, tmp_path / "film.mp4", env={"GST_PLUGIN_FEATURE_RANK": "x264enc:NONE"})
    assert (ended.returncode, ended.stdout.strip()) == (0, "openh264enc"), str(ended)
    command = [
        "ffprobe",
        "-v",
        "error",
        "-of",
        "csv=p=0",
        "-show_entries",
        "stream=codec_name",
        str(tmp_path / "film.mp4"),
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "h264"


def registry_without(folder: Path, *plugins: str) -> dict[str, str]:
    """The environment of a machine that lacks these plugins: links to all the others, and a registry of its own."""
    found = subprocess.run(
        ["gst-inspect-1.0", "coreelements"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    [filename] = [line.split()[-1] for line in found.splitlines() if "Filename" in line]
    system = Path(filename).parent
    links = folder / "plugins"
    links.mkdir()
    for plugin in system.glob("libgst*.so"):
        if plugin.stem.removeprefix("libgst") not in plugins:
            (links / plugin.name).symlink_to(plugin)
    return {
        "GST_PLUGIN_SYSTEM_PATH_1_0": str(links),
        "GST_PLUGIN_PATH": "",
        "GST_REGISTRY_1_0": str(folder / "registry.bin"),
    }


def test_a_machine_without_x264_takes_openh264(tmp_path: Path) -> None:
    need_elements("x264enc", "openh264enc")
    env = registry_without(tmp_path, "x264")
    ended = children.run(TRIES_H264, tmp_path / "film.mp4", env=env, timeout_s=60)
    assert (ended.returncode, ended.stdout.strip()) == (0, "openh264enc"), str(ended)
    # Asked for by name, there is no next one: the error brings the package.
    ended = children.run(TRIES_H264, tmp_path / "film2.mp4", "x264enc", env=env, timeout_s=60)
    assert ended.returncode == 3, str(ended)
    assert ended.stdout.splitlines()[0] == "missing|x264enc|apt install gstreamer1.0-plugins-ugly", str(ended)
    assert "apt install gstreamer1.0-plugins-ugly" in ended.stdout.splitlines()[1]
    assert not (tmp_path / "film2.mp4").exists()


def test_a_machine_without_any_h264_encoder_says_what_to_install(tmp_path: Path) -> None:
    ended = children.run(
        TRIES_H264, tmp_path / "film.mp4", env=registry_without(tmp_path, "x264", "openh264"), timeout_s=60
    )
    assert ended.returncode == 3, str(ended)
    assert "x264enc" in ended.stdout
    assert "apt install gstreamer1.0-plugins-ugly" in ended.stdout


def test_a_machine_without_the_muxer_says_what_to_install(tmp_path: Path) -> None:
    ended = children.run(TRIES_H264, tmp_path / "film.mp4", env=registry_without(tmp_path, "isomp4"), timeout_s=60)
    assert ended.returncode == 3, str(ended)
    assert ended.stdout.splitlines()[0] == "missing|mp4mux|apt install gstreamer1.0-plugins-good", str(ended)


def test_a_missing_element_in_a_description_is_named(tmp_path: Path) -> None:
    sky = skyline.PipelineSkyLine("appsrc ! nosuchelement ! fakesink", fps=30, width=64, height=64, errors="raise")
    with pytest.raises(skyline.MissingElementError) as caught:
        sky.start_streaming()
    assert caught.value.element == "nosuchelement"
    assert isinstance(caught.value, LookupError)
