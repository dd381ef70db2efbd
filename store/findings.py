"""Findings: what a judgement found on a machine; one open finding a machine and kind, refreshed until it
closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from store.journal import Entry, append
from store.tables import Finding, FindingState, Machine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Found:
    """A verdict on one machine. `kind` None: no finding, `because` says why (the verdict). `verdict`: a JSON
    value.
    """

    kind: str | None
    because: str
    verdict: object
    saving_yuan_month: float | None


@dataclass(frozen=True, slots=True)
class Settled:
    """`held_back`: nothing was settled, because the findings were judged as of a later day already."""

    opened: int
    refreshed: int
    closed: int
    held_back: bool = False


def settle(db: Session, found: Mapping[str, Found], policy: str, as_of: date, now: datetime) -> Settled:
    """Opens, refreshes and closes findings by the verdicts as of a day, with a journal entry for each change
    of state.

    The same verdicts again change nothing but the day. A judgement of an earlier day than the last leaves all
    as it is.
    """
    if judged_after(db, as_of):
        return Settled(0, 0, 0, held_back=True)
    machines = {row.name: row.id for row in db.execute(select(Machine.name, Machine.id))}
    names = {number: name for name, number in machines.items()}
    rows = db.scalars(select(Finding).where(Finding.state == FindingState.OPEN)).all()
    open_ones = {(names[row.machine_id], row.kind): row for row in rows}
    entries: list[Entry] = []
    for (name, kind), old in open_ones.items():
        if name in found and found[name].kind != kind:
            entries.append(close(old, name, found[name].because, as_of))
    closed, refreshed = len(entries), 0
    for name, verdict in found.items():
        if verdict.kind is None:
            continue
        if row := open_ones.get((name, verdict.kind)):
            refresh(row, verdict, policy, as_of)
            refreshed += 1
        else:
            db.add(fresh(machines[name], verdict, policy, as_of))
            subject = f"{name}/{verdict.kind}"
            entries.append(Entry("rightsizer", "finding.opened", subject, None, verdict.verdict))
    append(db, now, *entries)
    return Settled(len(entries) - closed, refreshed, closed)


def judged_after(db: Session, as_of: date) -> bool:
    """Has any finding been refreshed or closed as of a later day?"""
    later = or_(Finding.judged_on > as_of, Finding.closed_on > as_of)
    return db.scalar(select(Finding.id).where(later).limit(1)) is not None


def fresh(machine_id: int, verdict: Found, policy: str, as_of: date) -> Finding:
    return Finding(
        machine_id=machine_id,
        kind=verdict.kind,
        state=FindingState.OPEN,
        opened_on=as_of,
        judged_on=as_of,
        policy=policy,
        verdict=verdict.verdict,
        saving_yuan_month=verdict.saving_yuan_month,
    )


def refresh(row: Finding, verdict: Found, policy: str, as_of: date) -> None:
    row.judged_on = as_of
    row.policy = policy
    row.verdict = verdict.verdict
    row.saving_yuan_month = verdict.saving_yuan_month


def close(row: Finding, name: str, because: str, as_of: date) -> Entry:
    row.state = FindingState.CLOSED
    row.closed_on = as_of
    row.closed_because = because
    return Entry("rightsizer", "finding.closed", f"{name}/{row.kind}", FindingState.OPEN, because)
