"""Review: what an operator answers to a finding, and the machines that nobody may shrink for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from store.journal import Entry, append
from store.tables import Department, Finding, FindingState, Machine, Protection, System
from store.workflow import Act, RefusedError, Role, Step, Workflow, move

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
        (OPEN, "spare"): Step(REJECTED, BOTH),  # the machine's older notice was withdrawn or declined
        (OPEN, "close"): Step(CLOSED, PROGRAM),  # the machine's verdict changed
        (APPROVED, "reopen"): Step(OPEN, BOTH),  # the program: another size is advised now
        (APPROVED, "reject"): Step(REJECTED, OPERATOR),
        (APPROVED, "defer"): Step(DEFERRED, OPERATOR),
        (APPROVED, "issue"): Step(ISSUED, BOTH),
        (APPROVED, "spare"): Step(REJECTED, BOTH),
        (APPROVED, "close"): Step(CLOSED, PROGRAM),
        (REJECTED, "reopen"): Step(OPEN, BOTH),  # the program: its end date has passed
        (REJECTED, "spare"): Step(REJECTED, BOTH),  # for longer than before
        (REJECTED, "close"): Step(CLOSED, PROGRAM),
        (DEFERRED, "reopen"): Step(OPEN, BOTH),
        (DEFERRED, "spare"): Step(REJECTED, BOTH),
        (DEFERRED, "close"): Step(CLOSED, PROGRAM),
        (ISSUED, "spare"): Step(REJECTED, BOTH),  # the notice was withdrawn or declined
        (ISSUED, "close"): Step(CLOSED, BOTH),  # the adjustment is done
        (CLOSED, "revert"): Step(ISSUED, PROGRAM),  # the old size was seen again
    },
)
UNJUDGED = ("deploy",)  # kinds that no verdict opens or closes
PROTECTED = ("shrink", "idle")  # kinds that a protection keeps from a machine
ENDING = ("reject", "defer")  # answers that hold until a day
AT_ONCE = 500  # numbers in one question to the database
NAMED = 10  # numbers that a message spells out


def subject(finding: Finding) -> str:
    """How the journal names a finding."""
    return f"{finding.machine.name}/{finding.kind}"


def chosen(db: Session, numbers: Iterable[int]) -> list[Finding]:
    """The findings of these numbers, in the order of the numbers. Raises LookupError."""
    wanted = sorted(set(numbers))
    parts = (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))
    found = (row for part in parts for row in db.scalars(select(Finding).where(Finding.id.in_(part))))
    rows = {row.id: row for row in found}
    missing = [str(number) for number in wanted if number not in rows]
    if missing:
        raise NoFindingError(missing)
    return [rows[number] for number in wanted]


class ProtectionError(LookupError, ValueError):
    """A protection that cannot be made or ended, and why."""


class NoFindingError(LookupError):
    def __init__(self, numbers: Sequence[str]) -> None:
        more = f" and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else ""
        named = f"{', '.join(numbers[:NAMED])}{more}"
        super().__init__(f"no finding {named}; `rightsizer finding list --state all` shows them")


def answer(db: Session, findings: Sequence[Finding], event: str, act: Act, until: date | None = None) -> int:
    """Approves, rejects, defers or reopens findings; all or none. Raises RefusedError, OvertakenError."""
    if event in ENDING and (until is None or not act.reason):
        raise RefusedError(f"to {event} a finding takes a reason and an end date")
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
        raise ProtectionError("a protection needs its reason")
    if until < since:
        raise ProtectionError(f"a protection until {until} ends before it begins on {since}")
    known = canonical(db, scope, name)
    if known is None or not machines_in(db, scope, known):
        raise ProtectionError(f"no {scope} {name!r} with machines in the inventory")
    row = Protection(
        scope=scope,
        subject=known,
        reason=act.reason,
        approver=approver,
        since=since,
        until=until,
        made_by=act.actor,
        made_at=act.now,
    )
    db.add(row)
    said = {"scope": scope, "since": since, "until": until, "approver": approver}
    append(db, act.now, Entry(act.actor, "protection.made", known, None, said, act.reason))
    return row


def unprotect(db: Session, number: int, on: date, act: Act) -> Protection:
    """Ends a protection now. Raises LookupError."""
    row = db.get(Protection, number)
    if row is None or row.ended_on is not None:
        raise ProtectionError(f"no protection {number} in force; `rightsizer protection list` shows them")
    row.ended_on = on
    append(db, act.now, Entry(act.actor, "protection.ended", row.subject, row.until, on, act.reason))
    return row


def canonical(db: Session, scope: str, name: str) -> str | None:
    """How a protection names what it covers, None when there is no such: departments by their codes, which
    stay when a name changes.
    """
    if scope == "machine":
        return db.scalar(select(Machine.name).where(Machine.name == name))
    if scope == "department":
        return db.scalar(select(Department.code).where(or_(Department.name == name, Department.code == name)))
    full = Department.code + "/" + System.name
    owned = select(full).join(System.department)
    return db.scalar(owned.where(or_(full == name, Department.name + "/" + System.name == name)))


def machines_in(db: Session, scope: str, subject: str) -> list[str]:
    """The machines that a scope covers. `subject` is canonical."""
    found = select(Machine.name).order_by(Machine.name)
    if scope == "machine":
        return list(db.scalars(found.where(Machine.name == subject)))
    if scope == "system":
        owned = found.join(Machine.system).join(System.department)
        return list(db.scalars(owned.where(Department.code + "/" + System.name == subject)))
    return list(db.scalars(found.join(Machine.department).where(Department.code == subject)))


def protections_of(db: Session, machine: Machine) -> list[Protection]:
    """Every protection that ever covered the machine as it is owned now, the oldest first."""
    covers = [and_(Protection.scope == "machine", Protection.subject == machine.name)]
    if machine.department is not None:
        covers.append(and_(Protection.scope == "department", Protection.subject == machine.department.code))
    if machine.system is not None:
        whole = f"{machine.system.department.code}/{machine.system.name}"
        covers.append(and_(Protection.scope == "system", Protection.subject == whole))
    return list(db.scalars(select(Protection).where(or_(*covers)).order_by(Protection.since, Protection.id)))


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
