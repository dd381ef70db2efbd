"""The tables of cloud applications and of the platforms beside the city's cloud (arts. 11 to 13)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from filing.tables import Filing, Project
from store.tables import Base, Department, JsonText, Machine


class ApplicationKind(StrEnum):
    """申请类别: 新增, 变更, 释放."""

    NEW = "new"
    CHANGE = "change"
    RELEASE = "release"


class Zone(StrEnum):
    """网络区域: 互联网区, 政务外网区, 专线, DMZ."""

    INTERNET = "internet"
    GOVERNMENT = "government"
    DEDICATED = "dedicated"
    DMZ = "dmz"


class ApplicationState(StrEnum):
    """From the draft to machines that run, and to their release. Delivered ones wait for their deployment."""

    DRAFT = "draft"
    AWAITING_ADMIN = "awaiting_admin"
    AWAITING_TECHNICAL = "awaiting_technical"
    RETURNED = "returned"
    TO_CONFIGURE = "to_configure"
    DELIVERED = "delivered"
    OVERDUE = "overdue"
    RUNNING = "running"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Application(Base):
    """A department's request for cloud resources, to change or to release them.

    `of`: the application that it changes or releases. `advice`: the size advised when it was submitted, as
    it was then. `retention`: what becomes of data, logs and domains of released machines. `take_back_on`:
    since when the advice stands to take the machines back.
    """

    __tablename__ = "application"
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    filing_id: Mapped[int | None] = mapped_column(ForeignKey("filing.id"), index=True)
    of_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(24), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    system: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str | None] = mapped_column(String(16))
    term_from: Mapped[date | None]
    term_to: Mapped[date | None]
    public_ips: Mapped[int | None]
    bandwidth_mbps: Mapped[float | None]
    backup: Mapped[str | None] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(Text)
    go_live_on: Mapped[date | None]
    users: Mapped[int | None]
    protection_level: Mapped[int | None]  # 等保
    contact: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(64))
    created_on: Mapped[date]
    paper: Mapped[str | None] = mapped_column(String(300))
    submitted_on: Mapped[date | None]
    submitted_by: Mapped[str | None] = mapped_column(String(200))
    admin_on: Mapped[date | None]
    admin_by: Mapped[str | None] = mapped_column(String(200))
    technical_on: Mapped[date | None]
    technical_by: Mapped[str | None] = mapped_column(String(200))
    advice: Mapped[Any] = mapped_column(JsonText)
    opinion: Mapped[str | None] = mapped_column(Text)
    delivered_on: Mapped[date | None]
    receipt: Mapped[str | None] = mapped_column(String(300))
    running_on: Mapped[date | None]
    take_back_on: Mapped[date | None]
    retention: Mapped[Any] = mapped_column(JsonText)
    statement: Mapped[str | None] = mapped_column(String(300))
    ended_on: Mapped[date | None]
    department: Mapped[Department] = relationship()
    project: Mapped[Project | None] = relationship()
    filing: Mapped[Filing | None] = relationship()
    of: Mapped[Application | None] = relationship(remote_side="Application.id")
    lines: Mapped[list[ApplicationLine]] = relationship(
        back_populates="application", order_by="ApplicationLine.number", cascade="all, delete-orphan"
    )
    machines: Mapped[list[ApplicationMachine]] = relationship(
        back_populates="application", order_by="ApplicationMachine.id"
    )


class ApplicationLine(Base):
    """Machines of one kind. `machine`: the one that is to get this size, none when new ones are asked for.
    `approved_*` is what was approved where it is not what was asked for; disk is the whole of both disks.
    """

    __tablename__ = "application_line"
    __table_args__ = (UniqueConstraint("application_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    number: Mapped[int]
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id"), index=True)
    role: Mapped[str] = mapped_column(String(80), index=True)
    count: Mapped[int]
    vcpus: Mapped[float]
    memory_gib: Mapped[float]
    system_disk_gib: Mapped[float]
    data_disk_gib: Mapped[float]
    os: Mapped[str | None] = mapped_column(String(80))
    domestic: Mapped[bool] = mapped_column(default=False, server_default=false())  # 信创
    approved_vcpus: Mapped[float | None]
    approved_memory_gib: Mapped[float | None]
    approved_disk_gib: Mapped[float | None]
    application: Mapped[Application] = relationship(back_populates="lines")
    machine: Mapped[Machine | None] = relationship()


class ApplicationMachine(Base):
    """A machine that an application brought, changes or gives back; `line`: what it was delivered for."""

    __tablename__ = "application_machine"
    __table_args__ = (UniqueConstraint("application_id", "machine_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("application_line.id"), index=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    application: Mapped[Application] = relationship(back_populates="machines")
    line: Mapped[ApplicationLine | None] = relationship()
    machine: Mapped[Machine] = relationship()


class PlatformState(StrEnum):
    """Without a merge plan, with one, merged (归并)."""

    UNPLANNED = "unplanned"
    PLANNED = "planned"
    CLOSED = "closed"


class Platform(Base):
    """A department's own cloud. `unauthorised`: begun after the regulation came into force (擅自新建)."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("department_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    address: Mapped[str | None] = mapped_column(String(255))
    systems: Mapped[Any] = mapped_column(JsonText)  # names
    started_on: Mapped[date]
    unauthorised: Mapped[bool] = mapped_column(default=False, server_default=false())
    plan: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    department: Mapped[Department] = relationship()
    notes: Mapped[list[PlatformNote]] = relationship(back_populates="platform", order_by="PlatformNote.id")


class PlatformNote(Base):
    """How far a merge has come, as of a day."""

    __tablename__ = "platform_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    day: Mapped[date]
    percent: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(200))
    platform: Mapped[Platform] = relationship(back_populates="notes")
