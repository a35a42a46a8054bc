"""Run the suite: ``python -m benchmarks [--quick] [group …]``; ``script/bench`` installs the rivals first."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.interleaved import measure
from benchmarks.machine import machine
from benchmarks.markdown import write_page
from benchmarks.report import as_json, print_machine, print_measured, print_verdicts, write_json
from benchmarks.rival import CheckFailed, Measured
from benchmarks.targets import Target, Verdict, verdicts
from skyline import _core

GROUPS = ("push", "convert", "record", "latency", "rtsp", "interference", "scale", "footprint")


@dataclass(frozen=True)
class Options:
    """How a group of benches is to run.

    Args:
        quick: Only what the targets need, with few rounds.
        folder: For what the rivals write; emptied afterwards.
        stack: Closes workers and streams when the group is over.
    """

    quick: bool
    folder: Path
    stack: ExitStack

    def rounds(self, full: int, quick: int) -> int:
        """How many rounds."""
        return quick if self.quick else full


def run_group(name: str, quick: bool, console: Console) -> tuple[list[Measured], tuple[Target, ...]]:
    """Every bench of one group, each printed as soon as it is done."""
    module = importlib.import_module(f"benchmarks.{name}")
    found = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="skyline-bench-")))
        for bench in module.benches(Options(quick, folder, stack)):
            with console.status(bench.title) as status:
                measured = measure(bench, status.update)
            print_measured(console, measured)
            found.append(measured)
    return found, module.TARGETS


def keep(options: argparse.Namespace, about: dict[str, str], measured: list[Measured], judged: list[Verdict]) -> None:
    """Write what there is so far: a run that is ended early has not been for nothing."""
    if options.json:
        write_json(options.json, about, measured, judged)
        write_page(options.json, GROUPS)
    if options.charts:
        from benchmarks.charts import draw  # needs matplotlib

        draw(options.charts, [as_json(one) for one in measured])


def main() -> int:
    """Status 1 where a target was missed, 2 where a rival of ours did wrong work."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; all without any")
    parser.add_argument("--quick", action="store_true", help="only what the targets need, few rounds: minutes")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="write every figure there, and a page of tables")
    parser.add_argument("--charts", type=Path, metavar="FOLDER", help="draw the charts of README there")
    options = parser.parse_args()
    unknown = sorted(set(options.groups) - set(GROUPS))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    console = Console(width=None if sys.stdout.isatty() else 160)
    begin = time.monotonic()
    about = machine()
    print_machine(console, about)
    measured: list[Measured] = []
    judged: list[Verdict] = []
    went_wrong: list[str] = []
    for name in options.groups or GROUPS:
        group_begin = time.monotonic()
        try:
            found, promised = run_group(name, options.quick, console)
        except CheckFailed as error:
            console.print(f"[bold red]{name}: {error}[/bold red]")
            went_wrong.append(f"{name}: {error}")
            continue
        console.print(f"{name}: {time.monotonic() - group_begin:.0f} s\n")
        measured += found
        judged += verdicts(promised, {one.bench.key: one for one in found}, _core.simd_targets())
        keep(options, about, measured, judged)
    print_machine(console, about)
    print_verdicts(console, judged)
    console.print(f"took {(time.monotonic() - begin) / 60:.1f} minutes")
    for what in went_wrong:
        console.print(f"[bold red]went wrong: {what}[/bold red]")
    if went_wrong:
        return 2
    return 1 if any(verdict.word == "missed" for verdict in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
