"""The series of machines' days, against a slow reading of the same rows one by one."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from monitor.daily import CHART_DAYS, ROWS_AT_ONCE, chart_of, charts, newest, nothing, p95
from monitor.installation import Installation, assemble
from notifier.content import Chart
from store.lake import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

D = date(2026, 9, 18)
SINCE = D - timedelta(days=CHART_DAYS)
Row = dict[str, Any]
COUNTS = st.dictionaries(st.integers(0, 100), st.integers(0, 9), max_size=8)  # by percent


# ---- rows, and the oracle


def histogram(*percents: int) -> list[int]:
    """101 counts of samples that were so many whole percent."""
    return [percents.count(percent) for percent in range(101)]


def row(machine: str, ago: int, cpu: list[int] | None = None, **more: float) -> Row:
    """A day of a machine, so many days before D; what is not given was not measured."""
    return {"machine": machine, "day": D - timedelta(days=ago), "cpu_histogram": cpu, **more}


def table(rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist([{name: each.get(name) for name in DAYS.names} for each in rows], schema=DAYS)


def slow_p95(counts: list[int] | None) -> float | None:
    """The nearest rank, of all samples written out: the ceil(0.95 n)-th smallest."""
    samples = [percent for percent, count in enumerate(counts or []) for _ in range(count)]
    return float(samples[math.ceil(len(samples) * 19 / 20) - 1]) if samples else None


def slow_chart(rows: Sequence[Row], machine: str, since: date, length: int) -> Chart | None:
    """None for a machine without a row in these days."""
    days = [since + timedelta(days=number) for number in range(length)]
    found = {each["day"]: each for each in rows if each["machine"] == machine and each["day"] in days}
    series: dict[str, list[float | None]] = {"cpu": [], "memory": [], "disk": []}
    for day in days:
        of_day = found.get(day, {})
        series["cpu"].append(slow_p95(of_day.get("cpu_histogram")))
        for name, column in (("memory", "memory_peak"), ("disk", "disk_max")):
            value = of_day.get(column)
            series[name].append(None if value is None else float(np.round(value, 2)))
    return Chart(since=since, **{name: tuple(values) for name, values in series.items()}) if found else None


# ---- a house with these rows in its lake


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    made = assemble(Settings(data_dir=tmp_path / "data"), None)
    yield made
    made.register.close()


def stored(house: Installation, rows: Sequence[Row]) -> None:
    for day in sorted({each["day"] for each in rows}):
        of_day = sorted((each for each in rows if each["day"] == day), key=lambda each: str(each["machine"]))
        house.lake.replace_day(day, table(of_day), "0" * 16)


def drawn(seed: int, machines: Sequence[str], days: int) -> list[Row]:
    """Machines of which whole days, single columns, and all samples of a day are missing here and there."""
    draw = random.Random(seed)
    rows = []
    for machine in machines:
        present = draw.choice((0.1, 0.6, 1.0))  # sparse, with holes, whole
        for ago in range(1, days + 1):
            if draw.random() > present:
                continue
            samples = [draw.randint(0, 100) for _ in range(draw.choice((0, 1, 19, 20, 21, 48)))]
            measured = {name: draw.uniform(0, 100) for name in ("memory_peak", "disk_max")}
            kept = {name: value for name, value in measured.items() if draw.random() < 0.8}
            rows.append(row(machine, ago, histogram(*samples) if draw.random() < 0.9 else None, **kept))
    return rows


# ---- p95


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        pytest.param([], None, id="no samples"),
        pytest.param([7], 7, id="one sample"),
        pytest.param([5] * 19 + [90], 5, id="19 of 20 at or below 5: that is 95 %"),
        pytest.param([5] * 18 + [60, 90], 60, id="18 of 20 are not enough, 19 are at or below 60"),
        pytest.param([5] * 19 + [60, 90], 60, id="95 % of 21 is 19.95: 20 are needed"),
        pytest.param([0] * 48, 0, id="all at nought"),
        pytest.param([100] * 48, 100, id="all at the brim"),
        pytest.param([3] * 86_399 + [50], 3, id="a sample a second"),
    ],
)
def test_the_p95_of_a_day_is_the_smallest_percent_with_95_of_100_samples_at_or_below(
    samples: list[int], expected: int | None
) -> None:
    [found] = p95(table([row("vm", 1, histogram(*samples))])).tolist()

    assert math.isnan(found) if expected is None else found == expected


@given(
    st.lists(
        st.none() | st.dictionaries(st.integers(0, 100), st.integers(0, 9), max_size=8),
        min_size=1,
        max_size=9,
    )
)
def test_p95_is_the_nearest_rank_of_every_days_samples_whatever_the_days_beside_it(
    days: list[dict[int, int] | None],
) -> None:
    counts = [None if day is None else [day.get(percent, 0) for percent in range(101)] for day in days]

    found = p95(table([row("vm", ago, each) for ago, each in enumerate(counts, 1)])).tolist()

    assert [None if math.isnan(value) else value for value in found] == [slow_p95(each) for each in counts]


def test_p95_of_no_days_is_nothing() -> None:
    assert p95(DAYS.empty_table()).tolist() == []


# ---- charts


def test_charts_are_what_a_slow_reading_of_the_rows_finds(house: Installation) -> None:
    names = [f"vm-{number:02d}" for number in range(12)]
    rows = drawn(11, names, CHART_DAYS)
    stored(house, rows)

    found = charts(house, names, D)

    expected = {name: slow_chart(rows, name, SINCE, CHART_DAYS) for name in names}
    assert dict(found) == {name: chart for name, chart in expected.items() if chart is not None}
    assert any(None in chart.cpu and None in chart.disk for chart in found.values())


def test_charts_of_so_many_that_they_are_read_by_ranges_of_days_are_the_same(house: Installation) -> None:
    rows = drawn(5, ["vm-a", "vm-b", "vm-c"], CHART_DAYS)
    stored(house, rows)
    many = [*(f"never-{number:04d}" for number in range(1997)), "vm-a", "vm-b", "vm-c"]
    assert CHART_DAYS % (ROWS_AT_ONCE // len(many)) not in {0, CHART_DAYS}  # ranges of 25 days, and a rest

    found = charts(house, many, D)

    assert dict(found) == {name: slow_chart(rows, name, SINCE, CHART_DAYS) for name in many[-3:]}


def test_a_chart_begins_93_days_before_and_ends_on_the_day_before(house: Installation) -> None:
    ago = {0: 99, CHART_DAYS + 1: 98, 1: 11, CHART_DAYS: 12}  # the days at the edges: outside, and inside
    stored(house, [row("vm", days, disk_max=value) for days, value in ago.items()])

    chart = charts(house, ["vm"], D)["vm"]

    assert (chart.since, len(chart.disk)) == (SINCE, 93)
    assert chart.disk == (12.0, *[None] * 91, 11.0)


def test_a_machine_without_days_has_no_chart_and_an_empty_one_when_it_is_asked_for_alone(
    house: Installation,
) -> None:
    stored(house, [row("measured", 3, disk_max=50.0), row("long ago", CHART_DAYS + 5, disk_max=50.0)])

    found = charts(house, ["long ago", "measured", "never"], D)

    assert list(found) == ["measured"]
    assert len(found) == 1
    assert found.get("never") is None
    assert chart_of(house, "never", SINCE, CHART_DAYS) == nothing(D)
    assert nothing(D).cpu == (None,) * 93


def test_a_day_on_which_nothing_was_known_leaves_a_chart_of_nothing(house: Installation) -> None:
    stored(house, [row("vm", 2, histogram())])

    assert dict(charts(house, ["vm"], D)) == {"vm": nothing(D)}


def test_machines_are_read_by_their_names_and_not_by_their_order(house: Installation) -> None:
    stored(house, [row(name, 1, disk_max=value) for name, value in (("a", 1.0), ("b", 2.0), ("c", 3.0))])

    found = charts(house, ["c", "a"], D)

    assert {name: chart.disk[-1] for name, chart in found.items()} == {"c": 3.0, "a": 1.0}


def test_no_machines_and_an_empty_lake_have_no_charts(house: Installation) -> None:
    assert dict(charts(house, ["vm"], D)) == {}
    stored(house, [row("vm", 1, disk_max=1.0)])
    assert dict(charts(house, [], D)) == {}


@pytest.mark.parametrize(("ago", "length"), [(93, 93), (35, 35), (10, 4), (1, 1), (200, 120)], ids=str)
def test_a_machines_chart_is_its_days_from_a_day_on(house: Installation, ago: int, length: int) -> None:
    rows = drawn(3, ["vm-a", "vm-b"], 60)
    stored(house, rows)
    since = D - timedelta(days=ago)

    found = chart_of(house, "vm-b", since, length)

    unknown = (None,) * length
    empty = Chart(since=since, cpu=unknown, memory=unknown, disk=unknown)
    assert found == (slow_chart(rows, "vm-b", since, length) or empty)


# ---- a part of a chart


@pytest.mark.parametrize(
    ("days", "expected"),
    [(2, (3.0, None)), (4, (1.0, None, 3.0, None)), (9, (1.0, None, 3.0, None)), (0, ())],
    ids=["the last two", "all", "more than there are", "none"],
)
def test_the_newest_days_of_a_chart_keep_their_dates(days: int, expected: tuple[float | None, ...]) -> None:
    values = (1.0, None, 3.0, None)
    chart = Chart(since=date(2026, 9, 1), cpu=values, memory=values, disk=values)

    found = newest(chart, days)

    # The last of four days from September 1st on is the 4th.
    assert found.since + timedelta(days=len(expected) - 1) == date(2026, 9, 4)
    assert (found.cpu, found.memory, found.disk) == (expected,) * 3
