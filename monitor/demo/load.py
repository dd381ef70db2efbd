"""The use of the simulated machines as functions of time, vectorised over machines.

Noise comes from a counter-based generator keyed by seed, day and block of machines: any day can be made
alone, and the same day is always the same. Arrays have the shape (machines, times of one local day).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from monitor.demo.city import City, Traits

BLOCK = 10_000  # machines made at once: bounds the memory of a large city
MEMORY_TIME = 500.0  # s over which cpu remembers what it did
# hour and share of the office hours' load: morning, lunch, afternoon, a few who stay
OFFICE_HOURS = (0, 7.5, 9, 11.5, 12.5, 13.5, 14.5, 17, 19, 21, 24)
OFFICE_LOAD = (0.05, 0.05, 0.95, 1, 0.55, 0.6, 1, 0.9, 0.25, 0.08, 0.05)
WEEKEND = 0.15

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A local day cut into steps. `start`: epoch s; `elapsed`: s since then; `ago`: days before today."""

    date: date
    start: int
    length: int
    elapsed: Array
    ago: int

    @property
    def hours(self) -> Array:
        return self.elapsed / np.float32(3600)

    @property
    def part(self) -> Array:
        """0..1 over the day."""
        return self.elapsed / np.float32(self.length)


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Random numbers of one day for one block of machines."""

    seed: int
    day: int
    block: int

    def generator(self, stream: int, days: int = 0) -> np.random.Generator:
        key = [self.seed, (self.day + days) << 40 | self.block << 8 | stream]
        return np.random.Generator(np.random.Philox(key=np.array(key, dtype=np.uint64)))


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """cpu, memory, disk in percent; network in bytes/s; `size`: the capacity then, today's is 1."""

    cpu: Array
    memory: Array
    disk: Array
    network: Array
    size: Array


def day_of(city: City, local: date, step: float, zone: ZoneInfo) -> Day:
    start = int(datetime.combine(local, time(), zone).timestamp())
    length = int(datetime.combine(local + timedelta(days=1), time(), zone).timestamp()) - start
    elapsed = np.arange(0, length, step, dtype=np.float32)
    return Day(local, start, length, elapsed, (city.today - local).days)


def use(city: City, day: Day, block: int = 0) -> Use:
    """What the machines of one block do on a day, whether anyone can see it or not."""
    traits = rows(city, block)
    noise = Noise(city.seed, day.date.toordinal(), block)
    size = capacity(traits, day)
    cpu = np.clip(cpu_use(traits, day, noise) / size, 0.02, 100.0)
    memory = np.clip(memory_use(traits, day, noise) / size, 0.3, 98.5)
    return Use(cpu, memory, disk_use(traits, day, noise), network_use(traits, day, noise, cpu * size), size)


def rows(city: City, block: int) -> Traits:
    return city.traits[block * BLOCK : (block + 1) * BLOCK]


def each(traits: Traits, name: str) -> Array:
    """One trait of all machines, shape (machines, 1)."""
    column: Array = traits[name][:, None]
    return column


def capacity(traits: Traits, day: Day) -> Array:
    """Multiples of today's capacity: a resize takes place at 22 o'clock."""
    evening = day.hours >= 22.0
    resized = each(traits, "resized")
    earlier = (resized < day.ago) | ((resized == day.ago) & ~evening)
    return np.where(earlier, each(traits, "before"), np.float32(1))


def cpu_use(traits: Traits, day: Day, noise: Noise) -> Array:
    """Percent of today's capacity, not yet clipped."""
    draw = noise.generator(0)
    mood = np.exp(np.float32(0.08) * draw.standard_normal((len(traits), 1), dtype=np.float32))
    level = each(traits, "cpu") + each(traits, "office") * office(day)
    level += each(traits, "night") * nightly(traits, day)
    level += peaks(traits, day, "week", "month") + once(traits, day, 45.0)
    level *= mood * in_use(traits, day, rest=0.08)
    cpu: Array = level * (1 + each(traits, "unrest") * remembered(draw, level.shape, step_of(day)))
    cpu += np.abs(draw.standard_normal(level.shape, dtype=np.float32)) * np.float32(0.12)
    bursts = draw.poisson(0.0006 * cpu.size)
    cpu.reshape(-1)[draw.integers(0, cpu.size, bursts)] += draw.uniform(5, 60, bursts).astype(np.float32)
    return cpu


def memory_use(traits: Traits, day: Day, noise: Noise) -> Array:
    """Percent of today's capacity: a slow drift that goes on over midnight, and little quick noise."""
    draw = noise.generator(1)
    calm = in_use(traits, day, rest=0.4)
    level = (each(traits, "memory") + each(traits, "memory_office") * office(day)) * calm
    level += peaks(traits, day, "memory_week", "memory_month") + once(traits, day, 40.0)
    cycle = (each(traits, "night_hour") * 3 + day.part - day.ago) / each(traits, "leak_days")
    level += each(traits, "leak") * (cycle % 1)
    drift = between(noise, len(traits), day.part) + np.float32(1.2) * bridge(draw, level.shape)
    quick = draw.standard_normal(level.shape, dtype=np.float32)
    return level * (1 + np.float32(0.03) * drift) + np.float32(0.08) * quick


def disk_use(traits: Traits, day: Day, noise: Noise) -> Array:
    """Percent: rises slowly to its value of today and on; logs come and are rotated once a day."""
    draw = noise.generator(2)
    ago = np.float32(day.ago) - day.part
    logs = (day.part + each(traits, "night_hour")) % 1
    jitter = draw.standard_normal((len(traits), day.elapsed.size), dtype=np.float32)
    disk: Array = each(traits, "disk") - each(traits, "growth") * ago
    disk += np.float32(0.3) * logs + np.float32(0.012) * jitter
    return disk.clip(0.5, 98.0)


def network_use(traits: Traits, day: Day, noise: Noise, cpu: Array) -> Array:
    """Bytes/s, received and sent: follows the work that cpu does."""
    draw = noise.generator(3)
    used = in_use(traits, day, rest=0.004)
    spread = np.exp(np.float32(0.2) * draw.standard_normal(cpu.shape, dtype=np.float32))
    rate: Array = (each(traits, "network") + each(traits, "traffic") * cpu) * used * spread
    return rate


def office(day: Day) -> Array:
    week_part = WEEKEND if day.date.weekday() >= 5 else 1.0
    return (np.interp(day.hours, OFFICE_HOURS, OFFICE_LOAD) * week_part).astype(np.float32)


def nightly(traits: Traits, day: Day) -> Array:
    """1 while the nightly job runs, for machines that have one."""
    begin = each(traits, "night_hour")
    running = (day.hours >= begin) & (day.hours < begin + each(traits, "night_minutes") / 60)
    return running.astype(np.float32)


def peaks(traits: Traits, day: Day, week: str, month: str) -> Array:
    """The load of one morning a week and of the last two days of a month (月末结账)."""
    today = each(traits, "weekday") == np.float32(day.date.weekday())
    load: Array = each(traits, week) * today * ((day.hours >= 8.5) & (day.hours < 12))
    if (day.date + timedelta(days=2)).month != day.date.month:
        load += each(traits, month) * ((day.hours >= 9) & (day.hours < 20))
    return load


def once(traits: Traits, day: Day, height: float) -> Array:
    """A load of two hours on one single day."""
    hit = (each(traits, "spike") == day.ago) & (day.hours >= 14) & (day.hours < 16)
    load: Array = hit * np.float32(height)
    return load


def in_use(traits: Traits, day: Day, rest: float) -> Array:
    """1 for each machine in use, `rest` for one whose system was abandoned; shape (machines, 1)."""
    return np.where(each(traits, "quiet") >= day.ago, np.float32(rest), np.float32(1))


def step_of(day: Day) -> float:
    return day.length / day.elapsed.size


def remembered(draw: np.random.Generator, shape: tuple[int, int], step: float) -> Array:
    """Noise of deviation 1 whose neighbours resemble each other: an autoregression of order one."""
    noise = draw.standard_normal(shape, dtype=np.float32)
    kept = np.float32(np.exp(-step / MEMORY_TIME))
    noise[:, 1:] *= np.sqrt(1 - kept * kept)
    for moment in range(1, shape[1]):
        noise[:, moment] += kept * noise[:, moment - 1]
    return noise


def bridge(draw: np.random.Generator, shape: tuple[int, int]) -> Array:
    """A random walk that begins and ends the day at 0, deviation 0.5 at noon."""
    walk = np.cumsum(draw.standard_normal(shape, dtype=np.float32), axis=1) / np.float32(np.sqrt(shape[1]))
    walk -= walk[:, -1:] * np.linspace(0, 1, shape[1], dtype=np.float32)
    return walk


def between(noise: Noise, machines: int, part: Array) -> Array:
    """A drift from one midnight's random level to the next midnight's."""
    first, last = (noise.generator(4, days).standard_normal(machines, dtype=np.float32) for days in (0, 1))
    return first[:, None] * (1 - part) + last[:, None] * part
