"""Which conversion kernel runs, and how that is said and changed."""

import os

import numpy as np
import pytest

from skyline import _core
from tests import pictures
from tests.pipeline import children

ASKED_FOR = "SKYLINE_SIMD"


@pytest.mark.skipif(ASKED_FOR in os.environ, reason="the environment asks for another")
def test_the_best_target_converts() -> None:
    assert _core.simd_target_in_use() == [*_core.simd_targets(), "plain"][0]


@pytest.mark.parametrize("name", [*_core.simd_targets(), "plain"])
def test_the_environment_chooses(name: str) -> None:
    ended = children.run(
        children.program("""
            from skyline import _core
            frame = np.zeros((4, 4, 3), np.uint8)
            _core.convert(frame, "BGR", "I420")
            os.environ["SKYLINE_SIMD"] = "nonsense"  # read once: too late
            _core.convert(frame, "BGR", "I420")
            print(_core.simd_target_in_use())
        """),
        env={ASKED_FOR: name},
    )
    assert ended.stdout.split() == [name], ended


def test_an_unknown_name_is_refused_at_the_first_frame_with_what_there_is() -> None:
    ended = children.run(
        children.program("""
            for attempt in range(2):  # and at every other
                try:
                    skyline._core.convert(np.zeros((4, 4, 3), np.uint8), "BGR", "I420")
                except skyline.SinkError as error:
                    print(error)
        """),
        env={ASKED_FOR: "avx9"},
    )
    assert ended.returncode == 0, ended
    messages = ended.stdout.splitlines()
    assert len(messages) == 2, ended
    for message in messages:
        assert 'SKYLINE_SIMD is "avx9"' in message
        assert message.endswith(" ".join(["plain", *_core.simd_targets()]))


def test_a_stream_fails_with_that_reason() -> None:
    ended = children.run(
        children.program("""
            try:
                with skyline.PipelineSkyLine("appsrc ! video/x-raw,format=I420 ! fakesink", fps=30, errors="raise") as sky:
                    for _ in range(100):
                        sky.put(np.zeros((48, 64, 3), np.uint8))
                        time.sleep(0.01)
            except skyline.SkyLineError as error:
                print(error)
        """),
        env={ASKED_FOR: "avx9"},
    )
    assert ended.returncode == 0, ended
    assert 'SKYLINE_SIMD is "avx9"' in ended.stdout, ended


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("to_format", ["BGR", "RGB", "BGRA", "RGBA", "BGRx", "RGBx"])
@pytest.mark.parametrize("format", pictures.PLANAR)
def test_yuv_becomes_the_colour_it_means(format: str, to_format: str, matrix: str) -> None:
    """The inverse of the reference that the way into YUV is tested with: colour, its exact YUV, and colour again."""
    frame = np.zeros((2, 2 * 64, 3), np.uint8)
    frame[:] = np.random.default_rng(3).integers(40, 216, (64, 3), np.uint8).repeat(2, axis=0)[np.newaxis]
    planes = _core.convert(frame, "RGB", format, matrix=matrix, range="full")
    shaped = planes.reshape(3, 2 * 64)
    colours = _core.convert(shaped, format, to_format, matrix=matrix, range="full").reshape(2, 2 * 64, -1)
    back = pictures.red_green_blue(colours, to_format)
    assert np.abs(back - frame).max() <= 2  # three roundings, chroma's scaled by up to 1.9
    if colours.shape[2] == 4:
        assert (colours[:, :, 3] == 255).all()
