"""Deployment within 10 working days after delivery (art. 13, second paragraph): what is late is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from store.deadlines import Clock, Term, meet, standing, start
from store.journal import Entry, append
from store.review import FINDING, subject
from store.tables import Finding, FindingState, Machine
from store.workflow import move

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from config.policy import Policy
    from config.workdays import Calendar
    from store.workflow import Act

KIND = "deploy"
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
        Machine.delivered_on >= since, Machine.deployed_on.is_(None), Machine.department_id.is_not(None)
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
    article = f"{policy.article} 部署"
    runs = [
        Clock(f"machine:{machine.id}", machine.delivered_on, machine.department_id)
        for machine in machines
        if machine.delivered_on is not None and machine.name not in loaded
    ]
    rows = start(db, known, "deployment", runs, Term(article, policy.terms.deploy), act)
    due = {row.subject: row.due_on for row in rows if row.met_on is None}
    settle(db, article, machines, loaded, today, act)
    fresh = [
        opened(db, machine, policy, end, idle_days[machine.name], today)
        for machine in machines
        if (end := due.get(f"machine:{machine.id}")) is not None
        and end < today
        and idle_days.get(machine.name)
        and machine.name not in loaded
    ]
    entries = [Entry(act.actor, "finding.opened", name, None, said) for name, said in filter(None, fresh)]
    append(db, act.now, *entries)
    return len(entries)


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
    declared = db.execute(
        select(Machine.id, Machine.deployed_on)
        .join(Finding, Finding.machine_id == Machine.id)
        .where(Finding.kind == KIND, Finding.state.in_(NOT_ISSUED))
    )
    ended = {number: day for number, day in declared if day is not None} | there
    for number, row in standing(db, [f"machine:{number}" for number in ended], article).items():
        meet(db, "deployment", [row], ended[int(number.removeprefix("machine:"))], act)
    found = select(Finding).where(
        Finding.kind == KIND, Finding.state.in_(NOT_ISSUED), Finding.machine_id.in_(ended)
    )
    rows = [(finding, subject(finding)) for finding in db.scalars(found).all()]
    move(db, FINDING, rows, "close", act, closed_on=today, closed_because="deployed")


def opened(
    db: Session, machine: Machine, policy: Policy, due: date, days: int, today: date
) -> tuple[str, dict[str, object]] | None:
    """A new finding, or the living one refreshed."""
    verdict: dict[str, object] = {
        "machine": machine.name,
        "verdict": KIND,
        "delivered_on": str(machine.delivered_on),
        "due": str(due),
        "days_without_load": days,
        "current": {name: getattr(machine, name) for name in ("vcpus", "memory_gib", "disk_gib")},
    }
    living = db.scalars(
        select(Finding).where(
            Finding.machine_id == machine.id, Finding.kind == KIND, Finding.state != FindingState.CLOSED
        )
    ).first()
    if living is not None:
        living.judged_on = today
        return None
    db.add(
        Finding(
            machine_id=machine.id,
            kind=KIND,
            state=FindingState.OPEN,
            opened_on=today,
            judged_on=today,
            policy=policy.document_number,
            verdict=verdict,
            saving_yuan_month=None,
            standing=KIND,
        )
    )
    return f"{machine.name}/{KIND}", verdict
