"""The log of the use of shared data (art. 23: 不得用于其他目的): what is not as granted is a violation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from catalog.errors import CatalogError
from catalog.names import item_key
from catalog.purposes import said, same
from catalog.sharing import named
from catalog.sharing_states import ASKER, ASKERS, SHARE
from catalog.sharing_tables import USABLE, ShareRequest, ShareState, ShareUse
from catalog.wanted import in_order, may
from store.journal import Entry as Said
from store.journal import append
from store.workflow import move

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.wanted import Desk
    from store.workflow import Act


@dataclass(frozen=True, slots=True)
class Use:
    """`purpose` None: the declared one. `scope`: the items that were used, if it is said."""

    on: date
    records: int
    purpose: str | None = None
    scope: tuple[str, ...] = ()


def record(db: Session, row: ShareRequest, use: Use, desk: Desk, act: Act) -> ShareUse:
    """A line of the log, as it happened. The first use of a grant begins it. Raises CatalogError."""
    may(row, ASKERS, act, named(row), ASKER)
    in_order("the use", use.on, desk.today)
    if use.records < 0:
        raise CatalogError(f"records: a number of 0 or more; read {use.records}")
    line = ShareUse(
        request_id=row.id,
        used_on=use.on,
        purpose=said(use.purpose, "the purpose") if use.purpose is not None else row.purpose,
        records=use.records,
        recorded_on=desk.today,
        recorded_by=act.actor,
        violation=violation(row, use),
    )
    db.add(line)
    db.flush()
    after = {"on": use.on, "records": use.records, "violation": line.violation}
    action = "share.used" if line.violation is None else "share.violated"
    append(db, act.now, Said(act.actor, action, named(row), None, after, act.reason))
    if line.violation is None and row.state in (ShareState.GRANTED, ShareState.PARTLY_GRANTED):
        move(db, SHARE, [(row, named(row))], "begin", act)
    return line


def violation(row: ShareRequest, use: Use) -> str | None:
    """What of the use is not as it was granted, in words."""
    return "; ".join([*untimely(row, use.on), *unlike(row, use)]) or None


def untimely(row: ShareRequest, on: date) -> list[str]:
    if row.granted_from is None or row.granted_to is None:
        return [f"nothing was granted: the request is {row.state}"]
    if on < row.granted_from:
        return [f"used on {on}, before the term begins on {row.granted_from}"]
    if on > row.granted_to:
        return [f"used on {on}, after the term ended on {row.granted_to}"]
    if row.state not in USABLE and row.ended_on is not None and on > row.ended_on:
        return [f"used on {on}, after it was {row.state} on {row.ended_on}"]
    return []


def unlike(row: ShareRequest, use: Use) -> list[str]:
    found = []
    if use.purpose is not None and not same(use.purpose, row.purpose):
        found.append("used for another purpose than the declared one")
    granted = {item_key(name) for name in row.granted_scope}
    beyond = [name for name in use.scope if item_key(name) not in granted]
    if beyond:
        found.append(f"items that were not granted: {', '.join(beyond)}")
    return found


def uses(db: Session, violated: bool | None = None, number: int | None = None) -> list[ShareUse]:
    """The log, the newest first; `violated`: only those that are, or are not, as granted."""
    wanted = select(ShareUse).options(joinedload(ShareUse.request).joinedload(ShareRequest.entry))
    if violated is not None:
        none = ShareUse.violation.is_(None)
        wanted = wanted.where(~none if violated else none)
    if number is not None:
        wanted = wanted.where(ShareUse.request_id == number)
    return list(db.scalars(wanted.order_by(ShareUse.used_on.desc(), ShareUse.id.desc())))
