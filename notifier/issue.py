"""Issuing: approved findings of a department become one notice a kind, with its number, items and mails.

A draft is read and its letters are made without a lock; the commit then checks, in one short transaction,
that the number is still free and that no finding was changed meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import contains_eager, defer, joinedload

from config.addresses import addresses
from notifier.content import Content
from notifier.numbers import Number, following, take
from notifier.stands import list_matters
from notifier.statement import row
from notifier.tables import ENDED, Delivery, DeliveryState, Item, ItemState, Notice
from store.advice import RESTORE
from store.journal import Entry, append
from store.review import FINDING, protected, subject
from store.tables import Deadline, Department, Finding, FindingState, Machine
from store.workflow import Act, OvertakenError, move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from notifier.content import Basis, Chart, Office
    from notifier.stands import Stand


@dataclass(frozen=True, slots=True)
class Group:
    """The approved findings of one department and kind, by their ids. `department` is its id."""

    department: int
    kind: str
    findings: tuple[int, ...]

    @property
    def machines(self) -> int:
        return len(self.findings)


@dataclass(frozen=True, slots=True)
class Terms:
    """What every notice of a day has in common."""

    basis: Basis
    office: Office
    working_days: Mapping[str, int]  # by kind
    prefixes: Mapping[str, str]  # by kind
    copy_to: tuple[str, ...]
    supervisor: str | None
    locale: str

    def common(self) -> dict[str, object]:
        """What every content takes over as it is."""
        return {
            "basis": self.basis,
            "office": self.office,
            "copy_to": self.copy_to,
            "locale": self.locale,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice that is not issued yet. `findings`: (id, version) as they were read; `items` the same of the
    items that a following notice speaks of; `matters` the deadlines that a notice of matters lists. `copies`
    are addresses that get a copy.
    """

    number: Number
    content: Content
    department: int
    recipients: tuple[str, ...]
    copies: tuple[str, ...] = ()
    findings: tuple[tuple[int, int], ...] = ()
    refused: tuple[str, ...] = ()  # what stands in the register as an address and is none
    parent: int | None = None
    items: tuple[tuple[int, int], ...] = ()
    clocks: tuple[tuple[str, date | None], ...] = ()  # what a following notice says of ends: (subject, due)
    matters: tuple[Stand, ...] = ()

    @property
    def slug(self) -> str:
        return self.number.slug(self.content.kind)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A mail that is ready: its bytes never change from here on."""

    recipient: str
    role: str
    message_id: str
    mime: bytes
    copy: int = 0


SIZING = ("shrink", "expand", "idle")  # kinds that speak of a machine's size, or its life
SPARED = ("shrink", "idle")  # kinds that a protection keeps from a machine


def waiting(db: Session, judged_since: date, today: date) -> tuple[list[Group], list[Finding]]:
    """Groups of approved findings, and the approved findings that cannot be issued: without a department,
    judged before `judged_since`, protected, or while a notice about the machine's size is not at its end:
    no two notices contradict each other.
    """
    same = or_(Item.kind == Finding.kind, and_(Item.kind.in_(SIZING), Finding.kind.in_(SIZING)))
    going_on = exists().where(Item.machine_id == Finding.machine_id, Item.state.not_in(ENDED), same)
    rows = db.execute(
        select(Finding, Machine.department_id, Machine.name, going_on)
        .join(Finding.machine)
        .where(Finding.state == FindingState.APPROVED)
        .order_by(Machine.department_id, Finding.kind, Machine.name)
        .options(defer(Finding.verdict))
    ).all()
    groups: dict[tuple[int, str], list[int]] = {}
    unfit, spared = [], protected(db, today)
    for finding, department, name, busy in rows:
        kept = finding.kind in SPARED and name in spared
        if department is None or finding.judged_on < judged_since or busy or kept:
            unfit.append(finding)
        else:
            groups.setdefault((department, finding.kind), []).append(finding.id)
    return [Group(*key, tuple(ids)) for key, ids in groups.items()], unfit


def draft(
    db: Session, group: Group, terms: Terms, charts: Mapping[str, Chart], on: date, as_of: date
) -> Draft | None:
    """The notice of a group as it stands now; None when nothing of it may be issued any more."""
    findings = issuable(db, group, on)
    if not findings:
        return None
    department = db.get_one(Department, group.department)
    number = following(db, terms.prefixes[group.kind], on.year)
    rows = tuple(row(finding, finding.machine, charts.get(finding.machine.name)) for finding in findings)
    facts = {
        "kind": group.kind,
        "number": str(number),
        "department": department.name,
        "contact": department.contact,
        "issued_on": on,
        "as_of": min((finding.judged_on for finding in findings), default=as_of),
        "window_days": next((entry.window_days for entry in rows if entry.window_days), None),
        "working_days": terms.working_days[group.kind],
        "rows": rows,
    }
    good, bad = addresses(department.email)
    return Draft(
        number=number,
        content=Content.model_validate({**facts, **terms.common()}),
        department=department.id,
        recipients=tuple(good),
        refused=tuple(bad),
        findings=tuple((finding.id, finding.version) for finding in findings),
    )


def issuable(db: Session, group: Group, on: date) -> list[Finding]:
    """What of a group is still approved, the department's, and not protected, by the machines' names."""
    found = db.scalars(
        select(Finding)
        .join(Finding.machine)
        .where(Finding.id.in_(group.findings), Finding.state == FindingState.APPROVED)
        .where(Machine.department_id == group.department)
        .order_by(Machine.name)
        .options(contains_eager(Finding.machine).joinedload(Machine.system))
    ).all()
    spared = protected(db, on) if group.kind in SPARED else {}
    return [finding for finding in found if finding.machine.name not in spared]


def commit(db: Session, ready: Draft, parcels: Sequence[Parcel], act: Act) -> Notice:
    """Number, notice, items and mails, in the caller's one transaction. Raises OvertakenError."""
    content = ready.content
    take(db, ready.number)
    notice = Notice(
        kind=content.kind,
        number=content.number,
        department_id=ready.department,
        parent_id=ready.parent,
        level=content.level,
        issued_at=act.now,
        issued_on=content.issued_on,
        issued_by=act.actor,
        sha256=content.sha256(),
        content=content.model_dump_json(),
    )
    db.add(notice)
    db.flush()
    take_findings(db, ready, notice, act)
    check_items(db, ready)
    list_matters(db, ready.matters, notice)
    db.add_all(delivery(notice, parcel, act) for parcel in parcels)
    said = {
        "kind": content.kind,
        "department": content.department,
        "machines": [entry.machine for entry in content.rows],
        "recipients": [parcel.recipient for parcel in parcels],
        "sha256": notice.sha256,
    }
    if ready.matters:
        said["matters"] = [f"{stand.subject} {stand.level}" for stand in ready.matters]
    append(db, act.now, Entry(act.actor, "notice.issued", notice.number, None, said, act.reason))
    return notice


def take_findings(db: Session, ready: Draft, notice: Notice, act: Act) -> None:
    """Every finding of the draft becomes an item, unless it was changed since it was read."""
    rows = {entry.machine: entry for entry in ready.content.rows}
    moved, found = [], findings_of(db, ready)
    for number, version in ready.findings:
        finding = found.get(number)
        if finding is None or (finding.state, finding.version) != (FindingState.APPROVED, version):
            raise OvertakenError(f"finding {number} was changed just now: the notice is drafted again")
        facts = rows[finding.machine.name]
        db.add(
            Item(
                notice_id=notice.id,
                machine_id=finding.machine_id,
                finding_id=finding.id,
                machine=facts.machine,
                kind=finding.kind,
                state=ItemState.ISSUED,
                before=facts.current.model_dump(),
                advised=facts.advised.model_dump() if facts.advised else None,
                promised=facts.saving_yuan_month,
            )
        )
        moved.append((finding, subject(finding)))
    move(db, FINDING, moved, "issue", act)


def findings_of(db: Session, ready: Draft) -> dict[int, Finding]:
    """The findings of a draft as they stand now, by number."""
    query = select(Finding).where(Finding.id.in_([number for number, _ in ready.findings]))
    query = query.options(joinedload(Finding.machine)).execution_options(populate_existing=True)
    return {finding.id: finding for finding in db.scalars(query)}


def check_items(db: Session, ready: Draft) -> None:
    """A following notice speaks of items as they were read."""
    for number, version in ready.items:
        item = db.get_one(Item, number, populate_existing=True)
        if item.version != version:
            raise OvertakenError(f"{item.machine} was answered just now: the notice is drafted again")
    subjects = [subject for subject, _ in ready.clocks]
    ends = select(Deadline.subject, Deadline.due_on).where(Deadline.subject.in_(subjects))
    if {(subject, due) for subject, due in db.execute(ends)} != set(ready.clocks):
        raise OvertakenError("a last day was moved just now: the notice is drafted again")


def delivery(notice: Notice, parcel: Parcel, act: Act) -> Delivery:
    return Delivery(
        notice_id=notice.id,
        recipient=parcel.recipient,
        copy=parcel.copy,
        role=parcel.role,
        message_id=parcel.message_id,
        state=DeliveryState.PENDING,
        made_at=act.now,
        next_at=act.now,
        mime=parcel.mime,
    )


class SealError(ValueError):
    """What a notice says was changed after it was issued."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number}: what the notice says does not fit its SHA-256: it was changed after it was issued. "
            f"The register: {RESTORE}; `rightsizer audit verify` tells whether the journal holds"
        )


def content_of(notice: Notice) -> Content:
    """What the notice says. Raises SealError when its seal does not fit: it was changed."""
    try:
        content = Content.model_validate_json(notice.content)
    except ValidationError as error:
        raise SealError(notice.number) from error
    if content.sha256() != notice.sha256:
        raise SealError(notice.number)
    return content
