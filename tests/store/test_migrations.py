"""Migrations: equal to the models, one at a time, and safe to kill at any point."""

from __future__ import annotations

import re
import shutil
import signal
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from processes import started, together, url_of
from sqlalchemy import MetaData, inspect, select, text
from sqlalchemy.orm import Session

import catalog.buying_tables
import catalog.matters
import catalog.opening_tables
import catalog.service_tables
import catalog.sharing_tables
import catalog.tables  # noqa: F401  (their tables belong to the models)
import filing.tables  # noqa: F401  (these too)
import notifier.tables  # noqa: F401  (these too)
import store.lease  # noqa: F401  (so does its table)
from store.database import (
    APPLICATION_ID,
    MIGRATIONS,
    Register,
    StoreError,
    alembic_config,
    connect,
    open_register,
    revisions,
    upgrade,
)
from store.findings import Found, Settled, settle
from store.journal import Entry, append, verify
from store.review import answer
from store.tables import Base, Department, Finding
from store.workflow import Act, Role

if TYPE_CHECKING:
    from sqlalchemy import Select, Table

pytest_plugins = ["registers"]

HOUSE = Path(__file__).resolve().parents[2]
for room in ("store", "notifier", "filing", "catalog"):  # every room's tables belong to the models
    for module in sorted((HOUSE / room).glob("*tables.py")):
        import_module(f"{room}.{module.stem}")
import_module("store.lease")

# Dies by SIGKILL when a statement is about to be sent, so that nothing is rolled back in order.
KILLED = """
import os, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine
from store.database import upgrade
seen = 0
@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, *_):
    global seen
    if statement.lstrip().upper().startswith(("CREATE", "INSERT", "UPDATE")):
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
upgrade(url)
"""
NEXT = """
from pathlib import Path
import store.database
store.database.MIGRATIONS = Path({!r})
"""
LATER = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "NEWEST"
def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO later (id) VALUES (1)")
    op.execute("CREATE INDEX ix_later ON department (contact)")
    op.add_column("department", sa.Column("later", sa.Text))
    op.execute("UPDATE department SET name = 'changed'")
"""
UPGRADE = """
from store.database import upgrade
print(upgrade(url))
"""


def test_the_migrations_make_what_the_models_say(register: Register) -> None:
    with register.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_an_upgrade_makes_the_register_and_once_more_does_nothing(register_url: str) -> None:
    assert upgrade(register_url) == (None, revisions()[0])
    assert upgrade(register_url) == (revisions()[0], revisions()[0])
    open_register(register_url).close()


def test_every_migration_knows_the_one_before_it() -> None:
    # `revisions` reads the numbers off the files' names: they have to be what Alembic reads in the files.
    found = {}
    for path in sorted((MIGRATIONS / "versions").glob("*.py")):
        text_of = path.read_text()
        (number,) = re.findall(r'(?m)^revision = "(\d{4})"', text_of)
        (before,) = re.findall(r'(?m)^down_revision = (?:"(\d{4})"|None)', text_of)
        assert path.name.startswith(f"{number}_")
        found[number] = before or None

    numbers = sorted(found)
    assert revisions() == numbers[::-1]
    assert [found[number] for number in numbers] == [None, *numbers[:-1]]


def test_fault_36_of_four_upgrades_at_once_one_migrates_and_all_succeed(register_url: str) -> None:
    answers = together(UPGRADE, register_url, processes=4)

    newest = revisions()[0]
    assert sorted(answers) == sorted([f"(None, '{newest}')"] + [f"('{newest}', '{newest}')"] * 3)
    open_register(register_url).close()


@pytest.mark.parametrize("statement", [1, 2, 5, 9, 14])
def test_fault_36_an_upgrade_that_was_killed_is_done_by_the_next(register_url: str, statement: int) -> None:
    process = started(KILLED, register_url, statement)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL

    assert upgrade(register_url) == (None, revisions()[0])
    register = open_register(register_url)
    with register.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    register.close()


@pytest.mark.parametrize("statement", [1, 2, 3, 4])
def test_fault_36_a_later_migration_that_was_killed_leaves_the_register_as_it_was(
    register: Register, tmp_path: Path, statement: int
) -> None:
    with register.write() as db:
        db.add(Department(id=1, code="C", name="大数据局"))
    url = url_of(register)
    next_version = NEXT.format(str(later(tmp_path)))

    process = started(f"{next_version}\n{KILLED}", url, statement)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL

    with open_register(url).read() as db:
        columns = inspect(db.connection()).get_columns("department")
        assert "later" not in {column["name"] for column in columns}
        assert not inspect(db.connection()).has_table("later")
        assert db.scalar(text("SELECT name FROM department")) == "大数据局"
    newest = revisions()[0]
    # The next start of the newer program does it, and this one then refuses the register by name.
    assert together(f"{next_version}\n{UPGRADE}", url, processes=2).count(f"('{newest}', '9999')") == 1
    with pytest.raises(StoreError, match=f"has schema 9999, which is newer than this program's {newest}"):
        open_register(url)


def later(folder: Path) -> Path:
    """The migrations of a version of the program to come: one more, which changes a table and its rows."""
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy)
    (copy / "versions/9999_later.py").write_text(LATER.replace("NEWEST", revisions()[0]))
    return copy


def test_a_first_upgrade_that_fails_leaves_no_half_register(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/register.db"
    process = started(KILLED, url, 7)
    process.communicate(timeout=60)

    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "register.db").exists()
    upgrade(url)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["register.db"]


def test_the_files_beside_a_closed_register_are_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/register.db"
    upgrade(url)
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO department (code, name) VALUES ('C', 'N')"))
    engine.dispose()

    assert [path.name for path in tmp_path.iterdir()] == ["register.db"]


NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
DAY = date(2026, 11, 22)
OLD = {"rule": "shrink", "size": {"vcpus": 8, "memory_gib": 16.0}, "evidence": [{"resource": "cpu"}]}
ROWS: dict[str, list[dict[str, object]]] = {  # as a program of schema 0001 wrote them
    "department": [
        {"id": 1, "code": "J1", "name": "市司法局", "email": "it@justice.example"},
        {"id": 2, "code": "F1", "name": "市财政局", "email": None},
    ],
    "system": [{"id": 1, "department_id": 1, "name": "portal"}],
    "calendar_year": [{"year": 2026, "imported_at": NOW, "document": {"year": 2026, "days": []}}],
    "machine": [
        {"id": 1, "name": "web-1", "department_id": 1, "system_id": 1, "vcpus": 16.0},
        {"id": 2, "name": "web-2", "department_id": 1, "system_id": None, "vcpus": 4.0},
        {"id": 3, "name": "tax-1", "department_id": 2, "system_id": None, "vcpus": None},
    ],
    "finding": [
        {"machine_id": machine, "kind": kind, "state": state, "closed_on": closed, "verdict": verdict}
        | {"opened_on": date(2026, 8, 1), "judged_on": date(2026, 11, 20), "policy": "p1"}
        | {"closed_because": "keep" if closed else None, "saving_yuan_month": saving}
        for machine, kind, state, closed, verdict, saving in (
            (1, "shrink", "open", None, OLD, 628.5),
            (1, "shrink", "closed", date(2026, 8, 21), {}, None),
            (2, "idle", "open", None, {"cpu": 0.5}, 90.0),
            (3, "expand", "open", None, {}, -40.0),
        )
    ],
}


def old_register(url: str) -> None:
    """A register of schema 0001, with a journal."""
    engine = connect(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        command.upgrade(alembic_config(connection), "0001")
        known = MetaData()
        known.reflect(connection)
        for name, rows in ROWS.items():
            connection.execute(known.tables[name].insert(), rows)
    opened = Entry("rightsizer", "finding.opened", "web-1/shrink", None, {"machine": "web-1", **OLD})
    with Session(engine) as db, db.begin():
        append(db, NOW, opened, Entry("li", "calendar.imported", "2026"))
    engine.dispose()


def content(url: str) -> dict[str, list[dict[str, object]]]:
    """Every row of a register, by table."""
    engine, known = connect(url), MetaData()
    with engine.connect() as connection:
        known.reflect(connection)
        tables = [table for table in known.sorted_tables if table.name != "alembic_version"]
        found = {
            table.name: [dict(row) for row in connection.execute(ordered(table)).mappings()]
            for table in tables
        }
    engine.dispose()
    return found


def ordered(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key.columns)


def test_a_register_of_the_first_schema_keeps_everything(register_url: str) -> None:
    old_register(register_url)
    before = content(register_url)

    assert upgrade(register_url) == ("0001", revisions()[0])
    after = content(register_url)
    assert {name: len(rows) for name, rows in before.items() if rows} == {
        "calendar_year": 1,
        "department": 2,
        "finding": 4,
        "journal": 2,
        "machine": 3,
        "system": 1,
    }
    for name, rows in before.items():
        kept = [{column: row[column] for column in old} for old, row in zip(rows, after[name], strict=True)]
        assert kept == rows, name
    fresh = ("version", "standing", "reviewed_at", "reviewed_by", "reason", "until")
    assert [[row[column] for column in fresh] for row in after["finding"]] == [[1, *[None] * 5]] * 4
    register = open_register(register_url)
    with register.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    register.close()


def test_a_register_of_the_first_schema_is_judged_and_answered_like_any_other(register_url: str) -> None:
    old_register(register_url)
    upgrade(register_url)
    register = open_register(register_url)
    verdict = {**OLD, "phrase": "at most 20 %", "current": {"vcpus": 16}}
    found = {
        "web-1": Found("shrink", "shrink", verdict, 628.5),
        "web-2": Found(None, "keep", {}, None),
        "tax-1": Found("expand", "expand", {}, -40.0),
    }
    clerk = Act("li", Role.OPERATOR, NOW, "seen")
    with register.write() as db:
        rows = db.scalars(select(Finding).where(Finding.state == "open").order_by(Finding.id)).all()
        assert answer(db, rows[:1], "approve", clerk) == 1
    with register.write() as db:
        assert settle(db, found, "p2", DAY, NOW) == Settled(opened=0, refreshed=2, closed=1)

    with register.read() as db:
        assert db.execute(select(Finding.state, Finding.version).order_by(Finding.id)).all() == [
            ("approved", 3),  # approved 2, refreshed 3: the same size
            ("closed", 1),
            ("closed", 2),
            ("open", 1),
        ]
        assert verify(db) == (4, None)
    register.close()


@pytest.mark.slow
def test_fault_36_killed_at_every_statement_of_an_upgrade_the_next_start_succeeds(tmp_path: Path) -> None:
    old_register(f"sqlite:///{tmp_path}/old.db")
    statement, ended = 0, -signal.SIGKILL
    while ended == -signal.SIGKILL:
        statement += 1
        path = tmp_path / f"{statement}.db"
        shutil.copyfile(tmp_path / "old.db", path)
        process = started(KILLED, f"sqlite:///{path}", statement)
        process.communicate(timeout=60)
        ended = process.returncode

        assert upgrade(f"sqlite:///{path}")[1] == revisions()[0]
        register = open_register(f"sqlite:///{path}")
        with register.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        register.close()
    assert ended == 0
    assert statement > 20
