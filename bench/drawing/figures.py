"""A figure and bars, as HTML. Sizes in pixels."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from drawing.looks import colored, mapped, nothing, shown, unit_of
from drawing.units import said

if TYPE_CHECKING:
    from drawing.looks import Found, Shown


def figure(panel: dict[str, Any], found: Found, width: int, height: int) -> str:
    made = shown(panel, found)
    if not made:
        return nothing("—")
    first = made[0]
    defaults = panel["fieldConfig"]["defaults"]
    word = mapped(defaults.get("mappings", []), first.series.last)
    if panel["options"]["textMode"] == "name":
        text, color = first.name, first.color
    elif word is not None:
        text, color = word
    else:
        text, color = said(first.series.last, *unit_of(panel)), colored(panel, first.series.last)
    wide = sum(2 if ord(letter) > 255 else 1.1 for letter in text)
    size = max(15, min(40, height * 0.42, 1.75 * (width - 20) / wide))
    spark = sparkline(first, width, height, color) if len(first.series.points) > 1 else ""
    return f'{spark}<div class="stat" style="color:{color};font-size:{size:.0f}px">{escape(text)}</div>'


def sparkline(made: Shown, width: int, height: int, color: str) -> str:
    values = [value for _, value in made.series.points]
    low, high = min(values), max(values)
    tall, count = height * 0.34, len(values) - 1
    spread = (high - low) or 1
    dots = [
        f"{place * width / count:.1f},{height - 2 - (value - low) / spread * tall:.1f}"
        for place, value in enumerate(values)
    ]
    area = f"0,{height} {' '.join(dots)} {width},{height}"
    return (
        f'<svg class="spark" width="{width}" height="{height}">'
        f'<polygon points="{area}" fill="{color}" opacity=".16"/>'
        f'<polyline points="{" ".join(dots)}" fill="none" stroke="{color}" opacity=".8"/></svg>'
    )


def bars(panel: dict[str, Any], found: Found, height: int) -> str:
    made = shown(panel, found)
    if not made:
        return nothing("没有数据")
    unit, decimals = unit_of(panel)
    top = max(one.series.last for one in made) or 1
    tall = min(34, (height - 8) // len(made))
    name_width = max(sum(13.4 if ord(letter) > 255 else 7.5 for letter in one.name) for one in made) + 12
    rows = []
    for one in made:
        share = max(0.0, one.series.last / top)
        rows.append(
            f'<div class="bar" style="height:{tall}px">'
            f'<b style="width:{name_width:.0f}px">{escape(one.name)}</b>'
            f'<u><i style="width:{share * 100:.1f}%;background:{one.color}"></i></u>'
            f'<em style="color:{one.color}">{escape(said(one.series.last, unit, decimals))}</em></div>'
        )
    return f'<div class="bars">{"".join(rows)}</div>'
