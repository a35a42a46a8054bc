"""Tables for people and JSON for whoever wants to compute."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.rival import Measured
from benchmarks.targets import Verdict

_COLOURS = {"moonshot": "bold green", "met": "green", "missed": "bold red", "not measured": "yellow"}


def print_machine(console: Console, machine: dict[str, str]) -> None:
    """What it all ran on."""
    table = Table(title="machine", show_header=False, title_justify="left")
    for label, text in machine.items():
        table.add_row(label, text)
    console.print(table)


def print_measured(console: Console, measured: Measured) -> None:
    """One bench: figures, ratios to its base, what was checked, how each rival was set up."""
    bench = measured.bench
    table = Table(title=f"{bench.title}  ({bench.rounds} rounds)", title_justify="left")
    for header, justify in (
        ("rival", "left"),
        (bench.unit, "right"),
        (f"x {bench.base}", "right"),
        ("checked", "left"),
    ):
        table.add_column(header, justify=justify)  # type: ignore[arg-type]
    for rival in bench.rivals:
        if rival.name in measured.figures:
            name = f"[bold]{rival.name}[/bold]" if rival.is_ours else rival.name
            ratio = str(measured.ratio(rival.name, bench.base)) if bench.base in measured.figures else ""
            figure = f"{measured.spread(rival.name).median:.4g}"
            table.add_row(name, figure, ratio, measured.checked.get(rival.name, ""))
    for name, reason in measured.failed.items():
        table.add_row(f"[yellow]{name}[/yellow]", "", "", f"[yellow]not measured: {reason}[/yellow]")
    console.print(table)
    for rival in bench.rivals:
        if rival.settings:
            console.print(f"  [dim]{rival.name}: {rival.settings}[/dim]", highlight=False)


def print_verdicts(console: Console, verdicts: Iterable[Verdict]) -> None:
    """The table of promises."""
    table = Table(title="targets (medians of paired ratios, 10th–90th percentile)", title_justify="left")
    for header in ("work", "measured", "target", "moonshot", ""):
        table.add_column(header)
    for verdict in verdicts:
        target = verdict.target
        colour = _COLOURS.get(verdict.word, "dim")
        table.add_row(
            target.work,
            "" if verdict.figure is None else str(verdict.figure),
            f"{target.sign} {target.limit:g}",
            f"{target.sign} {target.moonshot:g}",
            f"[{colour}]{verdict.word}[/{colour}]",
        )
    console.print(table)


def as_json(measured: Measured) -> dict[str, Any]:
    """All figures of a bench, round by round."""
    bench = measured.bench
    rows = [
        {
            "name": rival.name,
            "settings": rival.settings,
            "is_ours": rival.is_ours,
            "checked": measured.checked.get(rival.name, ""),
            "figures": measured.figures[rival.name],
            "median": measured.spread(rival.name).median,
            "ratio": asdict(measured.ratio(rival.name, bench.base)) if bench.base in measured.figures else None,
        }
        for rival in bench.rivals
        if rival.name in measured.figures
    ]
    return {
        "key": bench.key,
        "title": bench.title,
        "unit": bench.unit,
        "better": bench.better,
        "base": bench.base,
        "rounds": bench.rounds,
        "rows": rows,
        "not_measured": measured.failed,
    }


def write_json(
    folder: Path, machine: dict[str, str], measured: Iterable[Measured], verdicts: Iterable[Verdict]
) -> None:
    """One file per bench, and ``targets.json``, where the rows of benches that did not run stay."""
    folder.mkdir(parents=True, exist_ok=True)
    ran = set()
    for one in measured:
        ran.add(one.bench.key)
        _write(folder / f"{one.bench.key}.json", {"machine": machine, **as_json(one)})
    rows = [
        {
            **asdict(verdict.target),
            "sign": verdict.target.sign,
            "figure": None if verdict.figure is None else asdict(verdict.figure),
            "verdict": verdict.word,
        }
        for verdict in verdicts
    ]
    path = folder / "targets.json"
    before = json.loads(path.read_text(encoding="utf-8"))["targets"] if path.exists() else []
    _write(path, {"targets": [*(row for row in before if row["bench"] not in ran), *rows]})


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
