"""Machines that were given back (art. 13, third paragraph): kept with their past, judged no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from store.findings import PROGRAM
from store.journal import Entry, append
from store.review import FINDING, subject
from store.tables import Finding, FindingState
from store.workflow import Act, Role, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from store.tables import Machine


def release_machines(db: Session, machines: Sequence[Machine], on: date, act: Act) -> None:
    """What was found on them and not written about yet closes; a notice is followed to its end."""
    for machine in machines:
        machine.released_on = on
    names = [machine.name for machine in machines]
    append(db, act.now, *[Entry(act.actor, "machine.released", name, None, on, act.reason) for name in names])
    open_ones = Finding.state.not_in((FindingState.CLOSED, FindingState.ISSUED))
    ids = [machine.id for machine in machines]
    rows = db.scalars(select(Finding).where(Finding.machine_id.in_(ids), open_ones)).all()
    program = Act(PROGRAM, Role.PROGRAM, act.now, "released")
    pairs = [(row, subject(row)) for row in rows]
    move(db, FINDING, pairs, "close", program, closed_on=on, closed_because="released")
