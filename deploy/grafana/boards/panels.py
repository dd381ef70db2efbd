"""Panels: a figure, lines over time, bars, states over time; all of them ask `$datasource`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from grafana_foundation_sdk.builders import bargauge, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import dashboard as parts
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from boards.words import BLUE, GREEN, RED, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
REFS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL; `legend` names the series, with {{label}} for a label's value."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What stands on a panel: its title, what it says, the unit of its values."""

    title: str
    description: str
    unit: str
    decimals: int | None = None
    span: tuple[float | None, float | None] = (None, None)  # least and greatest value of the axis


class Overridable(Protocol):
    def override_by_name(self, name: str, properties: list[DynamicConfigValue]) -> object: ...


class Described(Protocol):
    def title(self, title: str) -> object: ...
    def description(self, description: str) -> object: ...
    def datasource(self, datasource: common.DataSourceRef) -> object: ...
    def unit(self, unit: str) -> object: ...
    def decimals(self, decimals: float) -> object: ...
    def min(self, min_val: float) -> object: ...
    def max(self, max_val: float) -> object: ...
    def with_target(self, target: Dataquery) -> object: ...


def describe(panel: Described, about: About, queries: Sequence[Query], how: str) -> None:
    """`how`: range (over the time shown), instant, or table (instant, as rows)."""
    panel.title(about.title)
    panel.description(about.description)
    panel.datasource(SOURCE)
    panel.unit(about.unit)
    if about.decimals is not None:
        panel.decimals(about.decimals)
    least, greatest = about.span
    if least is not None:
        panel.min(least)
    if greatest is not None:
        panel.max(greatest)
    for ref, query in zip(REFS, queries, strict=False):
        panel.with_target(target(ref, query, how))


def target(ref: str, query: Query, how: str) -> Dataquery:
    made = Dataquery().ref_id(ref).expr(query.expr).legend_format(query.legend or "__auto").datasource(SOURCE)
    if how == "range":
        return made.range()
    return made.instant().format(PromQueryFormat.TABLE if how == "table" else PromQueryFormat.TIME_SERIES)


def steps(*marks: tuple[float, str], base: str = GREEN) -> parts.ThresholdsConfig:
    """Colours from marks upwards; `base` below the first."""
    made = [dashboard.Threshold(None, base), *(dashboard.Threshold(value, color) for value, color in marks)]
    return parts.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(made)


def fixed(color: str) -> dict[str, str]:
    return {"mode": "fixed", "fixedColor": color}


def name_series(panel: Overridable, words: Mapping[str, Word]) -> None:
    """Series named by a label's value get its word and its colour."""
    for value, word in words.items():
        named = DynamicConfigValue("displayName", word.text)
        panel.override_by_name(value, [named, DynamicConfigValue("color", fixed(word.color))])


def value_map(words: Mapping[str, Word]) -> dashboard.ValueMap:
    return dashboard.ValueMap(
        {
            value: dashboard.ValueMappingResult(text=word.text, color=word.color, index=place)
            for place, (value, word) in enumerate(words.items())
        }
    )


def figure(
    about: About,
    query: Query,
    colors: parts.ThresholdsConfig | None = None,
    *,
    says: Mapping[str, Word] | None = None,
    trend: bool = False,
    name: bool = False,
) -> stat.Panel:
    """One number. `says`: words for values; `trend`: its way over time below it; `name`: the series' name
    instead of its value.
    """
    panel = stat.Panel()
    describe(panel, about, [query], "range" if trend else "instant")
    panel.thresholds(colors or steps(base=BLUE)).color_mode(common.BigValueColorMode.VALUE)
    panel.graph_mode(common.BigValueGraphMode.AREA if trend else common.BigValueGraphMode.NONE)
    panel.text_mode(common.BigValueTextMode.NAME if name else common.BigValueTextMode.VALUE)
    panel.reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    panel.justify_mode(common.BigValueJustifyMode.AUTO).no_value("—")
    if says and name:
        name_series(panel, says)
    elif says:
        panel.mappings([value_map(says)])
    return panel


def lines(
    about: About,
    queries: Sequence[Query],
    words: Mapping[str, Word] | None = None,
    *,
    stacked: bool = False,
    stepped: bool = False,
) -> timeseries.Panel:
    """Lines over time; `stacked` areas; `stepped` for what changes at a moment."""
    panel = timeseries.Panel()
    describe(panel, about, queries, "range")
    panel.line_width(1 if stacked else 2).fill_opacity(55 if stacked else 8)
    panel.show_points(common.VisibilityMode.NEVER).span_nulls(False)
    panel.line_interpolation(
        common.LineInterpolation.STEP_AFTER if stepped else common.LineInterpolation.LINEAR
    )
    if stacked:
        panel.stacking(options.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
    legend = options.VizLegendOptions().show_legend(True).placement(common.LegendPlacement.BOTTOM)
    panel.legend(legend.display_mode(common.LegendDisplayMode.LIST).calcs([]))
    shown = options.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    panel.tooltip(shown.sort(common.SortOrder.DESCENDING))
    name_series(panel, words or {})
    return panel


def limit(panel: timeseries.Panel, name: str, color: str = RED) -> timeseries.Panel:
    """The series `name` is a limit: a dashed line without area."""
    return panel.override_by_name(
        name,
        [
            DynamicConfigValue("color", fixed(color)),
            DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [8, 6]}),
            DynamicConfigValue("custom.lineWidth", 1.5),
            DynamicConfigValue("custom.fillOpacity", 0),
            DynamicConfigValue("custom.stacking", {"mode": "none", "group": "A"}),
        ],
    )


def bars(
    about: About, queries: Sequence[Query], words: Mapping[str, Word] | None = None, color: str = BLUE
) -> bargauge.Panel:
    """A bar for each series, the newest values beside each other."""
    panel = bargauge.Panel()
    describe(panel, about, queries, "instant")
    panel.thresholds(steps(base=color)).orientation(common.VizOrientation.HORIZONTAL)
    panel.display_mode(common.BarGaugeDisplayMode.BASIC).value_mode(common.BarGaugeValueMode.TEXT)
    panel.reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    panel.name_placement(common.BarGaugeNamePlacement.LEFT).show_unfilled(True).no_value("—")
    name_series(panel, words or {})
    return panel


def states(about: About, queries: Sequence[Query], words: Mapping[str, Word]) -> statetimeline.Panel:
    """A band for each series, drawn while it has a value."""
    panel = statetimeline.Panel()
    describe(panel, about, queries, "range")
    panel.show_value(common.VisibilityMode.NEVER).row_height(0.8).fill_opacity(85).merge_values(True)
    panel.legend(options.VizLegendOptions().show_legend(False).placement(common.LegendPlacement.BOTTOM))
    name_series(panel, words)
    return panel
