"""Frame rates: numbers for people, exact fractions for caps."""

import math
import re
from decimal import Decimal
from fractions import Fraction
from numbers import Rational

from skyline.errors import SinkError

Fps = int | float | Fraction | Decimal

MAX_FPS = 1000
_LARGEST_TERM = 2**31 - 1  # a fraction in caps is two C ints
_NTSC_BASES = (12, 15, 24, 30, 48, 60, 90, 120, 240)
_NTSC_ROUNDING = 0.006  # people write 23.98 for 24000/1001
_LARGEST_DENOMINATOR = 1001


def fraction(fps: Fps) -> tuple[int, int]:
    """The exact rate that a number stands for, as numerator and denominator.

    29.97 is 30000/1001, likewise 23.976, 59.94 and 119.88; 7.5 is 15/2. A ``Fraction`` is taken as it is.

    Raises:
        SinkError: Not a number, not above 0, or above 1000.
    """
    exact = _exact(fps)
    if exact > MAX_FPS or exact <= 0 or max(exact.numerator, exact.denominator) > _LARGEST_TERM:
        msg = f"fps is {fps}, expected more than 0 and at most {MAX_FPS}"
        raise SinkError(msg)
    return exact.numerator, exact.denominator


def _exact(fps: Fps) -> Fraction:
    if isinstance(fps, (bool, str, bytes)):
        msg = f"fps is {fps!r}, expected a number or a Fraction"
        raise SinkError(msg)
    if isinstance(fps, Rational):
        return Fraction(int(fps.numerator), int(fps.denominator))
    try:
        value = float(fps)
    except (TypeError, ValueError) as error:
        msg = f"fps is {fps!r}, expected a number or a Fraction"
        raise SinkError(msg) from error
    if not math.isfinite(value) or value <= 0:
        msg = f"fps is {fps}, expected more than 0 and at most {MAX_FPS}"
        raise SinkError(msg)
    nearest = round(value)
    if nearest and abs(value - nearest) < 1e-6 * nearest:
        return Fraction(nearest)
    for base in _NTSC_BASES:
        if abs(value - base * 1000 / 1001) < _NTSC_ROUNDING:
            return Fraction(base * 1000, 1001)
    if value < 1:  # a slow rate is exact in its interval: 0.2 fps is 5 s
        return 1 / Fraction(1 / value).limit_denominator(_LARGEST_DENOMINATOR)
    return Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)


def as_number(fps: Fps) -> float:
    """The rate for people: an int where it is whole, so that ``{fps}/1`` in a description stays right."""
    numerator, denominator = fraction(fps)
    return numerator if denominator == 1 else float(fps)


# A rate in caps: after "framerate=", perhaps a type, with a decimal point and perhaps a denominator.
_DECIMAL_RATE = re.compile(
    r"(?P<head>\bframerate\s*=\s*(?:\(\s*(?:fraction|GstFraction)\s*\)\s*)?)"
    r"(?P<rate>\d*\.\d+|\d+\.)(?:\s*/\s*(?P<divisor>\d+(?:\.\d*)?))?(?![\d.])"
)


def exact_framerates(description: str) -> str:
    """Rewrite ``framerate=29.97/1``, which GStreamer cannot read, as ``framerate=30000/1001``.

    Whole numbers and everything else stay as they are. A decimal rate without a denominator is rewritten
    only where it stands in caps: the ``framerate`` property of an element may well be a plain number.
    """

    def rewrite(match: re.Match[str]) -> str:
        divisor = match["divisor"]
        in_caps = description[: match.start()].rstrip().endswith(",") or "(" in match["head"]
        if (divisor is None and not in_caps) or float(match["rate"]) == 0:
            return match[0]
        rate = float(match["rate"]) / float(divisor or 1) if float(divisor or 1) else math.inf
        numerator, denominator = fraction(rate)
        return f"{match['head']}{numerator}/{denominator}"

    return _DECIMAL_RATE.sub(rewrite, description)
