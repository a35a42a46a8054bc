"""Numbers for people become exact fractions for caps."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from skyline.errors import SinkError
from skyline.framerate import as_number, exact_framerates, fraction


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        (30, (30, 1)),
        (25.0, (25, 1)),
        (29.97, (30000, 1001)),
        (30000 / 1001, (30000, 1001)),
        (23.976, (24000, 1001)),
        (23.98, (24000, 1001)),
        (59.94, (60000, 1001)),
        (119.88, (120000, 1001)),
        (7.5, (15, 2)),
        (12.5, (25, 2)),
        (0.2, (1, 5)),
        (1 / 3, (1, 3)),
        (0.001, (1, 1000)),
        (29.712, (29.712, None)),
        (Fraction(30000, 1001), (30000, 1001)),
        (Decimal("14.5"), (29, 2)),
        (np.float32(29.97), (30000, 1001)),
        (np.int64(60), (60, 1)),
        (1000, (1000, 1)),
    ],
)
def test_number_is_an_exact_fraction(fps, expected):
    numerator, denominator = fraction(fps)
    if expected[1] is None:
        assert numerator / denominator == pytest.approx(expected[0], rel=1e-6)
    else:
        assert (numerator, denominator) == expected


@pytest.mark.parametrize(
    "fps", [0, -1, -29.97, math.nan, math.inf, 1000.5, 10**9, Fraction(1, 2**33), "30", None, True, 1j, []]
)
def test_what_is_no_rate_is_refused(fps):
    with pytest.raises(SinkError, match="fps is"):
        fraction(fps)


def test_whole_rates_are_ints_for_launch_text():
    assert f"{as_number(30.0)}/1" == "30/1"
    assert isinstance(as_number(30.0), int)
    assert as_number(29.97) == 29.97
    assert as_number(Fraction(30000, 1001)) == 30000 / 1001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("framerate=29.97/1", "framerate=30000/1001"),
        ("framerate=(fraction)30.0/1 !", "framerate=(fraction)30/1 !"),
        ("framerate = 7.5/1", "framerate = 15/2"),
        ("video/x-raw,framerate=29.97 ! x", "video/x-raw,framerate=30000/1001 ! x"),
        ("a,framerate=(fraction)12.5,b", "a,framerate=(fraction)25/2,b"),
        ("framerate=59.94006/1 framerate=23.976/1", "framerate=60000/1001 framerate=24000/1001"),
        ("framerate=29.712871/1", "framerate=" + "/".join(map(str, fraction(29.712871)))),
    ],
)
def test_decimal_rates_in_a_description_become_fractions(text, expected):
    assert exact_framerates(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "framerate=30/1",
        "video/x-raw,framerate=(fraction)30000/1001",
        "kvssink framerate=25",
        "kvssink framerate=29.97 name=k",
        "framerate=[0/1,30/1]",
        "max-framerate=60/1 rate=29.97",
        "framerate=0/1",
        "",
    ],
)
def test_everything_else_in_a_description_stays(text):
    assert exact_framerates(text) == text
