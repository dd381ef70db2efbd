"""Published entries that are to be shared and have no link to the exchange platform yet (art. 21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from catalog.codes import NOT_SHARED
from catalog.tables import Entry, Version, VersionState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def unlinked(db: Session) -> list[Version]:
    """Their published versions, by code."""
    return list(
        db.scalars(
            select(Version)
            .join(Version.entry)
            .options(joinedload(Version.entry).joinedload(Entry.department))
            .where(
                Version.state == VersionState.PUBLISHED,
                Version.share_type != NOT_SHARED,
                or_(Version.link.is_(None), func.trim(Version.link) == ""),
            )
            .order_by(Entry.resource_code)
        )
    )
