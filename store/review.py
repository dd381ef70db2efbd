"""Review: what an operator answers to a finding, and the machines that nobody may shrink for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from store.journal import Entry, append
from store.tables import Department, Finding, FindingState, Machine, Protection, System
from store.workflow import Act, Role, Step, Workflow, move

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

OPERATOR, PROGRAM = frozenset({Role.OPERATOR}), frozenset({Role.PROGRAM})
BOTH = OPERATOR | PROGRAM
OPEN, APPROVED, REJECTED, DEFERRED, ISSUED, CLOSED = FindingState
FINDING = Workflow(
    "finding",
    {
        (OPEN, "approve"): Step(APPROVED, BOTH),  # the program: notices.review: auto
        (OPEN, "reject"): Step(REJECTED, OPERATOR),
        (OPEN, "defer"): Step(DEFERRED, OPERATOR),
        (OPEN, "close"): Step(CLOSED, PROGRAM),  # the machine's verdict changed
        (APPROVED, "reopen"): Step(OPEN, OPERATOR),
        (APPROVED, "reject"): Step(REJECTED, OPERATOR),
        (APPROVED, "defer"): Step(DEFERRED, OPERATOR),
        (APPROVED, "issue"): Step(ISSUED, BOTH),
        (APPROVED, "close"): Step(CLOSED, PROGRAM),
        (REJECTED, "reopen"): Step(OPEN, BOTH),  # the program: its end date has passed
        (REJECTED, "close"): Step(CLOSED, PROGRAM),
        (DEFERRED, "reopen"): Step(OPEN, BOTH),
        (DEFERRED, "close"): Step(CLOSED, PROGRAM),
        (ISSUED, "spare"): Step(REJECTED, BOTH),  # the notice was withdrawn or declined
        (ISSUED, "close"): Step(CLOSED, BOTH),  # the adjustment is done
    },
)
UNJUDGED = ("deploy",)  # kinds that no verdict opens or closes


def subject(finding: Finding) -> str:
    """How the journal names a finding."""
    return f"{finding.machine.name}/{finding.kind}"


def chosen(db: Session, numbers: Iterable[int]) -> list[Finding]:
    """The findings of these numbers, in the order of the numbers. Raises LookupError."""
    wanted = sorted(set(numbers))
    rows = {row.id: row for row in db.scalars(select(Finding).where(Finding.id.in_(wanted)))}
    missing = [str(number) for number in wanted if number not in rows]
    if missing:
        raise NoFindingError(missing)
    return [rows[number] for number in wanted]


class NoFindingError(LookupError):
    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(f"no finding {', '.join(numbers)}; `rightsizer finding list` shows them")


def answer(db: Session, findings: Sequence[Finding], event: str, act: Act, until: date | None = None) -> int:
    """Approves, rejects, defers or reopens findings; all or none. Raises RefusedError, OvertakenError."""
    return move(
        db,
        FINDING,
        [(finding, subject(finding)) for finding in findings],
        event,
        act,
        reviewed_at=act.now,
        reviewed_by=act.actor,
        reason=act.reason,
        until=until,
    )


def protect(
    db: Session, scope: str, name: str, since: date, until: date, approver: str, act: Act
) -> Protection:
    """Protects a machine, a system (DEPARTMENT/SYSTEM) or a department from shrinking through `until`.

    Raises LookupError when there is none of that name, ValueError without a reason or with an end before
    its beginning.
    """
    if not act.reason:
        raise ValueError("a protection needs its reason")
    if until < since:
        raise ValueError(f"a protection until {until} ends before it begins on {since}")
    if not machines_in(db, scope, name):
        raise LookupError(f"no {scope} {name!r} with machines in the inventory")
    row = Protection(
        scope=scope,
        subject=name,
        reason=act.reason,
        approver=approver,
        since=since,
        until=until,
        made_by=act.actor,
        made_at=act.now,
    )
    db.add(row)
    said = {"scope": scope, "since": since, "until": until, "approver": approver}
    append(db, act.now, Entry(act.actor, "protection.made", name, None, said, act.reason))
    return row


def unprotect(db: Session, number: int, on: date, act: Act) -> Protection:
    """Ends a protection now. Raises LookupError."""
    row = db.get(Protection, number)
    if row is None or row.ended_on is not None:
        raise LookupError(f"no protection {number} in force; `rightsizer protection list` shows them")
    row.ended_on = on
    append(db, act.now, Entry(act.actor, "protection.ended", row.subject, row.until, on, act.reason))
    return row


def machines_in(db: Session, scope: str, name: str) -> list[str]:
    """The machines that a scope covers."""
    found = select(Machine.name).order_by(Machine.name)
    if scope == "machine":
        return list(db.scalars(found.where(Machine.name == name)))
    if scope == "system":
        department, _, system = name.rpartition("/")
        owned = found.join(Machine.system).join(System.department)
        return list(
            db.scalars(
                owned.where(
                    System.name == system, or_(Department.name == department, Department.code == department)
                )
            )
        )
    owned = found.join(Machine.department)
    return list(db.scalars(owned.where(or_(Department.name == name, Department.code == name))))


def protected(db: Session, on: date) -> dict[str, Protection]:
    """Machine -> the protection that covers it on the day."""
    in_force = select(Protection).where(
        Protection.since <= on, Protection.until >= on, Protection.ended_on.is_(None)
    )
    return {
        machine: row
        for row in db.scalars(in_force.order_by(Protection.until))
        for machine in machines_in(db, row.scope, row.subject)
    }
