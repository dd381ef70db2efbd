"""Issuing: approved findings become notices with papers and mails, each in one short transaction."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import and_, exists, or_, select, true
from sqlalchemy.exc import IntegrityError

from monitor.daily import charts
from notifier.adjustment import REGRET_UNTIL
from notifier.breaker import held
from notifier.content import OF_MATTERS
from notifier.issue import SealError, Terms, commit, draft, waiting
from notifier.letters.wording import WordingError
from notifier.parcels import Desk, Post, parcels
from notifier.statement import basis, office
from notifier.tables import Delivery, Item, Notice
from notifier.tasks import close_tasks, open_task
from store.findings import PROGRAM
from store.journal import Entry, append
from store.review import answer
from store.tables import Finding, FindingState, Machine
from store.workflow import Act, OvertakenError, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Event

    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now
    from notifier.content import Chart
    from notifier.issue import Draft, Group, Parcel
    from notifier.parcels import Papers
log = structlog.get_logger()
FRESH = timedelta(days=2)  # a finding that was judged longer ago is judged again before it is issued
TRIES = 5  # drafts of one notice while others change what it says
UNWRITABLE = (
    *(WordingError, SealError, OvertakenError, IntegrityError),
    *(LookupError, ValueError, TypeError, AttributeError, MemoryError),  # of stored facts that are none
)


def program(now: Now, reason: str | None = None) -> Act:
    return Act(PROGRAM, Role.PROGRAM, now.moment, reason)


def nothing_more(_db: Session, _notice: Notice, _ready: Draft) -> None:
    """A first notice changes nothing beside itself."""


def issue_all(
    house: Installation, now: Now, progress: Callable[[str, int, int], None], stop: Event | None = None
) -> dict[str, int]:
    """Issues every group of approved findings that may go out; counts notices, machines, and what waits.
    Ends early when `stop` is set, after the notice in hand.
    """
    counts = {"notices": 0, "machines": 0, "waiting": 0}
    with house.register.write() as db:
        if house.settings.notices.review == "auto":
            approve_open(db, now)
        groups, unfit = waiting(db, now.today - FRESH, now.today)
        for finding in unfit:
            stranded(db, finding, now)
        machines = sum(len(group.findings) for group in groups)
        counts["waiting"] = len(unfit)
        if groups and (why := obstacle(db, house, groups, now)) is not None:
            log.warning("issue_held", reason=why, machines=machines)
            return {**counts, "waiting": len(unfit) + machines}
    if not groups:
        return counts
    desk, drawn = Desk(house.settings.letters), drawings(house, groups, now)
    for number, group in enumerate(groups):
        progress("issue", number, len(groups))
        if stop is not None and stop.is_set():
            break
        about = f"{group.kind} to department {group.department}"
        notice = tried(house, desk, now, about, partial(first, house, group, drawn, now))
        if notice is not None:
            counts["notices"] += 1
            counts["machines"] += len(group.findings)
    return counts


def approve_open(db: Session, now: Now) -> None:
    """notices.review: auto. What may be a regret is left to an operator, who is to hear of it first."""
    lately = exists().where(
        Item.machine_id == Finding.machine_id,
        Item.kind == "shrink",
        Item.done_on >= now.today - REGRET_UNTIL,
    )
    regret = and_(Finding.kind == "expand", lately)
    found = db.scalars(select(Finding).where(Finding.state == FindingState.OPEN, ~regret)).all()
    answer(db, found, "approve", program(now, "notices.review: auto"))


def stranded(db: Session, finding: Finding, now: Now) -> None:
    """An approved finding that no notice can take."""
    name = finding.machine.name
    if finding.machine.department_id is None:
        text = f"{name} is approved but has no department: import it with the inventory"
        open_task(db, "no_department", name, text, program(now))


def policy_over(house: Installation, now: Now) -> str | None:
    """The policy's validity is over, and nothing stands in its place: in words, or None."""
    choice = house.settings.policy
    replaced = choice.override_basis is not None or choice.allow_expired
    return None if replaced else house.policy.validity(now.today)


def obstacle(db: Session, house: Installation, groups: list[Group], now: Now) -> str | None:
    """Why nothing may be issued now: the policy is over, or it would be too much at once."""
    why = barred(db, house, now)
    return why if why is not None else held(db, groups, house.settings.notices, now.today, program(now))


def barred(db: Session, house: Installation, now: Now) -> str | None:
    """That the policy is over and nothing stands in its place, which is a task; or None."""
    act, ended = program(now), policy_over(house, now)
    if ended is not None:
        text = (
            f"nothing is issued: {ended}. Set policy.override_basis (the successor) or policy.allow_expired"
        )
        open_task(db, "policy", house.policy.document_number, text, act)
        return ended
    close_tasks(db, "policy", house.policy.document_number, act)
    return None


def drawings(house: Installation, groups: list[Group], now: Now) -> Mapping[str, Chart]:
    """The charts of all machines that are to be written about."""
    wanted = [number for group in groups for number in group.findings]
    with house.register.read() as db:
        names = [
            name
            for start in range(0, len(wanted), 500)
            for name in db.scalars(
                select(Machine.name)
                .join(Finding, Finding.machine_id == Machine.id)
                .where(Finding.id.in_(wanted[start : start + 500]), Finding.kind != "deploy")
            )
        ]
    return charts(house, sorted(names), now.as_of)


def first(
    house: Installation, group: Group, drawn: Mapping[str, Chart], now: Now, db: Session
) -> Draft | None:
    return draft(db, group, terms(house, now), drawn, now.today, now.as_of)


def terms(house: Installation, now: Now) -> Terms:
    settings, policy = house.settings, house.policy
    adjust = dict.fromkeys(("shrink", "expand", "idle"), policy.terms.adjust)
    return Terms(
        basis=basis(policy, settings.policy, now.today),
        office=office(settings.letters),
        working_days={**adjust, "deploy": policy.terms.deploy},
        prefixes=settings.notices.numbers.model_dump(),
        copy_to=tuple(settings.letters.copy_to),
        supervisor=settings.letters.supervisor,
        locale=settings.letters.locale,
    )


def tried(
    house: Installation,
    desk: Desk,
    now: Now,
    about: str,
    drafted: Callable[[Session], Draft | None],
    then: Callable[[Session, Notice, Draft], None] = nothing_more,
) -> Notice | None:
    """A notice that cannot be written now is a task, and does not stop the others."""
    try:
        notice = issued(house, desk, now, drafted, then)
    except UNWRITABLE as error:
        log.warning("notice_not_written", notice=about, reason=str(error), exc_info=True)
        with house.register.write() as db:
            open_task(db, "letter", about, f"a notice waits: {type(error).__name__}: {error}", program(now))
        return None
    with house.register.write() as db:
        close_tasks(db, "letter", about, program(now))
    return notice


def issued(
    house: Installation,
    desk: Desk,
    now: Now,
    drafted: Callable[[Session], Draft | None],
    then: Callable[[Session, Notice, Draft], None] = nothing_more,
) -> Notice | None:
    """Drafts, prints and commits one notice, and does `then` in the same transaction; drafted again when
    somebody changed what it says. None when nothing is left to say.
    """
    for _ in range(TRIES):
        with house.register.read() as db:
            ready = drafted(db)
            earlier = references(db, ready.parent) if ready is not None else {}
        if ready is None:
            return None
        papers = desk.papers(ready.content)
        mails = posted(house, ready, papers, earlier, now)
        try:
            with house.register.write() as db:
                notice = commit(db, ready, mails, program(now))
                then(db, notice, ready)
                without_pdf(db, notice, papers, now)
                unreadable(db, ready, now)
                if not any(parcel.role == "to" for parcel in mails):
                    on_paper(db, notice, now)
        except OvertakenError as error:
            overtaken(house, ready, str(error), now)
        else:
            about = {"machines": len(ready.content.rows), "matters": len(ready.content.matters)}
            log.info("issued", notice=notice.number, **about, mails=len(mails))
            return notice
    raise OvertakenError(f"a notice was changed {TRIES} times while it was drafted; the next run tries again")


def without_pdf(db: Session, notice: Notice, papers: Papers, now: Now) -> None:
    if papers.lack is not None:
        text = f"{notice.number} went without its PDF: {papers.lack}"
        open_task(db, "pdf", notice.number, text, program(now))


def unreadable(db: Session, ready: Draft, now: Now) -> None:
    """Addresses in the register that no mail can go to."""
    name = ready.content.department
    if ready.refused:
        text = f"{name}: {', '.join(ready.refused)} is no mail address: correct it with `department import`"
        open_task(db, "address", name, text, program(now))
    else:
        close_tasks(db, "address", name, program(now))


def overtaken(house: Installation, ready: Draft, why: str, now: Now) -> None:
    """Somebody was faster: both stand in the journal."""
    log.info("drafted_again", notice=str(ready.number), reason=why)
    with house.register.write() as db:
        append(db, now.moment, Entry(PROGRAM, "notice.overtaken", str(ready.number), None, None, why))


def posted(
    house: Installation, ready: Draft, papers: Papers, earlier: Mapping[str, tuple[str, ...]], now: Now
) -> list[Parcel]:
    """The notice as mails; none without a mail server."""
    mail = house.settings.mail
    if mail is None:
        return []
    written = now.moment.astimezone(house.settings.zone())
    return parcels(papers, Post(mail.sender, written, ready.slug, earlier), ready.recipients, ready.copies)


def references(db: Session, first: int | None, last: int | None = None) -> dict[str, tuple[str, ...]]:
    """Recipient -> Message-IDs of a matter, the first notice's first; `first` is that notice's id. Up to the
    notice `last`, when one is given.
    """
    found: dict[str, tuple[str, ...]] = {}
    if first is not None:
        before = select(Delivery.recipient, Delivery.message_id).join(Delivery.notice)
        of_matter = or_(Notice.id == first, Notice.parent_id == first)
        of_matter &= Notice.id <= last if last is not None else true()
        for recipient, message_id in db.execute(before.where(of_matter).order_by(Delivery.id)):
            found[recipient] = (*found.get(recipient, ()), message_id)
    return found


def on_paper(db: Session, notice: Notice, now: Now) -> None:
    """A notice that no mail can carry is a task: nothing is lost. No clock runs from the receipt of a letter
    of matters.
    """
    receipt = f"`rightsizer notice receipt {notice.id} --on DATE --proof FILE`"
    text = (
        f"{notice.number} has no address to go to: `rightsizer notice preview {notice.id} --pdf`, deliver it "
        f"on paper, then {'`rightsizer task close`' if notice.kind in OF_MATTERS else receipt}"
    )
    open_task(db, "paper", notice.number, text, program(now))
