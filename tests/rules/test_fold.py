"""A day's samples become one row: by hand, and against the oracle on random days."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import oracle
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import FIRST, SHANGHAI, columns, ipc, midnight, table

from rules.fold import fold
from store.lake import DAYS
from store.samples import samples

if TYPE_CHECKING:
    from random import Random

    from measured import Arrays

    Drawn = tuple[int, Arrays]

LEVELS = st.one_of(
    st.floats(0, 100).map(lambda level: round(level, 2)),
    st.sampled_from([0.0, 100.0, 25.0, 25.01, 24.99, 120.0, 100.01, -1.0, math.nan, math.inf]),
)
RATES = st.sampled_from([0.0, 1.0, 999.0, 1e9, -1.0, math.nan, math.inf])
CAPACITIES = st.sampled_from([0.0, 1.0, 2.0, 4.0, math.nan])


@st.composite
def rows(draw: st.DrawFn) -> Drawn:
    """Samples of one machine at random minutes of FIRST, some of one time, with gaps and invalid values."""
    minutes = draw(st.lists(st.integers(0, 1439), min_size=1, max_size=40))
    count = len(minutes)
    several = {"cpu": LEVELS, "memory": LEVELS, "disk": LEVELS, "network": RATES}
    several |= dict.fromkeys(("vcpus", "memory_bytes", "disk_bytes"), CAPACITIES)
    arrays = {
        name: np.array(draw(st.lists(each, min_size=count, max_size=count))) for name, each in several.items()
    }
    step = draw(st.sampled_from([60, 300, 1800]))
    return step, {"time": midnight(FIRST) + 60.0 * np.array(minutes), **arrays}


@given(rows(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_day_is_folded_as_the_oracle_folds_it(drawn: Drawn, chance: Random) -> None:
    # The oracle takes of two rows with one time the one that stands later, the product the one stored later,
    # wherever it stands.
    step, arrays = drawn
    measured = samples(columns("web-1", arrays, step))[0]
    measured = measured.append_column("stored", pa.array(range(measured.num_rows), pa.int64()))
    order = list(range(measured.num_rows))
    chance.shuffle(order)
    [row] = fold(measured.take(pa.array(order)), FIRST, SHANGHAI).to_pylist()
    expected = oracle.fold({**arrays, "time": arrays["time"].astype(np.int64)}, step=step)[FIRST]

    assert row["expected"] == expected.expected
    assert {name: row[f"{name}_known"] for name in expected.known} == expected.known
    assert row["cpu_histogram"] == [
        sum(value <= 0 if b == 0 else 100 * (b - 1) < value <= 100 * b for value in expected.cpu)
        for b in range(101)
    ]
    for name in ("cpu_peak", "memory_peak", "vcpus", "memory_bytes", "disk_bytes"):
        assert row[name] == maybe(getattr(expected, name)), name
    assert (row["disk_max"], row["disk_last"]) == (percent(expected.disk_max), percent(expected.disk_last))
    network = expected.known["network"]
    assert row["network_mean"] == (float(expected.network_sum / network) if network else None)
    assert row["cpu_mean"] == (sum(expected.cpu) / (100 * len(expected.cpu)) if expected.cpu else None)


def maybe(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def percent(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


# --- the same samples, the same bytes -------------------------------------------------------------


def fleet(seed: int, count: int) -> pa.Table:
    generator = np.random.default_rng(seed)
    times = (midnight(FIRST) + 1800 * np.arange(48)).astype(np.float64)
    return table(
        {
            name: {
                "time": times,
                "cpu": generator.uniform(0, 100, 48),
                "memory": generator.uniform(0, 100, 48),
            }
            for name in (f"数据-{number}" for number in range(count))
        },
        step=1800,
    )


@given(st.integers(0, 10**6), st.integers(1, 5), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_fault_11_order_repetition_and_parts_do_not_change_a_byte(
    seed: int, count: int, chance: Random
) -> None:
    measured = fleet(seed, count)
    twice = [chance.randrange(measured.num_rows) for _ in range(20)]
    order = chance.sample([*range(measured.num_rows), *twice], measured.num_rows + 20)
    cut = chance.randrange(1, len(order))
    parts = pa.concat_tables(measured.take(pa.array(part)) for part in (order[:cut], order[cut:]))
    once = ipc(fold(measured, FIRST, SHANGHAI))

    assert ipc(fold(measured, FIRST, SHANGHAI)) == once
    assert ipc(fold(parts, FIRST, SHANGHAI)) == once
    in_parts = pa.concat_tables([measured.slice(0, 30), measured.slice(30)])
    assert ipc(fold(in_parts, FIRST, SHANGHAI)) == once


@pytest.mark.parametrize(("first", "second"), [(10.0, 90.0), (90.0, 10.0)])
def test_of_two_samples_of_one_time_the_one_stored_later_counts_whole(first: float, second: float) -> None:
    # The later one knows no memory: the earlier one's memory does not come back.
    times = np.full(2, float(midnight(FIRST)))
    arrays = {"time": times, "cpu": np.array([first, second]), "memory": np.array([50.0, math.nan])}
    measured = table({"web-1": arrays}).append_column("stored", pa.array([1, 2], pa.int64()))
    [row] = fold(measured, FIRST, SHANGHAI).to_pylist()
    [turned] = fold(measured.take(pa.array([1, 0])), FIRST, SHANGHAI).to_pylist()

    assert (row["cpu_mean"], row["memory_known"], row["known"]) == (second, 0, 1)
    assert turned == row


# --- what a local day is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "on", "expected", "half_hours"),
    [
        pytest.param("Europe/Helsinki", date(2026, 3, 29), 276, 46, id="23 hours: 23 * 12 samples"),
        pytest.param("Europe/Helsinki", date(2026, 10, 25), 300, 50, id="25 hours: 25 * 12 samples"),
        pytest.param("Asia/Shanghai", date(2026, 10, 25), 288, 48, id="24 hours"),
        pytest.param("Australia/Lord_Howe", date(2026, 4, 5), 294, 49, id="24 hours and a half"),
    ],
)
def test_fault_24_a_day_of_changed_clocks_has_its_own_length(
    zone: str, on: date, expected: int, half_hours: int
) -> None:
    # In half hour n the six samples are n + 7.5 .. n + 12.5, their mean n + 10: the last one's is the peak.
    here = ZoneInfo(zone)
    times = midnight(on, here) + 300.0 * np.arange(expected)
    levels = np.arange(expected) // 6 + np.arange(expected) % 6 + 7.5
    around = {
        "time": np.append(times, [times[0] - 300, times[-1] + 300]),
        "cpu": np.append(levels, [100, 100]),
    }
    [row] = fold(table({"web-1": around}), on, here).to_pylist()
    by_oracle = oracle.fold(
        {"time": times.astype(np.int64), "cpu": levels, "memory": None, "disk": None}, zone
    )

    assert (row["expected"], row["cpu_known"]) == (expected, expected)
    assert row["cpu_peak"] == half_hours - 1 + 10
    assert (list(by_oracle), by_oracle[on].cpu_peak) == ([on], row["cpu_peak"])


def test_fault_24_the_hour_that_comes_twice_makes_four_half_hours() -> None:
    # Helsinki, 2026-10-25: 03:00 to 04:00 comes twice, first at 00:00 UTC (half hours 6, 7), then at 01:00
    # (8, 9). 90 % in the one and 10 % in the other are a peak of 90, not a mean of 50.
    start = datetime(2026, 10, 25, tzinfo=ZoneInfo("UTC"))
    times = np.array([(start + timedelta(minutes=30 * n)).timestamp() for n in range(4)])
    arrays = {"time": times, "cpu": np.array([90.0, 90.0, 10.0, 10.0])}
    [row] = fold(table({"web-1": arrays}), date(2026, 10, 25), ZoneInfo("Europe/Helsinki")).to_pylist()

    assert (row["cpu_peak"], row["cpu_mean"]) == (90, 50)


def test_samples_of_other_days_are_left_out_and_no_sample_is_no_row() -> None:
    measured = fleet(1, 2)

    assert fold(measured, FIRST + timedelta(days=1), SHANGHAI).equals(DAYS.empty_table())
    assert fold(measured, FIRST, SHANGHAI).schema.equals(DAYS)
    assert fold(measured, FIRST, SHANGHAI)["machine"].to_pylist() == ["数据-0", "数据-1"]


def test_the_step_of_a_machine_is_the_median_of_its_samples_steps() -> None:
    # Re-configured at noon from 10 to 5 minutes: two thirds of the samples are 5 minutes apart; 86400 / 300.
    slow, fast = 72, 144
    times = midnight(FIRST) + np.concatenate((600.0 * np.arange(slow), 43200 + 300.0 * np.arange(fast)))
    measured = samples(
        {
            **columns("web-1", {"time": times, "cpu": np.full(slow + fast, 5.0)}, 300),
            "step": np.repeat([600, 300], [slow, fast]),
        }
    )[0]

    assert fold(measured, FIRST, SHANGHAI)["expected"].to_pylist() == [288]
