"""Which codec goes into which container, and what stands before the muxer."""

import pytest

from skyline.containers import CONTAINERS, check_codec, container_of, muxer_chain
from skyline.errors import SinkError

PAIRS = [(container, codec) for container in CONTAINERS.values() for codec in container.codecs]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".ts", ".avi"])
def test_a_suffix_is_a_container_in_any_case(suffix):
    assert container_of(suffix) is container_of(suffix.upper())


@pytest.mark.parametrize("suffix", ["", ".mpg", ".h264", ".mp4 "])
def test_any_other_suffix_names_those_there_are(suffix):
    with pytest.raises(SinkError, match=r"\.mp4 \.mov \.mkv \.webm \.ts \.avi"):
        container_of(suffix)


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=lambda one: one.suffix)
def test_the_default_codec_goes_in(container):
    check_codec(container, container.default_codec)
    assert container.default_codec == ("vp8" if container.suffix == ".webm" else "h264")


def test_a_wrong_pair_names_what_goes_together():
    with pytest.raises(SinkError, match=r"ffv1 does not go into \.mp4, which takes h264, .*; ffv1 goes into \.mkv"):
        check_codec(container_of(".mp4"), "ffv1")


@pytest.mark.parametrize(("container", "codec"), PAIRS, ids=lambda one: getattr(one, "suffix", one))
def test_the_muxer_comes_last_with_a_parser_or_the_media_type_before_it(container, codec):
    before, muxer = muxer_chain(container, codec, has_fixed_rate=True)
    assert muxer.factory == container.muxer
    parsers = {"h264": "h264parse", "h265": "h265parse", "vp9": "vp9parse", "av1": "av1parse"}
    media = {"vp8": "video/x-vp8", "mjpeg": "image/jpeg", "ffv1": "video/x-ffv"}
    assert before.factory == parsers.get(codec, "capsfilter")
    assert before.properties.get("caps") == media.get(codec)


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_mp4_survives_a_crash_and_ends_as_an_ordinary_file(suffix):
    muxer = muxer_chain(container_of(suffix), "h264", has_fixed_rate=True)[-1]
    assert muxer.properties["fragment-mode"] == "first-moov-then-finalise"
    assert muxer.properties["fragment-duration"] == 250


def test_a_variable_rate_gets_a_fine_timescale_in_mp4():
    assert "trak-timescale" not in muxer_chain(container_of(".mp4"), "h264", has_fixed_rate=True)[-1].properties
    assert muxer_chain(container_of(".mp4"), "h264", has_fixed_rate=False)[-1].properties["trak-timescale"] == 90_000


def test_avi_says_that_it_needs_a_rate_and_what_does_not():
    with pytest.raises(SinkError, match=r"\.avi .*fixed frame rate.*fps=.*\.mp4"):
        muxer_chain(container_of(".avi"), "h264", has_fixed_rate=False)
