"""An application as its page and its JSON tell it: lines, machines and clocks, opinions, advice, journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from config.roles import OF_PEOPLE
from filing.application_states import APPLICATION, EDITABLE, IN_USE
from filing.application_tables import Application
from filing.applications import granted, line_json
from store.tables import Deadline, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.application_tables import ApplicationLine, ApplicationMachine

COMMANDS = {
    "approve_admin": "approve",
    "approve_technical": "approve",
    "deploy": "deployed",
    "release": "released",
}
FACTS = (
    *("zone", "term_from", "term_to", "public_ips", "bandwidth_mbps", "backup", "description", "go_live_on"),
    *("users", "protection_level", "contact", "phone", "paper", "created_on", "submitted_on", "submitted_by"),
    *("admin_on", "admin_by", "technical_on", "technical_by", "opinion", "delivered_on", "receipt"),
    *("running_on", "take_back_on", "statement", "ended_on"),
)


def whole(db: Session, row: Application) -> dict[str, object]:
    """Everything about it; keys are stable."""
    clocks = deadlines(db, row)
    linked = db.scalars(select(Application).where(Application.of_id == row.id).order_by(Application.id))
    return {
        "id": row.id,
        "kind": row.kind,
        "state": str(row.state),
        "version": row.version,
        "department": row.department.name,
        "system": row.system,
        "project": {"id": row.project.id, "name": row.project.name} if row.project else None,
        "filing": {"id": row.filing.id, "name": row.filing.name} if row.filing else None,
        "of": row.of_id,
        **{name: plain(getattr(row, name)) for name in FACTS},
        "retention": row.retention,
        "lines": [whole_line(line) for line in row.lines],
        "advice": row.advice,
        "machines": [machine_json(part, clocks) for part in row.machines],
        "deadlines": [deadline_json(clock) for clock in clocks.values() if is_own(clock)],
        "linked": [{"id": other.id, "kind": other.kind, "state": str(other.state)} for other in linked],
        "possible": possible(row),
        "journal": [entry_json(entry) for entry in journal(db, row)],
    }


def possible(row: Application) -> list[str]:
    """The commands that may come next, by state and guards alone."""
    events = {event for role in OF_PEOPLE for event in APPLICATION.possible(row, role)}
    found = {COMMANDS.get(event, event) for event in events} - {"end"}
    if row.state in IN_USE:
        found |= {"change", "release"}
    if row.state in EDITABLE:
        found |= {"edit"}
    return sorted(found)


def deadlines(db: Session, row: Application) -> dict[str, Deadline]:
    """Subject and article -> the clock, of itself and of its machines, the oldest first."""
    subjects = [f"application:{row.id}", *(f"machine:{part.machine_id}" for part in row.machines)]
    found = select(Deadline).where(Deadline.subject.in_(subjects)).order_by(Deadline.started_on, Deadline.id)
    return {f"{clock.subject} {clock.article}": clock for clock in db.scalars(found)}


def is_own(clock: Deadline) -> bool:
    return clock.subject.startswith("application:")


def whole_line(line: ApplicationLine) -> dict[str, object]:
    return {**line_json(line), "granted": granted(line)}


def machine_json(part: ApplicationMachine, clocks: dict[str, Deadline]) -> dict[str, object]:
    machine = part.machine
    ours = (clock for key, clock in clocks.items() if key.startswith(f"machine:{machine.id} "))
    clock = next(ours, None)
    return {
        "machine": machine.name,
        "role": part.line.role if part.line is not None else None,
        "vcpus": machine.vcpus,
        "memory_gib": machine.memory_gib,
        "disk_gib": machine.disk_gib,
        "delivered_on": plain(machine.delivered_on),
        "due_on": plain(clock.due_on) if clock is not None else None,
        "deployed_on": plain(machine.deployed_on or (clock.met_on if clock is not None else None)),
        "released_on": plain(machine.released_on),
    }


def deadline_json(clock: Deadline) -> dict[str, object]:
    return {
        "article": clock.article,
        "title": clock.title,
        "started_on": plain(clock.started_on),
        "working_days": clock.working_days,
        "due_on": plain(clock.due_on),
        "met_on": plain(clock.met_on),
    }


def journal(db: Session, row: Application) -> Iterable[JournalEntry]:
    ours = (
        JournalEntry.action.startswith("application."),
        or_(
            JournalEntry.subject == str(row.id),
            JournalEntry.subject.startswith(f"{row.id}/"),
        ),
    )
    return db.scalars(select(JournalEntry).where(*ours).order_by(JournalEntry.id))


def entry_json(entry: JournalEntry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
    }


def plain(value: date | object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value
