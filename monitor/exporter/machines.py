"""The machines on the page: their newest samples, their sizes, their verdicts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from monitor.exporter import families
from store.lake import SAMPLES, latest
from store.tables import Department, Machine, System

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from prometheus_client.core import Metric
    from sqlalchemy.orm import Session

    from config.policy import Policy
    from monitor.exporter.families import Family
    from monitor.verdicts import Answer

GIB = 2**30
RATIOS = {"cpu": families.CPU, "memory": families.MEMORY, "disk": families.DISK}
SIZES = {
    "vcpus": families.VCPUS,
    "memory_bytes": families.MEMORY_BYTES,
    "disk_bytes": families.DISK_BYTES,
}
AHEAD = timedelta(minutes=1)  # how far ahead of the clock a sample may be
SHOWN_RULES = ("shrink", "expand")  # idle looks at the figures of shrink, and at bytes


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the inventory says of a machine; sizes in vCPUs and bytes, None = unknown."""

    department: str
    system: str
    vcpus: float | None
    memory_bytes: float | None
    disk_bytes: float | None


def ordered(db: Session) -> dict[str, Ordered]:
    """Machine -> what the inventory says of it."""
    sizes = (Machine.vcpus, Machine.memory_gib * GIB, Machine.disk_gib * GIB)
    wanted = (
        select(Machine.name, Department.name, System.name, *sizes)
        .outerjoin(Machine.department)
        .outerjoin(Machine.system)
        .where(Machine.released_on.is_(None))
        .order_by(Machine.name)
    )
    return {
        name: Ordered(owner or "", system or "", *size) for name, owner, system, *size in db.execute(wanted)
    }


def newest(samples: pa.Table) -> pa.Table:
    """The newest row of each machine (schema SAMPLES), by name."""
    rows = latest(samples)
    if rows.num_rows == 0:
        return rows
    code = rows["machine"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    last = np.append(np.diff(code) != 0, True)
    return rows.filter(pa.array(last))


def replaced(samples: pa.Table, batch: pa.Table) -> pa.Table:
    """The rows of `samples`, a machine's newest of the batch in place of its older one whatever their times:
    after a clock that was ahead, the newest time is not the last sample.
    """
    rows = newest(batch)
    return pa.concat_tables([without(samples, rows["machine"]), rows])


def without(samples: pa.Table, machines: pa.ChunkedArray) -> pa.Table:
    """The rows that are not of these machines."""
    return samples.filter(pc.invert(pc.is_in(samples["machine"], value_set=machines)))


def absent(samples: pa.Table, machines: Mapping[str, Ordered]) -> pa.ChunkedArray:
    """The machines that have a sample and are none of the inventory's."""
    return without(samples, pa.array(list(machines), pa.string()))["machine"]


def inventory_metrics(machines: Mapping[str, Ordered]) -> Iterator[Metric]:
    yield families.MACHINE_INFO.of(
        ((name, machine.department, machine.system), 1) for name, machine in machines.items()
    )


def sample_metrics(
    samples: pa.Table, machines: Mapping[str, Ordered], now: datetime, stale: timedelta
) -> Iterator[Metric]:
    """Use and size. A sample older than `stale` says when it was, and no use any more; one of the future says
    neither.
    """
    known = samples.filter(pc.is_in(samples["machine"], value_set=pa.array(list(machines), pa.string())))
    past = known.filter(pc.less_equal(known["time"], moment(now + AHEAD)))
    fresh = past.filter(pc.greater(past["time"], moment(now - stale)))
    seconds = pc.divide(past["time"].cast(pa.int64()).cast(pa.float64()), 1e6)
    yield families.SAMPLED.of(series(past["machine"], seconds))
    for name, family in RATIOS.items():
        yield family.of(series(fresh["machine"], pc.divide(fresh[name].cast(pa.float64()), 100.0)))
    yield families.NETWORK.of(series(fresh["machine"], fresh["network"]))
    for name, family in SIZES.items():
        yield sized(family, name, known, machines)


def moment(time: datetime) -> pa.Scalar:
    return pa.scalar(time, SAMPLES.field("time").type)


def sized(family: Family, name: str, known: pa.Table, machines: Mapping[str, Ordered]) -> Metric:
    """Sizes as measured, else as ordered."""
    measured = dict(zip(known["machine"].to_pylist(), known[name].to_pylist(), strict=True))
    sizes = ((machine, measured.get(machine) or getattr(row, name)) for machine, row in machines.items())
    return family.of(((machine,), float(size)) for machine, size in sizes if size)


def series(machine: pa.ChunkedArray, value: pa.ChunkedArray) -> Iterator[tuple[tuple[str], float]]:
    pairs = zip(machine.to_pylist(), value.to_pylist(), strict=True)
    return (((name,), float(number)) for name, number in pairs if number is not None)


def verdict_metrics(
    answers: Sequence[Answer], as_of: date, policy: Policy, zone: ZoneInfo
) -> Iterator[Metric]:
    verdicts = [answer.verdict for answer in answers]
    yield families.VERDICT.of(((verdict.machine, str(verdict.kind)), 1) for verdict in verdicts)
    yield families.STATISTIC.of(
        ((verdict.machine, found.rule, found.resource, found.statistic), found.value / 100)
        for verdict in verdicts
        for found in verdict.evidence
        if found.value is not None and found.rule in SHOWN_RULES
    )
    yield families.COVERAGE.of(
        ((verdict.machine,), enough.coverage)
        for verdict in verdicts
        for enough in verdict.sufficiency
        if enough.rule == "shrink"
    )
    yield families.SAVING.of(
        ((verdict.machine,), verdict.saving_yuan_month)
        for verdict in verdicts
        if verdict.saving_yuan_month is not None
    )
    counted = Counter((answer.department or "", str(answer.verdict.kind)) for answer in answers)
    yield families.VERDICTS.of(sorted(counted.items()))
    yield families.THRESHOLD.of(thresholds(policy))
    yield families.JUDGED.of([((), datetime.combine(as_of, time(), zone).astimezone(UTC).timestamp())])


def thresholds(policy: Policy) -> Iterator[tuple[tuple[str, str, str], float]]:
    for rule in SHOWN_RULES:
        for condition in getattr(policy.rules, rule).conditions:
            yield (rule, condition.resource, condition.statistic), condition.threshold / 100
