"""Working days: the counts of the regulation, against tables, another calendar, and a count by hand."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from config.document import ConfigError
from config.workdays import Calendar, Due, UnknownYearError, Year, read_year, seed

if TYPE_CHECKING:
    from pathlib import Path

# Receipt, and the last of 5, 10 and 15 working days after it. Worked out from the notices, and
# checked against two independent calendars; the notes are what a count from Monday to Friday misses.
GOLDEN = [
    ("2024-02-05", "2024-02-18", "2024-02-23", "2024-03-01"),  # off 02-10..17, Sunday 02-18 is worked
    ("2024-09-13", "2024-09-23", "2024-09-29", "2024-10-11"),  # Saturday 09-14 and Sunday 09-29 are worked
    ("2024-12-25", "2025-01-02", "2025-01-09", "2025-01-16"),  # 2025-01-01 alone is off
    ("2025-01-24", "2025-02-07", "2025-02-13", "2025-02-20"),  # Sunday 01-26 and Saturday 02-08 are worked
    ("2025-04-25", "2025-05-06", "2025-05-13", "2025-05-20"),  # Sunday 04-27 is worked, off 05-01..05
    ("2025-09-26", "2025-10-10", "2025-10-16", "2025-10-23"),  # off 10-01..08, Saturday 10-11 is worked
    ("2025-10-01", "2025-10-14", "2025-10-21", "2025-10-28"),  # received on a day off
    ("2025-12-26", "2026-01-05", "2026-01-12", "2026-01-19"),  # off 01-01..03, Sunday 01-04 is worked
    ("2026-02-14", "2026-02-28", "2026-03-06", "2026-03-13"),  # received on a Saturday that is worked
    ("2026-09-18", "2026-09-24", "2026-10-09", "2026-10-15"),  # Sunday 09-20 and Saturday 10-10 are worked
]
UNKNOWN = [
    ("2026-12-18", 10),
    ("2026-12-18", 15),
    ("2026-12-28", 5),
    ("2026-12-31", 1),
    ("2027-02-01", 5),
    ("2027-02-01", 10),
]
# Made up: the real notice of 2027 is not known. Sunday 01-03 is worked for Thursday 2026-12-31.
MADE_2027: dict[str, Any] = {
    "$schema": "https://example.org/schema.json",
    "$id": "https://example.org/2027.json",
    "year": 2027,
    "papers": ["https://example.org/notice"],
    "days": [
        {"name": "元旦", "date": "2026-12-31", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-03", "isOffDay": False},
        {"name": "春节", "date": "2027-02-08", "isOffDay": True},
        {"name": "国庆节", "date": "2027-10-01", "isOffDay": True},
    ],
}


def day(text: str) -> date:
    return date.fromisoformat(text)


def with_2027() -> Calendar:
    return seed().with_year(Year.model_validate(MADE_2027))


@pytest.mark.parametrize(("receipt", "five", "ten", "fifteen"), GOLDEN, ids=[row[0] for row in GOLDEN])
def test_the_nth_working_day_after_receipt_is_the_last(
    receipt: str, five: str, ten: str, fifteen: str
) -> None:
    found = [seed().add(day(receipt), n).on for n in (5, 10, 15)]

    assert found == [day(five), day(ten), day(fifteen)]


@pytest.mark.parametrize(("receipt", "n"), UNKNOWN)
def test_fault_26_a_count_that_leaves_the_known_years_has_no_date(receipt: str, n: int) -> None:
    due = seed().add(day(receipt), n)

    assert due == Due(None, 2027)
    assert str(due) == "provisional: calendar of 2027 is not known"


def test_every_answer_of_the_checked_table_is_given(shared: Path) -> None:
    with (shared / "data/workdays.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == 29
    for row in rows:
        due = seed().add(day(row["issue_date"]), int(row["n_working_days"]))
        assert str(due.on or "") == row["deadline"], row
        assert (due.unknown_year == 2027) == row["status"].startswith("unknown"), row


@pytest.mark.parametrize("n", [5, 10, 15, 20])
def test_the_last_receipts_whose_count_ends_in_the_known_years(n: int) -> None:
    last = {5: "2026-12-24", 10: "2026-12-17", 15: "2026-12-10", 20: "2026-12-03"}

    assert seed().add(day(last[n]), n).on == day("2026-12-31")
    assert seed().add(day(last[n]) + timedelta(days=1), n).on is None


def test_every_day_agrees_with_the_library_that_the_seed_is_made_of() -> None:
    start, end = date(2004, 1, 1), date(2026, 12, 31)
    days = [start + timedelta(days=i) for i in range((end - start).days + 1)]

    differ = [d for d in days if seed().is_workday(d) != chinese_calendar.is_workday(d)]

    assert differ == []


@given(st.dates(date(2018, 1, 1), date(2026, 6, 1)), st.integers(1, 60))
def test_a_count_is_what_counting_day_by_day_gives(start: date, n: int) -> None:
    # The oracle looks at every day once and collects the worked ones: no running count, no early end.
    following = [start + timedelta(days=i) for i in range(1, 150)]
    worked = [d for d in following if chinese_calendar.is_workday(d)]

    assert seed().add(start, n) == Due(worked[n - 1])


@given(st.dates(date(2018, 1, 1), date(2026, 6, 1)), st.integers(1, 30), st.integers(1, 30))
def test_counting_on_from_a_due_day_is_counting_once(start: date, first: int, second: int) -> None:
    between = seed().add(start, first).on
    assert between is not None

    assert seed().add(between, second) == seed().add(start, first + second)


def test_a_receipt_on_a_day_off_counts_from_the_next_working_day() -> None:
    # Wednesday 2025-10-01, off until 10-08: the first working day is Thursday 10-09.
    assert [seed().add(day("2025-10-01"), n).on for n in (1, 2)] == [day("2025-10-09"), day("2025-10-10")]


def test_a_provisional_count_is_fixed_by_the_imported_year() -> None:
    # 2026-12-18 is a Friday. In the made-up notice 12-31 and 01-01 are off and Sunday 01-03 is worked:
    # 12-21 22 23 24 25 (5), 28 29 30 (8), 01-03 (9), 01-04 (10).
    assert seed().add(day("2026-12-18"), 10).on is None
    assert with_2027().add(day("2026-12-18"), 10) == Due(day("2027-01-04"))


def test_the_last_known_december_may_still_change() -> None:
    assert seed().add(day("2026-12-18"), 5) == Due(day("2026-12-25"), may_change=True)
    assert seed().add(day("2026-11-18"), 5) == Due(day("2026-11-25"), may_change=False)
    assert with_2027().add(day("2026-12-18"), 5) == Due(day("2026-12-25"), may_change=False)
    # And it does change: Thursday 2026-12-31 was worked until the notice of 2027.
    assert [c.is_workday(day("2026-12-31")) for c in (seed(), with_2027())] == [True, False]


def test_a_corrected_year_takes_the_place_of_what_was_known() -> None:
    # As in 2019 and 2020: a second notice in the year moves days. Here only New Year's Day is left of 2026.
    document = {"year": 2026, "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": True}]}
    corrected = seed().with_year(Year.model_validate(document))

    assert corrected.is_workday(day("2026-10-01"))
    assert not corrected.is_workday(day("2026-10-10"))
    # 2026-09-18 is a Friday: ten weekdays later is Friday 10-02.
    assert corrected.add(day("2026-09-18"), 10).on == day("2026-10-02")
    assert not seed().is_workday(day("2026-10-01")), "the calendar that was corrected stays as it is"


def test_a_correction_of_a_year_leaves_what_the_next_notice_says_of_its_december() -> None:
    # The notice of 2019 made Saturday 2018-12-29 a working day and Monday 2018-12-31 a day off.
    document = {"year": 2018, "days": [{"name": "元旦", "date": "2018-01-01", "isOffDay": True}]}
    corrected = seed().with_year(Year.model_validate(document))

    assert corrected.is_workday(day("2018-12-29"))
    assert not corrected.is_workday(day("2018-12-31"))


def test_a_gap_between_known_years_ends_a_count() -> None:
    days = [{"name": "元旦", "date": "2028-01-01", "isOffDay": True}]
    gap = seed().with_year(Year.model_validate({"year": 2028, "days": days}))

    assert gap.known_until == day("2026-12-31")
    assert gap.add(day("2026-12-30"), 5) == Due(None, 2027)
    # 2027-12-31 is left out; 2028-01-01 is a Saturday, 01-03 a Monday.
    assert gap.add(day("2027-12-31"), 1).on == day("2028-01-03")
    with pytest.raises(UnknownYearError, match=r"calendar of 2027 is not known"):
        gap.is_workday(day("2027-06-01"))


def test_what_is_known_is_told() -> None:
    assert seed().known_until == day("2026-12-31")
    assert with_2027().known_until == day("2027-12-31")
    assert Calendar({}).known_until is None


def test_the_version_changes_with_the_working_days_and_with_nothing_else() -> None:
    weekend = {
        **MADE_2027,
        "days": [*MADE_2027["days"], {"name": "x", "date": "2027-10-02", "isOffDay": True}],
    }
    other = {**MADE_2027, "days": MADE_2027["days"][:-1]}

    assert with_2027().version != seed().version
    # A Saturday that is said to be off says nothing new.
    assert seed().with_year(Year.model_validate(weekend)).version == with_2027().version
    assert seed().with_year(Year.model_validate(other)).version != with_2027().version


@pytest.mark.parametrize("n", [0, -1])
def test_less_than_one_working_day_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        seed().add(day("2026-01-05"), n)


def test_a_moment_is_no_day() -> None:
    with pytest.raises(TypeError, match="a local date"):
        seed().is_workday(datetime(2026, 10, 1, tzinfo=UTC))


def test_nothing_changes_a_calendar() -> None:
    with pytest.raises(TypeError):
        seed().changes[day("2026-10-01")] = True  # type: ignore[index]
    with pytest.raises(AttributeError):
        seed().years = {}  # type: ignore[misc]


def test_a_file_is_read_as_it_is_published(tmp_path: Path) -> None:
    path = tmp_path / "2027.json"
    for text in (json.dumps(MADE_2027, ensure_ascii=False, indent="\t"), json.dumps(MADE_2027)):
        path.write_text(text)

        document = read_year(path)
        assert seed().with_year(document) == with_2027()
        assert document.missing() == ("清明", "劳动", "端午", "中秋")


def entry(**changed: object) -> str:
    return json.dumps({"name": "元旦", "date": "2027-01-01", "isOffDay": True, **changed}, ensure_ascii=False)


def year(*days: str, number: object = 2027) -> str:
    return f'{{"year": {json.dumps(number)}, "days": [\n' + ",\n".join(days) + "]}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (year(), "1:16: days: at least 1 of it (read a list)"),
        ('{"year": 2027}', "1:1: days: this key is required"),
        (f'{{"days": [{entry()}]}}', "1:1: year: this key is required"),
        (year(entry(), number="2027"), "1:2: year: a whole number (read '2027')"),
        (year(entry(), number=2003), "1:2: year: a number of at least 2004 (read 2003)"),
        (
            year(entry(), number=2026),
            "2:16: days.0.date: a day of 2026 or of December 2025 (read '2027-01-01')",
        ),
        (year(entry(date="2026-11-30")), "2:16: days.0.date: a day of 2027 or of December 2026"),
        (year(entry(date="2028-01-01")), "2:16: days.0.date: a day of 2027 or of December 2026"),
        (
            year(entry(), entry(isOffDay=False)),
            "3:16: days.1.date: every day once; this one stands above already",
        ),
        (year(entry(), entry()), "3:16: days.1.date: every day once; this one stands above already"),
        (year(entry(date="2027-02-29")), "2:16: days.0.date: a date such as 2027-01-01 (read '2027-02-29')"),
        (year(entry(date="1 January")), "2:16: days.0.date: a date such as 2027-01-01"),
        (year(entry(date=20270101)), "2:16: days.0.date: a date such as 2027-01-01 (read 20270101)"),
        (year(entry(date=None)), "2:16: days.0.date: a date such as 2027-01-01 (read nothing)"),
        (year(entry(isOffDay="no")), "2:38: days.0.isOffDay: true or false (read 'no')"),
        (year(entry(isOfDay=True)), "2:56: days.0.isOfDay: unknown key, did you mean isOffDay?"),
        (year('{"date": "2027-01-01"}'), "2:1: days.0.name: this key is required"),
        (f"[{entry()}]", "1:1: a mapping of keys to values (read a list)"),
        ('{"year": 2027, "days": [', "1:25: YAML that can be read ("),
        ("<html>", "1:1: a mapping of keys to values (read '<html>')"),
        ("", "1:1: year: this key is required"),
    ],
)
def test_a_file_that_is_no_year_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "2027.json"
    path.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_year(path)
    assert str(caught.value).startswith(f"{path}:{said}")


def test_every_wrong_day_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "2027.json"
    days = [entry(date=text) for text in ("2027-01-01", "2025-05-01", "2027-01-01", "2029-01-01")]
    path.write_text(year(*days))

    with pytest.raises(ConfigError) as caught:
        read_year(path)
    assert [problem.key for problem in caught.value.problems] == ["days.1.date", "days.2.date", "days.3.date"]


def test_what_is_kept_of_a_year_reads_as_the_same_year() -> None:
    document = Year.model_validate(MADE_2027)
    kept = document.model_dump(mode="json", by_alias=True, exclude_none=True)

    assert kept == MADE_2027
    assert Year.model_validate(YAML(typ="safe").load(json.dumps(kept))) == document
