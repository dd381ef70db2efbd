"""Findings: what a judgement found on a machine; one living finding a machine and kind, until it closes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from store.journal import Entry, append
from store.review import FINDING, PROTECTED, UNJUDGED, protected, subject
from store.tables import Finding, FindingState, Machine
from store.workflow import Act, Role, move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

PROGRAM = "rightsizer"
SILENT = (FindingState.REJECTED, FindingState.DEFERRED)  # until a day


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
class Change:
    """What becomes of a finding, and why."""

    event: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Settled:
    """`held_back`: nothing was settled, because the findings were judged as of a later day already."""

    opened: int
    refreshed: int
    closed: int
    held_back: bool = False


def settle(db: Session, found: Mapping[str, Found], policy: str, as_of: date, now: datetime) -> Settled:
    """Opens, refreshes, reopens and closes findings by the verdicts as of a day, with a journal entry for
    each change of state.

    The same verdicts again change nothing but the day. A judgement of an earlier day than the last leaves all
    as it is. An issued finding is never closed here: its notice is followed to the end.
    """
    if judged_after(db, as_of):
        return Settled(0, 0, 0, held_back=True)
    machines = {row.name: row.id for row in db.execute(select(Machine.name, Machine.id))}
    found = spared(db, found, as_of)
    names = {number: name for name, number in machines.items()}
    rows = db.scalars(select(Finding).where(Finding.state != FindingState.CLOSED)).all()
    living = {(names[row.machine_id], row.kind): row for row in rows if row.kind not in UNJUDGED}
    act = Act(PROGRAM, Role.PROGRAM, now)
    changed: dict[Change, list[Finding]] = {}
    for (name, _kind), row in living.items():
        if name in found and (change := answered(row, found[name], policy, as_of)) is not None:
            changed.setdefault(change, []).append(row)
    closed = carry_out(db, changed, names, as_of, act)
    entries, refreshed = [], 0
    for name, verdict in found.items():
        if verdict.kind is None:
            continue
        if (name, verdict.kind) in living:
            refreshed += 1
        else:
            db.add(fresh(machines[name], verdict, policy, as_of))
            entries.append(Entry(PROGRAM, "finding.opened", f"{name}/{verdict.kind}", None, verdict.verdict))
    append(db, now, *entries)
    come_back(db, as_of, act)
    return Settled(len(entries), refreshed, closed)


def come_back(db: Session, as_of: date, act: Act) -> None:
    """Rejected and deferred findings that no verdict reopens are open again after their end date."""
    ended = db.scalars(
        select(Finding).where(
            Finding.kind.in_(UNJUDGED),
            Finding.state.in_(SILENT),
            Finding.until < as_of,
        )
    )
    move(db, FINDING, [(row, subject(row)) for row in ended.all()], "reopen", act, until=None)


def judged_after(db: Session, as_of: date) -> bool:
    """Has any finding been refreshed or closed as of a later day?"""
    later = or_(Finding.judged_on > as_of, Finding.closed_on > as_of)
    return db.scalar(select(Finding.id).where(later).limit(1)) is not None


def spared(db: Session, found: Mapping[str, Found], as_of: date) -> dict[str, Found]:
    """The verdicts, without those that a protection keeps from a machine."""
    protections = protected(db, as_of)
    return {
        name: Found(None, f"protected until {protections[name].until}", verdict.verdict, None)
        if verdict.kind in PROTECTED and name in protections
        else verdict
        for name, verdict in found.items()
    }


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
        standing=verdict.because,
    )


def answered(row: Finding, verdict: Found, policy: str, as_of: date) -> Change | None:
    """What a new verdict does to a living finding."""
    row.standing = verdict.because
    resized = None
    if row.kind == verdict.kind:
        resized = refresh(row, verdict, policy, as_of)
    silent = row.state in SILENT and row.until is not None and row.until >= as_of
    if row.state == FindingState.ISSUED or silent:
        row.judged_on = as_of
        return None
    if row.kind != verdict.kind:
        return Change("close", verdict.because)
    if row.state in SILENT:
        return Change("reopen", None)
    return Change("reopen", resized) if resized and row.state == FindingState.APPROVED else None


def refresh(row: Finding, verdict: Found, policy: str, as_of: date) -> str | None:
    """The newest verdict of the same kind; a changed one is a new version, which a reviewer has not seen.

    Says what became of the advised size when another one is advised now.
    """
    row.judged_on = as_of
    row.policy = policy
    if row.verdict == verdict.verdict:
        return None
    before, after = advised(row.verdict), advised(verdict.verdict)
    row.verdict = verdict.verdict
    row.version += 1
    row.saving_yuan_month = verdict.saving_yuan_month
    if before == after:
        return None
    return f"the advised size changed: from {in_words(before)} to {in_words(after)}"


def advised(verdict: object) -> dict[str, float]:
    """The size that a verdict advises, as far as it does."""
    size = verdict.get("size") if isinstance(verdict, dict) else None
    return {name: value for name, value in (size or {}).items() if value is not None}


def in_words(size: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in size.items()) or "none"


def carry_out(
    db: Session,
    changed: Mapping[Change, Sequence[Finding]],
    names: Mapping[int, str],
    as_of: date,
    act: Act,
) -> int:
    """Moves the findings, those of one change together; returns how many were closed."""
    closed = 0
    for change, rows in changed.items():
        told = replace(act, reason=change.reason)
        pairs = [(row, f"{names[row.machine_id]}/{row.kind}") for row in rows]
        if change.event == "close":
            because = (change.reason or "")[:200]
            closed += move(db, FINDING, pairs, "close", told, closed_on=as_of, closed_because=because)
        else:
            move(db, FINDING, pairs, change.event, told, until=None)
    return closed
