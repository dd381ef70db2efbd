"""The tables of the data catalog (art. 16): classes, entries, their versions, items, legal bases, laws."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from store.tables import Base, Department, JsonText, UtcTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.rules import Problem


class ClassNode(Base):
    """A node of the classification: 类 (1 digit), 项 (2), 目 (3), 细目 (the rest). Imported."""

    __tablename__ = "catalog_class"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    parent: Mapped[str | None] = mapped_column(String(32), index=True)


class Law(Base):
    """What may be cited as a basis, and since when it may not be any more. `key`: catalog.names.law_key."""

    __tablename__ = "catalog_law"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    repealed_on: Mapped[date | None]
    replaced_by: Mapped[str | None] = mapped_column(String(200))


class VersionState(StrEnum):
    """草稿, 部门审核, 中心审核, 已备案, 已发布, 已下线; what a newer one replaced; what was given up."""

    DRAFT = "draft"
    DEPARTMENT_REVIEW = "department_review"
    CENTRE_REVIEW = "centre_review"
    FILED = "filed"
    PUBLISHED = "published"
    OFFLINE = "offline"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


WORKING = (
    VersionState.DRAFT,
    VersionState.DEPARTMENT_REVIEW,
    VersionState.CENTRE_REVIEW,
    VersionState.FILED,
)
IN_WORK = text("state IN ('draft', 'department_review', 'centre_review', 'filed')")
STANDS = text("state = 'published'")


class Entry(Base):
    """A resource of a department (信息资源). Its code: the class, `/` and the number within the class, given
    once and never changed. `newest` and `published` are numbers of its versions: the one that is worked on or
    came last, and the one that the public catalog has. `last_data_on`: the newest day of its data (art. 19).
    """

    __tablename__ = "catalog_entry"
    __table_args__ = (UniqueConstraint("class_code", "seq"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    class_code: Mapped[str] = mapped_column(ForeignKey("catalog_class.code"))
    seq: Mapped[int]
    resource_code: Mapped[str] = mapped_column(String(48), unique=True)
    newest: Mapped[int] = mapped_column(default=1, server_default="1")
    published: Mapped[int | None]
    last_data_on: Mapped[date | None]
    created_on: Mapped[date]
    department: Mapped[Department] = relationship()

    @validates("resource_code", "class_code", "seq")
    def given_once(self, name: str, value: object) -> object:
        """Raises ValueError when an entry is to be called otherwise: others refer to it by its code."""
        before = getattr(self, name, None)
        if before is not None and before != value:
            raise ValueError(f"{before} is the {name} of an entry, which never changes; make a new entry")
        return value


class Version(Base):
    """One version of an entry's metadata; columns by the keys of catalog.fields. `search` is what a search
    looks at, `title_key` how titles are compared. At most one of an entry is worked on, at most one public.
    """

    __tablename__ = "catalog_version"
    __table_args__ = (
        UniqueConstraint("entry_id", "number"),
        Index(
            "uq_catalog_version_working",
            "entry_id",
            unique=True,
            sqlite_where=IN_WORK,
            postgresql_where=IN_WORK,
        ),
        Index(
            "uq_catalog_version_published",
            "entry_id",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
        Index(
            "uq_catalog_version_title",
            "department_id",
            "title_key",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
        Index("ix_catalog_version_department_id_state", "department_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(24))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    title: Mapped[str | None] = mapped_column(String(200))
    title_key: Mapped[str | None] = mapped_column(String(200))
    provider_unit: Mapped[str | None] = mapped_column(String(200))
    abstract: Mapped[str | None] = mapped_column(Text)
    format_class: Mapped[str | None] = mapped_column(String(16))
    format_type: Mapped[str | None] = mapped_column(String(64))
    format_other: Mapped[str | None] = mapped_column(Text)
    share_type: Mapped[str | None] = mapped_column(String(16))
    share_condition: Mapped[str | None] = mapped_column(Text)
    share_mode_class: Mapped[str | None] = mapped_column(String(16))
    share_mode_type: Mapped[str | None] = mapped_column(String(16))
    use_requirement: Mapped[str | None] = mapped_column(Text)
    open_type: Mapped[str | None] = mapped_column(String(16))
    open_condition: Mapped[str | None] = mapped_column(Text)
    update_period: Mapped[str | None] = mapped_column(String(16))
    period_other: Mapped[str | None] = mapped_column(Text)
    published_on: Mapped[date | None]
    secret_flag: Mapped[str | None] = mapped_column(String(8))
    contact: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(64))
    link: Mapped[str | None] = mapped_column(Text)
    survey: Mapped[Any] = mapped_column(JsonText)  # numbers by their keys
    related_codes: Mapped[Any] = mapped_column(JsonText)  # a list of resource codes
    search: Mapped[str] = mapped_column(Text)
    created_on: Mapped[date]
    submitted_on: Mapped[date | None]
    submitted_by: Mapped[str | None] = mapped_column(String(200))
    confirmed_by: Mapped[str | None] = mapped_column(String(200))
    filed_on: Mapped[date | None]
    went_public_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    entry: Mapped[Entry] = relationship()
    items: Mapped[list[DataItem]] = relationship(order_by="DataItem.position", cascade="all, delete-orphan")
    basis: Mapped[list[ShareBasis]] = relationship(
        order_by="ShareBasis.position", cascade="all, delete-orphan"
    )

    @property
    def problems(self) -> Sequence[Problem] | None:
        """What the rules found in it just now; None when they were not asked."""
        found: Sequence[Problem] | None = self.__dict__.get("problems_")
        return found

    @problems.setter
    def problems(self, found: Sequence[Problem] | None) -> None:
        self.__dict__["problems_"] = found

    @property
    def behind(self) -> str | None:
        """Who wrote and who confirmed it: neither decides on it in the centre."""
        people = [person for person in (self.submitted_by, self.confirmed_by) if person is not None]
        return " via ".join(dict.fromkeys(people)) or None


class DataItem(Base):
    """A data item (信息项) of a version. `name_key`: catalog.names.item_key."""

    __tablename__ = "catalog_item"
    __table_args__ = (UniqueConstraint("version_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("catalog_version.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200), index=True)
    data_type: Mapped[str | None] = mapped_column(String(16))
    length: Mapped[str | None] = mapped_column(String(16))
    source: Mapped[bool] = mapped_column(default=False, server_default=false())
    personal: Mapped[bool | None]


class ShareBasis(Base):
    """The law and the article that sharing with conditions, or none, rests on (art. 22)."""

    __tablename__ = "catalog_basis"
    __table_args__ = (UniqueConstraint("version_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("catalog_version.id"))
    position: Mapped[int]
    law: Mapped[str] = mapped_column(String(200))
    article: Mapped[str] = mapped_column(String(100))
