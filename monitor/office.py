"""The days on which letters are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.calendar import calendar

if TYPE_CHECKING:
    from monitor.installation import Installation, Now


def office_day(house: Installation, now: Now) -> bool:
    """Is today a working day? Of a year that is not known yet: Monday to Friday."""
    with house.register.read() as db:
        known = calendar(db)
    return known.is_workday(now.today) if now.today.year in known.years else now.today.weekday() < 5
