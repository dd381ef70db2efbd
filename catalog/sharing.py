"""Requests for sharing (art. 23): written, handed in, checked for form and forwarded to who has the data."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from catalog.codes import NOT_SHARED, UNCONDITIONAL
from catalog.errors import CatalogError
from catalog.legal import NO_LAW
from catalog.purposes import purposeful, said
from catalog.sharing_states import ASKER, ASKERS, SHARE
from catalog.sharing_tables import UNDER_WAY, ShareRequest, ShareState
from catalog.wanted import in_order, may, of_entry, offer
from store.deadlines import Clock, Term, meet, standing, start
from store.journal import Entry as Said
from store.journal import append
from store.workflow import RefusedError, allowed, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.wanted import Desk, Offer
    from store.tables import Deadline, Department
    from store.workflow import Act

ARTICLE = "第二十三条 共享答复"
INTERFACE = "interface"
MINUTES = 24 * 60  # of a day


@dataclass(frozen=True, slots=True)
class Form:
    """What a request says; None: not said. `scope`: names of data items, all when empty. `peak`: calls a
    minute, `mean`: calls a day, `hours`: such as 09:00-18:00; for an interface.
    """

    purpose: str | None = None
    duty: str | None = None
    scope: tuple[str, ...] = ()
    term_from: date | None = None
    term_to: date | None = None
    peak: int | None = None
    mean: int | None = None
    hours: str | None = None

    def said(self) -> dict[str, object]:
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in told.items() if value not in (None, ())}


def named(row: ShareRequest) -> str:
    return f"share {row.id}"


def found(db: Session, number: int) -> ShareRequest:
    row = db.get(ShareRequest, number)
    if row is None:
        raise CatalogError(f"no request {number}: `rightsizer share list` shows them")
    return row


def draft(db: Session, code: str, asker: Department, form: Form, desk: Desk, act: Act) -> ShareRequest:
    """A request for the data of the entry `code`. Raises CatalogError, RefusedError for what cannot be asked
    for.
    """
    wanted = offer(db, code)
    refuse_needless(wanted, asker.id)
    checked = check(form, wanted, desk.today)
    row = ShareRequest(
        state=ShareState.DRAFT,
        entry_id=wanted.entry.id,
        department_id=wanted.entry.department_id,
        asker_id=asker.id,
        created_on=desk.today,
        asked_by=act.actor,
        granted_scope=[],
        **values(checked, wanted),
    )
    may(row, ASKERS, act, "a new request", ASKER)
    db.add(row)
    db.flush()
    after = {"entry": code, "asker": asker.name, **kept(row)}
    append(db, act.now, Said(act.actor, "share.draft", named(row), None, after, act.reason))
    return row


def edit(db: Session, row: ShareRequest, form: Form, desk: Desk, act: Act) -> None:
    """What the form says takes the place of what the draft said."""
    may(row, ASKERS, act, named(row), ASKER)
    if row.state != ShareState.DRAFT:
        raise RefusedError(f"{named(row)} is {row.state}: only a draft is edited")
    wanted = of_entry(db, row.entry)
    changed = replace(form_of(row), **form.said())  # type: ignore[arg-type]
    before, checked = kept(row), check(changed, wanted, desk.today)
    for name, value in values(checked, wanted).items():
        setattr(row, name, value)
    row.version += 1
    append(db, act.now, Said(act.actor, "share.edit", named(row), before, kept(row), act.reason))


def form_of(row: ShareRequest) -> Form:
    told = {field.name: getattr(row, field.name) for field in fields(Form)}
    return Form(**{**told, "scope": tuple(row.scope)})


def values(form: Form, wanted: Offer) -> dict[str, object]:
    told = {field.name: getattr(form, field.name) for field in fields(form)}
    return {**told, "scope": wanted.scope(form.scope)}


def kept(row: ShareRequest) -> dict[str, object]:
    return {field.name: getattr(row, field.name) for field in fields(Form)}


def refuse_needless(wanted: Offer, asker_id: int) -> None:
    """Raises RefusedError for what needs no request: one's own, and what everybody may take."""
    if wanted.entry.department_id == asker_id:
        raise RefusedError(f"{wanted.named} is the department's own data: it needs no request")
    if wanted.version.share_type == UNCONDITIONAL:
        raise RefusedError(
            f"{wanted.named} is 无条件共享: no request is needed, take it directly from {wanted.where}"
        )


def check(form: Form, wanted: Offer, today: date) -> Form:
    """The form with its texts cleaned. Raises CatalogError for the first thing that is wrong."""
    purpose = purposeful(form.purpose or "", "the purpose", "核对申请人的低保资格")
    duty = purposeful(form.duty or "", "the legal duty", "《社会救助暂行办法》第九条 审核救助申请")
    if "《" not in duty and any(word in duty for word in NO_LAW):
        raise CatalogError(f"the legal duty {duty!r} is an inner order: name the law or the 三定 duty")
    if form.term_from is None or form.term_to is None:
        raise CatalogError("the term of use has a first and a last day (--from, --to)")
    if form.term_from < today:
        raise CatalogError(f"the term begins on {form.term_from}, which is over: today or later")
    if form.term_to < form.term_from:
        raise CatalogError(f"the term ends on {form.term_to}, before it begins on {form.term_from}")
    if wanted.version.share_mode_type == INTERFACE:
        check_calls(form)
    hours = said(form.hours, "--hours", 100) if form.hours else None
    return replace(form, purpose=purpose, duty=duty, hours=hours)


def check_calls(form: Form) -> None:
    """Who calls an interface says how often and when, so that it can bear it."""
    missing = [name for name in ("peak", "mean", "hours") if not getattr(form, name)]
    if missing:
        said = ", ".join(f"--{name}" for name in missing)
        raise CatalogError(f"it is shared by an interface: how often it is called, and when ({said})")
    if form.peak is not None and form.mean is not None and form.mean > form.peak * MINUTES:
        most = form.peak * MINUTES
        raise CatalogError(f"{form.mean} calls a day on the mean are more than the peak makes: {most}")


def submit(db: Session, row: ShareRequest, desk: Desk, act: Act) -> str:
    """Hands the request in. What is 不予共享 goes to the centre's coordination at once. Returns the event."""
    wanted = of_entry(db, row.entry)
    refuse_needless(wanted, row.asker_id)
    check(form_of(row), wanted, desk.today)
    event = "coordinate" if wanted.version.share_type == NOT_SHARED else "submit"
    allowed(SHARE, row, named(row), event, act)
    refuse_second(db, row)
    told: dict[str, object] = {"submitted_on": desk.today, "asked_by": act.actor}
    if event == "coordinate":
        told |= {"coordinated_on": desk.today, "coordinated_for": "不予共享"}
    move(db, SHARE, [(row, named(row))], event, act, **told)
    return event


def refuse_second(db: Session, row: ShareRequest) -> None:
    """Raises RefusedError while another request of the department for the same entry waits for an answer."""
    same = ShareRequest.asker_id == row.asker_id, ShareRequest.entry_id == row.entry_id
    waiting = select(ShareRequest.id).where(*same, ShareRequest.state.in_(UNDER_WAY))
    other = db.scalar(waiting.where(ShareRequest.id != row.id).limit(1))
    if other is not None:
        raise RefusedError(
            f"{named(row)}: request {other} of the same department for the same entry is under way"
        )


def forward(db: Session, row: ShareRequest, desk: Desk, on: date, act: Act) -> Deadline:
    """The form is right: to who has the data, whose working days run from its receipt on the day `on`."""
    allowed(SHARE, row, named(row), "forward", act)
    wanted = of_entry(db, row.entry)
    refuse_needless(wanted, row.asker_id)
    if wanted.version.share_type == NOT_SHARED:
        raise RefusedError(f"{wanted.named} is 不予共享 by now: `rightsizer share coordinate {row.id}`")
    in_order("the receipt", on, desk.today, [("the request", row.submitted_on)])
    move(db, SHARE, [(row, named(row))], "forward", act, received_on=on)
    return run_clock(db, row, desk, on, act)


def run_clock(db: Session, row: ShareRequest, desk: Desk, on: date, act: Act) -> Deadline:
    title = f"答复{row.asker.name}的数据共享申请（{row.id}号）：{row.entry.resource_code}"[:300]
    clock = Clock(subject(row), on, row.department_id, title)
    return start(db, desk.known, named(row), [clock], Term(ARTICLE, desk.terms.share_answer), act)[0]


def subject(row: ShareRequest) -> str:
    return f"catalog_share:{row.id}"


def clock_of(db: Session, row: ShareRequest) -> Sequence[Deadline]:
    return list(standing(db, [subject(row)], ARTICLE).values())


def give_back(db: Session, row: ShareRequest, act: Act) -> None:
    """The form is not right: back to the department, with the reason."""
    need_reason(row, "return", act)
    move(db, SHARE, [(row, named(row))], "return", act, submitted_on=None)


def cancel(db: Session, row: ShareRequest, on: date, act: Act) -> None:
    """The department does not need it any more."""
    move(db, SHARE, [(row, named(row))], "cancel", act, ended_on=on)
    meet(db, named(row), clock_of(db, row), on, act)


def need_reason(row: ShareRequest, event: str, act: Act) -> None:
    if not act.reason:
        raise CatalogError(f"to {event} {named(row)}, say why (-m)")
