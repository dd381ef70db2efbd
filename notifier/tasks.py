"""Tasks: what only an operator can do, opened once and closed when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from notifier.tables import Task
from store.journal import Entry, append

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from store.workflow import Act


SUBJECT = 300  # characters


def open_task(db: Session, kind: str, subject: str, text: str, act: Act) -> bool:
    """Opens the task, unless it is open already. Returns whether it is new."""
    subject = subject[:SUBJECT]
    row = db.scalars(select(Task).where(*is_open(kind, subject))).first()
    if row is not None:
        row.text = text
        return False
    db.add(Task(kind=kind, subject=subject, text=text, opened_at=act.now))
    append(db, act.now, Entry(act.actor, "task.opened", f"{kind} {subject}"[:300], None, text, None))
    return True


def close_tasks(db: Session, kind: str, subject: str, act: Act) -> int:
    """Closes the open task of a subject, because what it asked for is done. Returns how many."""
    return closed(db, db.scalars(select(Task).where(*is_open(kind, subject))).all(), act)


def close_about(db: Session, kinds: Sequence[str], matter: str, act: Act) -> int:
    """Closes the open tasks of these kinds about a matter, whichever of its recipients. Returns how many."""
    about = or_(Task.subject == matter, Task.subject.startswith(f"{matter} ", autoescape=True))
    found = select(Task).where(Task.kind.in_(kinds), about, Task.closed_at.is_(None)).order_by(Task.id)
    return closed(db, db.scalars(found).all(), act)


def closed(db: Session, rows: Sequence[Task], act: Act) -> int:
    for row in rows:
        row.closed_at, row.closed_by, row.answer = act.now, act.actor, act.reason
    entries = [
        Entry(act.actor, "task.closed", f"{row.kind} {row.subject}"[:300], row.text, None, act.reason)
        for row in rows
    ]
    append(db, act.now, *entries)
    return len(rows)


def is_open(kind: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (Task.kind == kind, Task.subject == subject, Task.closed_at.is_(None))
