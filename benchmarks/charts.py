"""README's charts, light and dark, from the figures of a run: ``python -m benchmarks.charts RESULTS FOLDER``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl

from benchmarks import record_h264
from benchmarks.convert_rivals import COPY, COPY_OF_RESULT
from benchmarks.rival import Spread

mpl.use("svg")  # before pyplot: no display is needed
from matplotlib import pyplot as plt


@dataclass(frozen=True)
class Theme:
    """Colours that read on GitHub's page of that kind."""

    name: str
    text: str
    faint: str
    ours: str
    theirs: str


THEMES = (
    Theme("light", text="#1f2328", faint="#d1d9e0", ours="#0969da", theirs="#8c959f"),
    Theme("dark", text="#e6edf3", faint="#30363d", ours="#4493f8", theirs="#6e7681"),
)


@dataclass(frozen=True)
class Chart:
    """One bench as bars.

    Args:
        key: Of the bench.
        title: Above it.
        label: Under the axis: what one unit of length is.
        base: The rival that bars are in units of.
        is_gain: Draws base / rival, so that longer is better, where the bench counts seconds.
        logarithmic: For figures that lie decades apart.
    """

    key: str
    title: str
    label: str
    base: str
    is_gain: bool = False
    logarithmic: bool = False


_MEMCPYS = "memcpys of the BGR frame: less is better"

CHARTS = (
    Chart(
        "record-h264-1080p",
        "A Python loop writes 1080p BGR frames to an H.264 MP4",
        "times the frames per second of cv2.VideoWriter, the same options of x264 (ffmpegcv: its own)",
        base=record_h264.CV2,
        is_gain=True,
    ),
    Chart("push-1080p", "What the caller pays to push a 1080p BGR frame", _MEMCPYS, base="memcpy", logarithmic=True),
    Chart("convert-bgr-i420-cold", "1080p BGR to I420, one thread", _MEMCPYS, base=COPY, logarithmic=True),
    Chart("convert-i420-bgr-cold", "1080p I420 to BGR, one thread", _MEMCPYS, base=COPY_OF_RESULT, logarithmic=True),
)


_ERROR = {"lw": 0.8}


@dataclass(frozen=True)
class Bar:
    """One rival: its median ratio with 10th and 90th percentile."""

    name: str
    median: float
    low: float
    high: float
    is_ours: bool


def bars_of(chart: Chart, document: dict[str, Any]) -> list[Bar]:
    """Best first."""
    rows = document["rows"]
    base = next(row["figures"] for row in rows if row["name"] == chart.base)
    bars = []
    for row in rows:
        pairs = zip(row["figures"], base, strict=True)
        spread = Spread.of([theirs / own if chart.is_gain else own / theirs for own, theirs in pairs])
        bars.append(Bar(row["name"], spread.median, spread.low, spread.high, row["is_ours"]))
    return sorted(bars, key=lambda bar: bar.median, reverse=chart.is_gain or document["better"] == "more")


def draw_one(chart: Chart, bars: list[Bar], theme: Theme, path: Path) -> None:
    """One chart in one theme, with the text left as text."""
    colours = [theme.ours if bar.is_ours else theme.theirs for bar in bars]
    style = {"svg.fonttype": "none", "svg.hashsalt": chart.key, "font.family": "sans-serif", "font.size": 11}
    with mpl.rc_context({**style, "text.color": theme.text, "axes.labelcolor": theme.text, "xtick.color": theme.text}):
        figure, axes = plt.subplots(figsize=(8.6, 0.9 + 0.34 * len(bars)), layout="constrained")
        places = range(len(bars))
        spread = [[bar.median - bar.low for bar in bars], [bar.high - bar.median for bar in bars]]
        medians = [bar.median for bar in bars]
        if chart.logarithmic:  # dots: a bar's length would depend on where the axis happens to begin
            axes.errorbar(medians, places, xerr=spread, fmt="none", ecolor=theme.text, lw=0.8, zorder=2)
            axes.scatter(medians, places, s=90, color=colours, zorder=3)
        else:
            axes.barh(
                places, medians, color=colours, height=0.66, xerr=spread, error_kw=_ERROR | {"ecolor": theme.text}
            )
        axes.set_yticks(places, [bar.name for bar in bars])
        for tick, bar in zip(axes.get_yticklabels(), bars, strict=True):
            tick.set_color(theme.text)
            tick.set_fontweight("bold" if bar.is_ours else "normal")
        for place, bar in zip(places, bars, strict=True):
            text = f"{bar.median:.3g}"
            axes.annotate(text, (bar.high, place), (5, 0), textcoords="offset points", va="center", color=theme.text)
        if chart.logarithmic:
            axes.set_xscale("log")
        axes.margins(x=0.1)
        axes.invert_yaxis()
        figure.suptitle(chart.title, x=0.01, ha="left", fontweight="bold")
        figure.supxlabel(chart.label, x=0.01, ha="left", fontsize="medium")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.grid(axis="x", color=theme.faint, lw=0.8)
        axes.set_axisbelow(True)
        figure.savefig(path, transparent=True, metadata={"Date": None})
        plt.close(figure)


def draw(folder: Path, documents: Iterable[dict[str, Any]]) -> list[Path]:
    """Every chart whose bench is among the documents; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    by_key = {document["key"]: document for document in documents}
    written = []
    for chart in CHARTS:
        if chart.key not in by_key:
            continue
        bars = bars_of(chart, by_key[chart.key])
        for theme in THEMES:
            path = folder / f"chart-{chart.key}-{theme.name}.svg"
            draw_one(chart, bars, theme, path)
            written.append(path)
    return written


def main(results: str, folder: str) -> None:
    """Draw again what a run has written."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(results).glob("*.json"))]
    for path in draw(Path(folder), [document for document in documents if "rows" in document]):
        print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
