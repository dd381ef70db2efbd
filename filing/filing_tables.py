"""The tables beside the filings: accepted versions of cards, campaigns, yearly confirmations (art. 10)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.tables import Base, JsonText, UtcTime


class FilingVersion(Base):
    """A card as it was accepted; the newest one is the card of the filing. Never changed."""

    __tablename__ = "filing_version"
    __table_args__ = (UniqueConstraint("filing_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"), index=True)
    number: Mapped[int]
    card: Mapped[Any] = mapped_column(JsonText)
    valid_from: Mapped[date]
    submitted_by: Mapped[str | None] = mapped_column(String(200))
    accepted_by: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(Text)


class FilingCampaign(Base):
    """The yearly call to complete and confirm the filings. `until`: the city's decision, the law has none."""

    __tablename__ = "filing_campaign"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[date]
    opened_on: Mapped[date]
    opened_by: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(UtcTime)


class FilingConfirmation(Base):
    """A department's word that the card of a filing holds in a year."""

    __tablename__ = "filing_confirmation"
    __table_args__ = (UniqueConstraint("filing_id", "year"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"), index=True)
    year: Mapped[int]
    confirmed_on: Mapped[date]
    confirmed_by: Mapped[str] = mapped_column(String(200))
