"""Deployment within 10 working days after delivery (art. 13, second paragraph): what is late is found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import String, cast, exists, literal, or_, select
from sqlalchemy.orm import joinedload

from store.deadlines import Clock, Term, meet, standing, start
from store.findings import Found, refresh
from store.journal import Entry, append
from store.parts import parts
from store.review import FINDING, subject
from store.tables import Deadline, Finding, FindingState, Machine
from store.workflow import move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.policy import Policy
    from config.workdays import Calendar
    from store.workflow import Act

KIND = "deploy"
FOLLOWED = timedelta(days=180)  # machines delivered longer ago are not followed to their deployment
UNANSWERED = (FindingState.OPEN, FindingState.APPROVED)
NOT_ISSUED = (FindingState.OPEN, FindingState.APPROVED, FindingState.REJECTED, FindingState.DEFERRED)


@dataclass(frozen=True, slots=True)
class Loads:
    """Machine -> first day of real load; machine -> measured days without load. A machine that was never
    measured is in neither, and not accused.
    """

    first: Mapping[str, date]
    idle_days: Mapping[str, int]


def undeployed(db: Session, since: date) -> list[Machine]:
    """Machines delivered on or after a day that nobody declared deployed."""
    found = select(Machine).where(
        Machine.delivered_on >= since,
        Machine.deployed_on.is_(None),
        Machine.department_id.is_not(None),
        Machine.released_on.is_(None),
    )
    return list(db.scalars(found.order_by(Machine.name)))


def follow(
    db: Session,
    known: Calendar,
    policy: Policy,
    machines: list[Machine],
    loads: Loads,
    today: date,
    act: Act,
) -> int:
    """Runs the clocks of deployment; a machine that is late, measured and without load becomes a finding.

    Returns how many findings are new.
    """
    loaded, idle_days = loads.first, loads.idle_days
    article = article_of(policy)
    rows = run_clocks(db, known, policy, [row for row in machines if row.name not in loaded], act)
    due = {row.subject: row.due_on for row in rows if row.met_on is None}
    settle(db, article, machines, loaded, today, act)
    going = {
        machine: due[name]
        for machine in machines
        if (name := f"machine:{machine.id}") in due and machine.name not in loaded
    }
    return found_late(db, going, idle_days, policy, today, act)


def article_of(policy: Policy) -> str:
    return f"{policy.article} 部署"


def run_clocks(
    db: Session, known: Calendar, policy: Policy, machines: Sequence[Machine], act: Act
) -> list[Deadline]:
    """The clocks of delivered machines; again with the same days does nothing."""
    runs = [
        Clock(f"machine:{machine.id}", machine.delivered_on, machine.department_id)
        for machine in machines
        if machine.delivered_on is not None
    ]
    return start(db, known, "deployment", runs, Term(article_of(policy), policy.terms.deploy), act)


def found_late(
    db: Session,
    going: Mapping[Machine, date | None],
    idle_days: Mapping[str, int],
    policy: Policy,
    today: date,
    act: Act,
) -> int:
    """Opens and refreshes the findings of those that are late, by the last days of their clocks, and closes
    the others'; returns how many are new.
    """
    living = living_of(db, [machine.id for machine in going])
    entries = []
    for machine, end in going.items():
        if end is None or end >= today or not idle_days.get(machine.name):
            continue
        verdict = verdict_of(machine, end, idle_days[machine.name])
        if (row := living.get(machine.id)) is not None:
            refresh(row, Found(KIND, KIND, verdict, None), policy.document_number, today)
            continue
        db.add(opened(machine.id, verdict, policy, today))
        entries.append(Entry(act.actor, "finding.opened", f"{machine.name}/{KIND}", None, verdict))
    append(db, act.now, *entries)
    ends = {machine.id: end for machine, end in going.items() if end is None or end >= today}
    not_late(db, [(row, ends[number]) for number, row in living.items() if number in ends], today, act)
    return len(entries)


def living_of(db: Session, machines: Sequence[int]) -> dict[int, Finding]:
    """Machine -> its living finding."""
    alive = select(Finding).where(Finding.kind == KIND, Finding.state != FindingState.CLOSED)
    alive = alive.options(joinedload(Finding.machine))
    return {
        row.machine_id: row
        for part in parts(machines)
        for row in db.scalars(alive.where(Finding.machine_id.in_(part)))
    }


def not_late(db: Session, found: Sequence[tuple[Finding, date | None]], today: date, act: Act) -> None:
    """A corrected day of delivery, another calendar or more time: what is not late is not found. A silenced
    finding stays so to its end, an issued one with its notice.
    """
    groups: dict[date | None, list[tuple[Finding, str]]] = {}
    for row, end in found:
        if row.state in UNANSWERED:
            groups.setdefault(end, []).append((row, subject(row)))
    for end, pairs in groups.items():
        when = f"to be deployed by {end}" if end is not None else "the calendar ends before its last day"
        because = f"not late any more: {when}"
        why = replace(act, reason=because)
        move(db, FINDING, pairs, "close", why, closed_on=today, closed_because=because)


def settle(
    db: Session,
    article: str,
    machines: list[Machine],
    loaded: Mapping[str, date],
    today: date,
    act: Act,
) -> None:
    """What is deployed needs no finding and no clock any more."""
    there = {machine.id: loaded[machine.name] for machine in machines if machine.name in loaded}
    ended = declared(db, article) | there
    days: dict[date, list[Deadline]] = {}
    for name, row in standing(db, [f"machine:{number}" for number in ended], article).items():
        days.setdefault(ended[int(name.removeprefix("machine:"))], []).append(row)
    for day, rows in days.items():
        meet(db, "deployment", rows, day, act)
    living = living_of(db, list(ended)).values()
    found = [(row, subject(row)) for row in living if row.state != FindingState.ISSUED]
    move(db, FINDING, found, "close", act, closed_on=today, closed_because="deployed")


def declared(db: Session, article: str) -> dict[int, date]:
    """Machine -> the day that it was declared deployed, where its clock or its finding does not know yet."""
    running = exists().where(
        Deadline.subject == literal("machine:", String) + cast(Machine.id, String),
        Deadline.article == article,
        Deadline.met_on.is_(None),
    )
    found = exists().where(
        Finding.machine_id == Machine.id, Finding.kind == KIND, Finding.state.in_(NOT_ISSUED)
    )
    wanted = select(Machine.id, Machine.deployed_on).where(
        Machine.deployed_on.is_not(None), or_(running, found)
    )
    return {number: day for number, day in db.execute(wanted) if day is not None}


def verdict_of(machine: Machine, due: date, days: int) -> dict[str, object]:
    """What is found: since when it is late, and how long it was measured without load."""
    return {
        "machine": machine.name,
        "verdict": KIND,
        "delivered_on": str(machine.delivered_on),
        "due": str(due),
        "days_without_load": days,
        "current": {name: getattr(machine, name) for name in ("vcpus", "memory_gib", "disk_gib")},
    }


def opened(machine_id: int, verdict: dict[str, object], policy: Policy, today: date) -> Finding:
    return Finding(
        machine_id=machine_id,
        kind=KIND,
        state=FindingState.OPEN,
        opened_on=today,
        judged_on=today,
        policy=policy.document_number,
        verdict=verdict,
        saving_yuan_month=None,
        standing=KIND,
    )
