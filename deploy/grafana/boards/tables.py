"""Panels that are tables: queries merged into rows, columns with their words, units and links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from boards.panels import describe, fixed, value_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boards.panels import About, Query
    from boards.words import Word


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: a label, or `Value #A` for the first query's value.

    `bar`: the colour of a bar from 0 to 1 that it is drawn as.
    """

    name: str
    title: str
    unit: str = "string"
    words: Mapping[str, Word] = field(default_factory=dict)
    width: int | None = None
    link: str | None = None
    bar: str | None = None
    decimals: int | None = None


def rows(
    about: About,
    queries: Sequence[Query],
    columns: Sequence[Column],
    sort: str | None = None,
    *,
    descending: bool = True,
) -> table.Panel:
    """A table: rows with equal labels of all the queries become one. `sort`: the title of a column."""
    panel = table.Panel()
    describe(panel, about, queries, "table")
    panel.cell_height(common.TableCellHeight.SM).show_header(True).filterable(False).no_value("无")
    panel.with_transformation(dashboard.DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(dashboard.DataTransformerConfig(id_val="organize", options=arranged(columns)))
    if sort is not None:
        panel.sort_by([options.TableSortByFieldState().display_name(sort).desc(descending)])
    for column in columns:
        panel.override_by_name(column.title, properties(column))
    return panel


def arranged(columns: Sequence[Column]) -> dict[str, object]:
    """Which columns are seen, in their order, and how they are called."""
    return {
        "excludeByName": {"Time": True},
        "indexByName": {column.name: place for place, column in enumerate(columns)},
        "renameByName": {column.name: column.title for column in columns},
    }


def properties(column: Column) -> list[DynamicConfigValue]:
    found = [DynamicConfigValue("unit", column.unit)]
    if column.decimals is not None:
        found.append(DynamicConfigValue("decimals", column.decimals))
    if column.width is not None:
        found.append(DynamicConfigValue("custom.width", column.width))
    if column.words:
        found.append(DynamicConfigValue("mappings", [value_map(column.words)]))
        found.append(DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    if column.bar is not None:
        found += [
            DynamicConfigValue("custom.cellOptions", {"type": "gauge", "mode": "basic"}),
            DynamicConfigValue("color", fixed(column.bar)),
            DynamicConfigValue("min", 0),
            DynamicConfigValue("max", 1),
        ]
    if column.link is not None:
        link = {"title": f"打开{column.title}", "url": column.link, "targetBlank": False}
        found.append(DynamicConfigValue("links", [link]))
    return found
