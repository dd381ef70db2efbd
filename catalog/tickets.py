"""校核 and 纠错 (art. 18), and 数据异议: raised, answered within the policy's working days, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.entries import version_of
from catalog.errors import CatalogError
from catalog.matters import Objection, ObjectionKind, ObjectionState, Ticket, TicketKind, TicketState
from catalog.names import clean, item_key
from catalog.purposes import refuse_secrets
from catalog.states import OBJECTION, TICKET
from config.roles import Role
from store.deadlines import Clock, Term, meet, reopen, standing, start
from store.journal import Entry as Said
from store.journal import append
from store.workflow import RefusedError, move

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from catalog.events import Dates
    from catalog.tables import Entry
    from store.tables import Deadline
    from store.workflow import Act

ARTICLES = {TicketKind.VERIFY: "第十八条 数据校核", TicketKind.CORRECT: "第十八条 数据纠错"}
WORDS: Mapping[str, str] = {
    TicketKind.VERIFY: "校核",
    TicketKind.CORRECT: "纠错",
    ObjectionKind.CATALOG: "目录纠错",
    ObjectionKind.DELAY: "申请异议（时长）",
    ObjectionKind.OPINION: "申请异议（意见）",
    ObjectionKind.SERVICE: "使用异议（服务）",
    ObjectionKind.QUALITY: "使用异议（质量）",
}
OBJECTED = "第十八条 数据异议"
LONGEST = 64  # characters of the matter that an objection is about
RAISERS = frozenset({Role.EDITOR, Role.FILER, Role.SIGNER, Role.OPERATOR, Role.REVIEWER})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the source, about which item, and what shows that it may be wrong."""

    kind: TicketKind
    text: str
    evidence: str
    item: str | None = None


def check_raiser(act: Act) -> None:
    if not RAISERS & act.roles:
        raise RefusedError(f"{act.actor} reads only: departments, operators and reviewers raise such matters")


def ask(db: Session, entry: Entry, question: Question, dates: Dates, act: Act) -> Ticket:
    """A ticket to the entry's department; its clock runs from today. Raises CatalogError, RefusedError."""
    check_raiser(act)
    if not clean(question.text) or not clean(question.evidence):
        raise CatalogError("say what is doubtful, and what shows it: no ticket without evidence")
    refuse_secrets(question.text, question.evidence)
    held = {item_key(row.name): row.name for row in version_of(db, entry).items}
    if question.item is not None and item_key(question.item) not in held:
        has = ", ".join(held.values()) or "no items"
        raise CatalogError(f"{entry.resource_code} has no item {question.item!r}; it has {has}")
    row = Ticket(
        kind=question.kind,
        state=TicketState.OPEN,
        entry_id=entry.id,
        item=held[item_key(question.item)] if question.item is not None else None,
        department_id=entry.department_id,
        raised_for=act.department_id,
        raised_by=act.actor,
        raised_on=dates.today,
        text=clean(question.text),
        evidence=clean(question.evidence),
    )
    db.add(row)
    db.flush()
    append(db, act.now, Said(act.actor, "ticket.open", named(row), None, entry.resource_code, act.reason))
    of = f"（{row.item}）" if row.item else ""
    title = f"{WORDS[row.kind]}政务数据：{entry.resource_code}{of}，{row.text}"[:300]
    clock = Clock(f"catalog_ticket:{row.id}", dates.today, entry.department_id, title)
    start(db, dates.known, named(row), [clock], Term(ARTICLES[question.kind], dates.working_days), act)
    return row


def named(row: Ticket | Objection) -> str:
    return f"catalog {'ticket' if isinstance(row, Ticket) else 'objection'} {row.id}"


def ticket(db: Session, number: int) -> Ticket:
    row = db.get(Ticket, number)
    if row is None:
        raise CatalogError(f"no ticket {number}: `rightsizer catalog ticket list` shows them")
    return row


def answer(db: Session, row: Ticket, text: str, dates: Dates, act: Act) -> None:
    """The source's answer; its clock ends."""
    said = clean(text)
    if not said:
        raise CatalogError("an answer needs its words")
    refuse_secrets(said)
    values = {"answer": said, "answered_by": act.actor, "answered_on": dates.today}
    move(db, TICKET, [(row, named(row))], "answer", act, **values)
    meet(db, named(row), clocks(db, row).values(), dates.today, act)


def end(db: Session, row: Ticket, event: str, dates: Dates, act: Act) -> None:
    """Closes, withdraws or reopens a ticket."""
    if event != "close" and not act.reason:
        raise CatalogError(f"to {event} {named(row)}, say why (-m)")
    values = {} if event == "reopen" else {"ended_on": dates.today}
    move(db, TICKET, [(row, named(row))], event, act, **values)
    found = clocks(db, row).values()
    if event == "reopen":
        reopen(db, named(row), found, act)
    else:
        meet(db, named(row), found, dates.today, act)


def clocks(db: Session, row: Ticket | Objection) -> dict[str, Deadline]:
    article = ARTICLES[TicketKind(row.kind)] if isinstance(row, Ticket) else OBJECTED
    kind = "catalog_ticket" if isinstance(row, Ticket) else "catalog_objection"
    return standing(db, [f"{kind}:{row.id}"], article)


@dataclass(frozen=True, slots=True)
class Complaint:
    """An objection; `subject`: the matter that it is about, such as a request for sharing."""

    kind: ObjectionKind
    text: str
    subject: str | None = None


def object_to(db: Session, entry: Entry, complaint: Complaint, dates: Dates, act: Act) -> Objection:
    """An objection to an entry; its clock runs from today. Raises CatalogError, RefusedError."""
    check_raiser(act)
    if not clean(complaint.text):
        raise CatalogError("say what is objected to")
    refuse_secrets(complaint.text, complaint.subject)
    if complaint.subject is not None and len(complaint.subject) > LONGEST:
        raise CatalogError(f"the matter that it is about: at most {LONGEST} characters, such as its number")
    row = Objection(
        kind=complaint.kind,
        state=ObjectionState.PENDING,
        entry_id=entry.id,
        subject=complaint.subject,
        department_id=entry.department_id,
        raised_for=act.department_id,
        raised_by=act.actor,
        raised_on=dates.today,
        text=clean(complaint.text),
    )
    db.add(row)
    db.flush()
    append(db, act.now, Said(act.actor, "objection.raise", named(row), None, entry.resource_code, act.reason))
    title = f"处理数据异议：{entry.resource_code}，{WORDS[row.kind]}，{row.text}"[:300]
    clock = Clock(f"catalog_objection:{row.id}", dates.today, entry.department_id, title)
    start(db, dates.known, named(row), [clock], Term(OBJECTED, dates.working_days), act)
    return row


def objection(db: Session, number: int) -> Objection:
    row = db.get(Objection, number)
    if row is None:
        raise CatalogError(f"no objection {number}: `rightsizer catalog objection list` shows them")
    return row


def deal(db: Session, row: Objection, event: str, dates: Dates, act: Act) -> None:
    """Takes an objection in hand, refuses it, handles it or opens it again; -m is the answer."""
    if event != "take" and not act.reason:
        raise CatalogError(f"to {event} {named(row)}, say what was found or done (-m)")
    refuse_secrets(act.reason)
    values: dict[str, dict[str, object]] = {
        "take": {"taken_by": act.actor},
        "refuse": {"answer": act.reason, "ended_on": dates.today},
        "handle": {"answer": act.reason, "handled_on": dates.today},
        "reopen": {"handled_on": None},
    }
    move(db, OBJECTION, [(row, named(row))], event, act, **values[event])
    found = clocks(db, row).values()
    if event == "reopen":
        reopen(db, named(row), found, act)
    elif event in {"refuse", "handle"}:
        meet(db, named(row), found, dates.today, act)


def rate(db: Session, row: Objection, score: int, dates: Dates, act: Act, *, solved: bool) -> None:
    """The word of the one who objected: 1 to 5, and whether it is solved."""
    if not 1 <= score <= 5:
        raise CatalogError(f"a score from 1 to 5; read {score}")
    values = {"score": score, "solved": solved, "ended_on": dates.today}
    move(db, OBJECTION, [(row, named(row))], "rate", act, **values)
