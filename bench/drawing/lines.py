"""Lines and states over time, as SVG. Sizes in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from drawing.looks import nothing, shown, unit_of
from drawing.units import ZONE, said

if TYPE_CHECKING:
    from drawing.looks import Found, Shown

GRID = "#2c3036"
LEFT, BOTTOM, TOP = 66, 22, 8
NAMES = 90  # pixels left of states
GAP = 3  # steps without a point after which a line ends


@dataclass(frozen=True, slots=True)
class Axes:
    """Where a time and a value lie."""

    begin: float
    end: float
    low: float
    high: float
    width: int
    height: int
    left: int = LEFT

    def x(self, at: float) -> float:
        share = (at - self.begin) / (self.end - self.begin)
        return self.left + share * (self.width - self.left - 10)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.height - BOTTOM - share * (self.height - BOTTOM - TOP)


def lines(panel: dict[str, Any], found: Found, width: int, height: int, window: tuple[float, float]) -> str:
    made = [one for one in shown(panel, found) if one.series.points]
    if not made:
        return nothing("没有数据")
    custom = panel["fieldConfig"]["defaults"]["custom"]
    stacked = custom.get("stacking", {}).get("mode") == "normal"
    stepped = custom.get("lineInterpolation") == "stepAfter"
    tall = height - 24
    layers = stack(made) if stacked else [(one, one.series.points, None) for one in made]
    values = [value for _, points, _ in layers for _, value in points]
    axes = Axes(*window, *bounds(panel, values), width, tall)
    whole = all(value.is_integer() for value in values)
    drawn = "".join(layer(one, points, under, axes, stepped=stepped) for one, points, under in layers)
    keys = "".join(f'<span><i style="background:{one.color}"></i>{escape(one.name)}</span>' for one in made)
    picture = f'<svg width="{width}" height="{tall}">{scale(panel, axes, whole=whole)}{drawn}</svg>'
    return f'{picture}<div class="keys">{keys}</div>'


Points = list[tuple[float, float]]


def stack(made: list[Shown]) -> list[tuple[Shown, Points, Points]]:
    """Each series on top of those before; where it is not, it counts nothing."""
    below: dict[float, float] = {at: 0.0 for one in made for at, _ in one.series.points}
    layers = []
    for one in made:
        under = [(at, below[at]) for at, _ in one.series.points]
        over = [(at, below[at] + value) for at, value in one.series.points]
        below.update(over)
        layers.append((one, over, under))
    return layers[::-1]


def bounds(panel: dict[str, Any], values: list[float]) -> tuple[float, float]:
    defaults = panel["fieldConfig"]["defaults"]
    low = defaults.get("min", min(values))
    high = defaults.get("max", max(values))
    if high <= low:
        high = low + 1
    if "max" not in defaults:
        high += (high - low) * 0.05
    if "min" not in defaults:
        low -= (high - low) * 0.05
    return low, high


def layer(one: Shown, points: Points, under: Points | None, axes: Axes, *, stepped: bool) -> str:
    drawn = []
    for run in runs(points):
        line = path(run, axes, stepped=stepped)
        if one.fill:
            drawn.append(area(one, run, under, axes, stepped=stepped))
        dash = ' stroke-dasharray="7 5"' if one.dashed else ""
        drawn.append(
            f'<polyline points="{line}" fill="none" stroke="{one.color}" stroke-width="1.6"'
            f' stroke-linejoin="round"{dash}/>'
        )
    return "".join(drawn)


def area(one: Shown, run: Points, under: Points | None, axes: Axes, *, stepped: bool) -> str:
    floor = dict(under or ())
    base_line = [(at, floor.get(at, max(axes.low, 0.0))) for at, _ in run]
    back = path(base_line, axes, stepped=stepped).split()[::-1]
    return (
        f'<polygon points="{path(run, axes, stepped=stepped)} {" ".join(back)}" '
        f'fill="{one.color}" opacity="{one.fill:.2f}"/>'
    )


def runs(points: Points) -> list[Points]:
    """The points between gaps."""
    steps = [after[0] - before[0] for before, after in pairwise(points)]
    if not steps:
        return [points]
    limit, found = min(steps) * GAP, [[points[0]]]
    for step, point in zip(steps, points[1:], strict=True):
        if step > limit:
            found.append([])
        found[-1].append(point)
    return found


def path(run: Points, axes: Axes, *, stepped: bool) -> str:
    dots: list[str] = []
    before = None
    for at, value in run:
        if stepped and before is not None:
            dots.append(f"{axes.x(at):.1f},{axes.y(before):.1f}")
        dots.append(f"{axes.x(at):.1f},{axes.y(value):.1f}")
        before = value
    return " ".join(dots)


def scale(panel: dict[str, Any], axes: Axes, *, whole: bool) -> str:
    unit, decimals = unit_of(panel)
    drawn = []
    for value in nice(axes, whole=whole and unit == "short", binary=unit == "bytes"):
        y = axes.y(value)
        drawn.append(f'<line x1="{LEFT}" x2="{axes.width - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        word = escape(said(value, unit, decimals))
        drawn.append(f'<text x="{LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{word}</text>')
    for at, word in moments(axes):
        x = axes.x(at)
        drawn.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{axes.height - BOTTOM}" stroke="{GRID}"/>'
        )
        drawn.append(f'<text x="{x:.1f}" y="{axes.height - 6}" text-anchor="middle">{word}</text>')
    return "".join(drawn)


def nice(axes: Axes, *, whole: bool, binary: bool) -> list[float]:
    """Round values of the axis; `whole`: whole numbers, `binary`: powers of two apart."""
    raw = (axes.high - axes.low) / max(2, axes.height // 42)
    power = 2.0 ** math.floor(math.log2(raw)) if binary else 10.0 ** math.floor(math.log10(raw))
    factors = (1, 2) if binary else (1, 2, 2.5, 5, 10)
    step = power * next(factor for factor in factors if power * factor >= raw)
    step = max(step, 1.0) if whole else step
    first, last = math.ceil(axes.low / step - 1e-9), math.floor(axes.high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def moments(axes: Axes) -> list[tuple[float, str]]:
    """Round times of the axis, in the office's zone."""
    span = axes.end - axes.begin
    wanted = span / max(3, (axes.width - LEFT) // 85)
    choices = (1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 345600, 604800)
    step = next((length for length in choices if length >= wanted), choices[-1])
    offset = 8 * 3600
    first = math.ceil((axes.begin + offset) / step) * step - offset
    form = "%m-%d" if step >= 86400 else "%H:%M"
    times = range(int(first), int(axes.end - span * 0.01), step)
    return [
        (at, datetime.fromtimestamp(at, UTC).astimezone(ZONE).strftime(form))
        for at in times
        if axes.x(at) > axes.left + 12 and axes.x(at) < axes.width - 26
    ]


def states(panel: dict[str, Any], found: Found, width: int, height: int, window: tuple[float, float]) -> str:
    made = [one for one in shown(panel, found) if one.series.points]
    if not made:
        return nothing("没有数据")
    axes = Axes(*window, 0, 1, width, height, NAMES)
    tall = (height - BOTTOM - TOP) / len(made)
    drawn = []
    for row, one in enumerate(made):
        y = TOP + row * tall
        drawn.append(f'<text x="{NAMES - 10}" y="{y + tall / 2 + 4:.1f}" text-anchor="end">{one.name}</text>')
        for run in runs(one.series.points):
            x, end = axes.x(run[0][0]), axes.x(run[-1][0])
            drawn.append(
                f'<rect x="{x:.1f}" y="{y + tall * 0.1:.1f}" width="{max(2, end - x):.1f}" '
                f'height="{tall * 0.8:.1f}" fill="{one.color}" opacity=".85" rx="2"/>'
            )
    times = "".join(
        f'<text x="{axes.x(at):.1f}" y="{height - 5}" text-anchor="middle">{word}</text>'
        for at, word in moments(axes)
    )
    return f'<svg width="{width}" height="{height}">{"".join(drawn)}{times}</svg>'
