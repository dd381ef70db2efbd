"""Working days of mainland China, known year by year from the notices 国务院办公厅关于部分节假日安排的通知.

Counting: the day of the event is left out, make-up weekends count, the n-th working day is the last one
(Civil Code, arts. 201 and 203). A count that leaves the known years has no date: it is provisional until the
year is imported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from config.document import Document, read

if TYPE_CHECKING:
    from pathlib import Path

Changes = Mapping[date, bool]  # day -> is it worked? Days that differ from Monday to Friday
FIRST_YEAR = 2004  # the seed's first; imported years join it without a gap in the past
HOLIDAYS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")


class UnknownYearError(LookupError):
    """Asked for a day of a year whose holidays are not known."""

    def __init__(self, year: int) -> None:
        super().__init__(f"calendar of {year} is not known; `rightsizer calendar import {year}.json` adds it")
        self.year = year


def iso_date(value: object) -> object:
    """Only what is written as a whole date; numbers are no dates here."""
    if isinstance(value, str) and len(value) == len("2027-01-01"):
        with suppress(ValueError):
            return date.fromisoformat(value)
    if type(value) is date:
        return value
    raise ValueError("a date such as 2027-01-01")


class Day(Document):
    name: Annotated[str, Field(min_length=1)]
    date: Annotated[date, BeforeValidator(iso_date)]
    off: Annotated[StrictBool, Field(alias="isOffDay")]


class Year(Document):
    """The holidays of a year in holiday-cn form. A notice also speaks of the last days of the year before."""

    schema_url: Annotated[str | None, Field(alias="$schema")] = None
    id_url: Annotated[str | None, Field(alias="$id")] = None
    year: Annotated[StrictInt, Field(ge=FIRST_YEAR, le=2200)]
    papers: tuple[str, ...] = ()
    days: Annotated[list[Day], Field(min_length=1)]

    @field_validator("days")
    @classmethod
    def each_day_once(cls, days: list[Day], info: ValidationInfo) -> list[Day]:
        year = info.data.get("year")
        first: dict[date, int] = {}
        errors = []
        for place, day in enumerate(days):
            if first.setdefault(day.date, place) != place:
                errors.append(fault(place, day, "every day once; this one stands above already"))
            elif (
                year is not None
                and day.date.year != year
                and (day.date.year + 1, day.date.month) != (year, 12)
            ):
                errors.append(fault(place, day, f"a day of {year} or of December {year - 1}"))
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return days

    def missing(self) -> tuple[str, ...]:
        """Holidays of the law that no day is named after: the file may not be complete."""
        names = " ".join(day.name for day in self.days)
        return tuple(holiday for holiday in HOLIDAYS if holiday not in names)


def fault(place: int, day: Day, expected: str) -> InitErrorDetails:
    kind = PydanticCustomError("value_error", "{expected}", {"expected": expected})
    return InitErrorDetails(type=kind, loc=(place, "date"), input=str(day.date))


def read_year(path: Path) -> Year:
    """Raises ConfigError with every mistake, OSError."""
    return read(path, Year)


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a count: a date, or provisional because `unknown_year` is not known yet.

    `may_change`: the date lies in a December that next year's notice, not known yet, may still rearrange.
    """

    on: date | None
    unknown_year: int | None = None
    may_change: bool = False

    def __str__(self) -> str:
        return str(self.on) if self.on else f"provisional: calendar of {self.unknown_year} is not known"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What each year's notice changes. A December day may stand in two notices; the later year's counts."""

    years: Mapping[int, Changes]
    changes: Changes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        years = {year: MappingProxyType(dict(self.years[year])) for year in sorted(self.years)}
        stated = {day: work for changes in years.values() for day, work in changes.items()}
        real = {day: work for day, work in stated.items() if work != (day.weekday() < 5)}
        object.__setattr__(self, "years", MappingProxyType(years))
        object.__setattr__(self, "changes", MappingProxyType(real))

    def with_year(self, document: Year) -> Calendar:
        """A calendar in which the document stands for all that was known of its year."""
        return Calendar({**self.years, document.year: {day.date: not day.off for day in document.days}})

    def is_workday(self, day: date) -> bool:
        """Raises UnknownYearError."""
        if isinstance(day, datetime):
            raise TypeError(f"a local date, not the time {day}")
        if day.year not in self.years:
            raise UnknownYearError(day.year)
        return self.changes.get(day, day.weekday() < 5)

    def add(self, day: date, working_days: int) -> Due:
        """The last of so many (>= 1) working days after `day`; the day itself is left out, worked or not."""
        if working_days < 1:
            raise ValueError(f"at least one working day, not {working_days}")
        left = working_days
        while left:
            if day == date.max:
                return Due(None, day.year)
            day += timedelta(days=1)
            if day.year not in self.years:
                return Due(None, day.year)
            left -= self.is_workday(day)
        return Due(day, may_change=self.may_change(day))

    def may_change(self, day: date) -> bool:
        """Known, but in a December whose end the notice of the next year may still rearrange."""
        return day.month == 12 and day.year in self.years and day.year + 1 not in self.years

    @property
    def known_until(self) -> date | None:
        """The last day of the first unbroken run of known years; None when no year is known."""
        year = min(self.years, default=None)
        if year is None:
            return None
        while year + 1 in self.years:
            year += 1
        return date(year, 12, 31)

    @property
    def version(self) -> str:
        """Sixteen characters that tell one state of knowledge from another: equal for equal working days."""
        known = [sorted(self.years), sorted((str(day), work) for day, work in self.changes.items())]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]


@cache
def seed() -> Calendar:
    """The years that come with the program: 2004-2026 with chinesecalendar 1.11."""
    from chinese_calendar.constants import holidays, workdays

    years: dict[int, dict[date, bool]] = {year: {} for year in range(FIRST_YEAR, max(holidays).year + 1)}
    for days, work in ((holidays, False), (workdays, True)):
        for day in days:
            years[noticed_in(day, years)][day] = work
    return Calendar(years)


def noticed_in(day: date, years: Mapping[int, Changes]) -> int:
    """The year whose notice speaks of the day: no holiday but New Year's reaches into December."""
    return day.year + 1 if day.month == 12 and day.year + 1 in years else day.year
