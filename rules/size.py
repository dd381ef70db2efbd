"""Advised sizes: the smallest that the regulation will not object to again.

A resource is at most halved at once, use stays at or below the policy's target, and scaling the same history
to the advised size never satisfies the opposite rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rules.fold import BINS, Array, Ints
from rules.history import Bools, History, all_of, any_of
from rules.statistics import Statistic, periodic_peak, rank95

if TYPE_CHECKING:
    from config.policy import Condition, Policy, Rule

SIZED = {"cpu": "vcpus", "memory": "memory_gib", "disk": "disk_gib"}
GIB = 2.0**30
PEAK_DAYS = 93  # of a rule that names no periodic peak


@dataclass(frozen=True, slots=True)
class Load:
    """What a size must carry: the load in percent of the present size, and the opposite rule's own
    figures.
    """

    need: dict[str, Array]  # cpu, memory: periodic peak; disk: highest. Percent of the present size
    rule: Rule  # the opposite rule
    statistics: tuple[Statistic, ...]  # of its conditions
    cumulated: Ints  # cpu counts of its window, shape (machines, 101)


def capacities(history: History, inventory: dict[str, Array]) -> dict[str, Array]:
    """The present size: as measured last, else as the inventory says. Keys vcpus, memory_gib, disk_gib; NaN
    unknown.
    """
    measured = {
        "vcpus": history.capacity["vcpus"],
        "memory_gib": history.capacity["memory_bytes"] / GIB,
        "disk_gib": history.capacity["disk_bytes"] / GIB,
    }
    return {name: np.where(np.isnan(known), inventory[name], known) for name, known in measured.items()}


def needs(history: History, rule: Rule, disk_max: Array) -> dict[str, Array]:
    """Percent of the present size that each resource must be able to give: peaks as recent as those of
    `rule`.
    """
    recent = [c.recent_days for c in rule.conditions if c.statistic == "periodic_peak"]
    return {
        "cpu": periodic_peak(history, "cpu", max(recent, default=PEAK_DAYS))[0],
        "memory": periodic_peak(history, "memory", max(recent, default=PEAK_DAYS))[0],
        "disk": disk_max,
    }


def shrunk(
    current: dict[str, Array], load: Load, policy: Policy, chosen: dict[str, Bools]
) -> dict[str, Array]:
    """The smallest safe size of the `chosen` resources; the present one where none smaller is safe or it is
    unknown.
    """
    advised = {}
    for resource, name in SIZED.items():
        now = best = current[name]
        for size in reversed(getattr(policy.sizes, name)):
            with np.errstate(invalid="ignore"):
                smaller = (size < now) & (size >= now / 2)
                carries = load.need[resource] * now <= getattr(policy.target, resource) * size
            calm = ~exceeded(resource, now, size, load)
            best = np.where(chosen[resource] & smaller & carries & calm, size, best)
        advised[name] = best
    return advised


def exceeded(resource: str, now: Array, size: float, load: Load) -> Bools:
    """Whether a condition (`above`) of the expand rule would hold on the same use of `size`. Unknown use:
    no.
    """
    found = np.zeros(len(now), np.bool_)
    for condition, figures in zip(load.rule.conditions, load.statistics, strict=True):
        if condition.resource != resource:
            continue
        if condition.statistic == "p95":
            found |= ~share_within(load.cumulated, condition.threshold * size / now)
        else:
            with np.errstate(invalid="ignore"):
                found |= figures.value * now > condition.threshold * size
    return found


def share_within(cumulated: Ints, limit: Array) -> Bools:
    """At least 95 % of the samples are surely at or below `limit` percent (of the present size)."""
    bins = np.clip(np.floor(np.nan_to_num(limit)), 0, BINS - 1).astype(np.int64)
    within: Bools = 100 * cumulated[np.arange(len(cumulated)), bins] >= 95 * cumulated[:, -1]
    return within


def enlarged(
    current: dict[str, Array], load: Load, policy: Policy, chosen: dict[str, Bools]
) -> tuple[dict[str, Array], Bools]:
    """The smallest size of the `chosen` resources that carries the load at the target, and whether one of
    them has none: it keeps its present size.

    NaN throughout where the shrink rule would hold at that size.
    """
    advised, stuck = {}, np.zeros(len(current["vcpus"]), np.bool_)
    for resource, name in SIZED.items():
        now = current[name]
        best = np.full(len(now), np.nan)
        for size in reversed(getattr(policy.sizes, name)):
            with np.errstate(invalid="ignore"):
                larger = size > now
                carries = load.need[resource] * now <= getattr(policy.target, resource) * size
            best = np.where(chosen[resource] & larger & carries, size, best)
        stuck |= chosen[resource] & np.isnan(best) & ~np.isnan(now)
        advised[name] = np.where(np.isnan(best), now, best)
    flips = shrinkable(current, advised, load)
    return {name: np.where(flips, np.nan, size) for name, size in advised.items()}, stuck


def shrinkable(current: dict[str, Array], advised: dict[str, Array], load: Load) -> Bools:
    """Whether the shrink rule might hold on the same use at the advised size."""
    holds, grown = [], []
    for condition, figures in zip(load.rule.conditions, load.statistics, strict=True):
        now, size = current[SIZED[condition.resource]], advised[SIZED[condition.resource]]
        holds.append(fits_below(condition, figures, (now, size), load))
        grown.append(size > now)
    if load.rule.combine == "each":
        return any_of(hold & grow for hold, grow in zip(holds, grown, strict=True))
    return all_of(holds)


def fits_below(condition: Condition, figures: Statistic, sizes: tuple[Array, Array], load: Load) -> Bools:
    """Whether a shrink condition might hold on the same use of another size; of an unknown one the use stays.

    `sizes`: the present one and the other.
    """
    unknown = np.isnan(sizes[0] * sizes[1])
    now, size = (np.where(unknown, 1.0, known) for known in sizes)
    if condition.statistic == "p95":
        return share_within(load.cumulated, np.ceil(condition.threshold * size / now))
    used, limit = figures.value * now, condition.threshold * size
    with np.errstate(invalid="ignore"):
        within: Bools = used < limit if condition.operator == "below" else used <= limit
    return within


def relief(
    need: dict[str, Array], rule: Rule, statistics: tuple[Statistic, ...], cumulated: Ints
) -> dict[str, Array]:
    """The need of an expansion: at least the figure that called for it."""
    wanted = dict(need)
    for condition, figures in zip(rule.conditions, statistics, strict=True):
        value = rank95(cumulated).astype(np.float64) if condition.statistic == "p95" else figures.value
        wanted[condition.resource] = np.fmax(wanted[condition.resource], value)
    return wanted


def monthly(sizes: dict[str, Array], policy: Policy) -> Array:
    """Yuan a month; an unknown resource costs nothing."""
    prices = policy.prices
    yuan = {"vcpus": prices.vcpu, "memory_gib": prices.memory_gib, "disk_gib": prices.disk_gib}
    total: Array = np.sum([np.nan_to_num(sizes[name]) * price for name, price in yuan.items()], axis=0)
    return total
