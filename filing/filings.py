"""What is done with one filing: noted, edited, submitted, returned, accepted, ended (art. 10).

The deadline to file is met by what is submitted and runs on when it is returned; see filing.clocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from filing.card_check import check, check_complete, differences, merged
from filing.clocks import done, reopened, settle, subject, undone
from filing.filing_states import FILING, STANDING
from filing.filing_tables import FilingVersion
from filing.keeping import keep_new
from filing.tables import Filing, FilingState
from filing.writers import check_writer
from store.journal import Entry, append
from store.workflow import Act, RefusedError, move

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.card import Card
    from store.tables import Department, System


class NoFilingError(LookupError):
    def __init__(self, number: int) -> None:
        super().__init__(f"no filing {number}; `rightsizer filing list` shows them")


def found_filing(db: Session, number: int) -> Filing:
    """Raises NoFilingError."""
    row = db.get(Filing, number)
    if row is None:
        raise NoFilingError(number)
    return row


def check_name(db: Session, department_id: int, name: str, but: int | None = None) -> None:
    """Raises RefusedError when a standing filing of the department has the name."""
    same = select(Filing.id).where(
        Filing.department_id == department_id, Filing.name == name, Filing.state.in_(STANDING)
    )
    other = db.scalar(same.where(Filing.id != but) if but is not None else same)
    if other is not None:
        raise RefusedError(f"{name!r} of this department is filing {other} already: edit or amend that one")


def add(
    db: Session, department: Department, system: System | None, card: Card, act: Act, today: date
) -> Filing:
    """Notes a filing that is not submitted yet; its card may lack. Raises RefusedError."""
    check_writer(act, department.id)
    check(card, today)
    name = str(card.get("name") or "")
    if not name:
        raise RefusedError("a filing is of a system with a name: neither empty nor - nor /")
    check_name(db, department.id, name)
    check_system(db, system, department.id)
    row = Filing(department=department, system=system, name=name, state=FilingState.UNFILED, card=card)
    keep_new(db, [row])
    said = {"department": department.name, "card": card, "system": system.name if system else None}
    append(db, act.now, Entry(act.actor, "filing.added", subject(row), None, said, act.reason))
    settle(db, department.id, today, act)
    return row


def check_system(db: Session, system: System | None, department_id: int, but: int | None = None) -> None:
    """Raises RefusedError for a system of another department, or one that has a standing filing."""
    if system is None:
        return
    if system.department_id != department_id:
        raise RefusedError(f"{system.name!r} is a system of {system.department.name}, not of the filing's")
    same = select(Filing.id).where(Filing.system_id == system.id, Filing.state.in_(STANDING))
    other = db.scalar(same.where(Filing.id != but) if but is not None else same)
    if other is not None:
        raise RefusedError(f"the system {system.name!r} belongs to filing {other} already")


def edit(db: Session, filing: Filing, change: Mapping[str, object], act: Act, today: date) -> list[str]:
    """Changes the card of a filing that is with the department. Returns the keys that changed."""
    card = merged(filing.card, change)
    changed = differences(filing.card, card)
    if not changed:
        return []
    rename(db, filing, card)
    check(card, today)
    before = {field.key: old for field, old, _new in changed}
    after = {field.key: new for field, _old, new in changed}
    move(db, FILING, [(filing, subject(filing))], "edit", act, card=card, name=card["name"])
    append(db, act.now, Entry(act.actor, "filing.card", subject(filing), before, after, act.reason))
    return list(after)


def rename(db: Session, filing: Filing, card: Card) -> None:
    if card.get("name") is None:
        raise RefusedError("a filing keeps a 系统名称: it cannot be taken out")
    check_name(db, filing.department_id, str(card["name"]), but=filing.id)


def link(db: Session, filing: Filing, system: System, act: Act) -> None:
    """Says which system of the inventory the filing is about. Raises RefusedError."""
    check_writer(act, filing.department_id)
    check_system(db, system, filing.department_id, but=filing.id)
    before = filing.system.name if filing.system else None
    filing.system = system
    append(db, act.now, Entry(act.actor, "filing.system", subject(filing), before, system.name, act.reason))


def submit(db: Session, filing: Filing, act: Act, today: date) -> None:
    """Hands the card in, the first time or again. Raises RefusedError with everything it lacks."""
    event = "resubmit" if filing.state == FilingState.RETURNED else "submit"
    if (filing.state, event) in FILING.steps:
        check_complete(filing.card, today)
    values = {"submitted_by": act.actor, "submitted_on": today}
    move(db, FILING, [(filing, subject(filing))], event, act, **values)
    done(db, filing, today, act)
    settle(db, filing.department_id, today, act)


def send_back(db: Session, filing: Filing, act: Act, today: date) -> None:  # noqa: ARG001  (as every step)
    """Returns a submitted card; an amendment is refused and the old card stays."""
    if not act.reason:
        raise RefusedError("to send a filing back takes a reason")
    if filing.state == FilingState.AMENDING:
        refused = filing.proposed
        move(db, FILING, [(filing, subject(filing))], "refuse_amendment", act, proposed=None)
        append(db, act.now, Entry(act.actor, "filing.refused", subject(filing), refused, None, act.reason))
        undone(db, filing.department_id, act)
        return
    move(db, FILING, [(filing, subject(filing))], "return", act)
    reopened(db, filing, act)
    undone(db, filing.department_id, act)


def accept(db: Session, filing: Filing, act: Act, today: date) -> int:
    """Accepts a card or an amendment: a new version, which is the card from today. Returns its number."""
    number = newest_number(db, filing) + 1
    amendment = filing.state == FilingState.AMENDING
    card = filing.proposed if amendment else filing.card
    rename(db, filing, card)
    by, event = filing.submitted_by, "accept_amendment" if amendment else "accept"
    values: dict[str, object] = {"card": card, "name": card["name"], "proposed": None}
    values |= {"amended_at": act.now} if amendment else {"filed_on": today}
    move(db, FILING, [(filing, subject(filing))], event, act, **values)
    kept = FilingVersion(filing_id=filing.id, number=number, card=card, valid_from=today, submitted_by=by)
    kept.accepted_by, kept.reason = act.actor, act.reason
    db.add(kept)
    settle(db, filing.department_id, today, act)
    db.flush()
    return number


def newest_number(db: Session, filing: Filing) -> int:
    newest = select(func.max(FilingVersion.number)).where(FilingVersion.filing_id == filing.id)
    return db.scalar(newest) or 0


def amend(db: Session, filing: Filing, change: Mapping[str, object], act: Act, today: date) -> list[str]:
    """Proposes another card; the filed one stays until it is accepted. Returns the keys that change."""
    card = merged(filing.card, change)
    changed = differences(filing.card, card)
    if not changed:
        raise RefusedError(f"{subject(filing)}: the card says that already: there is nothing to amend")
    if filing.state == FilingState.FILED:
        rename(db, filing, card)
        check_complete(card, today)
    values: dict[str, object] = {"proposed": card, "submitted_by": act.actor, "submitted_on": today}
    move(db, FILING, [(filing, subject(filing))], "amend", act, **values)
    before = {field.key: old for field, old, _new in changed}
    after = {field.key: new for field, _old, new in changed}
    append(db, act.now, Entry(act.actor, "filing.proposed", subject(filing), before, after, act.reason))
    settle(db, filing.department_id, today, act)
    return list(after)


def deregister(db: Session, filing: Filing, act: Act, today: date) -> None:
    """Ends a filing whose system is gone; one that was never filed is dismissed. Raises RefusedError."""
    if not act.reason:
        raise RefusedError("to end a filing takes a reason")
    never = filing.state in {FilingState.UNFILED, FilingState.RETURNED}
    event = "dismiss" if never else "deregister"
    move(db, FILING, [(filing, subject(filing))], event, act, ended_on=today)
    done(db, filing, today, act)
    settle(db, filing.department_id, today, act)


def versions(db: Session, filing: Filing) -> list[FilingVersion]:
    """The accepted cards, the first one first."""
    wanted = select(FilingVersion).where(FilingVersion.filing_id == filing.id)
    return list(db.scalars(wanted.order_by(FilingVersion.number)))
