"""Imported years of the working-day calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from config.workdays import Year, seed
from store.calendar import YearImported, calendar, import_year
from store.journal import verify
from store.tables import CalendarYear, JournalEntry

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
# Made up: the real notice of 2027 is not known.
MADE_2027 = [("2026-12-31", True), ("2027-01-01", True), ("2027-01-03", False), ("2027-10-01", True)]
DAYS = tuple(date.fromisoformat(day) for day, _ in MADE_2027)


def document(year: int, days: list[tuple[str, bool]]) -> Year:
    entries = [{"name": "元旦", "date": day, "isOffDay": off} for day, off in days]
    return Year.model_validate({"year": year, "papers": ["https://example.org/notice"], "days": entries})


def taken(register: Register, year: Year, reason: str | None = None) -> YearImported:
    with register.write() as db:
        return import_year(db, year, "li", NOW, reason)


def entries(register: Register) -> list[tuple[str, Any, Any, str | None]]:
    with register.read() as db:
        assert verify(db)[1] is None
        rows = db.scalars(select(JournalEntry).order_by(JournalEntry.id))
        return [(row.subject, row.before, row.after, row.reason) for row in rows]


def test_without_an_import_the_programs_own_years_count(register: Register) -> None:
    with register.read() as db:
        assert calendar(db) == seed()


def test_an_imported_year_fixes_a_count_and_is_journaled_day_by_day(register: Register) -> None:
    done = taken(register, document(2027, MADE_2027), "国办发明电")

    assert done == YearImported(
        2027, changed=True, days=tuple(date.fromisoformat(day) for day, _ in MADE_2027)
    )
    with register.read() as db:
        known = calendar(db)
    # Friday 2026-12-18; 12-21..25 (5), 28 29 30 (8), Sunday 01-03 (9), 01-04 (10)
    assert known.add(date(2026, 12, 18), 10).on == date(2027, 1, 4)
    assert entries(register) == [
        (
            "2027",
            {
                "2026-12-31": "worked",
                "2027-01-01": "unknown",
                "2027-01-03": "unknown",
                "2027-10-01": "unknown",
            },
            {"2026-12-31": "off", "2027-01-01": "off", "2027-01-03": "worked", "2027-10-01": "off"},
            "国办发明电",
        )
    ]


def test_the_same_document_twice_changes_nothing(register: Register) -> None:
    taken(register, document(2027, MADE_2027))
    again = taken(register, document(2027, MADE_2027))

    assert again == YearImported(2027, changed=False)
    assert len(entries(register)) == 1


def test_a_corrected_document_takes_the_place_of_the_first(register: Register) -> None:
    taken(register, document(2027, MADE_2027))
    done = taken(register, document(2027, [*MADE_2027[:3], ("2027-10-04", True)]), "second notice")

    assert done.days == (date(2027, 10, 1), date(2027, 10, 4))
    assert entries(register)[1] == (
        "2027",
        {"2027-10-01": "off", "2027-10-04": "worked"},
        {"2027-10-01": "worked", "2027-10-04": "off"},
        "second notice",
    )
    with register.read() as db:
        assert len(db.scalars(select(CalendarYear)).all()) == 1


def test_a_document_that_says_what_is_known_is_kept_without_a_change_of_days(register: Register) -> None:
    known = [(str(day), not work) for day, work in seed().years[2026].items()]

    assert taken(register, document(2026, known)) == YearImported(2026, changed=True)
    assert entries(register) == [("2026", {}, {}, None)]
    with register.read() as db:
        assert calendar(db).version == seed().version
