"""What counts as a measured value, and which of two samples counts."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.lake import SAMPLES, latest
from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NAN, INF = math.nan, math.inf


def one(**values: float) -> tuple[dict[str, Any], int]:
    table, invalid = samples(
        {"machine": ["m"], "time": [NOW], "step": [300], **{name: [value] for name, value in values.items()}}
    )
    return table.to_pylist()[0], invalid


@pytest.mark.parametrize("name", ["cpu", "memory", "disk"])
@pytest.mark.parametrize(
    ("value", "kept", "invalid"),
    [
        (0.0, 0.0, 0),
        (-0.0, 0.0, 0),
        (25.0, 25.0, 0),
        (24.994, 24.99, 0),
        (24.996, 25.0, 0),
        (25.004, 25.0, 0),
        (25.006, 25.01, 0),
        (100.0, 100.0, 0),
        (100.004, 100.0, 0),
        (0.004, 0.0, 0),
        (NAN, None, 0),
        (-0.001, None, 1),
        (-5.0, None, 1),
        (INF, None, 1),
        (-INF, None, 1),
        (1e300, None, 1),
    ],
)
def test_fault_10_a_percent_is_rounded_to_hundredths_or_invalid(
    name: str, value: float, kept: float | None, invalid: int
) -> None:
    if name == "cpu" and value == 1e300:
        kept, invalid = 100.0, 0  # more than all of it: turbo
    row, bad = one(**{name: value})

    assert (row[name], bad) == (None if kept is None else pytest.approx(kept, abs=1e-5), invalid)


@pytest.mark.parametrize("value", [100.006, 150.0, 6400.0])
def test_a_cpu_above_all_of_it_is_all_of_it_and_a_memory_is_invalid(value: float) -> None:
    row, invalid = one(cpu=value, memory=value, disk=value)

    assert (row["cpu"], row["memory"], row["disk"], invalid) == (100.0, None, None, 2)


@pytest.mark.parametrize(
    ("value", "kept", "invalid"),
    [(0.0, 0.0, 0), (999.6, 1000.0, 0), (1e18, 1e18, 0), (NAN, None, 0), (-1.0, None, 1), (INF, None, 1)],
)
def test_a_network_rate_is_whole_bytes_or_invalid(value: float, kept: float | None, invalid: int) -> None:
    row, bad = one(network=value)

    assert (row["network"], bad) == (kept, invalid)


@pytest.mark.parametrize(
    ("value", "kept"),
    [(4.0, 4), (0.0, None), (-1.0, None), (NAN, None), (INF, None), (1e300, None)],
)
@pytest.mark.parametrize("name", ["vcpus", "memory_bytes", "disk_bytes"])
def test_a_capacity_of_nothing_is_unknown_and_not_invalid(
    name: str, value: float, kept: float | None
) -> None:
    row, invalid = one(**{name: value})

    assert (row[name], invalid) == (kept, 0)


def test_half_a_cpu_is_a_capacity_and_half_a_byte_is_not() -> None:
    row, _ = one(vcpus=0.5, memory_bytes=1024.4)

    assert (row["vcpus"], row["memory_bytes"]) == (0.5, 1024)
    assert one(memory_bytes=0.4)[0]["memory_bytes"] is None


def test_columns_that_are_absent_are_unknown() -> None:
    table, invalid = samples({"machine": ["a", "b"], "time": [NOW, NOW], "step": [60, 60]})

    assert table.schema == SAMPLES
    assert invalid == 0
    assert all(
        table[name].null_count == 2 for name in SAMPLES.names if name not in {"machine", "time", "step"}
    )


def test_no_samples_are_a_table_too() -> None:
    table, invalid = samples({"machine": [], "time": [], "step": []})

    assert (table.schema, table.num_rows, invalid) == (SAMPLES, 0, 0)


@given(st.lists(st.floats(width=64), min_size=1, max_size=20))
def test_fault_10_no_value_that_is_kept_lies_outside_of_its_range(values: list[float]) -> None:
    count = len(values)
    names = ("cpu", "memory", "disk", "network", "vcpus", "memory_bytes", "disk_bytes")
    table, invalid = samples(
        {
            "machine": ["m"] * count,
            "time": [NOW] * count,
            "step": [300] * count,
            **dict.fromkeys(names, values),
        }
    )
    kept = {name: [v for v in table[name].to_pylist() if v is not None] for name in names}

    assert all(0 <= v <= 100 for name in ("cpu", "memory", "disk") for v in kept[name])
    assert all(0 <= v < INF for v in kept["network"])
    assert all(0 < v < 2**62 for name in ("vcpus", "memory_bytes", "disk_bytes") for v in kept[name])
    # Known, missing and invalid are all there is.
    missing = 4 * sum(math.isnan(v) for v in values)
    assert sum(len(kept[name]) for name in names[:4]) + missing + invalid == 4 * count


Row = tuple[str, int, float | None, int]


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Samples with the time they were stored at: machine, seconds, cpu, stored."""
    table, _ = samples(
        {
            "machine": [row[0] for row in rows],
            "time": [NOW + timedelta(seconds=row[1]) for row in rows],
            "step": [60] * len(rows),
            "cpu": np.array([NAN if row[2] is None else row[2] for row in rows]),
        }
    )
    stored = pa.array([NOW + timedelta(seconds=row[3]) for row in rows], pa.timestamp("us", tz="UTC"))
    return table.append_column("stored", stored)


rows_of = st.lists(
    st.tuples(
        st.sampled_from(["b", "a", "c", "机", "B"]),
        st.integers(0, 4),
        st.none() | st.integers(0, 100).map(float),
        st.integers(0, 3),
    ),
    max_size=30,
)


@given(rows_of)
def test_of_two_samples_of_a_moment_the_one_stored_later_counts(rows: list[Row]) -> None:
    # The oracle is a dict: later, and at the same time larger, overwrites; None is less than any value.
    kept: dict[tuple[str, int], tuple[int, float]] = {}
    for machine, second, cpu, stored in rows:
        key, value = (machine, second), (stored, -1.0 if cpu is None else cpu)
        kept[key] = max(kept.get(key, value), value)
    oracle = [(machine, second, cpu) for (machine, second), (_, cpu) in sorted(kept.items(), key=encoded)]

    found = latest(table_of(rows)).to_pylist()

    assert [
        (row["machine"], int((row["time"] - NOW).total_seconds()), -1.0 if row["cpu"] is None else row["cpu"])
        for row in found
    ] == oracle


def encoded(item: tuple[tuple[str, int], Any]) -> tuple[bytes, int]:
    return item[0][0].encode(), item[0][1]


@given(rows_of, st.randoms(use_true_random=False))
def test_the_order_in_which_samples_lie_decides_nothing(rows: list[Row], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))

    assert latest(table_of(shuffled)).equals(latest(table_of(rows)))


@given(rows_of)
def test_what_is_left_is_left_again(rows: list[Row]) -> None:
    once = latest(table_of(rows))

    assert latest(once).equals(once)
