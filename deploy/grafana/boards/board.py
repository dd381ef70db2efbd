"""A dashboard's frame: variables, links to the others, panels in bands on the grid of 24 columns.

The classic model of dashboards, which every Grafana from 10 on reads; the newer one needs 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.models import dashboard

from boards.panels import SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.builders import bargauge, stat, statetimeline, table, timeseries

    Panel = stat.Panel | timeseries.Panel | bargauge.Panel | table.Panel | statetimeline.Panel

TAG = "rightsizer"
CITY, DEPARTMENT, MACHINE, NOTICES, SERVICE = (
    f"rightsizer-{name}" for name in ("city", "department", "machine", "notices", "service")
)
INFO = "rightsizer_machine_info"
TO_MACHINE = f"/d/{MACHINE}?var-machine=${{__value.raw}}&${{datasource:queryparam}}&${{__url_time_range}}"
TO_DEPARTMENT = (
    f"/d/{DEPARTMENT}?var-department=${{__value.raw}}&${{datasource:queryparam}}&${{__url_time_range}}"
)


@dataclass(frozen=True, slots=True)
class Band:
    """Panels beside each other, each with its width; `title` begins a row of the dashboard."""

    height: int
    panels: Sequence[tuple[int, Panel]]
    title: str | None = None


def board(uid: str, title: str, description: str, hours: int = 24) -> Dashboard:
    """An empty dashboard that shows the last `hours`, with a link to each of the others."""
    link = DashboardLink("云主机核减").type(dashboard.DashboardLinkType.DASHBOARDS).tags([TAG])
    return (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .timezone("browser")
        .time(f"now-{hours}h", "now")
        .refresh("1m")
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .link(link.as_dropdown(False).include_vars(True).keep_time(True).icon("dashboard").placement(""))
        .with_variable(DatasourceVariable("datasource").label("数据源").type("prometheus"))
    )


def department(*, all_of_them: bool) -> QueryVariable:
    """`$department`: one of the inventory's departments, or all of them."""
    variable = chosen("department", "部门", f"label_values({INFO}, department)")
    return variable.include_all(all_of_them).all_value(".*") if all_of_them else variable


def machine() -> QueryVariable:
    """`$machine`: a machine of the chosen department."""
    return chosen("machine", "云主机", f'label_values({INFO}{{department=~"$department"}}, machine)')


def chosen(name: str, label: str, query: str) -> QueryVariable:
    made = QueryVariable(name).label(label).datasource(SOURCE).definition(query)
    made = made.query({"query": query, "refId": f"variable-{name}"})
    return made.refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(
        dashboard.VariableSort.ALPHABETICAL_ASC
    )


def arrange(made: Dashboard, bands: Sequence[Band]) -> Dashboard:
    """Puts the bands below each other."""
    y = number = 0
    for band in bands:
        if band.title is not None:
            made.with_row(heading(band.title, y))
            y += 1
        x = 0
        for width, panel in band.panels:
            number += 1
            panel.id(number)
            panel.grid_pos(dashboard.GridPos(h=band.height, w=width, x=x, y=y))
            made.with_panel(panel)
            x += width
        y += band.height
    return made


def heading(title: str, y: int) -> Row:
    return Row(title).grid_pos(dashboard.GridPos(h=1, w=24, x=0, y=y)).id(1000 + y)
