"""Is the data as new as its period promises, and how good is an entry (art. 19: 完整性, 时效性)? Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from catalog.codes import DATABASE, SELF, SERVICE, SHEET
from catalog.fields import FIELDS

if TYPE_CHECKING:
    from catalog.metadata import Metadata

DAYS = {"realtime": 1, "daily": 1, "weekly": 7}
MONTHS = {"monthly": 1, "quarterly": 3, "halfyearly": 6, "yearly": 12}
SHAPES = {DATABASE: 100, SERVICE: 100, SHEET: 80, SELF: 60}  # percent; of files, pictures and films 20
UNSHAPED = 20


class Freshness(StrEnum):
    """`unknown`: the period is 其他, or nobody said of which day the newest data is. It is not accused."""

    FRESH = "fresh"
    STALE = "stale"
    UNKNOWN = "unknown"


WORDS = {Freshness.FRESH: "正常", Freshness.STALE: "过期", Freshness.UNKNOWN: "未知"}


def next_day(period: str | None, last: date | None) -> date | None:
    """The day by which newer data must be there; None where nobody can say."""
    if last is None:
        return None
    if period in DAYS:
        return last + timedelta(days=DAYS[period])
    if period in MONTHS:
        month = last.month - 1 + MONTHS[period]
        year, month = last.year + month // 12, month % 12 + 1
        return date(year, month, min(last.day, monthrange(year, month)[1]))
    return None


def freshness(period: str | None, last: date | None, today: date) -> Freshness:
    """Stale when the day by which newer data must be there has passed."""
    until = next_day(period, last)
    if until is None:
        return Freshness.UNKNOWN
    return Freshness.STALE if today > until else Freshness.FRESH


def newest_stale(today: date) -> dict[str, date]:
    """Of each period the newest day of data that is stale today: so are all before it."""
    found = {}
    for period in (*DAYS, *MONTHS):
        day = today
        while freshness(period, day, today) != Freshness.STALE:
            day -= timedelta(days=1)
        found[period] = day
    return found


@dataclass(frozen=True, slots=True)
class Quality:
    """Percents. `completeness`: of the fields, what must be there counts double. `timeliness`: 100 fresh,
    0 stale, None unknown. `structure`: the format, and how many items have a type. `total`: the mean of what
    is known.
    """

    completeness: int
    timeliness: int | None
    structure: int

    @property
    def total(self) -> int:
        known = [part for part in (self.completeness, self.timeliness, self.structure) if part is not None]
        return round(sum(known) / len(known))


def quality(metadata: Metadata, last: date | None, today: date) -> Quality:
    timely = {Freshness.FRESH: 100, Freshness.STALE: 0, Freshness.UNKNOWN: None}
    return Quality(
        completeness(metadata), timely[freshness(metadata.update_period, last, today)], structure(metadata)
    )


def completeness(metadata: Metadata) -> int:
    """Of the fields that every entry has (M, counted twice) or may have (O), not of conditional ones."""
    weights = {
        field.key: 2 if field.cardinality == "M" else 1
        for field in FIELDS
        if field.cardinality != "C" and field.place in {"version", "survey"}
    }
    filled = sum(weight for name, weight in weights.items() if value(metadata, name))
    return round(100 * filled / sum(weights.values()))


def value(metadata: Metadata, name: str) -> bool:
    if hasattr(metadata, name):
        return bool(getattr(metadata, name))
    return name in metadata.survey


def structure(metadata: Metadata) -> int:
    """Half the format, half the share of items with a type."""
    shape = SHAPES.get(metadata.format_class or "", UNSHAPED if metadata.format_class else 0)
    typed = [item for item in metadata.items if item.data_type]
    share = 100 * len(typed) / len(metadata.items) if metadata.items else 0
    return round((shape + share) / 2)
