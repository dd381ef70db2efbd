"""Random machines with figures on, near and far from the thresholds. The same seed gives the same fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from measured import FIRST, GIB, POLICY, midnight, steady

from config.policy import Policy, Sizes, with_combine

if TYPE_CHECKING:
    from typing import Literal

    from measured import Arrays, Floats

STEP = 1800  # s: a sample a half hour keeps the machines small
A_DAY = 86400 // STEP
CPU = (1.0, 3.0, 10.0, 20.0, 25.0, 26.0, 40.0, 74.0, 76.0, 90.0)
MEMORY = (5.0, 15.0, 25.0, 30.0, 31.0, 50.0, 74.0, 76.0, 95.0)
DISK = (5.0, 25.0, 40.0, 49.0, 50.0, 60.0, 75.0, 76.0, 95.0)
Fleet = dict[str, "Arrays"]


def fleet(seed: int, count: int, days: int) -> Fleet:
    generator = np.random.default_rng(seed)
    return {f"vm-{number}": machine(generator, days) for number in range(count)}


def machine(generator: np.random.Generator, days: int) -> Arrays:
    """A level for each resource, mostly low, one of them high; at times noise, spikes, a busy week, gaps."""
    low = generator.random() < 0.9
    high = generator.choice(["cpu", "memory", "disk", *["none"] * 6])
    arrays = {"time": midnight(FIRST) + STEP * np.arange(days * A_DAY, dtype=np.float64)}
    for name, levels in (("cpu", CPU), ("memory", MEMORY), ("disk", DISK)):
        level = generator.choice(levels[-3:] if name == high else levels[:4] if low else levels)
        arrays[name] = used(generator, level, days, spiky=0.5 if name == "cpu" else 0.1)
    arrays["network"] = np.full(days * A_DAY, generator.choice([0.0, 1000.0, 1001.0, 1e6]))
    return {**arrays, **capacity(generator, days)}


def used(generator: np.random.Generator, level: float, days: int, spiky: float) -> Floats:
    """A percent per sample, in hundredths as it is stored."""
    rows = days * A_DAY
    values = np.full(rows, level)
    if generator.random() < 0.3:
        values += generator.normal(0, generator.choice([0.02, 1.0, 5.0]), rows)
    if generator.random() < spiky:
        often = generator.choice([0.002, 0.03, 0.049, 0.051, 0.1])
        values[generator.random(rows) < often] = generator.uniform(level, 100)
    if generator.random() < 0.15:
        values[-7 * A_DAY :] += generator.uniform(-20, 60)
    if generator.random() < spiky / 2:
        values[-3 * A_DAY : -2 * A_DAY] = generator.uniform(
            30, 60
        )  # one busy day: 14 % of the week, 3 % of 35 days
    values = np.clip(values, 0.0, 100.0)
    if generator.random() < 0.1:
        values[generator.random(rows) < generator.choice([0.02, 0.1, 0.3])] = np.nan
    rounded: Floats = np.round(values, 2)
    return rounded


def capacity(generator: np.random.Generator, days: int) -> Arrays:
    """Sizes in and beside the catalogue, a few unknown, a few changed on the way."""
    sizes = {
        "vcpus": generator.choice([1, 2, 3, 5, 7, 8, 16, 64, 100, 0]),
        "memory_bytes": generator.choice([1, 2, 3, 7.5, 16, 48, 100, 0]) * GIB,
        "disk_bytes": generator.choice([20, 40, 77, 100, 500, 0]) * GIB,
    }
    arrays = {name: np.full(days * A_DAY, float(size)) for name, size in sizes.items()}
    if generator.random() < 0.15:
        arrays["vcpus"][: generator.integers(1, days) * A_DAY] *= 2
    return arrays


def catalogue(seed: int, combine: Literal["all", "each"]) -> Policy:
    """The city's policy with another list of sizes: coarse or fine, even or odd."""
    generator = np.random.default_rng(seed)
    lists = {
        name: sorted(set(np.round(generator.uniform(0.5, 120, generator.choice([1, 3, 12, 40])), 1).tolist()))
        for name in ("vcpus", "memory_gib", "disk_gib")
    }
    return with_combine(POLICY.model_copy(update={"sizes": Sizes(**lists)}), combine)


def kept(arrays: Arrays, rows: Floats) -> Arrays:
    """Only the samples `rows` (flags)."""
    return {name: column[rows.astype(bool)] for name, column in arrays.items()}


def forgotten(arrays: Arrays, name: str) -> Arrays:
    """The whole metric is unknown."""
    return {**arrays, name: np.full(len(arrays["time"]), np.nan)}


def busy(days: int, share: float, generator: np.random.Generator) -> Arrays:
    """A machine to shrink but for its cpu: just more than `share` (0..1) of all samples are above 25 %."""
    arrays = steady(days, STEP)
    rows = len(arrays["time"])
    high = int(share * rows) + 1
    arrays["cpu"][generator.choice(rows, high, replace=False)] = 30.0
    return arrays
