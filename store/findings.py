"""Findings: what a judgement found on a machine; one open finding a machine and kind, refreshed until it
closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

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
    opened: int
    refreshed: int
    closed: int


def settle(db: Session, found: Mapping[str, Found], policy: str, as_of: date, now: datetime) -> Settled:
    """Opens, refreshes and closes findings by the verdicts as of a day, with a journal entry for each change
    of state.

    The same verdicts again change nothing but the day. A judgement of an earlier day than the last leaves all
    as it is.
    """
    machines = {row.name: row.id for row in db.execute(select(Machine.name, Machine.id))}
    names = {number: name for name, number in machines.items()}
    rows = db.scalars(select(Finding).where(Finding.state == FindingState.OPEN)).all()
    if any(row.judged_on > as_of for row in rows):
        return Settled(0, 0, 0)
    entries: list[Entry] = []
    open_ones = {(names[row.machine_id], row.kind): row for row in rows}
    closed = [key for key in open_ones if key[0] in found and found[key[0]].kind != key[1]]
    for name, kind in closed:
        entries.append(close(open_ones[name, kind], name, found[name].because, as_of))
    opened = refreshed = 0
    for name, verdict in found.items():
        if verdict.kind is None:
            continue
        row = open_ones.get((name, verdict.kind))
        if row is None:
            db.add(fresh(machines[name], verdict, policy, as_of))
            entries.append(
                Entry("rightsizer", "finding.opened", f"{name}/{verdict.kind}", None, verdict.verdict)
            )
            opened += 1
        else:
            refresh(row, verdict, policy, as_of)
            refreshed += 1
    append(db, now, *entries)
    return Settled(opened, refreshed, len(closed))


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
