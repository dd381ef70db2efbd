"""Faults 33, 34 and 37: a register that was cut, emptied, overwritten, or is of another program's version."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest
from backups import furnished
from matters import at
from operating import Place
from processes import url_of
from sqlalchemy import make_url, text
from test_cli import call

from monitor.cli.errors import explain
from monitor.shipped import shipped
from monitor.soundness import check_sound
from store.database import Register, StoreError, connect, open_register, revisions, upgrade
from store.journal import Entry, append, head
from store.tables import Machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RESTORE = "restore it from a backup (`rightsizer restore DIR --replace`)"
TRIALS, FOUND_AT_LEAST = 40, 25
DAY = date(2026, 11, 28)
SAID = b"standby of the hospital"
UNIT = shipped("systemd/rightsizer.service").read_text("utf-8")
FIRST = re.findall(r"(?m)^ExecStartPre=\S+ (.+)$", UNIT)[0].split()  # what systemd runs before the daemon
SOURCE = "sources: [{kind: host, name: host, machine: me}]\n"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation at rest: one file, no log; each test has its own of it."""
    place = furnished(tmp_path_factory.mktemp("original") / "house")
    (place.folder / "rightsizer.yml").write_text(f"data_dir: data\n{SOURCE}")
    with place.register.write() as db:
        db.add_all(Machine(name=f"vm-x{number}", address="192.0.2.1") for number in range(400))
        append(db, at(DAY), Entry("li", "finding.rejected", "vm-x1", "open", "rejected", SAID.decode()))
    place.register.close()
    return place.folder


@pytest.fixture
def place(original: Path, tmp_path: Path) -> Place:
    folder = shutil.copytree(original, tmp_path / "house")
    return Place(folder, Register(connect(f"sqlite:///{folder / 'data' / 'register.db'}")))


def file_of(place: Place) -> Path:
    return place.folder / "data" / "register.db"


def start(place: Place) -> tuple[int, str]:
    """What `rightsizer run` says that does not start."""
    run = call("run", folder=place.folder, settings=place.folder / "rightsizer.yml")
    return run.returncode, run.stderr


def empty(path: Path) -> None:
    path.write_bytes(b"")


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def scribble(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 64)


@pytest.mark.parametrize("damage", [empty, halve, scribble])
def test_fault_33_a_damaged_register_is_refused_at_start_and_the_restore_command_named(
    place: Place, damage: Callable[[Path], None]
) -> None:
    damage(file_of(place))
    before = file_of(place).read_bytes()

    code, said = start(place)

    assert code == 1
    assert said.startswith("rightsizer: ")
    assert RESTORE in said
    assert file_of(place).read_bytes() == before


def test_fault_33_a_register_that_is_gone_is_never_made_anew_beside_measurements(place: Place) -> None:
    file_of(place).unlink()

    code, said = start(place)

    assert code == 1
    assert RESTORE in said
    assert not file_of(place).exists()


def test_fault_33_the_unit_makes_no_empty_register_beside_measurements(place: Place) -> None:
    file_of(place).unlink()

    refused = place.call(*FIRST)

    assert refused.code == 1
    assert RESTORE in refused.err
    assert "or make an empty one with `rightsizer db upgrade --new`" in refused.err
    assert not file_of(place).exists()
    assert place.call(*FIRST, "--new").out == f"schema none -> {revisions()[0]}\n"


def test_fault_33_the_unit_makes_no_empty_register_on_a_server_either(
    place: Place, postgres_database: str
) -> None:
    (place.folder / "rightsizer.yml").write_text(f"data_dir: data\ndatabase: {{url: {postgres_database}}}\n")

    refused = place.call(*FIRST)

    assert refused.code == 1
    assert RESTORE in refused.err
    assert place.call("db", "upgrade", "--new").out == f"schema none -> {revisions()[0]}\n"
    assert place.call(*FIRST).out == f"schema {revisions()[0]}, nothing to do\n"


def test_the_first_start_of_a_new_installation_makes_its_register(tmp_path: Path) -> None:
    (tmp_path / "rightsizer.yml").write_text("data_dir: data\n")
    new = Place(tmp_path, None)  # type: ignore[arg-type]

    assert new.call(*FIRST).out == f"schema none -> {revisions()[0]}\n"
    assert new.call(*FIRST).out == f"schema {revisions()[0]}, nothing to do\n"


def test_fault_33_a_changed_journal_entry_is_refused_at_start(place: Place) -> None:
    whole = file_of(place).read_bytes()
    assert whole.count(SAID) == 1
    file_of(place).write_bytes(whole.replace(SAID, SAID.upper()))

    code, said = start(place)

    assert code == 1
    assert RESTORE in said


def test_fault_33_of_64_bytes_written_anywhere_what_changes_anything_is_found(
    place: Place, tmp_path: Path
) -> None:
    register = open_register(url_of(place.register))
    with register.write() as db:  # pages that are full: what hits an empty place changes nothing
        append(db, at(DAY), *[Entry("li", "finding.approved", f"vm-{number}") for number in range(3000)])
    register.close()
    whole, copy, chance = file_of(place), tmp_path / "damaged.db", random.Random(20260918)
    size, refused, rows = whole.stat().st_size, [], content(whole)
    for _ in range(TRIALS):
        shutil.copyfile(whole, copy)
        with copy.open("r+b") as file:
            file.seek(chance.randrange(size - 64))
            file.write(chance.randbytes(64))
        try:
            started(copy)
        except StoreError as error:
            refused.append(str(error))
        else:
            assert content(copy) == rows  # it hit an empty place

    assert len(refused) >= FOUND_AT_LEAST
    assert [said for said in refused if RESTORE not in said and "another program" not in said] == []


def test_fault_38_a_server_that_is_away_is_not_taken_for_a_damaged_register(postgres_database: str) -> None:
    upgrade(postgres_database)
    register = open_register(postgres_database)
    register.close()
    url = make_url(postgres_database).set(drivername="postgresql")
    server = url.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
    try:
        with pytest.raises(
            StoreError, match=r"cannot be read now .* check the server, then try again"
        ) as found:
            check_sound(register)
    finally:
        register.close()

    said = explain(found.value)
    assert said is not None
    assert (said.temporary, RESTORE in said.text) == (True, False)


def content(path: Path) -> list[tuple[object, ...]]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as file:
        file.text_factory = bytes
        names = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [row for name in names for row in file.execute(f'SELECT * FROM "{name.decode()}"')]  # noqa: S608


def started(path: Path) -> None:
    """As the daemon starts on a register. Raises StoreError."""
    register = open_register(f"sqlite:///{path}")
    try:
        check_sound(register)
    finally:
        register.close()


def test_fault_34_a_log_that_was_cut_is_found_by_the_anchor_alone(place: Place) -> None:
    register = open_register(url_of(place.register))
    for number in range(50):
        with register.write() as db:
            append(db, at(DAY), Entry("li", "finding.approved", f"vm-{number}"))
    with register.read() as db:
        anchor = head(db)
    folder = place.folder / "after"
    folder.mkdir()
    for end in ("", "-wal"):  # as a crash leaves them
        shutil.copyfile(f"{file_of(place)}{end}", folder / f"register.db{end}")
    register.close()
    log = folder / "register.db-wal"
    os.truncate(log, log.stat().st_size * 6 // 10)
    for end in ("", "-wal", "-shm"):
        file_of(place).with_name(f"register.db{end}").unlink(missing_ok=True)
    for path in folder.iterdir():
        path.rename(file_of(place).with_name(path.name))

    plain = place.call("audit", "verify")
    anchored = place.call("audit", "verify", "--anchor", anchor)

    assert (plain.code, "sound" in plain.out) == (0, True)  # nothing in the file tells of it
    assert anchored.code == 1
    assert "no entry has the anchor's hash: the newest entries are missing" in anchored.err


def test_fault_37_a_newer_schema_is_refused_at_start_by_both_names(place: Place) -> None:
    register = open_register(url_of(place.register))
    with register.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    register.close()

    code, said = start(place)

    assert code == 1
    assert f"has schema 9999, which is newer than this program's {revisions()[0]}: install" in said
