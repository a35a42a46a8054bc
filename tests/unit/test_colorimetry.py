"""Which colours a stream has, by rule and by colorimetry=. Nothing runs here."""

from typing import get_args

import pytest

import skyline
from skyline import encoders
from skyline.colorimetry import Colorimetry, check_colorimetry, colorimetry_caps, colours_of
from skyline.encoder_plan import plan_encoder
from skyline.encoder_table import rows
from skyline.errors import SinkError
from skyline.options import Options


def plan(codec, **given):
    encoder = getattr(encoders, codec)(profile=given.pop("profile", None))
    frames = {"format": "BGR", "width": 1280, "height": 720, "fps": (30, 1), "clock": "fixed", **given}
    return plan_encoder(encoder, rows(codec)[0], **frames)


@pytest.mark.parametrize(
    ("colorimetry", "height", "expected"),
    [
        (None, 576, ("bt601", "limited")),
        (None, 577, ("bt709", "limited")),
        ("bt601", 1080, ("bt601", "limited")),
        ("bt709", 480, ("bt709", "limited")),
        ("bt601-full", 1080, ("bt601", "full")),
        ("bt709-full", 480, ("bt709", "full")),
    ],
)
@pytest.mark.parametrize("format", ["BGR", "GRAY8", "I420", "NV12"])
def test_what_is_said_wins_over_the_height(colorimetry, height, expected, format):
    found = plan("h264", height=height, colorimetry=colorimetry, format=format)
    assert (found.matrix, found.range) == expected


def test_caps_have_gstreamers_words():
    texts = {colorimetry: colorimetry_caps(colours_of(colorimetry, 0)) for colorimetry in get_args(Colorimetry)}
    assert texts == {"bt601": "bt601", "bt709": "bt709", "bt601-full": "1:4:16:4", "bt709-full": "1:3:5:1"}


@pytest.mark.parametrize("wrong", ["", "BT709", "bt470bg", "1:3:5:1", "smpte240m", 709, "full"])
def test_others_are_refused_with_those_there_are(wrong):
    with pytest.raises(
        SinkError, match=r"colorimetry is .*expected \"bt601\" or \"bt709\".*\"bt601-full\" or \"bt709-full\""
    ):
        check_colorimetry(wrong)
    with pytest.raises(SinkError, match="colorimetry is"):
        Options(colorimetry=wrong)
    with pytest.raises(SinkError, match="colorimetry is"):
        skyline.describe("film.mp4", fps=30, width=64, height=48, colorimetry=wrong)


@pytest.mark.parametrize("wide", ["bt2020", "bt2020-10", "bt2100-pq"])
def test_wider_ones_say_how_they_are_made_all_the_same(wide):
    with pytest.raises(SinkError, match=f"PipelineSkyLine.*colorimetry={wide}"):
        check_colorimetry(wide)


@pytest.mark.parametrize(
    ("codec", "only", "colours"),
    [("mjpeg", "bt601-full", ("bt601", "full")), ("vp8", "bt601", ("bt601", "limited"))],
)
def test_what_its_standard_decides_is_nothing_else(codec, only, colours):
    assert (plan(codec).matrix, plan(codec).range) == colours
    assert plan(codec, colorimetry=only) == plan(codec)
    for other in {*get_args(Colorimetry)} - {only}:
        with pytest.raises(SinkError, match=f'"{other}", but {codec} is always "{only}"'):
            plan(codec, colorimetry=other)


@pytest.mark.parametrize("format", ["I420", "NV12"])
def test_yuv_frames_are_converted_where_the_standard_knows_but_one(format):
    hd = plan("vp8", format=format)
    assert (hd.matrix, hd.range) == ("bt709", "limited")
    assert hd.chain[1].properties["caps"] == "video/x-raw,format=I420,colorimetry=bt601"
    assert [one.factory for one in plan("vp8", format=format, height=480).chain] == ["vp8enc"]
    by_rule = plan("mjpeg", format=format)
    assert (by_rule.matrix, by_rule.range) == ("bt709", "limited")
    assert [one.factory for one in by_rule.chain[:2]] == ["videoconvert", "capsfilter"]
    assert by_rule.chain[1].properties["caps"] == "video/x-raw,format=I420,colorimetry=1:4:16:4"
    as_it_is = plan("mjpeg", format=format, colorimetry="bt601-full")
    assert [one.factory for one in as_it_is.chain] == ["jpegenc"]


def test_444_has_the_colours_that_were_asked_for():
    found = plan("h264", profile="high-4:4:4", colorimetry="bt709-full")
    assert found.chain[1].properties["caps"] == "video/x-raw,format=Y444,colorimetry=1:3:5:1"


def test_describe_says_it():
    size = {"fps": 30, "width": 64, "height": 48}
    assert ",colorimetry=bt601 !" in skyline.describe("film.mp4", **size)
    assert ",colorimetry=1:3:5:1 !" in skyline.describe("film.mp4", **size, colorimetry="bt709-full")


@pytest.mark.parametrize("name", ["film.ts", "film.avi", "film.mov"])
def test_what_nobody_could_tell_a_player_is_refused(name):
    size = {"fps": 30, "width": 64, "height": 48, "encoder": encoders.h264(element="openh264enc")}
    with pytest.raises(SinkError, match=rf'"bt709", but neither openh264enc nor {name} says it'):
        skyline.describe(name, **size, colorimetry="bt709")
    assert skyline.describe(name, **size)
    assert skyline.describe("film.mp4", **size, colorimetry="bt709")
    assert skyline.describe(name, **{**size, "encoder": encoders.h264(element="x264enc")}, colorimetry="bt709")
