"""New filings into the register, where two clerks may note the same one at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from store.workflow import OvertakenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from filing.tables import Filing


def keep_new(db: Session, rows: Sequence[Filing]) -> None:
    """Adds them all, or none. Raises OvertakenError when one of their names was taken meanwhile."""
    try:
        with db.begin_nested():
            db.add_all(rows)
            db.flush()
    except IntegrityError as error:
        named = rows[0].name if len(rows) == 1 else f"one of {len(rows)} systems"
        raise OvertakenError(f"{named} was noted by somebody else just now: look again") from error
