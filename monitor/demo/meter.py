"""What counters and gauges of every simulated machine show at a moment: integrals of its use since boot."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from monitor.demo.load import BLOCK, Day, day_of, use
from monitor.demo.past import GIB

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from monitor.demo.city import City

Floats = NDArray[np.float64]
GRID = 60.0  # s in which use is constant


class Meter:
    """Counters go on over midnight for as long as one meter lives. Each machine is taken to have
    worked, since it was booted, as on the meter's first day.
    """

    day: Day
    busy: Floats  # seconds for each core since the day began, at each step of the grid: (machines, times + 1)
    network: Floats  # bytes, likewise
    memory: NDArray[np.float32]  # percent (machines, times)
    disk: NDArray[np.float32]

    def __init__(self, city: City, zone: ZoneInfo, now: datetime) -> None:
        """Raises ValueError when `now` lies before the city's today."""
        self.city, self.zone = city, zone
        if now.astimezone(zone).date() < city.today:
            raise ValueError(
                f"the city's today is {city.today}, and it is asked for its state of {now}, before that"
            )
        self.boot = self.boots()
        self.work(now.astimezone(zone).date())
        since = self.day.start - self.boot
        self.busy_before = self.busy[:, -1] * since / self.day.length
        self.network_before = self.network[:, -1] * since / self.day.length

    def boots(self) -> Floats:
        """Epoch seconds, some days before the city's today."""
        days = np.random.default_rng(self.city.seed).uniform(2.5, 200.0, len(self.city.machines))
        days = np.fmin(days, self.city.traits["born"])
        start = day_of(self.city, self.city.today, GRID, self.zone).start
        booted: Floats = np.rint(start - days * 86_400)
        return booted

    def work(self, local: date) -> None:
        """Fill the tables of one local day."""
        self.day = day_of(self.city, local, GRID, self.zone)
        blocks = range(-(-len(self.city.machines) // BLOCK))
        used = [use(self.city, self.day, block) for block in blocks]
        self.busy = summed(np.concatenate([one.cpu for one in used])) / 100.0
        self.network = summed(np.concatenate([one.network for one in used]))
        self.memory = np.concatenate([one.memory for one in used])
        self.disk = np.concatenate([one.disk for one in used])

    def turn(self, local: date) -> None:
        """Go on to a later day; the days between have been worked too."""
        while self.day.date < local:
            self.busy_before += self.busy[:, -1]
            self.network_before += self.network[:, -1]
            self.work(self.day.date + timedelta(days=1))

    def state(self, machine: int, now: datetime) -> Floats:
        """The numbers of pages.STATE for the machine at that place in the city."""
        if now.timestamp() >= self.day.start + self.day.length:
            self.turn(now.astimezone(self.zone).date())
        traits, seconds = self.city.traits[machine], now.timestamp()
        place = max(seconds - self.day.start, 0.0) / GRID
        step = min(int(place), self.memory.shape[1] - 1)
        busy = self.busy_before[machine] + along(self.busy[machine], step, place)
        network = self.network_before[machine] + along(self.network[machine], step, place)
        memory, disk = float(traits["memory_gib"]) * GIB, float(traits["disk_gib"]) * GIB
        load = (self.busy[machine, step + 1] - self.busy[machine, step]) / GRID * traits["vcpus"]
        used = memory * self.memory[machine, step] / 100.0
        filled = disk * self.disk[machine, step] / 100.0
        up = seconds - self.boot[machine]
        times = (1.0, seconds, self.boot[machine], up, busy)
        return np.array([*times, 0.6 * network, 0.4 * network, memory, used, disk, filled, load])


def summed(rates: NDArray[np.float32]) -> Floats:
    """The integral over the grid, 0 at the start."""
    total = np.zeros((rates.shape[0], rates.shape[1] + 1))
    np.cumsum(rates, axis=1, dtype=np.float64, out=total[:, 1:])
    total *= GRID
    return total


def along(total: Floats, step: int, place: float) -> float:
    """The integral between two steps of the grid."""
    return float(total[step] + (place - step) * (total[step + 1] - total[step]))
