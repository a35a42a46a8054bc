"""Chooses the element that encodes: the first candidate that does it on this machine.

Being installed proves nothing (a driver may be missing, a session limit reached), so each is tried with the
chain that would run. Results are kept for the life of the process.
"""

import logging
import os
import threading
from collections.abc import Iterable

from skyline import _core
from skyline.colorimetry import Colorimetry
from skyline.core_values import element_specs
from skyline.encoder_plan import Clock, EncoderPlan, plan_encoder
from skyline.encoder_row import EncoderRow
from skyline.encoder_table import rows
from skyline.encoders import Encoder
from skyline.errors import MissingElementError, PipelineError, SinkError, SkyLineError
from skyline.packages import install_line

_logger = logging.getLogger("skyline.encoders")

_RANKS = {"NONE": 0, "MARGINAL": 64, "SECONDARY": 128, "PRIMARY": 256, "MAX": 2**31 - 1}
_TRIAL_SIZE = (320, 240)

_Key = tuple[Encoder, str, str, Clock, Colorimetry | None, str]
_results: dict[_Key, SkyLineError | None] = {}
_lock = threading.Lock()  # guards _results; held during a trial, so that two streams do not try the same twice


def choose_row(encoder: Encoder, *, format: str, clock: Clock, colorimetry: Colorimetry | None = None) -> EncoderRow:
    """The first row that truly encodes frames of this format.

    Raises:
        SinkError: No candidate has a property that was asked for, or a profile.
        MissingElementError: None is installed.
        PipelineError: Some are installed and none works; the error of the last.
    """
    errors: list[SkyLineError] = []
    for row in candidates(encoder):
        error = _try(encoder, row, format, clock, colorimetry)
        if error is None:
            _logger.info("encoder for %s: %s", encoder.codec, row.factory)
            return row
        _logger.debug("encoder for %s: not %s, because: %s", encoder.codec, row.factory, error)
        errors.append(error)
    raise _most_telling(encoder, errors)


def first_installed_row(encoder: Encoder) -> EncoderRow:
    """The first row whose element is installed, else the first at all; nothing is tried."""
    found = candidates(encoder) or rows(encoder.codec, encoder.element)
    return next((row for row in found if _core.find_element(row.factory) is not None), found[0])


def candidates(encoder: Encoder) -> tuple[EncoderRow, ...]:
    """The rows to try, in order. ``GST_PLUGIN_FEATURE_RANK`` vetoes with NONE and prefers above PRIMARY."""
    found = rows(encoder.codec, encoder.element)
    if encoder.element is not None:
        return found
    ranks = ranks_of(os.environ.get("GST_PLUGIN_FEATURE_RANK", ""))
    allowed = [row for row in found if ranks.get(row.factory, 1) > 0]
    return tuple(sorted(allowed, key=lambda row: -max(ranks.get(row.factory, 0), _RANKS["PRIMARY"])))


def ranks_of(text: str) -> dict[str, int]:
    """Read ``x264enc:NONE,openh264enc:300``; what cannot be read is left out, as GStreamer does."""
    ranks = {}
    for entry in text.split(","):
        name, _, value = entry.strip().partition(":")
        word = value.strip().upper()
        if word in _RANKS:
            ranks[name.strip()] = _RANKS[word]
        elif word.isdecimal():
            ranks[name.strip()] = int(word)
    return ranks


def _try(
    encoder: Encoder, row: EncoderRow, format: str, clock: Clock, colorimetry: Colorimetry | None
) -> SkyLineError | None:
    key = (encoder, row.factory, format, clock, colorimetry, os.environ.get("GST_PLUGIN_FEATURE_RANK", ""))
    with _lock:
        if key not in _results:
            _results[key] = _trial(encoder, row, format, clock, colorimetry)
        return _results[key]


def _trial(
    encoder: Encoder, row: EncoderRow, format: str, clock: Clock, colorimetry: Colorimetry | None
) -> SkyLineError | None:
    width, height = _TRIAL_SIZE
    try:
        plan: EncoderPlan = plan_encoder(
            encoder, row, format=format, width=width, height=height, fps=None, clock=clock, colorimetry=colorimetry
        )
        _core.trial_encode(element_specs(plan.chain), plan.encoder_format, width=width, height=height)
    except SkyLineError as error:
        return error
    return None


def _most_telling(encoder: Encoder, errors: Iterable[SkyLineError]) -> SkyLineError:
    found = list(errors)
    # What was asked for wrongly says more than what is missing.
    for kind in (SinkError, PipelineError):
        telling = [error for error in found if isinstance(error, kind)]
        if telling:
            return telling[0 if kind is SinkError else -1]
    missing = [error.element for error in found if isinstance(error, MissingElementError)]
    every = [row.factory for row in rows(encoder.codec, encoder.element)]
    named = " or ".join(missing or every)
    if not missing and found:
        return found[-1]
    message = f"no element encodes {encoder.codec} on this machine; one of these would: {named}"
    if not found:
        message = f"GST_PLUGIN_FEATURE_RANK vetoes every element for {encoder.codec}: {named}"
    element = (missing or every)[0]
    return MissingElementError(element, install_line(element) if missing else "", message)
