"""The statistics that a policy's condition names, for all machines at once.

Decided on counts and exact sums, never on a displayed figure; a value that is not known satisfies no
condition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rules.fold import Array, Ints, divide
from rules.history import Bools, History, first_true, last_true, newest_value

if TYPE_CHECKING:
    from config.policy import Condition

APART = 6  # days between the two witnesses of a periodic peak: a weekly load shows twice
ENOUGH_HISTORY = (
    63  # days from the first to the last measured one, from which on a single spike does not count
)


@dataclass(frozen=True, slots=True)
class Statistic:
    """One condition for every machine: its value, whether it holds, what it rests on. Arrays, one entry a
    machine.

    `share` (p95 only): part 0..1 of the known samples at or below the threshold. `witnesses`: columns of the
    history, shape (machines, 2), -1 for none, the later day first.
    """

    value: Array
    holds: Bools
    share: Array
    witnesses: Ints


def statistic(history: History, condition: Condition, days: int) -> Statistic:
    """`condition` on the last `days` days (a periodic peak: on its own `recent_days`) of each machine's
    epoch.
    """
    if condition.statistic == "p95":
        return p95(history.cumulated[days], condition)
    if condition.statistic == "periodic_peak":
        value, witnesses = periodic_peak(history, condition.resource, condition.recent_days)
        return plain(value, condition, witnesses)
    if condition.statistic == "mean":
        return plain(mean(history, condition.resource, days), condition)
    used = history.grids[f"disk_{condition.statistic}"][:, history.last(days)]
    grid = np.where(history.window(days), used, np.nan)
    return plain(highest(grid) if condition.statistic == "max" else newest_value(grid), condition)


def plain(value: Array, condition: Condition, witnesses: Ints | None = None) -> Statistic:
    none = np.full((len(value), 2), -1)
    unknown = np.full(len(value), np.nan)
    return Statistic(value, compare(value, condition), unknown, none if witnesses is None else witnesses)


def compare(value: Array, condition: Condition) -> Bools:
    """NaN fails every comparison."""
    threshold = condition.threshold
    with np.errstate(invalid="ignore"):
        if condition.operator == "at_most":
            return value <= threshold
        return value < threshold if condition.operator == "below" else value > threshold


def p95(cumulated: Ints, condition: Condition) -> Statistic:
    """Nearest rank on counts: p95 <= t exactly when at least 95 % of the known samples are <= t."""
    count, below = cumulated[:, -1], cumulated[:, condition.threshold]
    within = (100 * below >= 95 * count) & (count > 0)
    holds = within if condition.operator == "at_most" else ~within & (count > 0)
    value = np.where(count > 0, rank95(cumulated), np.nan)
    return Statistic(value, holds, divide(below.astype(np.float64), count), np.full((len(count), 2), -1))


def rank95(cumulated: Ints) -> Ints:
    """The smallest whole percent b with at least 95 % of the samples at or below b."""
    rank: Ints = np.argmax(100 * cumulated >= 95 * cumulated[:, -1:], axis=1)
    return rank


def mean(history: History, resource: str, days: int) -> Array:
    """Mean of all known samples of the window. A day's total is a whole number again: no rounding decides."""
    recent = history.last(days)
    weight = np.where(history.window(days), history.known[resource][:, recent], 0)
    unit = 1 if resource == "network" else 100  # whole bytes/s, whole hundredths of a percent
    total = np.rint(np.nan_to_num(history.grids[f"{resource}_mean"][:, recent]) * weight * unit).sum(axis=1)
    return divide(total, unit * weight.sum(axis=1))


def periodic_peak(history: History, resource: str, recent_days: int) -> tuple[Array, Ints]:
    """内存周期性峰值: the level that the daily peaks reached on two days at least 6 days apart, the later one
    recent.

    With less than 63 days of history: the highest daily peak of the last `recent_days`. Returns the value in
    percent (NaN when unknown) and the witnesses' columns, shape (machines, 2).
    """
    peaks = np.where(history.epoch(), history.grids[f"{resource}_peak"], np.nan)
    known = ~np.isnan(peaks)
    level = np.where(known, peaks, -np.inf)
    paired = np.minimum(level, earlier(level))
    short = last_true(known) - first_true(known) + 1 < ENOUGH_HISTORY
    candidates = np.where(short[:, None], level, paired)
    candidates[:, : max(0, history.width - recent_days)] = -np.inf
    value = candidates.max(axis=1)
    found = np.isfinite(value)
    later = np.where(found, last_true(candidates >= value[:, None]), -1)
    before = np.arange(history.width) <= later[:, None] - APART
    partner = np.where(found & ~short, last_true(before & (level >= value[:, None])), -1)
    return np.where(found, value, np.nan), np.stack((later, partner), axis=1)


def earlier(level: Array) -> Array:
    """For every day the highest level at least 6 days before it."""
    best = np.full(level.shape, -np.inf)
    best[:, APART:] = np.maximum.accumulate(level, axis=1)[:, :-APART]
    return best


def highest(grid: Array) -> Array:
    top = np.where(np.isnan(grid), -np.inf, grid).max(axis=1)
    return np.where(np.isfinite(top), top, np.nan)
