"""A table, as HTML: rows merged and columns arranged as the panel's transformations say."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from drawing.looks import mapped, nothing, overrides
from drawing.units import said

if TYPE_CHECKING:
    from drawing.looks import Found

Row = dict[str, Any]


def merged(found: Found) -> list[Row]:
    """Rows whose common labels are equal become one, as Grafana's merge does."""
    frames = [(f"Value #{asked.ref}", rows) for asked, rows in found if rows]
    if not frames:
        return []
    keys = set.intersection(*({name for name in rows[0].labels if name != "__name__"} for _, rows in frames))
    rows_of: dict[tuple[str, ...], Row] = {}
    for value, rows in frames:
        for series in rows:
            place = tuple(series.labels.get(key, "") for key in sorted(keys))
            row = rows_of.setdefault(place, {})
            row.update(series.labels)
            row[value] = series.last
    return list(rows_of.values())


def table(panel: dict[str, Any], found: Found, height: int) -> str:
    arranged = next(found["options"] for found in panel["transformations"] if found["id"] == "organize")
    names = sorted(arranged["indexByName"], key=arranged["indexByName"].__getitem__)
    titles, special = arranged["renameByName"], overrides(panel)
    rows = ordered(panel, merged(found), {title: name for name, title in titles.items()})
    if not rows:
        return nothing("无")
    fit = (height - 30) // 29
    head = "".join(f"<th{width_of(special, titles[name])}>{escape(titles[name])}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(cell(row.get(name), special.get(titles[name], {})) for name in names) + "</tr>"
        for row in rows[:fit]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def ordered(panel: dict[str, Any], rows: list[Row], names: dict[str, str]) -> list[Row]:
    for sort in panel["options"].get("sortBy", []):
        name = names[sort["displayName"]]
        there = [row for row in rows if row.get(name) is not None]
        there.sort(key=lambda row: row[name], reverse=sort["desc"])
        rows = there + [row for row in rows if row.get(name) is None]
    return rows


def width_of(special: dict[str, dict[str, Any]], title: str) -> str:
    width = special.get(title, {}).get("custom.width")
    return f' style="width:{width}px"' if width else ""


def cell(value: object, looks: dict[str, Any]) -> str:
    if value is None:
        return "<td></td>"
    unit, decimals = looks.get("unit", "string"), looks.get("decimals")
    word = mapped(looks.get("mappings", []), value)
    if word is not None:
        return f'<td style="color:{word[1]}">{escape(word[0])}</td>'
    if not isinstance(value, float):
        link = ' class="link"' if "links" in looks else ""
        return f"<td{link}>{escape(str(value))}</td>"
    text = escape(said(value, unit, decimals))
    if looks.get("custom.cellOptions", {}).get("type") == "gauge":
        color = looks["color"]["fixedColor"]
        return (
            f'<td><div class="gauge"><u><i style="width:{value * 100:.0f}%;background:{color}"></i></u>'
            f"<em>{text}</em></div></td>"
        )
    return f'<td class="number">{text}</td>'
