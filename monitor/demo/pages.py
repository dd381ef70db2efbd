"""Pages as node_exporter 1.x writes them, for simulated machines.

Every value on a page is a linear combination of the machine's state, so that one small matrix product and one
text template make a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from monitor.demo.page_names import COLLECTORS, GROUPS, UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Floats = NDArray[np.float64]
FULL = 57_000  # bytes of a page with every default collector and systemd's
# up: seconds since boot; busy: those of them that a core worked; from received to filled: bytes
STATE = ("one", "now", "boot", "up", "busy", "received", "sent", "memory", "used", "disk", "filled", "load")
RESERVED = 0.05  # of an ext4 file system, kept for root
# device, type, mount point, share of the disk, reserved
FILE_SYSTEMS = (("/dev/vda2", "ext4", "/", 0.4, RESERVED), ("/dev/vdb1", "xfs", "/data", 0.6, 0.0))
BUSY = {"user": 0.7, "system": 0.21, "softirq": 0.05, "steal": 0.02, "nice": 0.02, "irq": 0.0}
# of the memory that is used, and of what is left (MemAvailable)
MEMORY = {
    "MemTotal": {"memory": 1.0},
    "MemAvailable": {"memory": 1.0, "used": -1.0},
    "MemFree": {"memory": 0.35, "used": -0.35},
    "Cached": {"memory": 0.58, "used": -0.5},
    "Buffers": {"memory": 0.04, "used": -0.04},
    "SReclaimable": {"memory": 0.03, "used": -0.03},
    "Shmem": {"used": 0.04},
    "AnonPages": {"used": 0.8},
}


@dataclass(frozen=True, slots=True)
class Series:
    """`value`: weights of the state; `form`: how it is printed."""

    labels: str
    value: Mapping[str, float]
    form: str = "%.12g"


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    kind: str
    text: str
    series: tuple[Series, ...]

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self.text}"
        yield f"# TYPE {self.name} {self.kind}"
        for one in self.series:
            yield f"{self.name}{{{one.labels}}} {one.form}" if one.labels else f"{self.name} {one.form}"


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    text: str
    weights: Floats  # (values, STATE)

    def page(self, name: str, state: Floats) -> bytes:
        """The page of machine `name` in a state: the numbers of STATE, in that order."""
        return (self.text % tuple((self.weights @ state).tolist())).replace("@NAME@", name).encode()


@cache
def template(vcpus: int, *, memory: bool, full: bool) -> Template:
    """`memory`: the page has meminfo; `full`: it has every default collector (57 kB and more)."""
    families = list(needed(vcpus, memory=memory))
    if full:
        families += extra(vcpus)
        families.append(units(FULL - size(families)))
    families.sort(key=lambda family: family.name)
    values = [one.value for family in families for one in family.series]
    weights = np.array([[value.get(name, 0.0) for name in STATE] for value in values])
    return Template("\n".join(line for family in families for line in family.lines()) + "\n", weights)


def size(families: Iterable[Family]) -> int:
    return sum(len(line) + 6 for family in families for line in family.lines())


def needed(vcpus: int, *, memory: bool) -> Iterator[Family]:
    yield cpu(vcpus)
    yield from file_systems()
    yield from network()
    if memory:
        for name, value in MEMORY.items():
            text = f"Memory information field {name}_bytes."
            yield Family(f"node_memory_{name}_bytes", "gauge", text, (Series("", value, "%.0f"),))
    yield Family(
        "node_boot_time_seconds", "gauge", "Node boot time, in unixtime.", (Series("", {"boot": 1}),)
    )
    yield Family(
        "node_time_seconds", "gauge", "System time in seconds since epoch.", (Series("", {"now": 1}, "%.7f"),)
    )
    yield Family("node_load1", "gauge", "1m load average.", (Series("", {"load": 1}, "%.2f"),))
    labels = (
        'domainname="(none)",machine="x86_64",nodename="@NAME@",release="5.10.0-30-amd64",sysname="Linux"'
    )
    uname = Series(labels + ',version="#1 SMP"', {"one": 1})
    yield Family(
        "node_uname_info", "gauge", "System information as the uname system call gives it.", (uname,)
    )


def cpu(vcpus: int) -> Family:
    """Each core started with its own lead, and all are equally busy since."""
    series = []
    for core in range(vcpus):
        modes = {mode: {"busy": share} for mode, share in BUSY.items()}
        modes |= {"idle": {"up": 0.99, "busy": -0.99}, "iowait": {"up": 0.01, "busy": -0.01}}
        for mode, value in sorted(modes.items()):
            lead = {"one": 3.17 * core if mode != "irq" else 0.0}
            series.append(Series(f'cpu="{core}",mode="{mode}"', value | lead, "%.2f"))
    return Family("node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.", tuple(series))


def file_systems() -> Iterator[Family]:
    """The disk as two file systems, used alike, and a tmpfs that is no disk."""
    sizes, free, avail = [], [], []
    for device, kind, mount, share, reserved in FILE_SYSTEMS:
        labels = f'device="{device}",device_error="",fstype="{kind}",mountpoint="{mount}"'
        used = -share * (1 - reserved)
        sizes.append(Series(labels, {"disk": share}, "%.0f"))
        free.append(Series(labels, {"disk": share, "filled": used}, "%.0f"))
        avail.append(Series(labels, {"disk": share * (1 - reserved), "filled": used}, "%.0f"))
    run = 'device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"'
    for name, series, part in (("size", sizes, 0.1), ("free", free, 0.099), ("avail", avail, 0.099)):
        series.append(Series(run, {"memory": part}, "%.0f"))
        yield Family(f"node_filesystem_{name}_bytes", "gauge", f"Filesystem {name} in bytes.", tuple(series))


def network() -> Iterator[Family]:
    for way, state in (("receive", "received"), ("transmit", "sent")):
        loopback = Series('device="lo"', {"up": 731.0}, "%.0f")
        series = (Series('device="eth0"', {state: 1}, "%.0f"), loopback)
        text = f"Network device statistic {way}_bytes."
        yield Family(f"node_network_{way}_bytes_total", "counter", text, series)


def extra(vcpus: int) -> Iterator[Family]:
    """The other default collectors: values that only have to be there and to grow where they are counters."""
    draw = np.random.default_rng(vcpus)
    cores = tuple(str(core) for core in range(vcpus))
    for prefix, label, members, names in GROUPS:
        labels = [f'{label}="{member}"' for member in members or cores] if label else [""]
        for name in names.split():
            kind = "counter" if name.endswith("_total") else "gauge"
            rates = draw.lognormal(3, 2, len(labels)).tolist()
            series = (
                Series(text, moving(kind, rate), "%.12g") for text, rate in zip(labels, rates, strict=True)
            )
            yield Family(prefix + name, kind, f"{name} as the system reports it.", tuple(series))
    for name in ("duration_seconds", "success"):
        value = {"one": 1.0 if name == "success" else 0.000213}
        series = (Series(f'collector="{collector}"', value) for collector in COLLECTORS.split())
        yield Family(
            f"node_scrape_collector_{name}", "gauge", f"Collector {name} of a scrape.", tuple(series)
        )


def moving(kind: str, rate: float) -> dict[str, float]:
    """A counter that grows, or a gauge that follows the load."""
    return {"up": round(rate)} if kind == "counter" else {"one": round(rate), "load": round(rate / 7)}


def units(room: int) -> Family:
    """As many units of systemd as fill the room (bytes)."""
    series: list[Series] = []
    names = (f"{name}{number or ''}" for number in range(1000) for name in UNITS.split())
    while room > 0:
        name = next(names)
        for state in ("activating", "active", "deactivating", "failed", "inactive"):
            labels = f'name="{name}.service",state="{state}",type="simple"'
            series.append(Series(labels, {"one": float(state == "active")}))
            room -= len("node_systemd_unit_state{} 0\n") + len(labels)
    return Family("node_systemd_unit_state", "gauge", "Systemd unit", tuple(series))
