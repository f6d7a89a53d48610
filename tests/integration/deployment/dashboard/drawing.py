"""Panels as a picture: plain rectangles where the dashboard has them, with what Prometheus answered."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.deployment.dashboard.panels import Panel
from tests.integration.deployment.dashboard.prometheus import Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_UNIT_INCHES = 0.36
_COLUMNS = 24
_PAPER, _PANEL, _INK, _FAINT = "#f2f3f5", "#ffffff", "#24292e", "#7b8087"
_COLOURS = ("#2f7ed8", "#e07b28", "#3a9d5d", "#b03a6f", "#7a5bc7", "#8a6d3b")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one panel shows."""

    panel: Panel
    lines: tuple[tuple[str, Series], ...]
    """Each with its name in the legend."""
    why_empty: str = ""


def draw(answers: Sequence[Answer], path: Path, *, start: float, caption: str) -> None:
    """Write a PNG; needs matplotlib."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib.figure import Figure

    rows = max(answer.panel.place["y"] + answer.panel.place["h"] for answer in answers)
    figure = Figure(figsize=(_COLUMNS * 0.62, (rows + 2) * _UNIT_INCHES), dpi=100, facecolor=_PAPER)
    for answer in answers:
        _panel(figure, answer, rows + 2, start)
    figure.text(0.008, 0.5 / (rows + 2), caption, color=_FAINT, fontsize=9, va="center")
    figure.savefig(path)


def _panel(figure: "Figure", answer: Answer, rows: int, start: float) -> None:
    from matplotlib.patches import Rectangle

    place = answer.panel.place
    left, width = place["x"] / _COLUMNS, place["w"] / _COLUMNS
    height = place["h"] / rows
    bottom = 1 - (place["y"] + place["h"]) / rows
    gap_x, gap_y = 0.004, 0.12 / rows
    figure.add_artist(
        Rectangle(
            (left + gap_x, bottom + gap_y),
            width - 2 * gap_x,
            height - 2 * gap_y,
            facecolor=_PANEL,
            zorder=-1,
            edgecolor="#d8dbdf",
            linewidth=0.8,
        )
    )
    figure.text(
        left + 3 * gap_x,
        bottom + height - 0.75 / rows,
        answer.panel.title,
        color=_INK,
        fontsize=10,
        weight="bold",
        va="center",
    )
    inside = (left + 0.034, bottom + 1.9 / rows, width - 0.046, height - 3.2 / rows)
    if not answer.lines:
        _nothing(figure, inside, answer.why_empty)
    elif answer.panel.kind == "stat":
        _number(figure, (left + gap_x, bottom + 2 * gap_y, width - 2 * gap_x, height), answer, rows)
    else:
        _lines(figure, inside, answer, start)


def _nothing(figure: "Figure", inside: tuple[float, ...], why: str) -> None:
    left, bottom, width, height = inside
    figure.text(
        left + width / 2, bottom + height / 2, f"no data: {why}", color=_FAINT, fontsize=10, ha="center"
    )


def _number(figure: "Figure", inside: tuple[float, ...], answer: Answer, rows: int) -> None:
    """The last value, over a small picture of those before it."""
    left, bottom, width, height = inside
    ((_, series),) = answer.lines
    times, values = zip(*series.points, strict=True)
    axes = figure.add_axes((left, bottom, width, height * 0.34), facecolor="none")
    axes.fill_between(times, values, color=_COLOURS[0], alpha=0.18, linewidth=0)
    axes.plot(times, values, color=_COLOURS[0], linewidth=1)
    axes.set_ylim(0, max(1, *values) * 1.05)
    axes.margins(x=0)
    axes.axis("off")
    last = next(value for value in reversed(values) if not math.isnan(value))
    figure.text(
        left + width / 2,
        bottom + height - 2.05 / rows,
        _written(last, answer.panel.unit),
        color=_INK,
        fontsize=22,
        ha="center",
        va="center",
    )


def _lines(figure: "Figure", inside: tuple[float, ...], answer: Answer, start: float) -> None:
    left, bottom, width, height = inside
    second = bool(answer.panel.on_the_right)
    axes = figure.add_axes((left, bottom, width - 0.018 * second, height), facecolor="none")
    if answer.panel.stacked:
        _stack(axes, answer, start)
    else:
        right = axes.twinx() if second else axes
        for (name, series), colour in zip(answer.lines, _COLOURS, strict=False):
            is_right = name in answer.panel.on_the_right
            _line(right if is_right else axes, name, series, colour, start, shaded=not is_right)
        if second:
            _axes(right, answer.panel)
            right.grid(visible=False)
    _axes(axes, answer.panel)
    _legend(axes, answer.panel)


def _line(axes: "Axes", name: str, series: Series, colour: str, start: float, *, shaded: bool) -> None:
    minutes = [(when - start) / 60 for when, _ in series.points]
    values = [value for _, value in series.points]
    axes.plot(minutes, values, color=colour, linewidth=1.3, label=name)
    if shaded:
        axes.fill_between(minutes, values, color=colour, alpha=0.12, linewidth=0)


def _legend(axes: "Axes", panel: Panel) -> None:
    """Below, of all lines, on whichever axis they are read."""
    all_axes = [each for each in axes.figure.axes if each.get_position().bounds == axes.get_position().bounds]
    handles = [handle for each in all_axes for handle in each.get_legend_handles_labels()[0]]
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.02, -0.9 / (panel.place["h"] - 3.2)),
        ncols=6,
        fontsize=8,
        frameon=False,
        handlelength=1.2,
        columnspacing=1.2,
        labelcolor=_INK,
        borderpad=0,
    )


def _stack(axes: "Axes", answer: Answer, start: float) -> None:
    """Series begin and end when their pods do: where one has no value it adds nothing."""
    times = sorted({when for _, series in answer.lines for when, _ in series.points})
    known: list[Mapping[float, float]] = [dict(series.points) for _, series in answer.lines]
    axes.stackplot(
        [(when - start) / 60 for when in times],
        [[values.get(when, 0.0) for when in times] for values in known],
        labels=[name for name, _ in answer.lines],
        colors=_COLOURS,
        alpha=0.65,
        linewidth=0,
    )


def _axes(axes: "Axes", panel: Panel) -> None:
    axes.margins(x=0)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0, top=1.15 * max(1, axes.dataLim.ymax))
    axes.grid(visible=True, color="#e6e8eb", linewidth=0.7)
    axes.tick_params(labelsize=8, colors=_FAINT, length=0)
    axes.locator_params(axis="y", nbins=5, integer=panel.unit == "short")
    axes.xaxis.set_major_formatter(lambda value, _position: f"{value:g} min")
    axes.yaxis.set_major_formatter(lambda value, _position: _written(value, panel.unit))
    spines: Any = axes.spines
    for side in ("top", "right", "left"):
        spines[side].set_visible(False)
    spines["bottom"].set_color("#d8dbdf")


def _written(value: float, unit: str) -> str:
    if unit == "bytes":
        return f"{value / 2**30:.1f} GiB"
    text = f"{value:.0f}" if value == round(value) or value >= 100 else f"{value:.3g}"
    return f"{text} ms" if unit == "ms" else text
