"""The tables of a run as a page, ``results/README.md``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from benchmarks.rival import Measured
from benchmarks.targets import Verdict


def write_page(
    path: Path, machine: Mapping[str, str], measured: Iterable[Measured], verdicts: Iterable[Verdict]
) -> None:
    """Promises first, then every bench."""
    lines = [
        "# Figures",
        "",
        f"Written by `script/bench`, {dt.datetime.now(dt.timezone.utc):%Y-%m-%d}.",
        "",
    ]
    lines += ["| machine | |", "|---|---|", *(f"| {label} | {text} |" for label, text in machine.items()), ""]
    lines += ["Medians of paired ratios, 10th to 90th percentile in brackets.", ""]
    lines += [*_promises(verdicts), ""]
    for one in measured:
        lines += [*_bench(one), ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def _promises(verdicts: Iterable[Verdict]) -> Iterator[str]:
    yield "| work | measured | target | moonshot | |"
    yield "|---|---|---|---|---|"
    for verdict in verdicts:
        target, figure = verdict.target, verdict.figure
        limits = f"{target.sign} {target.limit:g} | {target.sign} {target.moonshot:g}"
        yield f"| {target.work} | {'' if figure is None else figure} | {limits} | {verdict.word} |"


def _bench(measured: Measured) -> Iterator[str]:
    bench = measured.bench
    yield f"## {bench.title}"
    yield ""
    yield f"{bench.rounds} rounds; {bench.better} is better."
    yield ""
    yield f"| rival | {bench.unit} | × {bench.base} | checked | settings |"
    yield "|---|---|---|---|---|"
    for rival in bench.rivals:
        if rival.name not in measured.figures:
            continue
        name = f"**{rival.name}**" if rival.is_ours else rival.name
        ratio = measured.ratio(rival.name, bench.base) if bench.base in measured.figures else ""
        seen, settings = measured.checked.get(rival.name, ""), rival.settings.replace("|", "\\|")
        yield f"| {name} | {measured.spread(rival.name).median:.4g} | {ratio} | {seen} | {settings} |"
    for name, reason in measured.failed.items():
        yield f"| {name} | | | not measured: {reason} | |"
