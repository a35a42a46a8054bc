"""A rate and nothing but files: that is rendering. Everything else keeps the times at which frames come."""

import pytest

from skyline.description_clock import clock_of

FILM = "appsrc ! videoconvert ! x264enc ! mp4mux ! filesink location=film.mp4"


@pytest.mark.parametrize(
    ("description", "has_rate", "expected"),
    [
        (FILM, True, "fixed"),
        (FILM, False, "arrival"),
        ("appsrc!x264enc!splitmuxsink location=a%05d.mp4", True, "fixed"),
        ("appsrc ! x264enc ! rtph264pay ! udpsink port=5000", True, "arrival"),
        ("appsrc ! tee name=t ! queue ! filesink location=a t. ! queue ! autovideosink", True, "arrival"),
        ("appsrc ! filesrc_is_no_sink", True, "arrival"),
    ],
)
def test_the_clock_nobody_named(description: str, has_rate: bool, expected: str) -> None:
    assert clock_of(description, None, has_rate=has_rate) == expected


def test_the_clock_somebody_named() -> None:
    assert clock_of(FILM, "arrival", has_rate=True) == "arrival"
    assert clock_of("appsrc ! fakesink", "fixed", has_rate=True) == "fixed"
