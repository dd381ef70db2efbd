"""An application on its way through the two approvals (art. 12): 行政审批, then 技术审批, by two people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.roles import same_person
from filing import application_clocks as clocks
from filing.application_need import check
from filing.application_states import APPLICATION, AWAITING_ADMIN, AWAITING_TECHNICAL
from filing.applications import ApplicationError, granted
from store.journal import Entry, append
from store.workflow import RefusedError, move

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from filing.application_clocks import Desk
    from filing.application_tables import Application, ApplicationLine
    from store.workflow import Act

SIZES = ("vcpus", "memory_gib", "disk_gib")


@dataclass(frozen=True, slots=True)
class Size:
    """What is approved of a line; None where it is as asked for."""

    vcpus: float | None = None
    memory_gib: float | None = None
    disk_gib: float | None = None


def submit(db: Session, desk: Desk, row: Application, advice: object, act: Act) -> None:
    """`advice`: the advised sizes as of today, kept as they are. Raises RefusedError, ApplicationError."""
    check(db, row)
    for line in row.lines:  # of an earlier round
        line.approved_vcpus = line.approved_memory_gib = line.approved_disk_gib = None
    facts = {"submitted_on": desk.today, "submitted_by": act.actor, "advice": advice}
    round_of = {"admin_on": None, "admin_by": None, "technical_on": None, "technical_by": None}
    move(db, APPLICATION, [(row, str(row.id))], "submit", act, **facts, **round_of)
    clocks.end(db, row, desk.today, act)
    clocks.run(db, desk, row, clocks.ADMIN, desk.today, act)


def approve(db: Session, desk: Desk, row: Application, sizes: Mapping[int, Size], act: Act) -> None:
    """The approval that it waits for; `sizes`: what is approved of a line (by number) where that is not what
    it asks for. Raises RefusedError, ApplicationError.
    """
    check_apart(row, act)
    resize(db, row, sizes, act)
    check(db, row)
    pair, opinion = [(row, str(row.id))], act.reason
    if row.state == AWAITING_TECHNICAL:
        facts = {"technical_on": desk.today, "technical_by": act.actor, "opinion": opinion}
        move(db, APPLICATION, pair, "approve_technical", act, **facts)
        clocks.end(db, row, desk.today, act)
        clocks.run(db, desk, row, clocks.CONFIGURE, desk.today, act)
        return
    facts = {"admin_on": desk.today, "admin_by": act.actor}
    move(db, APPLICATION, pair, "approve_admin", act, **facts)
    clocks.end(db, row, desk.today, act)
    clocks.run(db, desk, row, clocks.TECHNICAL, desk.today, act)


def check_apart(row: Application, act: Act) -> None:
    """Who submitted it gives none of the approvals. The engine keeps apart who took the step before. Raises
    RefusedError.
    """
    by = row.submitted_by
    if row.state in {AWAITING_ADMIN, AWAITING_TECHNICAL} and by is not None and same_person(by, act.actor):
        raise RefusedError(f"application {row.id}: {by} submitted it: another person must decide")


def resize(db: Session, row: Application, sizes: Mapping[int, Size], act: Act) -> None:
    """Raises ApplicationError for a size above the asked one, and without a reason."""
    lines = {line.number: line for line in row.lines}
    for number, size in sizes.items():
        if number not in lines:
            raise ApplicationError(f"application {row.id} has no line {number}; it has {len(lines)}")
        if not act.reason:
            raise ApplicationError("another size than asked for needs a reason: -m WHY")
        before = granted(lines[number])
        set_size(lines[number], size)
        subject, after = f"{row.id}/{number}", granted(lines[number])
        append(db, act.now, Entry(act.actor, "application.resized", subject, before, after, act.reason))
    db.flush()


def set_size(line: ApplicationLine, size: Size) -> None:
    asked = {
        "vcpus": line.vcpus,
        "memory_gib": line.memory_gib,
        "disk_gib": line.system_disk_gib + line.data_disk_gib,
    }
    for name in SIZES:
        value = getattr(size, name)
        if value is None:
            continue
        if not 0 < value <= asked[name]:
            raise ApplicationError(
                f"line {line.number}: {name} {value:g} is not above 0 and at most the asked {asked[name]:g}: "
                "an application for more is returned, and submitted anew"
            )
        setattr(line, f"approved_{name}", value)


def give_back(db: Session, desk: Desk, row: Application, act: Act) -> None:
    """Back to the department, which corrects it. Raises RefusedError."""
    why(act, "return")
    check_apart(row, act)
    move(db, APPLICATION, [(row, str(row.id))], "return", act, opinion=act.reason)
    clocks.end(db, row, desk.today, act)
    clocks.run(db, desk, row, clocks.CORRECT, desk.today, act)


def refuse(db: Session, desk: Desk, row: Application, act: Act) -> None:
    """不予受理 or refused for good. Raises RefusedError."""
    why(act, "refuse")
    check_apart(row, act)
    facts = {"opinion": act.reason, "ended_on": desk.today}
    move(db, APPLICATION, [(row, str(row.id))], "refuse", act, **facts)
    clocks.end(db, row, desk.today, act)


def withdraw(db: Session, desk: Desk, row: Application, act: Act) -> None:
    """Taken back by the department before anything was delivered. Raises RefusedError."""
    move(db, APPLICATION, [(row, str(row.id))], "withdraw", act, ended_on=desk.today)
    clocks.end(db, row, desk.today, act)


def why(act: Act, event: str) -> None:
    if not act.reason:
        raise ApplicationError(f"to {event} an application needs a reason: -m WHY")
