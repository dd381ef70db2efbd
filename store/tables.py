"""The register's shared tables, each defined once: departments, systems, machines, findings, deadlines,
calendar years, the journal.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC datetimes on every database; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  (the library's signature)
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time with its zone, not {value!r}")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  (the library's signature)
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[object]):
    """A JSON value kept as the text it was written as: in a JSON column SQLite makes 0 of 0.0."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str:  # noqa: ARG002  (the library's signature)
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:  # noqa: ARG002  (the same)
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class Standing(StrEnum):
    """How art. 35 binds a department: 执行, or 参照 (utilities)."""

    BOUND = "bound"
    BY_REFERENCE = "by_reference"


class Department(Base):
    """A department; code = 统一社会信用代码, or an internal code with the reason why there is none.

    `standing`: the regulation is to be followed, or only taken as a reference (art. 35).
    """

    __tablename__ = "department"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    contact: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(64))
    standing: Mapped[str] = mapped_column(String(16), default=Standing.BOUND, server_default=Standing.BOUND)
    no_code_reason: Mapped[str | None] = mapped_column(String(200))


class Contact(Base):
    """A person of a department. `duty`: what for, such as filer, signer, editor, technician."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("department_id", "name", "duty"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    duty: Mapped[str] = mapped_column(String(32))
    phone: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254))
    department: Mapped[Department] = relationship()


class System(Base):
    __tablename__ = "system"
    __table_args__ = (UniqueConstraint("department_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    name: Mapped[str] = mapped_column(String(200))
    department: Mapped[Department] = relationship()


class Machine(Base):
    """A machine as ordered: its owner, its size, and where its measurements come from. Once released it is
    kept for its past, and not judged any more.
    """

    __tablename__ = "machine"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    system_id: Mapped[int | None] = mapped_column(ForeignKey("system.id"))
    address: Mapped[str | None] = mapped_column(String(255))
    vcpus: Mapped[float | None]
    memory_gib: Mapped[float | None]
    disk_gib: Mapped[float | None]
    delivered_on: Mapped[date | None]
    deployed_on: Mapped[date | None]
    released_on: Mapped[date | None]
    source: Mapped[str | None] = mapped_column(String(64))
    department: Mapped[Department | None] = relationship()
    system: Mapped[System | None] = relationship()


class Trait(StrEnum):
    """What a machine's history is kept of."""

    SIZE = "size"
    OWNER = "owner"
    SOURCE = "source"


class MachineChange(Base):
    """One change of a machine's size, owner or source."""

    __tablename__ = "machine_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    trait: Mapped[str] = mapped_column(String(16))
    before: Mapped[Any] = mapped_column(JsonText)
    after: Mapped[Any] = mapped_column(JsonText)


class Source(Base):
    """A source of measurements and the newest sample that it delivered: from there on it is asked again."""

    __tablename__ = "source"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    newest: Mapped[datetime] = mapped_column(UtcTime)


class FindingState(StrEnum):
    """Open until an operator answers; rejected and deferred ones come back after `until`; issued ones stand
    in a notice.
    """

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    ISSUED = "issued"
    CLOSED = "closed"


LIVE = text("state <> 'closed'")


class Finding(Base):
    """What a judgement found on a machine; at most one a machine and kind that is not closed.

    `verdict` is the last one of its own kind, `standing` the machine's last verdict of any kind.
    """

    __tablename__ = "finding"
    __table_args__ = (
        Index("uq_finding_live", "machine_id", "kind", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    opened_on: Mapped[date]
    judged_on: Mapped[date]
    closed_on: Mapped[date | None]
    closed_because: Mapped[str | None] = mapped_column(String(200))
    policy: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[Any] = mapped_column(JSON)
    saving_yuan_month: Mapped[float | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    standing: Mapped[str | None] = mapped_column(String(200))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reviewed_by: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(Text)
    until: Mapped[date | None]
    machine: Mapped[Machine] = relationship()


class Protection(Base):
    """Machines that are not to be shrunk until a day: disaster-recovery standby, exam or tax season.

    `scope` names what `subject` is: a machine, a system (DEPARTMENT/SYSTEM) or a department.
    """

    __tablename__ = "protection"
    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(420))
    reason: Mapped[str] = mapped_column(Text)
    approver: Mapped[str] = mapped_column(String(200))
    since: Mapped[date]
    until: Mapped[date]
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_on: Mapped[date | None]


class Deadline(Base):
    """One clock of the regulation. `due_on` is null while it is provisional: the calendar ends before it.

    `extended`: due by an operator's word, not by counting. While `paused_on` is set the clock stands, with
    `days_left` working days to go: 0 was overdue already, null is counted when it goes on. Since `resumed_on`
    it counts `resumed_days` from there. `calendar` is the version of the calendar it was counted by.
    `known_at`: since when `due_on` holds: set, moved, open again, or gone on after an objection.
    `title` is what is to be done, in the words of a letter; without one the deadline has letters of its own.
    """

    __tablename__ = "deadline"
    __table_args__ = (UniqueConstraint("subject", "article"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    article: Mapped[str] = mapped_column(String(64))
    started_on: Mapped[date]
    working_days: Mapped[int]
    due_on: Mapped[date | None] = mapped_column(index=True)
    extended: Mapped[bool] = mapped_column(default=False, server_default=false())
    paused_on: Mapped[date | None]
    days_left: Mapped[int | None]
    resumed_on: Mapped[date | None]
    resumed_days: Mapped[int | None]
    met_on: Mapped[date | None]
    calendar: Mapped[str] = mapped_column(String(16))
    known_at: Mapped[datetime | None] = mapped_column(UtcTime)
    title: Mapped[str | None] = mapped_column(String(300))


class CalendarYear(Base):
    """An imported year of the working-day calendar, in holiday-cn form; the newest import of a year
    counts.
    """

    __tablename__ = "calendar_year"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    imported_at: Mapped[datetime] = mapped_column(UtcTime)
    document: Mapped[Any] = mapped_column(JSON)


class JournalEntry(Base):
    """One decision: who, when, what, on what, from, to, why. Never changed; each row carries the hash of the
    one before.
    """

    __tablename__ = "journal"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(300), index=True)
    before: Mapped[Any] = mapped_column(JsonText)
    after: Mapped[Any] = mapped_column(JsonText)
    reason: Mapped[str | None] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
