"""The `host` source: the machine that rightsizer runs on, by the same definitions as any exporter's page."""

from __future__ import annotations

import math
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

import psutil

from collectors.collector import Batch, CollectError, Failure, Reason
from collectors.counters import Reading, table, usage
from collectors.filesystems import FileSystem, counts, disk
from collectors.pages import is_virtual
from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from config.sources import HostSource


class HostCollector:
    """Keeps the last counters: the first collection has no cpu and no network value."""

    def __init__(self, source: HostSource, step: int) -> None:
        self.source = source
        self.step = step
        self.last: Reading | None = None

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def counts(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing stays open between two collections."""

    def collect(self, now: datetime) -> Iterator[Batch]:
        try:
            current = reading(self.source.machine, now)
        except (OSError, psutil.Error) as error:  # /proc is hidden from this process
            failed = CollectError(Reason.NO_DATA, f"this machine's own figures cannot be read: {error}")
            yield Batch(
                SAMPLES.empty_table(),
                (Failure(self.name, self.source.machine, failed.reason, failed.detail),),
            )
            return
        samples, invalid = table([(current, usage(self.last, current, self.step))], self.step)
        self.last = current
        yield Batch(samples, (), invalid)


def reading(machine: str, now: datetime) -> Reading:
    """What this machine says of itself now. Raises OSError, psutil.Error."""
    cpus = psutil.cpu_times(percpu=True)
    memory = psutil.virtual_memory()
    percent, disk_bytes = disk(mounted())
    carried = {
        device: counters
        for device, counters in psutil.net_io_counters(pernic=True, nowrap=False).items()
        if not is_virtual(device)
    }
    return Reading(
        machine=machine,
        time=now,
        clock=monotonic(),
        boot=psutil.boot_time(),
        cpu={
            (str(cpu), mode): seconds
            for cpu, times in enumerate(cpus)
            for mode, seconds in times._asdict().items()
        },
        received={device: float(counters.bytes_recv) for device, counters in carried.items()},
        sent={device: float(counters.bytes_sent) for device, counters in carried.items()},
        memory=100.0 * (1.0 - memory.available / memory.total) if memory.total else math.nan,
        disk=percent,
        vcpus=float(len(cpus)),
        memory_bytes=float(memory.total),
        disk_bytes=disk_bytes,
    )


def mounted() -> Iterator[FileSystem]:
    """The real file systems with their sizes. Network ones are not asked: a dead server would hang us."""
    for partition in psutil.disk_partitions(all=True):  # all: ZFS has no block device and would be left out
        if counts(partition.device, partition.fstype):
            with suppress(OSError):  # not ours to see, or unmounted meanwhile
                size = psutil.disk_usage(partition.mountpoint)
                # Of psutil, `used` is all but f_bfree, `free` is f_bavail: what an ordinary user may write.
                free = float(size.total - size.used)
                yield FileSystem(
                    partition.device, partition.fstype, float(size.total), free, float(size.free)
                )
