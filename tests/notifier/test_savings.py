"""The ledger of savings, with rows made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from config.policy import Prices
from monitor.cli import root
from notifier.content import Size
from notifier.savings import Line, ledger, monthly_value, total
from notifier.tables import Item, Notice
from store.database import open_register, upgrade
from store.tables import Department, Machine

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

TODAY = date(2026, 11, 22)
MONTH = 365 / 12


def department(db: Session, name: str, code: str) -> Department:
    row = Department(code=code, name=name)
    db.add(row)
    return row


def notice(db: Session, owner: Department, issued: str, kind: str = "shrink") -> Notice:
    day = date.fromisoformat(issued)
    row = Notice(
        kind=kind,
        number=f"平数云〔{day.year}〕{len(db.query(Notice).all()) + 1}号",
        department=owner,
        issued_at=datetime(day.year, day.month, day.day, 2, tzinfo=UTC),
        issued_on=day,
        issued_by="li",
        sha256="0" * 64,
        content="{}",
    )
    db.add(row)
    db.flush()
    return row


def item(
    db: Session, stands_in: Notice, machine: str, state: str, promised: float | None, **more: object
) -> None:
    row = Machine(name=machine)
    db.add(row)
    db.flush()
    values = {"before": {}, "advised": {}, "kind": stands_in.kind, **more}
    db.add(
        Item(notice=stands_in, machine_id=row.id, machine=machine, state=state, promised=promised, **values)
    )
    db.flush()


def city(db: Session) -> None:
    """Two departments, two years."""
    finance, school = department(db, "财政局", "A"), department(db, "教育局", "B")
    old = notice(db, finance, "2025-12-01")
    item(db, old, "f1", "done", 300.0, realised=240.0, done_on=date(2025, 12, 12), outcome="done")
    item(db, old, "f2", "declined", 50.0)
    first = notice(db, finance, "2026-09-18")
    item(db, first, "f3", "done", 100.0, realised=120.0, done_on=date(2026, 11, 2), outcome="done")
    item(db, first, "f4", "overdue", 80.0)
    item(db, first, "f5", "withdrawn", 40.0, realised=7.0, done_on=date(2026, 10, 1))
    second = notice(db, school, "2026-10-08", "idle")
    item(db, second, "s1", "issued", 500.0)
    item(db, second, "s2", "done", 60.0, realised=60.0, done_on=date(2026, 11, 1), outcome="reverted")
    item(db, second, "s3", "received", None)
    item(db, notice(db, school, "2026-10-09", "expand"), "s4", "adopted", -200.0, realised=-200.0)
    item(db, notice(db, school, "2026-10-10", "deploy"), "s5", "issued", None)


# f1 saves 240 a month from 2025-12-12: 20 days of 2025 (12-12..31) and, in 2026, 01-01..11-21 = 325 days
# (304 through October, 21 of November). f3: 11-02..21 = 20 days. f5 was withdrawn, s2 is back: nothing.
SCHOOL = Line(2026, "教育局", promised=560.0)  # 500 + 60
FINANCE = Line(
    2026,
    "财政局",
    promised=180.0,  # 100 + 80
    withdrawn=40.0,
    realised=120.0,
    so_far=(240 * 325 + 120 * 20) / MONTH,
)
FINANCE_2025 = Line(2025, "财政局", promised=300.0, withdrawn=50.0, realised=240.0, so_far=240 * 20 / MONTH)


def rounded(line: Line) -> Line:
    return replace(line, so_far=round(line.so_far, 6))


@pytest.mark.parametrize(
    ("year", "name", "expected"),
    [
        (None, None, [SCHOOL, FINANCE, FINANCE_2025]),
        (2026, None, [SCHOOL, FINANCE]),
        (2025, None, [FINANCE_2025]),
        (2024, None, []),
        (None, "财政局", [FINANCE, FINANCE_2025]),
        (None, "A", [FINANCE, FINANCE_2025]),
        (2025, "B", []),
    ],
)
def test_the_ledger_by_year_and_department(
    register: Register, year: int | None, name: str | None, expected: list[Line]
) -> None:
    with register.write() as db:
        city(db)

        found = ledger(db, TODAY, year, name)

    assert [rounded(line) for line in found] == [rounded(line) for line in expected]


def test_the_total_of_the_ledger(register: Register) -> None:
    with register.write() as db:
        city(db)
        found = total(ledger(db, TODAY))

    # 560 + 180 + 300; 40 + 50; 120 + 240; 345 and 20 days
    expected = Line(None, None, 1040.0, 90.0, 360.0, (240 * 345 + 120 * 20) / MONTH)
    assert rounded(found) == rounded(expected)


@pytest.mark.parametrize(
    ("today", "years"),
    [
        ("2025-12-12", {2025: 0.0}),
        ("2025-12-13", {2025: 1 / MONTH}),
        ("2026-01-01", {2025: 20 / MONTH, 2026: 0.0}),
        ("2026-01-02", {2025: 20 / MONTH, 2026: 1 / MONTH}),
        ("2027-01-01", {2025: 20 / MONTH, 2026: 12.0, 2027: 0.0}),
    ],
    ids=["the day itself is not over", "one day", "the year's end", "the next year", "a whole year"],
)
def test_what_was_saved_belongs_to_the_year_in_which_it_was(
    register: Register, today: str, years: dict[int, float]
) -> None:
    with register.write() as db:
        stands_in = notice(db, department(db, "财政局", "A"), "2025-12-01")
        item(db, stands_in, "f1", "done", 1.0, realised=1.0, done_on=date(2025, 12, 12), outcome="done")
        found = ledger(db, date.fromisoformat(today))

    assert {line.year: line.so_far for line in found} == pytest.approx(years)


def test_without_notices_the_ledger_is_empty(register: Register) -> None:
    with register.read() as db:
        assert ledger(db, TODAY) == []
        assert total([]) == Line(None, None)


PRICES = Prices(vcpu=35.0, memory_gib=18.0, disk_gib=0.4)
SIZE = Size(vcpus=8, memory_gib=32, disk_gib=100)


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [
        (SIZE, Size(vcpus=4, memory_gib=16, disk_gib=100), 4 * 35 + 16 * 18),
        (SIZE, Size(vcpus=4, memory_gib=15.5, disk_gib=None), 4 * 35 + 16.5 * 18),
        (SIZE, SIZE, 0.0),
        (SIZE, Size(vcpus=16, memory_gib=32, disk_gib=200), -8 * 35 - 100 * 0.4),
        (SIZE, Size(vcpus=0, memory_gib=0, disk_gib=0), 8 * 35 + 32 * 18 + 100 * 0.4),
        (Size(vcpus=8), Size(vcpus=4, memory_gib=16, disk_gib=100), 4 * 35),
        (SIZE, Size(), 0.0),
    ],
    ids=["shrunk", "unknown disk", "as it was", "grown", "released", "unknown before", "unknown after"],
)
def test_the_value_of_a_change(before: Size, after: Size, value: float) -> None:
    assert monthly_value(before, after, PRICES) == pytest.approx(value)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Settings of an installation whose notices are some years old: a whole year of savings lies behind."""
    upgrade(f"sqlite:///{tmp_path}/register.db")
    register = open_register(f"sqlite:///{tmp_path}/register.db")
    with register.write() as db:
        finance, school = department(db, "财政局", "A"), department(db, "教育局", "B")
        old = notice(db, finance, "2022-12-01")
        item(db, old, "f1", "done", 300.0, realised=240.0, done_on=date(2022, 12, 12), outcome="done")
        item(db, notice(db, school, "2022-12-02"), "s1", "withdrawn", 50.0)
    register.close()
    path = tmp_path / "rightsizer.yml"
    path.write_text(f"data_dir: {tmp_path}\n")
    return path


def test_the_command_prints_the_ledger(settings: Path) -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(root, ["--config", str(settings), "savings", *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    # 2022: 20 of 240 * 12 / 365 a day; 2023: twelve months.
    assert json.loads(said("--year", "2022", "-o", "json")) == [
        {
            "year": 2022,
            "department": "教育局",
            "promised": 0.0,
            "withdrawn": 50.0,
            "realised": 0.0,
            "so_far": 0.0,
        },
        {
            "year": 2022,
            "department": "财政局",
            "promised": 300.0,
            "withdrawn": 0.0,
            "realised": 240.0,
            "so_far": 157.81,
        },
    ]
    assert said("--year", "2023") == "2023\t财政局\t0.0\t0.0\t0.0\t2880.0\n"
    assert said("--year", "2022", "--department", "B") == "2022\t教育局\t0.0\t50.0\t0.0\t0.0\n"
    assert said("--year", "2021") == ""


def test_the_command_prints_a_table_and_its_total_for_a_person(settings: Path) -> None:
    done = CliRunner().invoke(
        root, ["--config", str(settings), "savings", "--year", "2022", "-o", "table"], env={"COLUMNS": "80"}
    )

    assert [line.split() for line in done.stdout.splitlines()] == [
        ["Promised", "Withdrawn", "Realised", "Saved"],
        ["Year", "Department", "yuan/mo", "yuan/mo", "yuan/mo", "yuan"],
        ["─" * 54],
        ["2022", "教育局", "0", "50", "0", "0"],
        ["2022", "财政局", "300", "0", "240", "158"],
    ]
    assert done.stderr == "Together: promised 300, realised 240 yuan a month; saved 158 yuan.\n"


def test_the_command_refuses_a_department_that_is_not_there(settings: Path) -> None:
    done = CliRunner().invoke(root, ["--config", str(settings), "savings", "--department", "财政"])

    assert done.exit_code == 1
    assert "no department '财政'" in done.stderr
    assert "Near: 财政局" in done.stderr
