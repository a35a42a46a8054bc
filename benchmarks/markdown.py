"""The tables of the figures in a folder as a page, its ``README.md``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]


def documents_in(folder: Path, groups: Iterable[str]) -> list[Document]:
    """Every bench that a run has written there, in the order of the groups."""
    order = {name: number for number, name in enumerate(groups)}
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    benches = [document for document in found if "rows" in document]
    return sorted(benches, key=lambda document: (order.get(document["key"].split("-")[0], len(order)), document["key"]))


def write_page(folder: Path, groups: Iterable[str]) -> None:
    """Promises first, then every bench. What an earlier run has left of other groups stays."""
    targets = json.loads((folder / "targets.json").read_text(encoding="utf-8"))["targets"]
    benches = documents_in(folder, groups)
    lines = [
        "# Figures",
        "",
        "Written by `script/bench`. Medians of paired ratios, 10th to 90th percentile in brackets.",
        "",
    ]
    for machine, keys in _machines(benches).items():
        lines += [f"{' · '.join(sorted({key.split('-')[0] for key in keys}))}: {machine}", ""]
    lines += [*_promises(targets), ""]
    for bench in benches:
        lines += [*_bench(bench), ""]
    (folder / "README.md").write_text("\n".join(lines), encoding="utf-8")


def _machines(benches: Iterable[Document]) -> dict[str, list[str]]:
    """What was measured on what: the keys of its benches by machine, in words."""
    machines: dict[str, list[str]] = {}
    for bench in benches:
        text = "; ".join(f"{label} {text}" for label, text in bench["machine"].items() if label != "load before")
        machines.setdefault(text, []).append(bench["key"])
    return machines


def _spread(spread: Mapping[str, float] | None) -> str:
    if spread is None:
        return ""
    return f"{spread['median']:.2f} [{spread['low']:.2f}–{spread['high']:.2f}]"


def _promises(targets: Iterable[Document]) -> Iterator[str]:
    yield "| work | measured | target | moonshot | |"
    yield "|---|---|---|---|---|"
    for target in targets:
        limits = f"{target['sign']} {target['limit']:g} | {target['sign']} {target['moonshot']:g}"
        yield f"| {target['work']} | {_spread(target['figure'])} | {limits} | {target['verdict']} |"


def _bench(bench: Document) -> Iterator[str]:
    yield f"## {bench['title']}"
    yield ""
    yield f"{bench['rounds']} rounds; {bench['better']} is better."
    yield ""
    yield f"| rival | {bench['unit']} | × {bench['base']} | checked | settings |"
    yield "|---|---|---|---|---|"
    for row in bench["rows"]:
        name = f"**{row['name']}**" if row["is_ours"] else row["name"]
        settings = row["settings"].replace("|", "\\|")
        yield f"| {name} | {row['median']:.4g} | {_spread(row['ratio'])} | {row['checked']} | {settings} |"
    for name, reason in bench["not_measured"].items():
        yield f"| {name} | | | not measured: {reason} | |"
