"""A resize of simulated machines: from a moment on their samples are those of another size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from notifier.content import Size

GIB = 2**30
RESOURCES = (  # capacity, how many of it a unit of Size is, the use that it carries
    ("vcpus", "vcpus", 1, "cpu"),
    ("memory_bytes", "memory_gib", GIB, "memory"),
    ("disk_bytes", "disk_gib", GIB, "disk"),
)
FULL = 98.0  # percent: a machine that is too small is nearly full, not more than full


def resized(tables: Iterable[pa.Table], sizes: Mapping[str, Size], since: datetime) -> Iterator[pa.Table]:
    """The samples (schema SAMPLES), of the named machines from `since` on as measured at their new size."""
    for table in tables:
        changed = table
        for name, size in sizes.items():
            changed = of_machine(changed, name, size, since)
        yield changed


def of_machine(table: pa.Table, name: str, size: Size, since: datetime) -> pa.Table:
    hit = pc.and_(pc.equal(table["machine"], name), pc.greater_equal(table["time"], pa.scalar(since)))
    rows = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
    if rows.size == 0:
        return table
    for capacity, wanted, unit, use in RESOURCES:
        new = getattr(size, wanted)
        if new is not None:
            table = scaled(table, rows, capacity, new * unit, use)
    return table


def scaled(table: pa.Table, rows: NDArray[np.intp], capacity: str, new: float, use: str) -> pa.Table:
    had = table[capacity].cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
    used = table[use].cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
    used[rows] = np.round(np.minimum(used[rows] * had[rows] / new, FULL), 2)
    had[rows] = new
    for column, values in ((capacity, had), (use, used)):
        field = table.schema.field(column)
        whole = pa.array(values, from_pandas=True).cast(field.type, safe=False)
        table = table.set_column(table.schema.get_field_index(column), field, whole)
    return table
