"""What counts as a measured value. Every path into the lake goes through `samples`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
CAPACITIES = ("vcpus", "memory_bytes", "disk_bytes")


def samples(columns: Mapping[str, Any]) -> tuple[pa.Table, int]:
    """A table with the schema SAMPLES, and the number of invalid values that were left out of it.

    `columns`: machine (text), time (anything pyarrow takes as timestamp[us, UTC]), step (seconds); cpu,
    memory, disk (percent), network (bytes/s) and the capacities as arrays with NaN for missing; absent
    columns are unknown. Percents come out rounded to 0.01, cpu above 100 (turbo) as 100. A memory or disk
    above 100, anything below 0 and infinities are invalid: no value. A capacity of 0 (a machine that is off)
    is unknown.
    """
    machine = columns["machine"]
    count = len(machine)
    cpu, cpu_bad = percent(column(columns, "cpu", count), clamp=True)
    memory, memory_bad = percent(column(columns, "memory", count), clamp=False)
    disk, disk_bad = percent(column(columns, "disk", count), clamp=False)
    network, network_bad = rate(column(columns, "network", count))
    arrays: dict[str, Any] = {
        "machine": machine,
        "time": columns["time"],
        "cpu": pa.array(cpu, pa.float32(), from_pandas=True),
        "memory": pa.array(memory, pa.float32(), from_pandas=True),
        "disk": pa.array(disk, pa.float32(), from_pandas=True),
        "network": pa.array(network, pa.float64(), from_pandas=True),
        "step": columns["step"],
    }
    for name in CAPACITIES:
        arrays[name] = capacity(column(columns, name, count), whole=name != "vcpus")
    table = pa.table({field.name: array(arrays[field.name], field.type) for field in SAMPLES}, SAMPLES)
    return table, cpu_bad + memory_bad + disk_bad + network_bad


def column(columns: Mapping[str, Any], name: str, count: int) -> Floats:
    values = columns.get(name)
    return np.full(count, np.nan) if values is None else np.asarray(values, dtype=np.float64)


def percent(values: Floats, *, clamp: bool) -> tuple[Floats, int]:
    """Percents rounded to 0.01, NaN where unknown or invalid; and how many were invalid."""
    high = np.inf if clamp else 100.0
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = np.rint(values * 100.0) / 100.0
        good = (values >= 0.0) & (rounded <= high) & np.isfinite(values)
    bad = int(np.count_nonzero(~good & ~np.isnan(values)))
    return np.where(good, np.minimum(rounded, 100.0), np.nan), bad


def rate(values: Floats) -> tuple[Floats, int]:
    with np.errstate(invalid="ignore"):
        good = (values >= 0.0) & np.isfinite(values)
    bad = int(np.count_nonzero(~good & ~np.isnan(values)))
    return np.where(good, np.rint(values), np.nan), bad


def capacity(values: Floats, *, whole: bool) -> pa.Array:
    with np.errstate(invalid="ignore"):
        counted = np.rint(values) if whole else values
        known = np.where((counted > 0.0) & (counted < 2.0**62), counted, np.nan)
    found = pa.array(known, pa.float64(), from_pandas=True)
    return found.cast(pa.int64()) if whole else found


def array(values: Any, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:  # noqa: ANN401  (whatever Arrow takes)
    if isinstance(values, pa.ChunkedArray | pa.Array):
        return values if values.type == kind else values.cast(kind)
    return pa.array(values, kind)
