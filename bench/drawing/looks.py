"""How a panel's series look: their names, colours, words and units, as its JSON says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boards.asking import legend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boards.asking import Asked
    from drawing.server import Series

CLASSIC = ("#73BF69", "#F2CC0C", "#8AB8FF", "#FF780A", "#F2495C", "#5794F2", "#B877D9", "#705DA0")


@dataclass(frozen=True, slots=True)
class Shown:
    """A series with its looks."""

    name: str
    color: str
    series: Series
    dashed: bool = False
    fill: float = 0.0


Found = list[tuple["Asked", "list[Series]"]]


def overrides(panel: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is special of the field of a name: property -> value."""
    return {
        found["matcher"]["options"]: {entry["id"]: entry.get("value") for entry in found["properties"]}
        for found in panel["fieldConfig"].get("overrides", [])
    }


def shown(panel: dict[str, Any], found: Found) -> list[Shown]:
    special = overrides(panel)
    made: list[Shown] = []
    fill = panel["fieldConfig"]["defaults"].get("custom", {}).get("fillOpacity", 0)
    for asked, rows in found:
        for series in rows:
            name = legend(asked, series.labels) or panel["title"]
            mine = special.get(name, {})
            color = mine.get("color", {}).get("fixedColor") or base(panel, len(made))
            area = mine.get("custom.fillOpacity", fill) / 100
            dashed = "custom.lineStyle" in mine
            made.append(Shown(mine.get("displayName", name), color, series, dashed, area))
    return made


def base(panel: dict[str, Any], place: int) -> str:
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    if panel["type"] in {"bargauge", "stat"} and steps:
        return str(steps[0]["color"])
    return CLASSIC[place % len(CLASSIC)]


def colored(panel: dict[str, Any], value: float) -> str:
    color = CLASSIC[0]
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
        if step["value"] is None or value >= step["value"]:
            color = step["color"]
    return color


def unit_of(panel: dict[str, Any]) -> tuple[str, int | None]:
    defaults = panel["fieldConfig"]["defaults"]
    return defaults["unit"], defaults.get("decimals")


def mapped(mappings: Sequence[dict[str, Any]], value: object) -> tuple[str, str] | None:
    """The word and the colour of a value, where the mappings have it."""
    key = f"{value:g}" if isinstance(value, float) else str(value)
    for mapping in mappings:
        if key in mapping["options"]:
            found = mapping["options"][key]
            return found["text"], found["color"]
    return None


def nothing(word: str) -> str:
    return f'<div class="nothing">{word}</div>'
