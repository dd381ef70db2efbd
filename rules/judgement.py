"""Article 13, third paragraph, applied to many machines at once: shrink, expand, idle, keep or
insufficient.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice, repeat
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from rules.fold import Array, Ints, divide, values
from rules.history import Bools, History, any_of, history
from rules.size import SIZED, Load, capacities, enlarged, monthly, needs, relief, shrunk
from rules.statistics import Statistic, statistic
from rules.verdict import Evidence, Kind, Lack, Note, Size, Sufficiency, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from config.policy import Policy, Rule

RULES = ("shrink", "expand", "idle")
KINDS = (Kind.EXPAND, Kind.INSUFFICIENT, Kind.IDLE, Kind.SHRINK, Kind.KEEP)  # the first that fits
EXPAND, INSUFFICIENT, IDLE, SHRINK, KEEP = range(len(KINDS))
LACKS = (*Lack, None)
NOTES = (*Note, None)
INVENTORY = pa.schema(
    [
        ("machine", pa.string()),
        ("vcpus", pa.float64()),
        ("memory_gib", pa.float64()),
        ("disk_gib", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule for all machines: its conditions, whether they hold together, and whether the data are
    enough.
    """

    rule: Rule
    statistics: tuple[Statistic, ...]
    holds: Bools
    valid_days: Ints
    known: dict[str, Ints]
    expected: Ints
    coverage: Array
    enough: Bools


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on all machines as columns; `verdicts` yields them as values, in the order of the
    names.
    """

    history: History
    policy: Policy
    findings: dict[str, Finding]
    kind: Ints  # index into KINDS
    reason: Ints  # index into LACKS
    note: Ints  # index into NOTES
    current: dict[str, Array]
    size: dict[str, Array]
    sized: Bools
    saving: Array

    def verdict(self, number: int) -> Verdict:
        return next(islice(self.verdicts(), number, None))

    def verdicts(self) -> Iterator[Verdict]:
        """Made of whole columns: taking numbers out of arrays one by one costs more than the verdict."""
        evidence = zip(*(column for name in RULES for column in self.evidence(name)), strict=True)
        sufficiency = zip(*map(self.sufficiency, RULES), strict=True)
        current, size = sizes(self.current), sizes(self.size)
        saving = known_values(self.saving)
        for number, (shown, enough) in enumerate(zip(evidence, sufficiency, strict=True)):
            yuan = saving[number]
            yield Verdict(
                machine=self.history.names[number],
                kind=KINDS[self.kind[number]],
                reason=LACKS[self.reason[number]],
                evidence=shown,
                sufficiency=enough,
                current=current[number],
                size=size[number] if self.sized[number] else None,
                saving_yuan_month=None if yuan is None else round(yuan, 2),
                note=NOTES[self.note[number]],
            )

    def evidence(self, name: str) -> Iterator[Iterator[Evidence]]:
        """For each condition of the rule the machines' evidence, in the order of the names."""
        found = self.findings[name]
        expected = found.expected.tolist()
        for condition, figures in zip(found.rule.conditions, found.statistics, strict=True):
            resource, statistic, phrase = condition.resource, condition.statistic, condition.phrase
            make = partial(Evidence, name, resource, statistic, condition.operator, condition.threshold)
            values, holds = known_values(figures.value), figures.holds.tolist()
            counts, shares = found.known[resource].tolist(), known_values(figures.share)
            columns = (values, holds, counts, expected, shares, self.witnesses(figures), repeat(phrase))
            yield map(make, *columns)

    def witnesses(self, figures: Statistic) -> Iterable[tuple[date, ...]]:
        """The days of each machine's witnesses, the earlier one first."""
        if (figures.witnesses < 0).all():
            return repeat(())
        days = [self.history.day(column) for column in range(self.history.width)]
        pairs = figures.witnesses.tolist()
        return (tuple(days[column] for column in (before, later) if column >= 0) for later, before in pairs)

    def sufficiency(self, name: str) -> Iterator[Sufficiency]:
        found = self.findings[name]
        rule, coverage = found.rule, np.nan_to_num(found.coverage).tolist()
        for valid_days, covered in zip(found.valid_days.tolist(), coverage, strict=True):
            yield Sufficiency(
                name, valid_days, rule.valid_days, rule.window_days, covered, rule.coverage / 100
            )


def judge(days: pa.Table, policy: Policy, as_of: date, inventory: pa.Table) -> Judgement:
    """The verdict of `policy` on every machine of `inventory` as of the day D, from the days before D.

    `days`: schema DAYS, each machine and day once. `inventory`: schema INVENTORY; its sizes (null = unknown)
    serve where no capacity was measured. Missing data never makes a shrink.
    """
    windows = {getattr(policy.rules, name).window_days for name in RULES}
    past = history(days, inventory["machine"].to_pylist(), as_of, windows)
    findings = {name: look(past, getattr(policy.rules, name)) for name in RULES}
    kind, reason = decide(past, findings, policy.rules.shrink)
    current = capacities(past, {name: values(inventory, name) for name in INVENTORY.names[1:]})
    smaller, larger, stuck = advise(past, findings, policy, current)
    shrink, expand = kind == SHRINK, kind == EXPAND
    known = any_of(~np.isnan(size) for size in current.values())
    changed = np.where(expand, differs(larger, current), differs(smaller, current))
    unsafe = (shrink | expand) & known & ~changed
    note = np.select([unsafe | (expand & stuck), (shrink | expand) & ~known], [0, 1], len(Note))
    kind = np.where(shrink & unsafe, KEEP, kind)
    sized = (shrink | expand) & changed
    size = {name: np.where(shrink, smaller[name], larger[name]) for name in current}
    now = monthly(current, policy)
    saving = np.select([sized, (kind == IDLE) & known], [now - monthly(size, policy), now], np.nan)
    return Judgement(past, policy, findings, kind, reason, note, current, size, sized, saving)


def differs(size: dict[str, Array], current: dict[str, Array]) -> Bools:
    """Whether any resource's size is known and another than the present one."""
    with np.errstate(invalid="ignore"):
        return any_of(np.abs(size[name] - current[name]) > 0 for name in current)


def look(past: History, rule: Rule) -> Finding:
    """A rule's conditions on every machine, and whether the machine has data enough for it."""
    statistics = tuple(statistic(past, condition, rule.window_days) for condition in rule.conditions)
    together = np.logical_and if rule.combine == "all" else np.logical_or
    window, recent = past.window(rule.window_days), past.last(rule.window_days)
    known = {resource: past.known[resource][:, recent] for resource in rule.resources}
    usual = past.expected[:, recent]
    valid = window & (usual > 0)
    for counts in known.values():
        valid &= 5 * counts >= 4 * usual
    measured = window & (np.arange(past.width)[recent] >= past.first[:, None])
    expected = np.where(measured, usual, 0).sum(axis=1)
    counted = [np.where(measured, np.minimum(counts, usual), 0).sum(axis=1) for counts in known.values()]
    least = np.minimum.reduce(counted)
    covered = (100 * least >= rule.coverage * expected) & (expected > 0)
    valid_days = valid.sum(axis=1)
    return Finding(
        rule=rule,
        statistics=statistics,
        holds=together.reduce([figures.holds for figures in statistics]),
        valid_days=valid_days,
        known={r: np.where(measured, counts, 0).sum(axis=1) for r, counts in known.items()},
        expected=expected,
        coverage=divide(least.astype(np.float64), expected),
        enough=(valid_days >= rule.valid_days) & covered,
    )


def decide(past: History, findings: dict[str, Finding], rule: Rule) -> tuple[Ints, Ints]:
    """Kind (index into KINDS) and reason (index into LACKS) of every machine."""
    shrink, expand, idle = (findings[name] for name in RULES)
    lacks = lack(past, shrink, rule)
    answers = [
        expand.holds & expand.enough,
        lacks < len(Lack),
        idle.holds & idle.enough,
        shrink.holds & shrink.enough & ~expand.holds,  # too little data to give is no reason to take
    ]
    kind = np.select(answers, [EXPAND, INSUFFICIENT, IDLE, SHRINK], KEEP)
    return kind, np.where(kind == INSUFFICIENT, lacks, len(Lack))


def lack(past: History, shrink: Finding, rule: Rule) -> Ints:
    """The first reason that fits why the shrink rule lacks data (index into LACKS), len(Lack) when it does
    not.
    """
    recent = past.last(rule.window_days)
    missing: list[Bools] = [past.known[name][:, recent].max(axis=1) == 0 for name in rule.resources]
    few = shrink.valid_days < rule.valid_days
    reasons = {
        Lack.NO_DATA: past.newest < recent.start,
        Lack.STALE: past.newest < past.width - 2,
        Lack.METRIC_MISSING: any_of(missing),
        Lack.RESIZED: (past.begin > recent.start) & few,
        Lack.SHORT_HISTORY: few,
        Lack.LOW_COVERAGE: np.ones(len(past.names), np.bool_),
    }
    first = np.select(list(reasons.values()), [LACKS.index(name) for name in reasons], len(Lack))
    return np.where(shrink.enough, len(Lack), first)


def advise(
    past: History, findings: dict[str, Finding], policy: Policy, current: dict[str, Array]
) -> tuple[dict[str, Array], dict[str, Array], Bools]:
    """The sizes for a shrink and for an expansion, per resource; whether one that is to grow cannot."""
    shrink, expand = findings["shrink"], findings["expand"]
    need = needs(past, shrink.rule, disk_max(shrink))
    recent = past.cumulated[expand.rule.window_days]
    load = Load(need, expand.rule, expand.statistics, recent)
    smaller = shrunk(current, load, policy, chosen(shrink, every=shrink.rule.combine == "all"))
    wanted = relief(need, expand.rule, expand.statistics, recent)
    month = past.cumulated[shrink.rule.window_days]
    larger, stuck = enlarged(
        current, Load(wanted, shrink.rule, shrink.statistics, month), policy, chosen(expand, every=False)
    )
    return smaller, larger, stuck


def chosen(found: Finding, *, every: bool) -> dict[str, Bools]:
    """Which resources an advice may change: all that the rule names, or those whose own condition holds."""
    named = found.rule.resources
    chosen: dict[str, Bools] = {r: np.full(len(found.holds), every and r in named) for r in SIZED}
    for condition, figures in zip(found.rule.conditions, found.statistics, strict=True):
        if condition.resource in chosen:
            chosen[condition.resource] |= figures.holds
    return chosen


def disk_max(found: Finding) -> Array:
    for condition, figures in zip(found.rule.conditions, found.statistics, strict=True):
        if (condition.resource, condition.statistic) == ("disk", "max"):
            return figures.value
    return np.full(len(found.holds), np.nan)


def sizes(columns: dict[str, Array]) -> list[Size]:
    rows = zip(*map(known_values, columns.values()), strict=True)
    return [Size(**dict(zip(columns, row, strict=True))) for row in rows]


def known_values(floats: Array) -> list[float | None]:
    """Plain numbers, None for NaN."""
    values: list[float | None] = np.where(np.isnan(floats), None, floats).tolist()  # type: ignore[call-overload]
    return values
