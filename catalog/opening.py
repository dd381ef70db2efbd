"""Applications for opening (依申请开放, arts. 24 to 27), by the clocks of the regulation on open government
information: received, corrected within 7 working days, answered within 20 from the (corrected) application.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.codes import NOT_OPEN, UNCONDITIONAL
from catalog.errors import CatalogError
from catalog.opening_states import HANDLERS, OPENING
from catalog.opening_tables import ApplicantKind, OpenRequest, OpenState
from catalog.purposes import purposeful, said
from catalog.wanted import in_order, may, offer
from config.roles import Role
from store.deadlines import Clock, Term, meet, reopen, standing, start
from store.journal import Entry as Said
from store.journal import append
from store.workflow import RefusedError, Step, allowed, barred, move

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.wanted import Desk, Offer
    from store.tables import Deadline
    from store.workflow import Act

ANSWER = "第二十五条 依申请开放答复"
CORRECT = "第二十五条 告知补正"
CONSULT = "第二十五条 征求第三方意见"
ARTICLES = (ANSWER, CORRECT, CONSULT)


@dataclass(frozen=True, slots=True)
class Application:
    """What a citizen or an organisation applies for. `contact` goes into no log and no message."""

    kind: ApplicantKind
    applicant: str
    contact: str
    purpose: str
    scope: tuple[str, ...] = ()


def named(row: OpenRequest) -> str:
    return f"open {row.id}"


def subject(row: OpenRequest) -> str:
    return f"catalog_open:{row.id}"


def found(db: Session, number: int) -> OpenRequest:
    row = db.get(OpenRequest, number)
    if row is None:
        raise CatalogError(f"no application {number}: `rightsizer open list` shows them")
    return row


def shown_applicant(row: OpenRequest) -> str:
    """For lists: an organisation by its name, of a citizen the family name."""
    return row.applicant if row.applicant_kind != ApplicantKind.CITIZEN else f"{row.applicant[:1]}**"


def receive(db: Session, code: str, asked: Application, desk: Desk, on: date, act: Act) -> OpenRequest:
    """An application that came in on the day `on`; the clocks run from there. Raises CatalogError,
    RefusedError for what cannot be applied for.
    """
    wanted = offer(db, code)
    refuse_needless(wanted)
    in_order("the application", on, desk.today)
    scope = wanted.scope(asked.scope)
    row = OpenRequest(
        state=OpenState.RECEIVED,
        entry_id=wanted.entry.id,
        department_id=wanted.entry.department_id,
        applicant_kind=asked.kind,
        applicant=said(asked.applicant, "the applicant", 200),
        contact=said(asked.contact, "how to reach the applicant", 300),
        purpose=purposeful(asked.purpose, "the purpose", "研究本市养老服务需求"),
        scope=scope,
        personal=wanted.personal(scope),
        received_on=on,
        recorded_by=act.actor,
        granted_scope=[],
    )
    may(row, HANDLERS, act, "a new application")
    db.add(row)
    db.flush()
    after = {"entry": code, "kind": asked.kind, "received_on": on}
    append(db, act.now, Said(act.actor, "open.receive", named(row), None, after, act.reason))
    run(db, row, desk, CORRECT, on, act)
    run(db, row, desk, ANSWER, on, act)
    return row


def refuse_needless(wanted: Offer) -> None:
    if wanted.version.open_type == UNCONDITIONAL:
        raise RefusedError(f"{wanted.named} is 无条件开放: everybody takes it directly from {wanted.where}")
    if wanted.version.open_type == NOT_OPEN:
        raise RefusedError(
            f"{wanted.named} is 不予开放: the department answers by the rules on open information, "
            "outside the data catalog"
        )


def run(db: Session, row: OpenRequest, desk: Desk, article: str, on: date, act: Act) -> Deadline:
    """Starts a clock, or starts it anew from a corrected day."""
    days = {
        ANSWER: desk.terms.open_answer,
        CORRECT: desk.terms.open_correct,
        CONSULT: desk.terms.third_party,
    }
    words = {
        ANSWER: "答复数据开放申请",
        CORRECT: "审查数据开放申请，需要补正的一次性告知",
        CONSULT: "收取第三方对数据开放的意见",
    }
    title = f"{words[article]}（{row.id}号）：{row.entry.resource_code}"
    clock = Clock(subject(row), on, row.department_id, title)
    return start(db, desk.known, named(row), [clock], Term(article, days[article]), act)[0]


def clock_of(db: Session, row: OpenRequest, article: str) -> list[Deadline]:
    return list(standing(db, [subject(row)], article).values())


def end(db: Session, row: OpenRequest, articles: tuple[str, ...], on: date, act: Act) -> None:
    for article in articles:
        meet(db, named(row), clock_of(db, row, article), on, act)


def accept(db: Session, row: OpenRequest, desk: Desk, act: Act) -> None:
    """Nothing is missing: it is in hand."""
    move(db, OPENING, [(row, named(row))], "accept", act)
    end(db, row, (CORRECT,), desk.today, act)


def ask_correction(db: Session, row: OpenRequest, what: str, desk: Desk, on: date, act: Act) -> None:
    """Says once, within its term, what is missing. Raises RefusedError when the term is over."""
    allowed(OPENING, row, named(row), "ask_correction", act)
    in_order("the demand", on, desk.today, [("the application", row.received_on)])
    for clock in clock_of(db, row, CORRECT):
        if clock.due_on is not None and on > clock.due_on:
            raise RefusedError(
                f"{named(row)}: a correction could be asked for until {clock.due_on}: handle it as it is"
            )
    told = {"correction": said(what, "what is to be corrected"), "correction_asked_on": on}
    move(db, OPENING, [(row, named(row))], "ask_correction", act, **told)
    end(db, row, (CORRECT, ANSWER), on, act)


def correct(db: Session, row: OpenRequest, purpose: str | None, desk: Desk, on: date, act: Act) -> Deadline:
    """The correction came in on the day `on`: the answer's clock begins anew from there."""
    in_order("the correction", on, desk.today, [("the demand", row.correction_asked_on)])
    told: dict[str, object] = {"corrected_on": on}
    if purpose is not None:
        told["purpose"] = purposeful(purpose, "the purpose", "研究本市养老服务需求")
    move(db, OPENING, [(row, named(row))], "correct", act, **told)
    reopen(db, named(row), clock_of(db, row, ANSWER), act)
    return run(db, row, desk, ANSWER, on, act)


def withdraw(db: Session, row: OpenRequest, on: date, act: Act) -> None:
    """The applicant takes it back, or does not correct it in time (视为放弃申请)."""
    if not act.reason:
        raise CatalogError(f"to withdraw {named(row)}, say why (-m)")
    move(db, OPENING, [(row, named(row))], "withdraw", act, ended_on=on)
    end(db, row, ARTICLES, on, act)


def check_reader(row: OpenRequest, act: Act) -> None:
    """Who an applicant is, and how to reach them, is for those who answer, and for who audits them. Raises
    RefusedError.
    """
    why = barred(Step("", HANDLERS | {Role.REVIEWER, Role.AUDITOR}), row, act)
    if why is not None:
        raise RefusedError(f"{named(row)}: the applicant's name and contact are not shown: {why}")
