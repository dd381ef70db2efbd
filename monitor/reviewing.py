"""The operator's review: which findings, as they stand now, and an answer to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import or_, select

from store.review import AT_ONCE, FINDING, PROTECTED, answer, protected
from store.tables import Department, Finding, FindingState, Machine
from store.workflow import OvertakenError, RefusedError, Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from monitor.case import Case
    from store.tables import Protection
    from store.workflow import Act

Columns = TypeVarTuple("Columns")
SPELLED = 10  # findings that a refusal names
PAST = {"approve": "approved", "reject": "rejected", "defer": "deferred", "reopen": "reopened"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings; None: all. `department` is a name or a code."""

    state: str | None = None
    kind: str | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Findings in numbers. `ownerless` have no department that could be written to."""

    findings: int
    departments: int
    ownerless: int
    saving: float


def listed(db: Session, wanted: Wanted) -> list[tuple[Finding, str, str | None]]:
    """Findings with their machine and department, largest saving first, then by name."""
    rows = db.execute(ordered(select(Finding, Machine.name, Department.name), wanted))
    return [(finding, machine, owner) for finding, machine, owner in rows]


def numbers(db: Session, wanted: Wanted) -> list[int]:
    """The ids of the same findings in the same order."""
    return list(db.scalars(ordered(select(Finding.id), wanted)))


def ordered(found: Select[*Columns], wanted: Wanted) -> Select[*Columns]:
    found = found.join(Finding.machine).outerjoin(Machine.department)
    if wanted.state is not None:
        found = found.where(Finding.state == wanted.state)
    if wanted.kind is not None:
        found = found.where(Finding.kind == wanted.kind)
    if wanted.department is not None:
        owned = or_(Department.name == wanted.department, Department.code == wanted.department)
        found = found.where(owned)
    return found.order_by(Finding.saving_yuan_month.desc().nulls_last(), Machine.name, Finding.id)


def machines_of(db: Session, ids: Sequence[int]) -> list[str]:
    """The machines of these few findings, by name."""
    found = select(Machine.name).join(Finding, Finding.machine_id == Machine.id).where(Finding.id.in_(ids))
    return list(db.scalars(found.distinct().order_by(Machine.name)))


def states_of(db: Session, machines: Sequence[str], kinds: Sequence[str]) -> Counter[str]:
    """How many findings of these machines and kinds are in each state."""
    found: Counter[str] = Counter()
    for start in range(0, len(machines), AT_ONCE):
        part = machines[start : start + AT_ONCE]
        of_part = select(Finding.state).join(Finding.machine).where(Machine.name.in_(part))
        found.update(db.scalars(of_part.where(Finding.kind.in_(kinds))))
    return found


def in_words(found: Protection) -> str:
    return f"until {found.until} ({found.scope}): {found.reason}; approved by {found.approver}"


def told(findings: Sequence[Finding]) -> Told:
    owners = [finding.machine.department_id for finding in findings]
    return Told(
        findings=len(findings),
        departments=len(set(owners) - {None}),
        ownerless=owners.count(None),
        saving=sum(finding.saving_yuan_month or 0.0 for finding in findings),
    )


def check(db: Session, findings: Sequence[Finding], event: str, today: date) -> None:
    """Raises RefusedError that names every finding that cannot be answered so, and why."""
    may = [
        state
        for (state, known), step in FINDING.steps.items()
        if known == event and Role.OPERATOR in step.roles
    ]
    wrong = [f"{row.id} is {row.state}" for row in findings if row.state not in may]
    if event == "approve":
        spared = kept_safe(db, findings, today)
        wrong += [f"{number} is protected {in_words(found)}" for number, found in spared.items()]
    if wrong:
        more = f" and {len(wrong) - SPELLED} more" if len(wrong) > SPELLED else ""
        named = "; ".join(wrong[:SPELLED])
        raise RefusedError(f"nothing was changed: {named}{more}. To {event}, it has to be {' or '.join(may)}")


def kept_safe(db: Session, findings: Sequence[Finding], today: date) -> dict[int, Protection]:
    """Finding -> the protection that the next judgement will close it by."""
    found = protected(db, today)
    return {
        row.id: found[row.machine.name]
        for row in findings
        if row.kind in PROTECTED and row.machine.name in found
    }


def choices(state: str) -> list[str]:
    """What an operator may answer in a state, taking an earlier answer back first where that is needed."""
    now = FINDING.events(state, Role.OPERATOR)
    again = FINDING.events(FindingState.OPEN, Role.OPERATOR) if "reopen" in now else []
    before = "approve" if state == FindingState.APPROVED else ""
    return [event for event in dict.fromkeys([*now, *again]) if event in PAST and event != before]


def give(db: Session, seen: Case, event: str, until: date | None, act: Act, today: date) -> None:
    """An answer to a finding as it was seen; one that was answered before is reopened first.

    Raises OvertakenError when it was changed since, RefusedError.
    """
    row = db.get(Finding, seen.id, populate_existing=True)
    if row is None or (row.version, row.state) != (seen.version, seen.state):
        raise OvertakenError(f"finding {seen.id} was changed since it was shown")
    if event == "approve" and (spared := kept_safe(db, [row], today)):
        raise RefusedError(f"finding {seen.id} is protected {in_words(spared[row.id])}")
    if (row.state, event) not in FINDING.steps and (row.state, "reopen") in FINDING.steps:
        answer(db, [row], "reopen", act)
    answer(db, [row], event, act, until)
