"""Measured machines for the tests: arrays of samples, and their way through the fold and the judgement."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from config.policy import Policy, load_policy
from config.settings import PolicyChoice
from rules.fold import fold
from rules.judgement import INVENTORY, judge
from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from rules.verdict import Evidence, Verdict

    Floats = NDArray[np.float64]
    Arrays = dict[str, Floats]

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = load_policy(PolicyChoice())
FIRST = date(2026, 1, 1)
GIB = 2.0**30
LOW = {"cpu": 10.0, "memory": 20.0, "disk": 40.0}  # percent: a machine to shrink
A_DAY = 288  # samples, one every 5 minutes
MONTH = 35 * A_DAY  # 10080
WEEK = 7 * A_DAY  # 2016
HALF_HOURS = 48  # a day, when sampled every 30 minutes: every sample is a half hour's mean
SIZE = {"vcpus": 8.0, "memory_bytes": 16 * GIB, "disk_bytes": 100 * GIB}


def day(index: int) -> date:
    return FIRST + timedelta(days=index)


def midnight(on: date, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.combine(on, time(), zone).timestamp())


def steady(days: int, step: int = 300, **levels: float) -> Arrays:
    """A machine that does the same from FIRST on, every `step` seconds: by default one to shrink."""
    rows = days * 86400 // step
    times = midnight(FIRST) + step * np.arange(rows, dtype=np.float64)
    usual: dict[str, float] = {**LOW, **SIZE, **levels}
    return {"time": times, **{name: np.full(rows, level, np.float64) for name, level in usual.items()}}


def table(fleet: Mapping[str, Mapping[str, Floats]], step: int = 300) -> pa.Table:
    """The samples of every machine as the lake holds them, one machine after the other."""
    parts = [samples(columns(machine, arrays, step))[0] for machine, arrays in fleet.items()]
    return pa.concat_tables(parts)


def columns(machine: str, arrays: Mapping[str, Floats], step: int) -> dict[str, object]:
    rows = len(arrays["time"])
    times = pa.array(arrays["time"].astype(np.int64) * 1_000_000).cast(pa.timestamp("us", tz="UTC"))
    return {**arrays, "machine": [machine] * rows, "time": times, "step": np.full(rows, step)}


def folded(measured: pa.Table, zone: ZoneInfo = SHANGHAI) -> pa.Table:
    """The rows of every local day that has a sample."""
    return pa.concat_tables(fold(part, on, zone) for on, part in by_day(measured, zone))


def by_day(measured: pa.Table, zone: ZoneInfo) -> Iterable[tuple[date, pa.Table]]:
    """The local days with their samples, which keep their order."""
    seconds = measured["time"].cast(pa.int64()).to_numpy() // 1_000_000
    order = np.argsort(seconds, kind="stable")
    ordered = measured.take(pa.array(order))
    seconds = seconds[order]
    on = datetime.fromtimestamp(int(seconds[0]), zone).date()
    begin = 0
    while begin < len(seconds):
        end = int(np.searchsorted(seconds, midnight(on + timedelta(days=1), zone)))
        if end > begin:
            yield on, ordered.slice(begin, end - begin)
        begin, on = end, on + timedelta(days=1)


def inventory(*names: str, **sizes: float | None) -> pa.Table:
    """The machines `names`, all of the size given: vcpus, memory_gib, disk_gib."""
    rows = {field.name: [sizes.get(field.name)] * len(names) for field in INVENTORY}
    return pa.table({**rows, "machine": list(names)}, INVENTORY)


def judged(arrays: Mapping[str, Floats], as_of: int, step: int = 300, policy: Policy = POLICY) -> Verdict:
    """The verdict on one machine that has these samples, `as_of` days after FIRST."""
    days = folded(table({"web-1": arrays}, step))
    return judge(days, policy, day(as_of), inventory("web-1")).verdict(0)


def ipc(rows: pa.Table) -> bytes:
    """The bytes of a table, to the last one, as Arrow writes it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue().to_pybytes())


def of(verdict: Verdict, rule: str, resource: str) -> Evidence:
    return next(e for e in verdict.evidence if (e.rule, e.resource) == (rule, resource))


def spiked(arrays: Arrays, resource: str, days: tuple[int, ...], level: float) -> Arrays:
    """The first half hour of the named days stands at `level`; sampled every 30 minutes."""
    for index in days:
        arrays[resource][index * HALF_HOURS] = level
    return arrays


def first(arrays: Arrays, count: int, **levels: float) -> Arrays:
    for name, level in levels.items():
        arrays[name][:count] = level
    return arrays


def newest(arrays: Arrays, count: int, **levels: float) -> Arrays:
    for name, level in levels.items():
        arrays[name][-count:] = level
    return arrays


def without(arrays: Arrays, gone: slice) -> Arrays:
    rows = np.delete(np.arange(len(arrays["time"])), gone)
    return {name: column[rows] for name, column in arrays.items()}


def thinned(arrays: Arrays, a_day: int, kept: int) -> Arrays:
    """Only the first `kept` of the `a_day` samples of every day."""
    return {name: column[np.arange(len(column)) % a_day < kept] for name, column in arrays.items()}
