"""A month of measurements, a row a machine. For people: the rules judge by windows of their own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from monitor.daily import BINS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from monitor.installation import Installation

AT_ONCE = 2000  # machines read together: bounds the memory of a large city
COLUMNS = (
    *("machine", "day", "expected", "known", "cpu_known"),
    *("cpu_mean", "cpu_histogram", "memory_peak", "disk_max"),
)
FIGURES = ("cpu_p95", "cpu_mean", "memory_peak", "disk_max", "coverage")


def month_of(
    house: Installation, machines: Mapping[str, date | None], since: date, until: date
) -> pd.DataFrame:
    """One row a machine (index: its name, sorted) with FIGURES: percents of 0..100, NaN = unknown; coverage
    0..1 of the samples due from `since`, or the day after its delivery (the mapping's value), to `until`.
    """
    names = sorted(machines)
    parts = []
    for start in range(0, len(names), AT_ONCE):
        days = house.lake.of_machines(names[start : start + AT_ONCE], since, until, COLUMNS)
        if days.num_rows:
            parts.append(figures(days))
    found = (
        pd.concat(parts) if parts else pd.DataFrame(columns=[*FIGURES[:4], "taken", "due", "rows", "a_day"])
    )
    found = found.reindex(names).astype("float64")
    first = [max(since, given + timedelta(days=1)) if (given := machines[name]) else since for name in names]
    length = np.array([max((until - day).days + 1, 0) for day in first])
    missing = np.maximum(length - found["rows"], 0) * found["a_day"]
    due = found["due"] + missing
    found["coverage"] = (found["taken"] / due.where(due > 0)).fillna(0.0).clip(0.0, 1.0)
    return found[list(FIGURES)]


def figures(days: pa.Table) -> pd.DataFrame:
    """The days of each machine together: figures, samples taken and due, days with any, samples a day."""
    days = days.sort_by([("machine", "ascending"), ("day", "ascending")])
    frame = days.drop(["cpu_histogram"]).to_pandas()
    frame["taken"] = frame[["known", "expected"]].min(axis=1)
    frame["weighted"] = frame["cpu_mean"] * frame["cpu_known"]
    machine = frame.groupby("machine", sort=True)
    sums = machine[["taken", "expected", "weighted", "cpu_known"]].sum()
    return pd.DataFrame(
        {
            "cpu_p95": p95(days, frame),
            "cpu_mean": sums["weighted"] / sums["cpu_known"].where(sums["cpu_known"] > 0),
            "memory_peak": machine["memory_peak"].max(),
            "disk_max": machine["disk_max"].max(),
            "taken": sums["taken"],
            "due": sums["expected"],
            "rows": machine.size(),
            "a_day": machine["expected"].last(),
        }
    )


def p95(days: pa.Table, frame: pd.DataFrame) -> pd.Series[float]:
    """The smallest whole percent with at least 95 % of a machine's samples at or below, by machine."""
    there = (frame["cpu_known"] > 0).to_numpy()
    names = frame["machine"][there]
    if names.empty:
        return pd.Series(dtype="float64")
    bins = days["cpu_histogram"].filter(there).combine_chunks().flatten().to_numpy().reshape(-1, BINS)
    starts = np.flatnonzero(np.append(True, names.to_numpy()[1:] != names.to_numpy()[:-1]))
    counts: NDArray[np.int64] = np.add.reduceat(bins, starts, axis=0, dtype=np.int64)
    enough = 100 * counts.cumsum(axis=1) >= 95 * counts.sum(axis=1)[:, None]
    return pd.Series(enough.argmax(axis=1).astype("float64"), index=names.to_numpy()[starts])
