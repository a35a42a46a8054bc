"""Check every rival, then run them one after the other, round by round (A B C A B C …).

A shared machine drifts by tens of per cent in seconds. The ratio of two neighbours in time does not.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.rival import Bench, CheckFailed, Measured, RivalMissing

Say = Callable[[str], None]


def measure(bench: Bench, say: Say) -> Measured:
    """Check, warm up, measure. A rival that fails its check, or dies, is named and left out; ours must not."""
    measured = Measured(bench, {}, failed=dict(bench.missing))
    for rival in bench.rivals:
        say(f"{bench.key}: checking {rival.name}")
        try:
            if rival.check is not None:
                measured.checked[rival.name] = rival.check()
            rival.run()  # caches, pools and clocks are warm when the rounds begin
        except (CheckFailed, RivalMissing) as error:
            if rival.is_ours or rival.name == bench.base:
                raise
            measured.failed[rival.name] = str(error)
        else:
            measured.figures[rival.name] = []
    running = [rival for rival in bench.rivals if rival.name in measured.figures]
    for number in range(bench.rounds):
        say(f"{bench.key}: round {number + 1} of {bench.rounds}")
        for rival in running:
            measured.figures[rival.name].append(rival.run())
    return measured
