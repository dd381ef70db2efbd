"""Third parties, extensions and answers of applications for opening (art. 25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.codes import NOT_OPEN, Code, CodeTable
from catalog.errors import CatalogError
from catalog.opening import ANSWER, ARTICLES, CONSULT, CORRECT, clock_of, end, named, run
from catalog.opening_states import OPENING
from catalog.opening_tables import Consent, OpenRequest
from catalog.purposes import said
from catalog.refusals import LAW, OTHER, Refusal, refused
from catalog.wanted import Offer, in_order, published
from config.workdays import UnknownYearError
from store.deadlines import extend as put_off
from store.deadlines import pause, resume
from store.journal import Entry as Said
from store.journal import append
from store.workflow import RefusedError, allowed, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.wanted import Desk
    from store.tables import Deadline
    from store.workflow import Act

THIRD_PARTY = "third_party"
REFUSALS = CodeTable(
    "refusal",
    (
        Code(LAW, "法律、行政法规禁止开放"),
        Code("safety", "可能危及国家安全、公共安全、经济安全、社会稳定"),
        Code(THIRD_PARTY, "涉及商业秘密、个人隐私，第三方不同意"),
        Code("internal", "内部事务信息、过程性信息"),
        Code("repeated", "重复申请"),
        Code(OTHER, "其他"),
    ),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """`scope`: some of the items, in part only. `until`: the last day of use, if it ends."""

    conditions: str
    scope: tuple[str, ...] = ()
    until: date | None = None


def consult(db: Session, row: OpenRequest, whom: str, desk: Desk, on: date, act: Act) -> Deadline:
    """A third party, whose rights are touched, is asked in writing; the clock of the answer stands meanwhile,
    unless the policy lets it run.
    """
    in_order("the letter", on, desk.today, [("the application", row.corrected_on or row.received_on)])
    told = {"third_party": said(whom, "the third party", 200), "consulted_on": on}
    move(db, OPENING, [(row, named(row))], "consult", act, **told)
    end(db, row, (CORRECT,), on, act)
    if desk.terms.third_party_clock == "stops":
        pause(db, desk.known, named(row), clock_of(db, row, ANSWER), on, act)
    return run(db, row, desk, CONSULT, on, act)


def consent(db: Session, row: OpenRequest, what: Consent, desk: Desk, on: date, act: Act) -> None:
    """What the third party said; silent is only who let the term pass. Raises RefusedError."""
    allowed(OPENING, row, named(row), "consent", act)
    in_order("the word of the third party", on, desk.today, [("the letter to it", row.consulted_on)])
    for clock in clock_of(db, row, CONSULT):
        if what == Consent.SILENT and (clock.due_on is None or on <= clock.due_on):
            until = clock.due_on or "a day that the calendar does not know yet"
            raise RefusedError(f"{named(row)}: the third party has time until {until}")
    move(db, OPENING, [(row, named(row))], "consent", act, consent=what, consent_on=on)
    end(db, row, (CONSULT,), on, act)
    resume(db, desk.known, named(row), clock_of(db, row, ANSWER), on, act)


def extend(db: Session, row: OpenRequest, days: int, desk: Desk, told_on: date, act: Act) -> date:
    """Puts the answer off by working days, once, with a reason that the applicant is told in time. Returns
    the new last day. Raises CatalogError, RefusedError, UnknownYearError.
    """
    if not act.reason:
        raise CatalogError(f"to extend {named(row)}, say why (-m): the applicant is told")
    if not 1 <= days <= desk.terms.open_extend:
        raise CatalogError(f"an extension of 1 to {desk.terms.open_extend} working days; read {days}")
    allowed(OPENING, row, named(row), "extend", act)
    clocks = clock_of(db, row, ANSWER)
    due = clocks[0].due_on
    if due is None:
        raise CatalogError(f"{named(row)} has no last day: import the year, `rightsizer calendar import`")
    in_order("the applicant was told", told_on, desk.today, [("the application", row.received_on)])
    if told_on > due:
        raise RefusedError(f"{named(row)} was due on {due}: an extension is told by then, not on {told_on}")
    until = desk.known.add(due, days)
    if until.on is None:
        raise UnknownYearError(until.unknown_year or due.year + 1)
    told = {"extended_until": until.on, "extension_reason": act.reason, "told_on": told_on}
    move(db, OPENING, [(row, named(row))], "extend", act, **told)
    put_off(db, named(row), clocks, until.on, act)
    return until.on


def grant(db: Session, row: OpenRequest, given: Grant, desk: Desk, on: date, act: Act) -> None:
    """All that was applied for. Raises CatalogError, RefusedError."""
    if given.scope:
        raise CatalogError("a grant covers every item that was applied for: grant fewer in part")
    weigh(db, row, list(row.scope))
    outweigh(row, act)
    answer(db, row, "grant", on, desk, act, **granted(given, list(row.scope), on))


def grant_partly(
    db: Session, row: OpenRequest, given: Grant, rest: Refusal, desk: Desk, on: date, act: Act
) -> None:
    """Some of the items. Raises CatalogError, RefusedError."""
    scope = [name for name in row.scope if name in given.scope]
    if not scope or len(scope) == len(row.scope) or len(scope) < len(set(given.scope)):
        asked = ", ".join(row.scope) or "no single items"
        raise CatalogError(f"in part: some of the items that were applied for, not all of them: {asked}")
    weigh(db, row, scope)
    if rest.reason != THIRD_PARTY:  # then what it does not agree to is left out
        outweigh(row, act)
    answer(db, row, "grant_partly", on, desk, act, **granted(given, scope, on), **refused(REFUSALS, rest))


def weigh(db: Session, row: OpenRequest, scope: Sequence[str]) -> None:
    """What may be opened is what is open on conditions now; personal data, by what was known then or is known
    now, only with consent. Raises RefusedError.
    """
    public = published(db, row.entry)
    if public is None:
        raise RefusedError(f"{named(row)}: {row.entry.resource_code} is not published any more")
    if public.open_type == NOT_OPEN:
        raise RefusedError(
            f"{named(row)}: {row.entry.resource_code} is not open any more (不予开放): refuse it"
        )
    personal = [name for name in scope if name in {*row.personal, *Offer(row.entry, public).personal(scope)}]
    if personal and row.consent != Consent.AGREED:
        names = ", ".join(personal)
        raise RefusedError(
            f"{named(row)}: personal data ({names}) that nobody agreed to open needs the consent of the "
            "third party: consult it, or leave them out"
        )


def outweigh(row: OpenRequest, act: Act) -> None:
    """Against the word of a third party only for a public interest, which is said. Raises CatalogError."""
    if row.consent == Consent.DISAGREED and not act.reason:
        raise CatalogError(
            f"{named(row)}: {row.third_party} does not agree: say in -m which public interest outweighs that"
        )


def granted(given: Grant, scope: list[str], on: date) -> dict[str, object]:
    if given.until is not None and given.until < on:
        raise CatalogError(f"use until {given.until} would be over before the answer on {on}")
    conditions = said(given.conditions, "the conditions of use")
    return {"conditions": conditions, "granted_scope": scope, "granted_to": given.until}


def refuse(db: Session, row: OpenRequest, why: Refusal, desk: Desk, on: date, act: Act) -> None:
    answer(db, row, "refuse", on, desk, act, **refused(REFUSALS, why))


def not_ours(db: Session, row: OpenRequest, words: str, desk: Desk, on: date, act: Act) -> None:
    """Another body has the data; the applicant is told which, if it is known."""
    answer(db, row, "not_ours", on, desk, act, answer=said(words, "who has the data"))


def answer(
    db: Session,
    row: OpenRequest,
    event: str,
    on: date,
    desk: Desk,
    act: Act,
    **values: object,
) -> None:
    allowed(OPENING, row, named(row), event, act)
    before = (
        ("the application", row.corrected_on or row.received_on),
        ("the letter to the third party", row.consulted_on),
        ("the word of the third party", row.consent_on),
    )
    in_order("the answer", on, desk.today, before)
    told = {"answered_on": on, "answered_by": act.actor, "ended_on": on, **values}
    move(db, OPENING, [(row, named(row))], event, act, **told)
    append(db, act.now, Said(act.actor, "open.answered", named(row), None, {"on": on, **values}, act.reason))
    end(db, row, ARTICLES, on, act)
