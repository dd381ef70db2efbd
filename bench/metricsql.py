"""Article 13 by VictoriaMetrics: the queries over raw samples, and the verdicts that a client makes of them.

An implementation of its own, one machine at a time, so that the comparison is also a check. Dicts are keyed
by days before D: 1 is D-1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from fleet import policy
from victoria import DAY, OFFSET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from victoria import Series, Victoria

    from config.policy import Policy

HISTORY = 93
NEVER = 10**6
QUERIES = {  # what: expression of one local day, days
    "known_cpu": ("count_over_time(cpu[1d] {at})", 35),
    "known_memory": ("count_over_time(memory[1d] {at})", 35),
    "known_disk": ("count_over_time(disk[1d] {at})", 35),
    "known_network": ("count_over_time(network[1d] {at})", 35),
    "cpu_25": ("count_le_over_time(cpu[1d] {at}, 25)", 35),
    "cpu_3": ("count_le_over_time(cpu[1d] {at}, 3)", 35),
    "cpu_75": ("count_le_over_time(cpu[1d] {at}, 75)", 7),
    "cpu_37": ("count_le_over_time(cpu[1d] {at}, 37)", 7),
    "cpu_peak": ("max_over_time(avg_over_time(cpu[30m])[1d:30m] {at})", HISTORY),
    "memory_peak": ("max_over_time(avg_over_time(memory[30m])[1d:30m] {at})", HISTORY),
    "disk_max": ("max_over_time(disk[1d] {at})", 35),
    "disk_last": ("last_over_time(disk[1d] {at})", 7),
    "network_sum": ("sum_over_time(network[1d] {at})", 35),
    "vcpus": ("median_over_time(vcpus[1d] {at})", HISTORY),
    "memory_bytes": ("median_over_time(memory_bytes[1d] {at})", HISTORY),
    "disk_bytes": ("median_over_time(disk_bytes[1d] {at})", HISTORY),
}
SHOWN = {  # decides nothing: the p95 that stands in the evidence (of the whole window, interpolated)
    "p95_35": ("quantile_over_time(0.95, cpu[35d] {at})", 1),
    "p95_7": ("quantile_over_time(0.95, cpu[7d] {at})", 1),
}
SIZES = {"cpu": ("vcpus", "vcpus", 1), "memory": ("memory_bytes", "memory_gib", 2**30)}
SIZES["disk"] = ("disk_bytes", "disk_gib", 2**30)
AT = f"offset {-OFFSET}s"
Days = dict[int, float]


def ask(server: Victoria, queries: dict[str, tuple[str, int]], *, cached: bool = False) -> dict[str, Series]:
    return {
        name: server.each_day(expression.format(at=AT), days, cached=cached)
        for name, (expression, days) in queries.items()
    }


@dataclass(slots=True)
class Machine:
    """What the queries told of one machine; `expected`: samples of a whole day; `within`: asks how many cpu
    samples of 7 days are at or below a percent.
    """

    found: dict[str, Days]
    expected: int
    policy: Policy
    within: Callable[[int], Days]
    begin: int = NEVER  # the oldest day of the epoch
    first: int = 0  # the oldest day with data
    known: dict[str, Days] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {name: self.found[f"known_{name}"] for name in ("cpu", "memory", "disk", "network")}
        for capacity in (self.found["vcpus"], self.found["memory_bytes"]):
            if capacity:
                now = capacity[min(capacity)]
                other = [ago for ago, size in capacity.items() if abs(size - now) > 0.05 * now]
                self.begin = min(self.begin, min(other, default=NEVER) - 1)
        self.first = max((ago for days in self.found.values() for ago in days), default=0)

    def epoch(self, what: str, days: int) -> Iterable[float]:
        return (value for ago, value in self.found[what].items() if ago <= min(days, self.begin))

    def enough(self, names: tuple[str, ...], days: int, needed: int, share: int) -> tuple[bool, int]:
        """Whether the data are enough, and how many days are valid."""
        window = range(1, min(days, self.begin, self.first) + 1)
        counts = [[self.known[name].get(ago, 0) for ago in window] for name in names]
        least = min(sum(min(count, self.expected) for count in of_one) for of_one in counts)
        valid = sum(min(of_day) * 5 >= 4 * self.expected for of_day in zip(*counts, strict=True))
        covered = bool(window) and 100 * least >= share * self.expected * len(window)
        return valid >= needed and covered, valid

    def p95_within(self, threshold: int, days: int) -> bool | None:
        known = sum(self.epoch("known_cpu", days))
        return 100 * sum(self.epoch(f"cpu_{threshold}", days)) >= 95 * known if known else None

    def periodic_peak(self, resource: str, recent: int) -> float | None:
        peaks = {ago: peak for ago, peak in self.found[f"{resource}_peak"].items() if ago <= self.begin}
        late = [ago for ago in peaks if ago <= recent]
        if not late:
            return None
        if max(peaks) - min(peaks) + 1 < 63:
            return max(peaks[ago] for ago in late)
        oldest = max(peaks)
        highest = list(accumulate((peaks.get(ago, 0.0) for ago in range(oldest, 0, -1)), max))
        return max(
            (min(peaks[ago], highest[oldest - ago - 6]) for ago in late if ago + 6 <= oldest), default=None
        )

    def expand(self) -> bool:
        memory = self.periodic_peak("memory", 35)
        last = {ago: used for ago, used in self.found["disk_last"].items() if ago <= self.begin}
        return (
            self.p95_within(75, 7) is False
            or (memory is not None and memory > 75)
            or (bool(last) and last[min(last)] > 75)
        )

    def shrink(self) -> bool:
        memory, disk = self.periodic_peak("memory", 93), list(self.epoch("disk_max", 35))
        return bool(
            self.p95_within(25, 35) and memory is not None and memory <= 30 and disk and max(disk) < 50
        )

    def idle(self) -> bool:
        known = sum(self.epoch("known_network", 35))
        return bool(self.p95_within(3, 35) and known and sum(self.epoch("network_sum", 35)) <= 1000 * known)

    def lack(self, valid: int) -> str:
        sized = ("cpu", "memory", "disk")
        days = [ago for known in self.known.values() for ago in known]
        reasons = {
            "no_data": not days,
            "stale": min(days, default=0) > 2,
            "metric_missing": not all(self.known[name] for name in sized),
            "resized": self.begin < 35 and valid < 28,
            "short_history": valid < 28,
            "low_coverage": True,
        }
        return next(name for name, holds in reasons.items() if holds)

    def needs(self, resource: str) -> tuple[float | None, float | None]:
        """Percent of the present size that must be carried at the target, and that must stay below 75."""
        if resource == "disk":
            last = {ago: used for ago, used in self.found["disk_last"].items() if ago <= self.begin}
            return max(self.epoch("disk_max", 35), default=None), last[min(last)] if last else None
        late = self.periodic_peak("memory", 35) if resource == "memory" else None
        return self.periodic_peak(resource, 93), late

    def smaller(self, resource: str) -> bool | None:
        """Whether a smaller size of the catalogue is safe; None when the present one is unknown."""
        metric, name, unit = SIZES[resource]
        if not self.found[metric]:
            return None
        now = self.found[metric][min(self.found[metric])] / unit
        need, late = self.needs(resource)
        return need is not None and any(
            now / 2 <= size < now
            and need * now <= getattr(self.policy.target, resource) * size
            and (late is None or late * now <= 75 * size)
            and (resource != "cpu" or self.calm(int(75 * size / now)))
            for size in getattr(self.policy.sizes, name)
        )

    def calm(self, percent: int) -> bool:
        known = sum(ago_known for ago, ago_known in self.known["cpu"].items() if ago <= min(7, self.begin))
        if 100 * sum(self.epoch("cpu_37", 7)) >= 95 * known:
            return True
        counts = self.within(percent)
        return 100 * sum(n for ago, n in counts.items() if ago <= min(7, self.begin)) >= 95 * known

    def sized(self) -> str:
        smaller = [self.smaller(resource) for resource in SIZES]
        if any(smaller):
            return "shrink"
        return "keep: no_safe_size" if False in smaller else "shrink: capacity_unknown"

    def verdict(self) -> str:
        """In the order of the blueprint, with its reason or note."""
        sized = ("cpu", "memory", "disk")
        enough, valid = self.enough(sized, 35, 28, 90)
        if self.enough(sized, 7, 6, 80)[0] and self.expand():
            return "expand"
        if not enough:
            return f"insufficient: {self.lack(valid)}"
        if self.enough(("cpu", "network"), 35, 28, 90)[0] and self.idle():
            return "idle"
        return self.sized() if self.shrink() and not self.expand() else "keep"


def verdicts(server: Victoria, found: dict[str, Series], fleet: Iterable[str], step: int) -> dict[str, str]:
    pack, made = policy(), {}
    for name in fleet:
        told = {what: series.get(name, {}) for what, series in found.items()}
        made[name] = Machine(told, DAY // step, pack, partial(within, server, name)).verdict()
    return made


def within(server: Victoria, machine: str, percent: int) -> Days:
    expression = f'count_le_over_time(cpu{{machine="{machine}"}}[1d] {AT}, {percent})'
    return server.each_day(expression, 7).get(machine, {})
