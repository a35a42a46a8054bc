"""Encoder values, the table, and the elements that come of them. Nothing runs here."""

import copy
import math
import pickle

import pytest

from skyline import encoders
from skyline.encoder_choice import candidates, ranks_of
from skyline.encoder_plan import FORMATS, plan_encoder
from skyline.encoder_table import TABLE, rows
from skyline.errors import SinkError

ALL = ("h264", "h265", "vp8", "vp9", "av1", "mjpeg", "ffv1")
CLOCKS = ("arrival", "fixed")


def plan(encoder, row=None, **given):
    row = row or rows(encoder.codec, encoder.element)[0]
    frames = {"format": "BGR", "width": 1920, "height": 1080, "fps": (30, 1), "clock": "arrival", **given}
    return plan_encoder(encoder, row, **frames)


def element(found, factory):
    return next(one for one in found.chain if one.factory == factory)


def everything(one):
    return {**one.if_supported, **one.properties}


@pytest.mark.parametrize("codec", ALL)
def test_values_compare_hash_and_pickle(codec):
    make = getattr(encoders, codec)
    one, other = make(keyframe_s=1, properties={"a": 1}), make(keyframe_s=1, properties={"a": 1})
    assert one == other
    assert hash(one) == hash(other)
    assert one != make(keyframe_s=1, properties={"a": 2})
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
    assert one.codec == codec


def test_values_cannot_be_changed_through_what_they_were_made_of():
    given = {"threads": 2}
    encoder = encoders.h264(properties=given)
    given["threads"] = 8
    assert encoder.properties["threads"] == 2
    with pytest.raises(TypeError):
        encoder.properties["threads"] = 8  # type: ignore[index]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"bitrate_kbps": 0}, "bitrate_kbps is 0"),
        ({"bitrate_kbps": "4M"}, "bitrate_kbps is '4M'"),
        ({"bitrate_kbps": math.nan}, "bitrate_kbps is nan"),
        ({"keyframe_s": -1}, "keyframe_s is -1"),
        ({"keyframe_s": None}, "keyframe_s is None"),
        ({"latency": "low"}, 'expected "live" or "quality"'),
    ],
)
def test_wrong_values_are_refused_when_they_are_made(wrong, words):
    with pytest.raises(SinkError, match=words):
        encoders.h264(**wrong)


@pytest.mark.parametrize("codec", ["mjpeg", "ffv1"])
def test_what_has_no_bitrate_says_what_to_set_instead(codec):
    with pytest.raises(SinkError, match="has no bitrate; set instead"):
        getattr(encoders, codec)(bitrate_kbps=1000)


def test_every_row_is_reachable_and_every_codec_has_one():
    assert {row.codec for row in TABLE} == set(ALL)
    for row in TABLE:
        assert rows(row.codec, row.factory) == (row,)


def test_an_element_that_is_not_in_the_table_is_refused_with_those_that_are():
    with pytest.raises(SinkError, match=r"'lavenc'.*known: x264enc, openh264enc"):
        rows("h264", "lavenc")


@pytest.mark.parametrize("fps", [(30, 1), (30000, 1001), (1, 5), None])
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.factory)
def test_every_row_is_set_up_for_every_frame(row, format, clock, fps):
    found = plan(encoders.Encoder(row.codec), row, format=format, clock=clock, fps=fps)
    assert row.factory in [one.factory for one in found.chain]
    assert found.encoder_format in FORMATS
    assert found.keyframe_ns == (0 if clock == "fixed" and row.keyframe else 2_000_000_000)


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("row", [row for row in TABLE if row.bitrate], ids=lambda row: row.factory)
def test_the_bitrate_is_in_the_unit_of_the_element(row, clock):
    name, bits = row.bitrate
    chain = plan(encoders.Encoder(row.codec, bitrate_kbps=4000), row, clock=clock)
    assert element(chain, row.factory).properties[name] * bits == 4_000_000


def test_without_a_bitrate_it_follows_the_picture():
    def live(**given):
        return element(plan(encoders.h264(), **given), "x264enc").properties["bitrate"]

    assert live() == round(0.09 * 1920 * 1080 * 30 / 1000)
    assert live(fps=(60, 1)) == pytest.approx(2 * live(), abs=1)
    assert live(fps=None) == live()
    assert live(width=64, height=64, fps=(1, 1)) == 200


def test_quality_without_a_bitrate_is_constant_quality():
    properties = element(plan(encoders.h264(), clock="fixed"), "x264enc").properties
    assert (properties["pass"], properties["quantizer"]) == ("qual", 21)
    assert properties["vbv-buf-capacity"] == 0  # else x264enc's default bitrate is a ceiling
    assert "bitrate" not in properties
    asked = element(plan(encoders.h264(bitrate_kbps=900), clock="fixed"), "x264enc").properties
    assert asked["bitrate"] == 900
    assert "pass" not in asked


def test_latency_follows_the_clock_unless_it_is_asked_for():
    assert element(plan(encoders.h264(), clock="arrival"), "x264enc").properties["tune"] == "zerolatency"
    assert "tune" not in element(plan(encoders.h264(), clock="fixed"), "x264enc").properties
    asked = plan(encoders.h264(latency="live"), clock="fixed")
    assert element(asked, "x264enc").properties["tune"] == "zerolatency"


def test_quality_with_x264_holds_at_most_thirteen_frames():
    properties = element(plan(encoders.h264(), clock="fixed"), "x264enc").properties
    held = properties["rc-lookahead"] + properties["sync-lookahead"] + properties["bframes"] + properties["threads"] - 1
    assert held <= 13


@pytest.mark.parametrize("latency", encoders.LATENCIES)
@pytest.mark.parametrize(
    ("factory", "name", "value"),
    [
        ("x264enc", "bframes", 0),
        ("vp8enc", "lag-in-frames", 0),
        ("vp9enc", "lag-in-frames", 0),
        ("av1enc", "lag-in-frames", 0),
        ("vp8enc", "auto-alt-ref", False),
        ("vp9enc", "auto-alt-ref", False),
        ("openh264enc", "enable-frame-skip", False),
    ],
)
def test_what_holds_frames_back_or_reorders_is_off_by_name(factory, name, value, latency):
    row = next(row for row in TABLE if row.factory == factory)
    assert element(plan(encoders.Encoder(row.codec, latency=latency), row), factory).properties[name] == value


@pytest.mark.parametrize("latency", encoders.LATENCIES)
def test_x265_makes_no_b_frames_and_closed_groups(latency):
    options = str(element(plan(encoders.h265(latency=latency)), "x265enc").properties["option-string"]).split(":")
    assert {"bframes=0", "open-gop=0"} <= set(options)


@pytest.mark.parametrize(
    ("width", "height", "fps", "level"),
    [
        (320, 240, (30, 1), "4"),
        (1920, 1080, (30, 1), "4"),
        (1920, 1080, (60, 1), "4.1"),
        (3840, 2160, (30, 1), "5"),
        (3840, 2160, (60, 1), "5.1"),
        (7680, 4320, (60, 1), "6.1"),
    ],
)
def test_x265_has_a_level_that_does_not_follow_the_bitrate(width, height, fps, level):
    for clock in CLOCKS:
        found = plan(encoders.h265(), width=width, height=height, fps=fps, clock=clock)
        assert str(element(found, "x265enc").properties["option-string"]).endswith(f":level-idc={level}")
    huge = plan(encoders.h265(), width=32_000, height=32_000)
    assert "level-idc" not in str(element(huge, "x265enc").properties["option-string"])


@pytest.mark.parametrize("latency", encoders.LATENCIES)
def test_av1enc_never_has_the_quantizer_that_aborts_the_process(latency):
    assert element(plan(encoders.av1(latency=latency)), "av1enc").properties["max-quantizer"] > 0


@pytest.mark.parametrize(
    ("fps", "keyframe_s", "expected"),
    [((30, 1), 2.0, 60), ((30000, 1001), 2.0, 60), ((25, 2), 1.0, 13), ((1, 5), 2.0, 1), ((60, 1), 0.001, 1)],
)
def test_the_key_frame_distance_is_in_seconds(fps, keyframe_s, expected):
    found = plan(encoders.h264(keyframe_s=keyframe_s), fps=fps)
    assert element(found, "x264enc").properties["key-int-max"] == expected
    assert found.keyframe_ns == round(keyframe_s * 1e9)


def test_without_a_rate_key_frames_are_asked_for_by_time():
    assert element(plan(encoders.h264(), fps=None), "x264enc").properties["key-int-max"] >= 1 << 30
    # av1enc does not listen, so it counts as if there were 30 frames a second.
    assert element(plan(encoders.av1(), fps=None), "av1enc").properties["keyframe-max-dist"] == 60


def test_users_properties_win():
    found = plan(encoders.vp9(bitrate_kbps=500, properties={"row-mt": False, "target-bitrate": 7, "own": "x"}))
    one = element(found, "vp9enc")
    assert one.properties["target-bitrate"] == 7
    assert one.properties["own"] == "x"
    assert everything(one)["row-mt"] is False
    assert "row-mt" not in one.if_supported


@pytest.mark.parametrize("format", FORMATS)
def test_h264_is_always_420_with_a_profile_that_browsers_play(format):
    for clock in CLOCKS:
        for row in rows("h264"):
            found = plan(encoders.h264(), row, format=format, clock=clock)
            assert found.encoder_format in ("I420", "NV12")
            caps = [one.properties["caps"] for one in found.chain if one.factory == "capsfilter"]
            assert f"video/x-h264,profile={'high' if clock == 'fixed' else 'constrained-baseline'}" in caps


def test_nv12_frames_go_in_as_they_are_where_the_encoder_takes_them():
    assert plan(encoders.h264(), format="NV12").encoder_format == "NV12"
    assert plan(encoders.vp9(), format="NV12").encoder_format == "I420"


def test_444_is_made_only_where_it_is_asked_for():
    found = plan(encoders.h264(profile="high-4:4:4"))
    assert [one.factory for one in found.chain[:3]] == ["videoconvert", "capsfilter", "x264enc"]
    assert found.chain[1].properties["caps"] == "video/x-raw,format=Y444,colorimetry=bt709"
    assert found.encoder_format == "BGR"


@pytest.mark.parametrize("profile", ["high-4:4:4", "nonsense", "high,width=1", ""])
def test_profiles_an_element_does_not_have_are_refused_with_those_it_has(profile):
    row = rows("h264", "openh264enc")[0]
    if not profile:
        assert plan(encoders.h264(profile=profile), row)
        return
    with pytest.raises(SinkError, match="constrained-baseline"):
        plan(encoders.h264(profile=profile), row)


@pytest.mark.parametrize(("height", "matrix"), [(480, "bt601"), (576, "bt601"), (577, "bt709"), (1080, "bt709")])
def test_hd_is_bt709_and_sd_bt601(height, matrix):
    assert plan(encoders.h264(), height=height).matrix == matrix


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("BGR", "BGRA"),
        ("RGB", "BGRA"),
        ("RGBA", "BGRA"),
        ("BGRx", "BGRA"),
        ("RGBx", "BGRA"),
        ("GRAY8", "GRAY8"),
        ("GRAY16_LE", "GRAY16_LE"),
        ("NV12", "I420"),
    ],
)
def test_ffv1_gets_what_it_keeps_bit_by_bit(format, expected):
    assert plan(encoders.ffv1(), format=format).encoder_format == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["x264enc", "openh264enc"]),
        ("x264enc:NONE", ["openh264enc"]),
        ("x264enc:0", ["openh264enc"]),
        ("openh264enc:MAX", ["openh264enc", "x264enc"]),
        ("openh264enc:300, x264enc:257", ["openh264enc", "x264enc"]),
        ("openh264enc:PRIMARY", ["x264enc", "openh264enc"]),
        ("x264enc:NONE,openh264enc:NONE", []),
        ("nonsense,,x264enc:what", ["x264enc", "openh264enc"]),
    ],
)
def test_the_rank_variable_vetoes_and_prefers(text, expected, monkeypatch):
    monkeypatch.setenv("GST_PLUGIN_FEATURE_RANK", text)
    assert [row.factory for row in candidates(encoders.h264())] == expected


def test_an_element_that_was_asked_for_is_not_vetoed(monkeypatch):
    monkeypatch.setenv("GST_PLUGIN_FEATURE_RANK", "x264enc:NONE")
    assert [row.factory for row in candidates(encoders.h264(element="x264enc"))] == ["x264enc"]


def test_ranks_are_names_or_numbers():
    assert ranks_of("a:NONE, b:max,c:17,d,e:x") == {"a": 0, "b": 2**31 - 1, "c": 17}
