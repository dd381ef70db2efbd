"""Previews: a notice exactly as it was mailed, and what the next run would write, without taking a number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email import message_from_bytes
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from monitor.issuing import FRESH, drawings, first, policy_over, program
from notifier.bodies import gone
from notifier.breaker import ISSUE, ISSUING, batch, released
from notifier.issue import content_of, waiting
from notifier.message import file_name
from notifier.parcels import SHEET, WORD, Desk, Post, parcels
from notifier.tables import Channel, Delivery, DeliveryState, Notice
from store.tables import Department
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now
    from notifier.issue import Draft, Group
    from notifier.parcels import Papers

TYPES = {
    "text": "text/plain",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": f"application/{WORD}",
    "xlsx": f"application/{SHEET}",
}
ENDINGS = {"text": "txt"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper: the name that its file would have, its bytes, and what a reader should know of it."""

    name: str
    data: bytes
    remark: str | None = None


def as_sent(house: Installation, db: Session, notice: Notice, form: str) -> Sheet:
    """The notice out of its first mail that was sent (else made). What was never mailed, or not in this form,
    is made of its frozen content. Raises RefusedError, SealError, WordingError.
    """
    name = f"{notice.number}.{ENDINGS.get(form, form)}"
    mails = select(Delivery).where(Delivery.notice_id == notice.id)
    order = (Delivery.state != DeliveryState.SENT, Delivery.role != "to", Delivery.id)
    mail = db.scalars(mails.order_by(*order)).first()
    emptied = gone(db, mail) if mail is not None else None
    if mail is not None and emptied is None and (found := part(mail.mime, form)) is not None:
        return Sheet(file_name(name), found)
    if form == "eml" and emptied is not None:
        raise RefusedError(f"{notice.number}: its mails are kept no longer; --pdf and --docx make its papers")
    if form == "eml":
        raise RefusedError(f"no mail was made of {notice.number}: --pdf and --docx make its papers")
    made = of_papers(Desk(house.settings.letters), form, notice.number)
    why = "it was never mailed" if mail is None else f"its mails have no {form.upper()}"
    why = why if emptied is None else "the bodies of its mails are kept no longer"
    return Sheet(file_name(name), made(content_of(notice)), f"{why}: made of its frozen content now")


def part(mime: bytes, form: str) -> bytes | None:
    """The paper out of a mail, None when it is not in it."""
    if form == "eml":
        return mime
    for found in message_from_bytes(mime).walk():
        if found.get_content_type() == TYPES[form]:
            data = found.get_payload(decode=True)
            return data if isinstance(data, bytes) else None
    return None


def of_papers(desk: Desk, form: str, number: str) -> Callable[..., bytes]:
    """From content to the bytes of one form. Raises RefusedError where there is no font for a PDF."""
    if form == "pdf" and desk.lack is not None:
        raise RefusedError(f"{number} cannot be printed: {desk.lack}; --docx makes the same letter")
    return lambda content: paper(desk.papers(content), form)


def paper(papers: Papers, form: str) -> bytes:
    if form in {"text", "html"}:
        return (papers.plain if form == "text" else papers.html).encode()
    made = {"pdf": papers.pdf, "docx": papers.docx, "xlsx": papers.xlsx}[form]
    return made or b""


def upcoming(
    house: Installation, now: Now, department: str | None, kind: str | None
) -> tuple[list[Group], list[str]]:
    """The groups that the next run would issue, and what stands in its way."""
    obstacles = []
    with house.register.read() as db:
        groups, unfit = waiting(db, now.today - FRESH, now.today)
        ended = policy_over(house, now)
        if groups and ended is not None:
            obstacles.append(f"{ended}; set policy.override_basis or policy.allow_expired")
        excess = batch(db, ISSUING, groups, Notice.issued_on == now.today).excess(house.settings.notices)
        if excess and groups and not released(db, db.get(Channel, ISSUE), groups, program(now)):
            obstacles.append(f"{excess}: the circuit breaker holds it until `rightsizer notice release`")
        if unfit:
            obstacles.append(
                f"{len(unfit)} approved findings wait: no department, stale, protected, or in a notice"
            )
        if department is not None:
            wanted = (Department.name == department) | (Department.code == department)
            owners = set(db.scalars(select(Department.id).where(wanted)))
            groups = [group for group in groups if group.department in owners]
    return [group for group in groups if kind in {None, group.kind}], obstacles


def drafts(house: Installation, groups: list[Group], form: str, now: Now) -> Iterator[Sheet]:
    """Every group as the next run would write it; its number has dots for its place in the year."""
    desk = Desk(house.settings.letters)
    drawn = {} if form == "text" else drawings(house, groups, now)
    for group in groups:
        with house.register.read() as db:
            ready = partial(first, house, group, drawn, now)(db)
        if ready is not None:
            ready = unnumbered(ready)
            yield Sheet(draft_name(ready, form), drafted(house, desk, ready, form, now))


def unnumbered(ready: Draft) -> Draft:
    number = f"{ready.number.prefix}〔{ready.number.year}〕…号"
    return replace(ready, content=ready.content.model_copy(update={"number": number}))


def draft_name(ready: Draft, form: str) -> str:
    content = ready.content
    return file_name(f"{content.number} {content.department}.{ENDINGS.get(form, form)}")


def drafted(house: Installation, desk: Desk, ready: Draft, form: str, now: Now) -> bytes:
    if form != "eml":
        return of_papers(desk, form, ready.content.number)(ready.content)
    mail = house.settings.mail
    if mail is None or not ready.recipients:
        lack = "there is no mail server in the settings" if mail is None else "the department has no address"
        raise RefusedError(f"no mail to {ready.content.department}: {lack}; --pdf and --docx make its papers")
    written = now.moment.astimezone(house.settings.zone())
    post = Post(mail.sender, written, f"draft-{ready.content.kind}-{ready.department}", {})
    return parcels(desk.papers(ready.content), post, ready.recipients[:1])[0].mime
