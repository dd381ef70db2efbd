"""The tables of service items (政务服务事项) and the papers that they ask for (art. 26)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.tables import Entry
from store.tables import Base, Department


class ServiceItem(Base):
    """What a department decides on application. `name_key`: catalog.names.key."""

    __tablename__ = "catalog_service"
    __table_args__ = (UniqueConstraint("department_id", "name_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    department: Mapped[Department] = relationship()
    papers: Mapped[list[Paper]] = relationship(
        order_by="Paper.position", cascade="all, delete-orphan", back_populates="service"
    )


class Paper(Base):
    """A paper (申请材料) of a service item. `on_paper`: it is still asked for on paper. `basis`: the law that
    demands that. `entry_id`: the entry that can provide it, by somebody's word.
    """

    __tablename__ = "catalog_paper"
    __table_args__ = (UniqueConstraint("service_id", "name_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("catalog_service.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    on_paper: Mapped[bool]
    basis: Mapped[str | None] = mapped_column(Text)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    service: Mapped[ServiceItem] = relationship(back_populates="papers")
    entry: Mapped[Entry | None] = relationship()
