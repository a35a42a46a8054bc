"""Which property is the target, in which unit, and when it means nothing. Nothing runs here."""

from typing import Any

import pytest

from skyline.bitrate import change_target, check_can_change, only_encoder, settle_level, target_kbps
from skyline.encoder_table import TABLE
from skyline.errors import SinkError

ROWS = {row.factory: row for row in TABLE}


class StandIn:
    """An element that writes down what it was told."""

    def __init__(self, factory, **properties):
        self.factory = factory
        self.name = f"{factory}0"
        self.properties = {name.replace("_", "-"): value for name, value in properties.items()}
        self.changes = {}

    def property(self, name):
        return self.properties.get(name)

    def change(self, name, value):
        self.changes[name] = value


def running_one(factory, **properties) -> Any:
    return StandIn(factory, **properties)


@pytest.mark.parametrize(
    ("factory", "expected"),
    [
        ("x264enc", {"bitrate": 1500}),
        ("x265enc", {"bitrate": 1500}),
        ("openh264enc", {"bitrate": 1_500_000}),
        ("vp8enc", {"target-bitrate": 1_500_000}),
        ("vp9enc", {"target-bitrate": 1_500_000}),
        ("av1enc", {"target-bitrate": 1500}),
    ],
)
def test_each_element_has_its_property_and_unit(factory, expected):
    running = running_one(factory)
    change_target(running, ROWS[factory], 1500)
    assert running.changes == expected
    assert target_kbps(ROWS[factory], expected.get) == 1500


def test_a_target_is_never_nothing():
    running = running_one("x264enc")
    change_target(running, ROWS["x264enc"], 0.01)
    assert running.changes == {"bitrate": 1}


@pytest.mark.parametrize(
    ("factory", "properties"),
    [
        ("x264enc", {"pass": "qual"}),
        ("x264enc", {"pass": "quant"}),
        ("x265enc", {"option-string": "bframes=0:crf=25"}),
        ("x265enc", {"option-string": "crf=25:bframes=0"}),
        ("x265enc", {"option-string": "qp=30"}),
        ("x265enc", {"qp": "30"}),
        ("vp8enc", {"end-usage": "cq"}),
        ("vp9enc", {"end-usage": "cq"}),
        ("av1enc", {"end-usage": "q"}),
        ("openh264enc", {"rate-control": "off"}),
    ],
)
def test_constant_quality_is_seen(factory, properties):
    row = ROWS[factory]
    with pytest.raises(SinkError, match="constant quality"):
        check_can_change(row, properties.get)
    assert target_kbps(row, {**properties, (row.bitrate or ("", 0))[0]: 900}.get) is None


@pytest.mark.parametrize(
    ("factory", "properties"),
    [
        ("x264enc", {"pass": "cbr"}),
        ("x264enc", {"pass": "pass1"}),
        ("x265enc", {"option-string": "bframes=0:aq-mode=2", "qp": "-1"}),
        ("x265enc", {"option-string": "crf-max=40"}),
        ("vp8enc", {"end-usage": "cbr"}),
        ("av1enc", {"end-usage": "cq"}),
        ("openh264enc", {"rate-control": "quality"}),
    ],
)
def test_and_nothing_else_is_taken_for_it(factory, properties):
    check_can_change(ROWS[factory], properties.get)


@pytest.mark.parametrize("factory", ["jpegenc", "avenc_ffv1"])
def test_without_a_target_it_says_what_to_set(factory):
    with pytest.raises(SinkError, match="has no bitrate; set instead"):
        check_can_change(ROWS[factory], {}.get)


def test_a_target_above_a_ceiling_is_refused():
    running = running_one("openh264enc", max_bitrate="1000000")
    with pytest.raises(SinkError, match="kbps is 2000, but max-bitrate of openh264enc0 is 1000000"):
        change_target(running, ROWS["openh264enc"], 2000)
    assert running.changes == {}


def test_a_level_with_room_is_settled_where_it_would_follow_the_target():
    row = ROWS["openh264enc"]
    running = running_one("openh264enc", max_bitrate="0")
    assert settle_level(running, row, 500)
    assert running.changes == {"max-bitrate": 50_000_000}
    assert settle_level(running, row, 40_000)
    assert running.changes == {"max-bitrate": 80_000_000}
    assert not settle_level(running_one("openh264enc", max_bitrate="9000"), row, 500)
    assert settle_level(running_one("x265enc", option_string="level-idc=4:bframes=0"), ROWS["x265enc"], 500)
    assert not settle_level(running_one("x265enc", option_string=""), ROWS["x265enc"], 500)
    assert settle_level(running_one("x264enc"), ROWS["x264enc"], 500)


def test_the_one_element_with_a_target_is_found():
    x264, jpeg, other = running_one("x264enc"), running_one("jpegenc"), running_one("theoraenc")
    assert only_encoder([x264]) == (x264, ROWS["x264enc"])
    assert only_encoder([jpeg, x264, other]) == (x264, ROWS["x264enc"])
    assert only_encoder([jpeg]) == (jpeg, ROWS["jpegenc"])


@pytest.mark.parametrize(
    ("factories", "words"),
    [
        ([], "nothing encodes"),
        (["theoraenc"], r"theoraenc0 \(theoraenc\): not known .* x264enc, "),
        (["x264enc", "vp8enc"], r"several .*x264enc0 \(x264enc\), vp8enc0 \(vp8enc\)"),
    ],
)
def test_none_or_several_are_named(factories, words):
    with pytest.raises(SinkError, match=words):
        only_encoder([running_one(factory) for factory in factories])
