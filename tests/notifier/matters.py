"""Notices in a register, issued by hand: findings that were approved, a draft, mails of a few bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from contents import PREFIX, row, sample
from sqlalchemy import func, select

from notifier.content import Content, NoticeKind, Parent
from notifier.issue import Draft, Parcel, commit, content_of
from notifier.message import message_id
from notifier.numbers import following
from notifier.tables import Delivery, DeliveryState, Item, Notice
from store.tables import Department, Finding, FindingState, JournalEntry, Machine
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy.orm import Session

    from store.database import Register

ISSUED = date(2026, 9, 18)
MAIL = b"Subject: =?utf-8?b?6YCa55+l?=\r\nContent-Type: text/plain\r\n\r\nhello\r\n"


def at(day: date, hour: int = 2) -> datetime:
    """The hour UTC of a day; 2 o'clock is 10 o'clock in Shanghai."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def program(day: date) -> Act:
    return Act("rightsizer", Role.PROGRAM, at(day))


def operator(day: date, reason: str | None = "as they wrote") -> Act:
    return Act("li", Role.OPERATOR, at(day), reason)


def owner(db: Session, name: str, email: str | None = "it@minzheng.example.gov.cn") -> Department:
    """The department of this name, made the first time."""
    found = db.scalars(select(Department).where(Department.name == name)).first()
    if found is None:
        found = Department(code=f"D{db.scalar(select(func.count(Department.id)))}", name=name, email=email)
        db.add(found)
        db.flush()
    return found


def approved(db: Session, department: Department, kind: str, on: date) -> Finding:
    """An approved finding on a machine of its own, vm-00001 and so on through the register."""
    number = 1 + (db.scalar(select(func.count(Machine.id))) or 0)
    machine = Machine(name=f"vm-{number:05d}", department=department, vcpus=16, memory_gib=32, disk_gib=300)
    finding = Finding(
        machine=machine,
        kind=kind,
        state=FindingState.APPROVED,
        opened_on=on,
        judged_on=on,
        policy="pddr-2020-0020001",
        verdict={"kind": kind},
        saving_yuan_month=628.0,
    )
    db.add_all([machine, finding])
    db.flush()
    return finding


def issue_notice(
    register: Register,
    kind: str = "shrink",
    machines: int = 3,
    department: str = "市民政局",
    on: date = ISSUED,
    recipients: Sequence[str] = ("it@minzheng.example.gov.cn",),
    **changes: Any,
) -> Notice:
    """A first notice of `kind` on so many machines, issued on a day, its mails pending; `changes` of its
    content.
    """
    with register.write() as db:
        stands_for = owner(db, department)
        findings = [approved(db, stands_for, kind, on) for _ in range(machines)]
        number = following(db, PREFIX[NoticeKind(kind)], on.year)
        facts = {"number": str(number), "department": department, "issued_on": on, "as_of": on}
        content = sample(kind, machines).model_copy(update=facts | changes)
        rows = [
            given.model_copy(update={"machine": finding.machine.name})
            for given, finding in zip(content.rows, findings, strict=True)
        ]
        ready = Draft(
            number=number,
            content=content.model_copy(update={"rows": tuple(rows)}),
            department=stands_for.id,
            recipients=tuple(recipients),
            findings=tuple((finding.id, finding.version) for finding in findings),
        )
        return commit(db, ready, mails(ready, recipients), program(on))


def follow(
    register: Register,
    first: Notice,
    kind: str = "reminder",
    on: date = date(2026, 9, 29),
    level: int = 1,
    recipients: Sequence[str] = ("it@minzheng.example.gov.cn",),
) -> Notice:
    """A notice that follows `first`, on all of its machines."""
    with register.write() as db:
        given, about = content_of(db.get_one(Notice, first.id)), NoticeKind(first.kind)
        number = following(db, PREFIX[NoticeKind(kind)], on.year)
        rows = [row(NoticeKind(kind), 1, about, machine=one.machine) for one in given.rows]
        content = given.model_copy(
            update={
                "kind": NoticeKind(kind),
                "number": str(number),
                "issued_on": on,
                "level": level,
                "rows": tuple(rows),
                "parent": Parent(number=first.number, kind=about, issued_on=first.issued_on),
            }
        )
        ready = Draft(number, content, first.department_id, tuple(recipients), parent=first.id)
        return commit(db, ready, mails(ready, recipients), program(on))


def mails(ready: Draft, recipients: Sequence[str]) -> list[Parcel]:
    return [Parcel(to, "to", message_id(ready.slug, to, "center.example.gov.cn"), MAIL) for to in recipients]


def sent(register: Register, notice: Notice, day: date, recipient: str | None = None) -> None:
    """The mail server took the notice's mails (or that to one recipient) on a day."""
    with register.write() as db:
        for delivery in deliveries(db, notice):
            if recipient is None or delivery.recipient == recipient:
                delivery.state, delivery.sent_at, delivery.attempts = DeliveryState.SENT, at(day), 1


def deliveries(db: Session, notice: Notice) -> list[Delivery]:
    return list(db.scalars(select(Delivery).where(Delivery.notice_id == notice.id).order_by(Delivery.id)))


def items(db: Session, notice: Notice) -> list[Item]:
    return list(db.scalars(select(Item).where(Item.notice_id == notice.id).order_by(Item.machine)))


def states(db: Session, notice: Notice) -> list[str]:
    return [str(item.state) for item in items(db, notice)]


def journal(db: Session, action: str) -> list[JournalEntry]:
    rows = select(JournalEntry).where(JournalEntry.action == action).order_by(JournalEntry.id)
    return list(db.scalars(rows))


def content(register: Register, notice: Notice) -> Content:
    with register.read() as db:
        return content_of(db.get_one(Notice, notice.id))
