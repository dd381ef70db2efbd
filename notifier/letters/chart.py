"""The curves of one machine as a vector graphic: CPU, memory, disk beside each other, without any text.

Units are points. A letter sets the text around it (notifier/letters/typst/letter.typ), in its own fonts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from notifier.content import Chart, Figure

WIDTH, HEIGHT = 442.0, 63.0  # of the graphic: the text block of GB/T 9704 is 156 mm = 442 pt wide
PANEL, GAP, MARGIN = 112.0, 36.0, 20.0  # width of a panel, between two, left of the first
TOP, TALL = 6.0, 56.0  # of a panel: below the marks of witnesses; its height
PANELS: tuple[Literal["cpu", "memory", "disk"], ...] = ("cpu", "memory", "disk")


@dataclass(frozen=True, slots=True)
class Mark:
    """What the deciding rule says about one panel."""

    thresholds: tuple[int, ...]  # percent
    witnesses: tuple[date, ...]


def marks(figures: Sequence[Figure]) -> dict[str, Mark]:
    """The thresholds and witnesses by resource; a resource without a figure has neither."""
    return {
        panel: Mark(
            tuple(dict.fromkeys(figure.threshold for figure in figures if figure.resource == panel)),
            tuple(day for figure in figures if figure.resource == panel for day in figure.witnesses),
        )
        for panel in PANELS
    }


def svg(chart: Chart, figures: Sequence[Figure]) -> str:
    """An SVG of WIDTH x HEIGHT points: frame, grid, curve with gaps, thresholds, witness days."""
    ruled = marks(figures)
    panels = "".join(
        f'<g transform="translate({MARGIN + place * (PANEL + GAP):g} {TOP:g})">'
        f"{panel(chart.since, getattr(chart, name), ruled[name])}</g>"
        for place, name in enumerate(PANELS)
    )
    size = f'width="{WIDTH:g}" height="{HEIGHT:g}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{panels}</svg>'


def panel(since: date, values: Sequence[float | None], mark: Mark) -> str:
    grid = "".join(f"M0 {height(percent)}H{PANEL:g}" for percent in (25, 50, 75))
    lines = "".join(f"M0 {height(threshold)}H{PANEL:g}" for threshold in mark.thresholds)
    places = ((day - since).days for day in mark.witnesses)
    witnesses = [across(len(values))[place] for place in places if 0 <= place < len(values)]
    flags = "".join(f"M{x} {-TOP:g}m-2 0h4l-2 4zM{x} -2V{TALL:g}" for x in witnesses)
    return (
        f'<path d="{grid}" stroke="#ddd" stroke-width=".4" fill="none"/>'
        f'<path d="M0 0H{PANEL:g}V{TALL:g}H0z" stroke="#888" stroke-width=".5" fill="none"/>'
        + stroke(flags, "#1f5fa8", ".5", ' fill="#1f5fa8"')
        + stroke(lines, "#c00", ".7", ' stroke-dasharray="3 2" fill="none"')
        + stroke(curve(values), "#111", ".8", ' stroke-linejoin="round" stroke-linecap="round" fill="none"')
    )


def stroke(path: str, colour: str, width: str, more: str) -> str:
    return f'<path d="{path}" stroke="{colour}" stroke-width="{width}"{more}/>' if path else ""


def curve(values: Sequence[float | None]) -> str:
    """A line through every run of measured days; a day alone is a dot."""
    path, drawing = [], False
    for x, value in zip(across(len(values)), values, strict=True):
        if value is not None:
            path.append(f"L{x} {height(value)}" if drawing else f"M{x} {height(value)}h.01")
        drawing = value is not None
    return "".join(path)


@lru_cache(maxsize=32)
def across(days: int) -> tuple[str, ...]:
    """Where each day stands: the middle of its share of the panel."""
    return tuple(f"{PANEL * (day + 0.5) / days:.1f}" for day in range(days))


def height(percent: float) -> str:
    """0 % at the bottom, 100 % at the top; what lies outside is drawn on the edge."""
    if not 0 <= percent <= 100:
        percent = 0 if percent < 0 else 100
    return f"{TALL / 100 * (100 - percent):.1f}"
