"""Migrations: equal to the models, one at a time, and safe to kill at any point."""

from __future__ import annotations

import re
import shutil
import signal
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from processes import started, together, url_of
from sqlalchemy import inspect, text

import notifier.tables  # noqa: F401  (its tables belong to the models)
from store.database import MIGRATIONS, Register, StoreError, connect, open_register, revisions, upgrade
from store.tables import Base, Department

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["registers"]

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


def test_of_four_upgrades_at_once_one_migrates_and_all_succeed(register_url: str) -> None:
    answers = together(UPGRADE, register_url, processes=4)

    newest = revisions()[0]
    assert sorted(answers) == sorted([f"(None, '{newest}')"] + [f"('{newest}', '{newest}')"] * 3)
    open_register(register_url).close()


@pytest.mark.parametrize("statement", [1, 2, 5, 9, 14])
def test_an_upgrade_that_was_killed_is_done_by_the_next(register_url: str, statement: int) -> None:
    process = started(KILLED, register_url, statement)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL

    assert upgrade(register_url) == (None, revisions()[0])
    register = open_register(register_url)
    with register.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    register.close()


@pytest.mark.parametrize("statement", [1, 2, 3, 4])
def test_a_later_migration_that_was_killed_leaves_the_register_as_it_was(
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
        assert [column["name"] for column in inspect(db.connection()).get_columns("department")][
            -1
        ] == "phone"
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
