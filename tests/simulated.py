"""Two machines whose use is known, as node_exporter counters of two past days, one scrape a minute.

The truth stands beside the counters: `truth` computes it from them by the definitions, in plain Python.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

START = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
MINUTES = 2 * 1440
GIB = 1 << 30
REBOOT = 1000  # minute at which beta's counters begin again at 0
SLIP = 2003  # minute at which beta's idle counter steps back by two ticks


@dataclass(frozen=True)
class Simulated:
    """`series`: text of a series -> its values, one a minute from START on."""

    instance: str
    cpus: int
    memory_bytes: int
    series: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, values: list[float], **labels: str) -> None:
        labels = {"instance": self.instance, "job": "node", **labels}
        self.series[name + "{" + ",".join(f'{k}="{v}"' for k, v in labels.items()) + "}"] = values

    def values(self, name: str, **labels: str) -> list[list[float]]:
        wanted = [f'{k}="{v}"' for k, v in labels.items()]
        return [
            values
            for text, values in self.series.items()
            if text.startswith(name + "{") and all(part in text for part in wanted)
        ]


def busy(minute: int, phase: float) -> float:
    """Share of cpu time in use during the minute before `minute`: a slow daily wave."""
    return 0.35 + 0.25 * math.sin(2 * math.pi * minute / 1440 + phase)


def cpu_counters(machine: Simulated, phase: float) -> None:
    shares = {"user": 0.5, "system": 0.3, "steal": 0.15, "softirq": 0.05, "guest": 0.2, "guest_nice": 0.1}
    for cpu in range(machine.cpus):
        counters: dict[str, list[float]] = {mode: [1000.0] for mode in ("idle", "iowait", *shares)}
        for minute in range(1, MINUTES + 1):
            used = 60 * busy(minute, phase)
            spent = {"idle": 0.9 * (60 - used), "iowait": 0.1 * (60 - used)}
            spent |= {mode: share * used for mode, share in shares.items()}
            for mode, values in counters.items():
                values.append(values[-1] + spent[mode])
        for mode, values in counters.items():
            machine.add("node_cpu_seconds_total", values, cpu=str(cpu), mode=mode)


def filesystems(machine: Simulated) -> None:
    """Per file system: kind, size, used and room for root alone (GiB at noon; /data grows)."""
    hours = [minute / 60 for minute in range(MINUTES + 1)]
    mounted = [
        ("/dev/vda1", "/", "ext4", 40.0, [12.0 for _ in hours], 2.0),
        ("/dev/vda1", "/var/lib/bound", "ext4", 40.0, [12.0 for _ in hours], 2.0),
        ("/dev/mapper/data", "/data", "xfs", 100.0, [30 + 0.5 * hour for hour in hours], 0.0),
        ("tmpfs", "/run", "tmpfs", 4.0, [3.9 for _ in hours], 0.0),
        ("/dev/loop3", "/snap/core/1", "squashfs", 1.0, [1.0 for _ in hours], 0.0),
        ("10.0.0.9:/export", "/net", "nfs4", 900.0, [890.0 for _ in hours], 0.0),
        ("overlay", "/var/lib/docker/overlay2/1", "overlay", 40.0, [39.0 for _ in hours], 0.0),
    ]
    for device, mountpoint, kind, size, used, reserved in mounted:
        labels = {"device": device, "mountpoint": mountpoint, "fstype": kind}
        machine.add("node_filesystem_size_bytes", [size * GIB for _ in used], **labels)
        machine.add("node_filesystem_free_bytes", [(size - u) * GIB for u in used], **labels)
        machine.add("node_filesystem_avail_bytes", [(size - u - reserved) * GIB for u in used], **labels)


def traffic(machine: Simulated) -> None:
    """1500 B/s in and 500 B/s out on the real device; much more on what is not one."""
    speeds = {
        "eth0": (1500, 500),
        "lo": (9e6, 9e6),
        "veth12": (8e6, 8e6),
        "docker0": (7e6, 7e6),
        "bond0": (1500, 500),
    }
    for device, (received, sent) in speeds.items():
        for direction, speed in (("receive", received), ("transmit", sent)):
            values = [5000.0 + 60 * speed * minute for minute in range(MINUTES + 1)]
            machine.add(f"node_network_{direction}_bytes_total", values, device=device)


def alpha() -> Simulated:
    machine = Simulated("10.0.0.1:9100", 2, 8 * GIB)
    cpu_counters(machine, 0.0)
    in_use = [0.4 + 0.1 * math.cos(minute / 200) for minute in range(MINUTES + 1)]
    machine.add("node_memory_MemTotal_bytes", [8.0 * GIB for _ in in_use])
    machine.add("node_memory_MemAvailable_bytes", [8.0 * GIB * (1 - share) for share in in_use])
    machine.add("node_memory_MemFree_bytes", [1e6 for _ in in_use])
    filesystems(machine)
    traffic(machine)
    return machine


def beta() -> Simulated:
    """No MemAvailable; a reboot; an idle counter that steps back once."""
    machine = Simulated("10.0.0.2:9100", 4, 16 * GIB)
    cpu_counters(machine, 2.0)
    whole = [float(GIB) for _ in range(MINUTES + 1)]
    machine.add("node_memory_MemTotal_bytes", [16 * value for value in whole])
    for name, size in (("MemFree", 2.0), ("Buffers", 0.5), ("Cached", 3.0), ("SReclaimable", 0.5)):
        machine.add(f"node_memory_{name}_bytes", [size * value for value in whole])
    filesystems(machine)
    traffic(machine)
    for name, counters in machine.series.items():
        if "_total{" in name:
            counters[REBOOT:] = [value - counters[REBOOT] for value in counters[REBOOT:]]
    for idle in machine.values("node_cpu_seconds_total", cpu="0", mode="idle"):
        idle[SLIP:] = [value - (idle[SLIP] - idle[SLIP - 1]) - 0.02 for value in idle[SLIP:]]
    return machine


def truth(machine: Simulated, minute: int, minutes: int) -> dict[str, float | None]:
    """What a sample at `minute` says about the `minutes` before it."""
    before = minute - minutes

    def grown(*modes: str) -> float | None:
        total = 0.0
        for mode in modes:
            for values in machine.values("node_cpu_seconds_total", mode=mode):
                if any(
                    b < a for a, b in zip(values[before:minute], values[before + 1 : minute + 1], strict=True)
                ):
                    return None
                total += values[minute] - values[before]
        return total

    total = grown("user", "system", "steal", "softirq", "idle", "iowait")
    idle = grown("idle", "iowait")
    eth0 = [
        v
        for d in ("receive", "transmit")
        for v in machine.values(f"node_network_{d}_bytes_total", device="eth0")
    ]
    stepped = any(values[minute] < values[before] for values in eth0)
    moved = sum(values[minute] - values[before] for values in eth0)
    # As df: vda1 once, 12 used of 40 with 2 for root; data 30 + 0.5/h of 100.
    used = 12 + 30 + 0.5 * minute / 60
    left = (40 - 12 - 2) + (100 - 30 - 0.5 * minute / 60)
    memory = 100 * (1 - 6 / 16)  # beta: 2 + 0.5 + 3 + 0.5 GiB of 16 are left
    if machine.values("node_memory_MemAvailable_bytes"):
        memory = 100 * (0.4 + 0.1 * math.cos(minute / 200))
    return {
        "cpu": None if total is None or idle is None else 100 * (1 - idle / total),
        "memory": memory,
        "disk": 100 * used / (used + left),
        "network": None if stepped else moved / (60 * minutes),
        "vcpus": float(machine.cpus),
        "memory_bytes": float(machine.memory_bytes),
        "disk_bytes": 140.0 * GIB,
    }


def page(machines: list[Simulated], per_second: int) -> str:
    """Lines `series value time`; times in 1/per_second seconds (VictoriaMetrics 1000, OpenMetrics 1)."""
    return "\n".join(
        f"{text} {value!r} {(START + 60 * minute) * per_second}"
        for machine in machines
        for text, values in machine.series.items()
        for minute, value in enumerate(values)
    )
