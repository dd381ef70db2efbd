"""The answers to requests for sharing (art. 23): granted with conditions, refused with a reason of the list;
what goes to the centre's coordination; and how a grant ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from catalog.codes import NOT_SHARED, Code, CodeTable
from catalog.errors import CatalogError
from catalog.purposes import said
from catalog.refusals import LAW, OTHER, Refusal, refused
from catalog.sharing import clock_of, named, need_reason, refuse_second
from catalog.sharing_states import SHARE
from catalog.sharing_tables import USABLE, ShareRequest, ShareState
from catalog.wanted import in_order, of_entry, published
from store.deadlines import meet
from store.journal import Entry as Said
from store.journal import append
from store.workflow import RefusedError, allowed, move

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.wanted import Desk
    from store.workflow import Act

REFUSALS = CodeTable(
    "refusal",
    (
        Code(LAW, "法律法规不允许"),
        Code("not_ours", "数据不在本部门"),
        Code("not_ready", "不具备共享条件"),
        Code(OTHER, "其他"),
    ),
)
NOT_REFUSED = {"refusal": None, "answer": None}
NOT_GRANTED: dict[str, object] = {
    "conditions": None,
    "granted_scope": [],
    "granted_from": None,
    "granted_to": None,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What is granted; what is None is as it was asked for. `scope`: fewer items, in part only."""

    conditions: str
    scope: tuple[str, ...] = ()
    term_from: date | None = None
    term_to: date | None = None


def grant(db: Session, row: ShareRequest, given: Grant, desk: Desk, on: date, act: Act) -> None:
    """All that was asked for, for the term or a shorter one. Raises CatalogError, RefusedError."""
    if given.scope:
        raise CatalogError("a grant covers every item that was asked for: grant fewer in part")
    refuse_closed(db, row)
    answer(db, row, "grant", on, desk, act, **granted(row, given, list(row.scope), on))


def grant_partly(
    db: Session, row: ShareRequest, given: Grant, rest: Refusal, desk: Desk, on: date, act: Act
) -> None:
    """Some of the items; why not the others is said as in a refusal."""
    scope = [name for name in row.scope if name in given.scope]
    if not scope or len(scope) == len(row.scope) or len(scope) < len(set(given.scope)):
        asked = ", ".join(row.scope) or "no single items"
        raise CatalogError(f"in part: some of the items that were asked for, not all of them: {asked}")
    refuse_closed(db, row)
    answer(
        db,
        row,
        "grant_partly",
        on,
        desk,
        act,
        **{**granted(row, given, scope, on), **refused(REFUSALS, rest)},
    )


def refuse_closed(db: Session, row: ShareRequest) -> None:
    """Raises RefusedError for what is not published, or not shared, any more; coordination may grant that."""
    public = of_entry(db, row.entry)
    if public.version.share_type == NOT_SHARED and row.state == ShareState.AWAITING_ANSWER:
        raise RefusedError(f"{public.named} is 不予共享 by now: refuse {named(row)} by its law")


def refuse(db: Session, row: ShareRequest, why: Refusal, desk: Desk, on: date, act: Act) -> None:
    answer(db, row, "refuse", on, desk, act, ended_on=on, **NOT_GRANTED, **refused(REFUSALS, why))


def granted(row: ShareRequest, given: Grant, scope: list[str], on: date) -> dict[str, object]:
    first, last = given.term_from or max(row.term_from, on), given.term_to or row.term_to
    if last < on:
        raise CatalogError(f"the term would end on {last}, before the answer on {on}: give a later --to")
    if not row.term_from <= first <= last <= row.term_to:
        raise CatalogError(
            f"the term {first} .. {last} is not within what was asked for: {row.term_from} .. {row.term_to}"
        )
    conditions = said(given.conditions, "the conditions of use")
    told = {"conditions": conditions, "granted_scope": scope, "granted_from": first, "granted_to": last}
    return {**NOT_REFUSED, **told}


def answer(
    db: Session,
    row: ShareRequest,
    event: str,
    on: date,
    desk: Desk,
    act: Act,
    **values: object,
) -> None:
    allowed(SHARE, row, named(row), event, act)
    before = ("the receipt", row.received_on or row.submitted_on), ("the coordination", row.coordinated_on)
    in_order("the answer", on, desk.today, before)
    move(db, SHARE, [(row, named(row))], event, act, answered_on=on, answered_by=act.actor, **values)
    append(db, act.now, Said(act.actor, "share.answered", named(row), None, {"on": on, **values}, act.reason))
    meet(db, named(row), clock_of(db, row), on, act)


def coordinate(db: Session, row: ShareRequest, desk: Desk, act: Act) -> None:
    """The centre takes up what is overdue, or what is 不予共享. Raises RefusedError while the department
    still has time.
    """
    need_reason(row, "coordinate", act)
    allowed(SHARE, row, named(row), "coordinate", act)
    if row.state == ShareState.FORMAT_REVIEW:
        public = published(db, row.entry)
        if public is not None and public.share_type != NOT_SHARED:
            raise RefusedError(f"{named(row)}: forward it; only what is 不予共享 is coordinated at once")
    for clock in clock_of(db, row):
        if clock.due_on is None or clock.due_on >= desk.today:
            until = f"until {clock.due_on}" if clock.due_on else "until a day of a year not known yet"
            raise RefusedError(f"{named(row)}: the department has time {until}; coordinate after that")
    why = {"coordinated_on": desk.today, "coordinated_for": act.reason}
    move(db, SHARE, [(row, named(row))], "coordinate", act, **why)


def dispute(db: Session, row: ShareRequest, desk: Desk, act: Act) -> None:
    """The department that asked does not agree with the answer: the centre coordinates, once."""
    need_reason(row, "dispute", act)
    allowed(SHARE, row, named(row), "dispute", act)
    refuse_second(db, row)
    told = {"coordinated_on": desk.today, "coordinated_for": act.reason, "ended_on": None}
    move(db, SHARE, [(row, named(row))], "dispute", act, **told)


def revoke(db: Session, row: ShareRequest, on: date, act: Act) -> None:
    """Taken back by who has the data, or by the centre, such as after use for another purpose."""
    need_reason(row, "revoke", act)
    move(db, SHARE, [(row, named(row))], "revoke", act, ended_on=on)


def expire_due(db: Session, today: date, act: Act) -> list[ShareRequest]:
    """Grants whose term is over end; again: does nothing."""
    over = ShareRequest.granted_to < today, ShareRequest.state.in_(USABLE)
    rows = list(db.scalars(select(ShareRequest).where(*over).order_by(ShareRequest.id)))
    for row in rows:
        move(db, SHARE, [(row, named(row))], "expire", act, ended_on=row.granted_to)
    return rows
