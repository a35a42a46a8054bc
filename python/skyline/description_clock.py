"""Which clock a description of the user's own runs on, where nobody said."""

import re

from skyline.encoder_plan import Clock

# Sinks that wait for nobody: what ends in these alone is a film being rendered, not a stream being watched.
_FILE_SINKS = frozenset({"filesink", "multifilesink", "splitmuxsink"})


def clock_of(description: str, wanted: Clock | None, *, has_rate: bool) -> Clock:
    """``wanted`` if given; else fixed where a rate was given and every sink writes files, as for sinks of ours.

    Args:
        description: Launch text.
        wanted: What ``clock=`` says.
        has_rate: Whether somebody gave fps; a rate that was measured belongs to frames that come by themselves.
    """
    if wanted is not None:
        return wanted
    sinks = set(re.findall(r"(?:^|!)\s*(\w*sink)\b", description))
    return "fixed" if has_rate and sinks and sinks <= _FILE_SINKS else "arrival"
