"""Reports of what was made of open data (art. 27: 利用行为应当与申请保持一致)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from catalog.opening import named
from catalog.opening_states import HANDLERS
from catalog.opening_tables import OpenRequest, OpenState, OpenUse
from catalog.purposes import said, same
from catalog.states import CENTRE
from catalog.wanted import in_order, may
from store.journal import Entry as Said
from store.journal import append

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.wanted import Desk
    from store.workflow import Act

USABLE = (OpenState.GRANTED, OpenState.PARTLY_GRANTED)


@dataclass(frozen=True, slots=True)
class Report:
    """What the data was used for, since when, and the product or service that came of it."""

    on: date
    purpose: str
    product: str | None = None


def report(db: Session, row: OpenRequest, made: Report, desk: Desk, act: Act) -> OpenUse:
    """A report of use, as it came in; one that does not match the application is a violation."""
    may(row, HANDLERS | CENTRE, act, named(row))
    in_order("the use", made.on, desk.today)
    line = OpenUse(
        request_id=row.id,
        used_on=made.on,
        purpose=said(made.purpose, "the use"),
        product=said(made.product, "the product") if made.product is not None else None,
        recorded_on=desk.today,
        recorded_by=act.actor,
        violation=violation(row, made),
    )
    db.add(line)
    db.flush()
    action = "open.used" if line.violation is None else "open.violated"
    after = {"on": made.on, "violation": line.violation}
    append(db, act.now, Said(act.actor, action, named(row), None, after, act.reason))
    return line


def violation(row: OpenRequest, made: Report) -> str | None:
    """What of the use is not as it was applied for and granted, in words."""
    found = []
    if row.state not in USABLE:
        found.append(f"nothing was granted: the application is {row.state}")
    elif row.answered_on is not None and made.on < row.answered_on:
        found.append(f"used on {made.on}, before the answer on {row.answered_on}")
    if row.granted_to is not None and made.on > row.granted_to:
        found.append(f"used on {made.on}, after the last day {row.granted_to}")
    if not same(made.purpose, row.purpose):
        found.append("used for another purpose than the one applied for")
    return "; ".join(found) or None


def reports(db: Session, number: int | None = None) -> list[OpenUse]:
    """The reports, the newest first."""
    wanted = select(OpenUse).options(joinedload(OpenUse.request).joinedload(OpenRequest.entry))
    if number is not None:
        wanted = wanted.where(OpenUse.request_id == number)
    return list(db.scalars(wanted.order_by(OpenUse.used_on.desc(), OpenUse.id.desc())))
