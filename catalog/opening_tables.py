"""The tables of opening on request (依申请开放, arts. 24 to 27): applications, and reports of the use."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.tables import Entry
from store.tables import Base, Department, JsonText


class ApplicantKind(StrEnum):
    """公民, 法人, 其他组织."""

    CITIZEN = "citizen"
    COMPANY = "company"
    ORGANISATION = "organisation"


class OpenState(StrEnum):
    """待受理, 待补正, 办理中, 征求第三方意见; 予以开放, 部分开放, 不予开放, 非本机关; 撤回."""

    RECEIVED = "received"
    AWAITING_CORRECTION = "awaiting_correction"
    IN_HAND = "in_hand"
    CONSULTING = "consulting"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    NOT_OURS = "not_ours"
    WITHDRAWN = "withdrawn"


PENDING = (OpenState.RECEIVED, OpenState.AWAITING_CORRECTION, OpenState.IN_HAND, OpenState.CONSULTING)


class Consent(StrEnum):
    """What the third party said within its term."""

    AGREED = "agreed"
    DISAGREED = "disagreed"
    SILENT = "silent"


class OpenRequest(Base):
    """A citizen or an organisation applies for the data of an entry. `contact` is never logged; it and the
    applicant's name are withheld from every case file.

    `recorded_by`: who typed it in. `personal`: names of the wanted items that are personal data.
    """

    __tablename__ = "catalog_open"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(24), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    applicant_kind: Mapped[str] = mapped_column(String(16))
    applicant: Mapped[str] = mapped_column(String(200), info={"withheld": True})
    contact: Mapped[str] = mapped_column(String(300), info={"withheld": True})
    purpose: Mapped[str] = mapped_column(Text)
    scope: Mapped[Any] = mapped_column(JsonText)
    personal: Mapped[Any] = mapped_column(JsonText)
    received_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(200))
    correction: Mapped[str | None] = mapped_column(Text)
    correction_asked_on: Mapped[date | None]
    corrected_on: Mapped[date | None]
    third_party: Mapped[str | None] = mapped_column(String(200))
    consulted_on: Mapped[date | None]
    consent: Mapped[str | None] = mapped_column(String(16))
    consent_on: Mapped[date | None]
    extended_until: Mapped[date | None]
    extension_reason: Mapped[str | None] = mapped_column(Text)
    told_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    answered_by: Mapped[str | None] = mapped_column(String(200))
    refusal: Mapped[str | None] = mapped_column(String(16))
    answer: Mapped[str | None] = mapped_column(Text)
    conditions: Mapped[str | None] = mapped_column(Text)
    granted_scope: Mapped[Any] = mapped_column(JsonText)
    granted_to: Mapped[date | None]
    ended_on: Mapped[date | None]
    entry: Mapped[Entry] = relationship()
    department: Mapped[Department] = relationship()


class OpenUse(Base):
    """A report of what was made of open data (art. 27). `violation`: what is not as it was applied for."""

    __tablename__ = "catalog_open_use"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("catalog_open.id"), index=True)
    used_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(Text)
    product: Mapped[str | None] = mapped_column(Text)
    recorded_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(200))
    violation: Mapped[str | None] = mapped_column(Text)
    request: Mapped[OpenRequest] = relationship()
