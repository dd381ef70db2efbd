"""A sheet of filings into the register: what is new, what changes a card, what amends a filed one (art. 10).

Looking and writing are two steps; the second one is in the caller's transaction. The same file again changes
nothing: an empty cell leaves what is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.card_check import differences, lacks, merged
from filing.clocks import settle, subject
from filing.filing_states import EDITABLE, STANDING
from filing.filings import amend, edit
from filing.keeping import keep_new
from filing.names import normal
from filing.tables import Filing, FilingState
from filing.writers import check_writer
from store.journal import Entry, append

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.card import Card
    from filing.sheet_rows import Reading, SheetRow
    from store.workflow import Act


class Deed(StrEnum):
    ADD = "added"
    EDIT = "changed"
    AMEND = "amendments"
    NOTHING = "unchanged"


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to become of one row. `filing`: the one that it is about, None for a new one."""

    deed: Deed
    row: SheetRow
    card: Card
    filing: Filing | None = None


def plan(db: Session, found: Reading) -> list[Planned]:
    """What the good rows would do; those that cannot be done become problems of the reading."""
    standing = list(db.scalars(select(Filing).where(Filing.state.in_(STANDING))))
    exact = {(filing.department_id, filing.name): filing for filing in standing}
    waiting = {
        (filing.department_id, normal(filing.name)): filing
        for filing in standing
        if filing.state == FilingState.UNFILED and filing.found_on is not None
    }
    named = {(row.department, row.card["name"]) for row in found.rows}
    planned = []
    for row in found.rows:
        name = str(row.card["name"])
        filing = exact.get((row.department, name))
        found_one = waiting.get((row.department, normal(name)))
        if filing is None and found_one is not None and (row.department, found_one.name) not in named:
            filing = found_one  # the reconciliation saw it running under nearly this name
        step = planned_for(row, filing)
        why = hindered(step)
        if why is not None:
            found.refuse(row, "name", name, why)
        else:
            planned.append(step)
    return planned


def planned_for(row: SheetRow, filing: Filing | None) -> Planned:
    if filing is None:
        return Planned(Deed.ADD, row, row.card)
    waiting = filing.state == FilingState.AMENDING
    card = merged(filing.proposed if waiting else filing.card, row.card)
    if not differences(filing.proposed if waiting else filing.card, card):
        return Planned(Deed.NOTHING, row, card, filing)
    return Planned(Deed.EDIT if filing.state in EDITABLE else Deed.AMEND, row, card, filing)


def hindered(step: Planned) -> str | None:
    """Why the row cannot be taken now."""
    if step.deed is not Deed.AMEND or step.filing is None:
        return None
    if step.filing.state != FilingState.FILED:
        return f"no change: filing {step.filing.id} is {step.filing.state}, the reviewer has to answer first"
    missing = lacks(step.card)
    return f"a whole card: the amended one lacks {', '.join(missing)}" if missing else None


def carry_out(db: Session, planned: Sequence[Planned], act: Act, today: date) -> None:
    """Writes what was planned. Raises RefusedError, OvertakenError."""
    for number in {step.row.department for step in planned}:
        check_writer(act, number)
    add_all(db, [step for step in planned if step.deed is Deed.ADD], act)
    for step in planned:
        if step.filing is not None and step.deed is Deed.EDIT:
            edit(db, step.filing, step.card, act, today)
        elif step.filing is not None and step.deed is Deed.AMEND:
            amend(db, step.filing, step.card, act, today)
    for number in {step.row.department for step in planned if step.deed is Deed.ADD}:
        settle(db, number, today, act)


def add_all(db: Session, steps: Sequence[Planned], act: Act) -> None:
    rows = [
        Filing(
            department_id=step.row.department,
            name=str(step.card["name"]),
            state=FilingState.UNFILED,
            card=step.card,
        )
        for step in steps
    ]
    keep_new(db, rows)
    said = [Entry(act.actor, "filing.added", subject(row), None, row.card, act.reason) for row in rows]
    append(db, act.now, *said)
