"""The monthly report, gathered from the register and the lake."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import select

from monitor.month import month_of
from notifier.content import NoticeKind
from notifier.deployment import FOLLOWED
from notifier.reports.values import BUCKETS, Covered, Cycle, Issued, Late, Report, Saving, Use
from notifier.savings import SAVING, Line, lines
from notifier.states import BINDING, clock
from notifier.tables import Item, Notice
from store.tables import Deadline, Department, Machine, System

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy.orm import Session

    from config.policy import Policy
    from monitor.installation import Installation, Now
    from notifier.reports.values import Scope

TOP = 20
ENOUGH = 0.9  # of coverage: what was hardly measured is not said to be little used
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a report, both included, and whose machines it is about: None = everybody's."""

    since: date
    until: date
    department: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A machine as registered; `deployed_on` as declared, else as proven by its load."""

    name: str
    department: str | None
    system: str | None
    delivered_on: date | None
    deployed_on: date | None


def month_report(house: Installation, month: date, scope: str, now: Now) -> Report:
    """The report of the month that begins on `month`: scope `centre`, `finance`, or a department's name.

    A month that goes on counts up to yesterday. States of machines in notices are those of now.
    Raises FutureMonthError.
    """
    if month > now.today:
        raise FutureMonthError(f"{month:%Y-%m} has not begun, today is {now.today}")
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    kind: Scope = "centre" if scope == "centre" else "finance" if scope == "finance" else "department"
    span = Span(month, min(last, now.today - timedelta(days=1)), scope if kind == "department" else None)
    policy, letters = house.policy, house.settings.letters
    with house.register.read() as db:
        machines = registered(db, span)
        found = issued(db, span), late(db, span), savings(db, span)
    use = month_of(house, {known.name: known.delivered_on for known in machines}, span.since, span.until)
    return Report(
        month=month,
        until=span.until,
        whole=last < now.today,
        made_on=now.today,
        scope=kind,
        department=span.department,
        office=letters.office,
        basis=f"《{policy.title}》（{policy.document_number}）",
        ended_on=policy.valid_to if policy.expired(now.today) else None,
        machines=len(machines),
        highest=ranked(use, machines, highest=True),
        lowest=ranked(use, machines, highest=False),
        issued=found[0],
        cycles=cycles(machines, span, loaded(use, policy)),
        late=found[1],
        savings=found[2],
        coverage=covered(use, machines),
        locale=letters.locale,
    )


def first_load(machine: Machine, met: Mapping[str, date]) -> date | None:
    """The day of the first load, on which its clock ended; a release ends it too."""
    day = met.get(f"machine:{machine.id}")
    return None if day == machine.released_on else day


class FutureMonthError(ValueError):
    """A report of a month that has not begun."""


def registered(db: Session, span: Span) -> list[Known]:
    """The machines that were delivered by the end of the span, or whose delivery is not known."""
    wanted = (
        select(Machine, Department.name, System.name)
        .outerjoin(Machine.department)
        .outerjoin(Machine.system)
        .where((Machine.delivered_on <= span.until) | Machine.delivered_on.is_(None))
        .where((Machine.released_on >= span.since) | Machine.released_on.is_(None))
        .order_by(Machine.name)
    )
    if span.department is not None:
        wanted = wanted.where(Department.name == span.department)
    clocks = select(Deadline.subject, Deadline.met_on).where(Deadline.subject.startswith("machine:"))
    met = {subject: day for subject, day in db.execute(clocks) if day is not None}
    return [
        Known(
            machine.name,
            department,
            system,
            machine.delivered_on,
            machine.deployed_on or first_load(machine, met),
        )
        for machine, department, system in db.execute(wanted)
    ]


def issued(db: Session, span: Span) -> tuple[Issued, ...]:
    """The notices of the span by kind, in the order of kinds."""
    wanted = (
        select(Notice.id, Notice.kind, Item.state)
        .join(Notice.department)
        .outerjoin(Item, Item.notice_id == Notice.id)
    )
    wanted = wanted.where(Notice.issued_on.between(span.since, span.until))
    if span.department is not None:
        wanted = wanted.where(Department.name == span.department)
    notices: dict[str, set[int]] = defaultdict(set)
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for number, kind, state in db.execute(wanted):
        notices[kind].add(number)
        if state is not None:
            states[kind][str(state)] += 1
    return tuple(
        Issued(str(kind), len(notices[kind]), states[kind].total(), dict(states[kind]))
        for kind in NoticeKind
        if kind in notices
    )


def late(db: Session, span: Span) -> tuple[Late, ...]:
    """What was overdue when the span ended, the longest first. A clock that stands is not overdue."""
    wanted = select(Item, Notice.number, Department.name).join(Item.notice).join(Notice.department)
    wanted = wanted.where(
        Item.kind.in_(BINDING),
        Notice.issued_on <= span.until,
        Item.ended_on.is_(None) | (Item.ended_on > span.until),
    )
    if span.department is not None:
        wanted = wanted.where(Department.name == span.department)
    clocks = select(Deadline.subject, Deadline.due_on).where(
        Deadline.subject.startswith("item:"),
        Deadline.due_on < span.until,
        Deadline.met_on.is_(None) | (Deadline.met_on > span.until),
        Deadline.paused_on.is_(None) | (Deadline.paused_on > span.until),
    )
    due = {subject: day for subject, day in db.execute(clocks) if day is not None}
    found = [
        Late(department, number, item.kind, item.machine, day, (span.until - day).days, str(item.state))
        for item, number, department in db.execute(wanted)
        if (day := due.get(clock(item))) is not None
    ]
    return tuple(sorted(found, key=lambda line: (line.due, line.department, line.machine)))


def savings(db: Session, span: Span) -> tuple[Saving, ...]:
    """What the year's notices promised and saved up to the end of the span, by department, the largest
    saving first.
    """
    wanted = select(Item, Notice.issued_on, Department.name).join(Item.notice).join(Notice.department)
    wanted = wanted.where(Item.kind.in_(SAVING), Notice.issued_on <= span.until)
    if span.department is not None:
        wanted = wanted.where(Department.name == span.department)
    found: dict[str, Line] = {}
    for item, day, name in db.execute(wanted):
        for line in lines(item, day, name, span.until + timedelta(days=1)):
            if line.year != span.since.year:
                continue
            if item.done_on is not None and item.done_on > span.until:
                line = replace(line, realised=0.0)
            found[name] = found[name] + line if name in found else line
    rows = [
        Saving(name, round(line.promised, 2), round(line.realised, 2), round(line.so_far, 2))
        for name, line in found.items()
        if line.promised or line.realised or line.so_far
    ]
    return tuple(sorted(rows, key=lambda row: (-row.realised, -row.promised, row.department)))


def cycles(machines: Sequence[Known], span: Span, in_use: AbstractSet[str]) -> tuple[Cycle, ...]:
    """Days from delivery to deployment in the span; of those that wait, up to its end. A machine with load
    waits for nothing, whatever was declared.
    """
    deployed, waiting = Counter[int](), Counter[int]()
    for known in machines:
        given, there = known.delivered_on, known.deployed_on
        if given is None:
            continue
        if there is not None and there <= span.until:
            deployed[bucket((there - given).days)] += span.since <= there
        elif span.until - given <= FOLLOWED and known.name not in in_use:
            waiting[bucket((span.until - given).days)] += 1
    return tuple(Cycle(days, deployed[place], waiting[place]) for place, days in enumerate(BUCKETS))


def bucket(days: int) -> int:
    """Which of BUCKETS; a deployment before the delivery is one of 0 days."""
    return bisect_right([first for first, _ in BUCKETS], max(days, 0)) - 1


def loaded(use: pd.DataFrame, policy: Policy) -> set[str]:
    """Machines with more cpu in the month than the idle rule allows."""
    idle = next((c.threshold for c in policy.rules.idle.conditions if c.resource == "cpu"), 0)
    return set(use.index[use["cpu_p95"] > idle])


def ranked(use: pd.DataFrame, machines: Sequence[Known], *, highest: bool) -> tuple[Use, ...]:
    """By the higher one of cpu and memory; both must be known, and well enough, to be called low."""
    both = use[["cpu_p95", "memory_peak"]]
    order = both.max(axis=1, skipna=highest).where(highest | (use["coverage"] >= ENOUGH)).dropna()
    names = order.sort_values(ascending=not highest, kind="stable").index[:TOP]
    known = {machine.name: machine for machine in machines}
    return tuple(user(known[name], use.loc[name]) for name in names)


def user(machine: Known, row: pd.Series[float]) -> Use:
    return Use(
        machine.name,
        machine.department,
        machine.system,
        cpu_p95=figure(row["cpu_p95"]),
        cpu_mean=figure(row["cpu_mean"]),
        memory_peak=figure(row["memory_peak"]),
        disk_max=figure(row["disk_max"]),
        coverage=round(float(row["coverage"]), 4),
    )


def figure(value: float) -> float | None:
    return None if isnan(value) else round(float(value), 2)


def covered(use: pd.DataFrame, machines: Sequence[Known]) -> tuple[Covered, ...]:
    """By department, the worst covered first; machines without one at the end."""
    owner = pd.Series({known.name: known.department or NOBODY for known in machines}, dtype="str")
    there = (use["coverage"] > 0).astype(int)
    found = pd.DataFrame({"coverage": use["coverage"], "measured": there}).groupby(owner)
    table = found.agg(
        machines=("measured", "size"), measured=("measured", "sum"), coverage=("coverage", "mean")
    )
    rows = [
        Covered(str(name) or None, int(row.machines), int(row.measured), round(float(row.coverage), 4))
        for name, row in table.iterrows()
    ]
    return tuple(sorted(rows, key=lambda row: (row.department is None, row.coverage, row.department)))
