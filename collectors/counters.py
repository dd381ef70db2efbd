"""From counters to use: two readings of one machine become its cpu and network values.

Shared by every collector that sees counters (exporter pages, this host). Pure: no clock, no I/O.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

IDLE = frozenset({"idle", "iowait"})  # waiting for a disk is not work; steal is: the machine wanted the cpu
COUNTED_TWICE = frozenset({"guest", "guest_nice"})  # already in user and nice
BOOT_TOLERANCE = 5.0  # seconds: kernels derive the boot time from the wall clock, and NTP moves that a little
OLDEST = 2.5  # steps: one missed reading is bridged (two steps, and scrapes are never exact), two are not


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at one machine. NaN or an empty mapping where the machine does not say."""

    machine: str
    time: datetime  # aware, UTC: the time of the sample
    clock: float  # seconds of a monotonic clock at the same moment: what rates divide by
    boot: float = math.nan  # epoch seconds of the machine's start
    cpu: Mapping[tuple[str, str], float] = field(default_factory=dict)  # (cpu, mode) -> seconds since boot
    received: Mapping[str, float] = field(default_factory=dict)  # real device -> bytes since boot
    sent: Mapping[str, float] = field(default_factory=dict)
    memory: float = math.nan  # percent in use
    disk: float = math.nan  # percent in use, as df says
    vcpus: float = math.nan
    memory_bytes: float = math.nan
    disk_bytes: float = math.nan


@dataclass(frozen=True, slots=True)
class Usage:
    """What lies between two readings: cpu in percent of capacity, network in bytes/s; NaN = no value."""

    cpu: float = math.nan
    network: float = math.nan


def usage(previous: Reading | None, current: Reading, step: float) -> Usage:
    """Use from `previous` to `current`, two readings of one machine taken about `step` seconds apart.

    No value without a previous reading, across a restart, over more than two steps, and for counters that
    stepped back or whose set of cpus changed: a rate over a reset would be a guess.
    """
    if previous is None or rebooted(previous, current):
        return Usage()
    elapsed = current.clock - previous.clock
    if not 0 < elapsed <= OLDEST * step:
        return Usage()
    return Usage(cpu_percent(previous.cpu, current.cpu), network_rate(previous, current, elapsed))


def rebooted(previous: Reading, current: Reading) -> bool:
    return abs(current.boot - previous.boot) > BOOT_TOLERANCE  # NaN: not known, so the counters alone tell


def cpu_percent(before: Mapping[tuple[str, str], float], after: Mapping[tuple[str, str], float]) -> float:
    """100 * (1 - d(idle + iowait) / d(total)); NaN when a counter stepped back or cpus came or went."""
    if before.keys() != after.keys():
        return math.nan
    idle = busy = 0.0
    for key, now in after.items():
        spent = now - before[key]
        if not 0.0 <= spent < math.inf:
            return math.nan
        mode = key[1]
        if mode in IDLE:
            idle += spent
        elif mode not in COUNTED_TWICE:
            busy += spent
    return 100.0 * busy / (busy + idle) if busy + idle > 0.0 else math.nan


def network_rate(previous: Reading, current: Reading, elapsed: float) -> float:
    """Bytes/s over the devices present in both readings; NaN without one, or when a counter stepped back."""
    moved, pairs = 0.0, 0
    for before, after in ((previous.received, current.received), (previous.sent, current.sent)):
        for device in before.keys() & after.keys():
            carried = after[device] - before[device]
            if not 0.0 <= carried < math.inf:
                return math.nan
            moved += carried
            pairs += 1
    return moved / elapsed if pairs else math.nan


def table(rows: Sequence[tuple[Reading, Usage]], step: int) -> tuple[pa.Table, int]:
    """The samples of these readings (schema store.lake.SAMPLES), and how many values were invalid."""
    columns: dict[str, object] = {
        "machine": [reading.machine for reading, _ in rows],
        "time": [reading.time for reading, _ in rows],
        "step": [step] * len(rows),
        "cpu": [used.cpu for _, used in rows],
        "network": [used.network for _, used in rows],
    }
    for name in ("memory", "disk", "vcpus", "memory_bytes", "disk_bytes"):
        columns[name] = [getattr(reading, name) for reading, _ in rows]
    return samples(columns)
