"""The lake: two Delta Lake tables that hold every measurement.

`samples`, partitioned by local day: one row per machine per collection.
`days`: one row per machine per local day, made by the fold.

Readers see whole commits only; writers append or replace whole days. Spark, Trino, DuckDB and Polars read the
files.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SAMPLE_FIELDS = [
    ("machine", pa.string()),
    ("time", pa.timestamp("us", tz="UTC")),
    ("cpu", pa.float32()),  # percent of capacity, 0..100, rounded to 0.01, null = unknown
    ("memory", pa.float32()),  # percent
    ("disk", pa.float32()),  # percent
    ("network", pa.float64()),  # bytes/s, received and sent, null = unknown
    ("vcpus", pa.float64()),  # capacity then, null = unknown
    ("memory_bytes", pa.int64()),
    ("disk_bytes", pa.int64()),
    ("step", pa.int32()),  # seconds between samples of this machine: what is expected of a day
]
SAMPLES = pa.schema(SAMPLE_FIELDS)

DAY_FIELDS = [
    ("machine", pa.string()),
    ("day", pa.date32()),  # local day
    ("expected", pa.int32()),  # samples that a whole day has at this machine's step
    ("known", pa.int32()),  # samples with any of cpu, memory, disk, network
    ("cpu_known", pa.int32()),
    ("memory_known", pa.int32()),
    ("disk_known", pa.int32()),
    ("network_known", pa.int32()),
    ("cpu_mean", pa.float64()),  # percent
    ("cpu_peak", pa.float64()),  # percent, highest half-hour mean
    ("cpu_histogram", pa.list_(pa.int32())),  # 101 right-closed whole-percent bins: 0, (0,1], ... (99,100]
    ("memory_mean", pa.float64()),
    ("memory_peak", pa.float64()),
    ("disk_max", pa.float64()),
    ("disk_last", pa.float64()),
    ("network_mean", pa.float64()),  # bytes/s
    ("vcpus", pa.float64()),  # the day's median capacity, null = unknown
    ("memory_bytes", pa.float64()),
    ("disk_bytes", pa.float64()),
]
DAYS = pa.schema(DAY_FIELDS)


def last_rows(samples: pa.Table) -> pa.Table:
    """Of the rows with the same machine and time only the last one, as the table has them."""
    machine = samples["machine"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    moment = samples["time"].cast(pa.int64()).to_numpy()
    order = np.lexsort((moment, machine))
    last = np.append((np.diff(machine[order]) != 0) | (np.diff(moment[order]) != 0), True)[: len(order)]
    return samples if last.all() else samples.take(pa.array(np.sort(order[last])))


def latest(samples: pa.Table) -> pa.Table:
    """Each (machine, time) once, in that order; of two the one stored later (column `stored`, when there is
    one).
    """
    if samples.num_rows == 0:
        return samples
    machine = samples["machine"].combine_chunks().dictionary_encode()
    rank = np.empty(len(machine.dictionary), np.int64)
    rank[pc.sort_indices(machine.dictionary).to_numpy()] = np.arange(len(machine.dictionary))
    code = rank[machine.indices.to_numpy(zero_copy_only=False)]
    moment = samples["time"].cast(pa.int64()).to_numpy()
    key = code * (int(moment.max() - moment.min()) + 1) + (moment - moment.min())
    if (np.diff(key) > 0).all():
        return samples
    order = np.argsort(key, kind="stable")
    if (np.diff(key[order]) == 0).any():
        order = np.lexsort((*tie_breakers(samples), key))
        order = order[np.append(np.diff(key[order]) > 0, True)]
    return samples.take(pa.array(order))


def tie_breakers(samples: pa.Table) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Sort keys, the weightiest last: values (so that the outcome never hangs on file order), then
    `stored`.
    """
    names = [field.name for field in reversed(SAMPLES) if field.name not in {"machine", "time"}]
    keys = [
        np.nan_to_num(samples[name].cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), nan=-1.0)
        for name in names
    ]
    if "stored" in samples.column_names:
        keys.append(samples["stored"].cast(pa.int64()).to_numpy())
    return keys
