"""What the proofs of the notice machinery share: moments, mails in bulk, a house, findings, days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contents import OFFICE, PREFIX, VALID, figures
from matters import MAIL, at, mails, owner, program
from sqlalchemy import insert, select

from config.settings import Notices, Settings
from config.workdays import Year
from monitor.installation import Installation, Now
from notifier.content import FIRST, NoticeKind
from notifier.following import draft, mark_overdue, reminders, urgings, withdrawals, written
from notifier.issue import Group, Terms, commit, waiting
from notifier.issue import draft as first_draft
from notifier.receipts import RECORDED, Receipt, receive
from notifier.tables import Delivery, DeliveryState, Item, Notice, Task
from store.calendar import calendar, import_year
from store.journal import verify
from store.tables import Deadline, Finding, FindingState, JournalEntry, Machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.database import Register

BEGIN = datetime(2026, 9, 18, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai
ISSUED = date(2026, 9, 18)
TERMS = Terms(
    basis=VALID,
    office=OFFICE,
    working_days={str(kind): 10 for kind in FIRST},
    prefixes={str(kind): prefix for kind, prefix in PREFIX.items()},
    copy_to=(),
    supervisor="市政府督查室",
    locale="zh_CN",
)
SUPERVISOR = "ducha@center.example"
LIMITS = Notices(supervisor=[SUPERVISOR])


def now(day: date, hour: int = 2) -> Now:
    """A run at that hour UTC of a day."""
    return Now(at(day, hour), day, day)


def house(register: Register, folder: Path, **more: Any) -> Installation:
    """An installation over the register, its lake (when one is asked for) in the folder."""
    given = {"data_dir": folder, "policy": {"allow_expired": True}, **more}
    return Installation(Settings.model_validate(given), None, register)


def posted(register: Register, count: int, since: datetime = BEGIN, copies: int = 1) -> None:
    """A notice whose mails wait, due one second after the other; `copies` recipients a notice."""
    with register.write() as db:
        department = owner(db, "市民政局")
        notices = [
            Notice(
                kind="shrink",
                number=f"平数云核减〔2026〕{number}号",
                department_id=department.id,
                issued_at=since,
                issued_on=since.date(),
                issued_by="rightsizer",
                sha256="0" * 64,
                content="{}",
            )
            for number in range(1, -(-count // copies) + 1)
        ]
        db.add_all(notices)
        db.flush()
        db.execute(insert(Delivery), [mail(notices[n // copies], n, since) for n in range(count)])


def mail(notice: Notice, number: int, since: datetime) -> dict[str, Any]:
    message_id = f"<notice-{number:04d}@center.example>"
    return {
        "notice_id": notice.id,
        "recipient": f"it{number:04d}@office.example",
        "role": "to",
        "message_id": message_id,
        "state": DeliveryState.PENDING,
        "made_at": since,
        "next_at": since - timedelta(hours=1) + timedelta(seconds=number),
        "mime": f"Message-ID: {message_id}\r\n".encode() + MAIL,
    }


def delivery(register: Register, number: int = 1) -> Delivery:
    with register.read() as db:
        return db.get_one(Delivery, number)


def found(
    db: Session, name: str, department: str | None, kind: str = "shrink", state: str = "approved", **more: Any
) -> Finding:
    """A finding with its evidence on a machine of that name; the department gets an address of its own."""
    whose = owner(db, department, "it@office.example") if department is not None else None
    machine = Machine(name=name, department=whose, vcpus=16, memory_gib=32, disk_gib=300)
    facts = {"opened_on": ISSUED, "judged_on": ISSUED, "policy": "PDDR-2020-0020001", **more}
    row = Finding(
        machine=machine,
        kind=kind,
        state=FindingState(state),
        verdict=verdict(kind),
        saving_yuan_month=628.0,
        standing=kind,
        **facts,
    )
    db.add_all([machine, row])
    db.flush()
    return row


def verdict(kind: str) -> dict[str, Any]:
    """What a judgement keeps of a machine: it advises half of the size."""
    evidence = []
    for figure in figures(NoticeKind(kind)):
        facts = figure.model_dump(mode="json")
        evidence.append({**facts, "rule": kind, "share_at_or_below_threshold": facts.pop("share")})
    return {
        "evidence": evidence,
        "current": {"vcpus": 16, "memory_gib": 32, "disk_gib": 300},
        "size": {"vcpus": 8, "memory_gib": 16, "disk_gib": 150} if kind == "shrink" else None,
        "coverage": 0.963,
        "valid_days": 34,
        "window_days": 35,
    }


def issued(register: Register, day: date, groups: Sequence[Group] | None = None) -> list[str]:
    """Issues every group of approved findings (or these), the letters a few bytes long; the numbers."""
    numbers = []
    with register.read() as db:
        groups = waiting(db, day - timedelta(days=2), day)[0] if groups is None else groups
    for group in groups:
        with register.read() as db:
            ready = first_draft(db, group, TERMS, {}, day, day)
        if ready is not None:
            with register.write() as db:
                numbers.append(commit(db, ready, mails(ready, ready.recipients), program(day)).number)
    return numbers


def followed(register: Register, day: date, limits: Notices = LIMITS) -> list[tuple[str, int]]:
    """A round of following up on a day, its letters a few bytes long: (kind, level) of what was written."""
    with register.write() as db:
        mark_overdue(db, day, program(day))
        known = calendar(db)
        steps = [*withdrawals(db), *reminders(db, known, limits, day), *urgings(db, known, limits, day)]
    for step in steps:
        with register.read() as db:
            ready = draft(db, step, TERMS, limits.supervisor, day)
        if ready is not None:
            with register.write() as db:
                parcels = mails(ready, [*ready.recipients, *ready.copies])
                parcels = [
                    replace(one, role="copy") if one.recipient in ready.copies else one for one in parcels
                ]
                written(db, commit(db, ready, parcels, program(day)), ready, step, program(day))
    return [(str(step.kind), step.level) for step in steps]


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def diary(
    register: Register, first: date, last: date, limits: Notices = LIMITS
) -> list[tuple[str, str, int]]:
    """What following up wrote from day to day: ("09-29", "reminder", 1)."""
    return [(f"{day:%m-%d}", *said) for day in days(first, last) for said in followed(register, day, limits)]


def received(register: Register, notice: Notice, on: date) -> None:
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        receive(db, calendar(db), row, Receipt(on, RECORDED), on, program(on))


def calendar_of(year: int, off: Sequence[str], worked: Sequence[str] = ()) -> Year:
    """A year's document: days (MM-DD) off and worked."""
    named = [(day, True) for day in off] + [(day, False) for day in worked]
    listed = [{"name": "假日", "date": f"{year}-{day}", "isOffDay": rests} for day, rests in named]
    return Year.model_validate({"year": year, "days": listed})


def imported(register: Register, document: Year, on: date) -> None:
    with register.write() as db:
        import_year(db, document, "li", at(on))


def tasks(db: Session, kind: str | None = None) -> list[Task]:
    """Open tasks, the oldest first."""
    wanted = select(Task).where(Task.closed_at.is_(None)).order_by(Task.id)
    return list(db.scalars(wanted if kind is None else wanted.where(Task.kind == kind)))


def due(db: Session, item: Item) -> date | None:
    return db.scalars(select(Deadline).where(Deadline.subject == f"item:{item.id}")).one().due_on


def entries(db: Session) -> int:
    """How many journal entries there are; the chain holds."""
    count, fault = verify(db)
    assert fault is None
    return count


def told(db: Session, action: str) -> list[tuple[str, Any, Any]]:
    """(subject, before, after) of the journal entries of an action."""
    rows = select(JournalEntry).where(JournalEntry.action == action).order_by(JournalEntry.id)
    return [(row.subject, row.before, row.after) for row in db.scalars(rows)]
