"""A backup is whole, is made while others write, and comes back; each damage of it is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from alembic import command
from backups import DAYS, furnished, known, measured, of, writing
from components import postgres_folder, wait
from daemons import PATIENCE, daemon
from deltalake import DeltaTable
from matters import at, issue_notice
from operating import Place
from processes import started
from sqlalchemy import MetaData, func, make_url, select, text
from test_migrations import old_register

from monitor.backup import back_up
from monitor.restore import aside
from notifier.outbox import claim, is_open
from notifier.tables import Delivery, Notice
from rules.fold import fold
from store.copies import seal
from store.database import alembic_config, connect, open_register, revisions, upgrade
from store.journal import head, verify
from store.manifest import read
from store.register_copy import facts_of_copy
from store.tables import JournalEntry, Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSWORD = "se:cr\\et"  # noqa: S105
TODAY = at(date(2026, 11, 28))
# The log is shortened once, just before its folder is listed, as another process may do.
SHORTENED = """
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from deltalake import DeltaTable
from store.delta import Lake
from store.lake_snapshot import copy_table
from store.samples import samples
at = datetime(2026, 11, 5, tzinfo=UTC)
lake, known = Lake(Path(sys.argv[3]), ZoneInfo("Asia/Shanghai")), []
log = lake.samples_dir / "_delta_log"
def shorten(event, arguments):
    if event in {"os.listdir", "os.scandir"} and str(arguments[0]) == str(log) and not known:
        known.append(DeltaTable(lake.samples_dir).version())
        lake.append([samples({"machine": ["b"], "time": [at], "step": [300], "cpu": [1.0]})[0]], at)
        DeltaTable(lake.samples_dir).create_checkpoint()
        for commit in sorted(log.glob("*.json"))[:-1]:
            commit.unlink()
sys.addaudithook(shorten)
copied = copy_table(lake.samples_dir, Path(sys.argv[4]), lambda *_: None)
print(*known, copied)
"""
# Dies by SIGKILL as soon as the register has its name.
KILLED = """
import os, signal
from pathlib import Path
from monitor.cli import root
rename = Path.rename
def dying(path, target):
    rename(path, target)
    if target.name == "register.db":
        os.kill(os.getpid(), signal.SIGKILL)
Path.rename = dying
root(["--config", sys.argv[3], "restore", sys.argv[4]])
"""


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installation at rest, `house`, and its backup, `copy`; each test has its own."""
    folder = tmp_path_factory.mktemp("originals")
    place = furnished(folder / "house")
    back_up(of(place), folder / "copy", TODAY, lambda *_: None)
    place.register.close()
    return folder


@pytest.fixture
def place(originals: Path, tmp_path: Path) -> Place:
    return opened(Place(shutil.copytree(originals / "house", tmp_path / "house"), None))  # type: ignore[arg-type]


@pytest.fixture
def backup(originals: Path, tmp_path: Path) -> Path:
    return shutil.copytree(originals / "copy", tmp_path / "copy")


def another(folder: Path) -> Place:
    """An installation with nothing in it."""
    folder.mkdir()
    (folder / "rightsizer.yml").write_text("data_dir: data\n", "utf-8")
    return Place(folder, None)  # type: ignore[arg-type]


def opened(place: Place) -> Place:
    return Place(place.folder, open_register(f"sqlite:///{place.folder / 'data' / 'register.db'}"))


def test_a_backup_comes_back_on_another_machine_with_everything(
    place: Place, backup: Path, tmp_path: Path
) -> None:
    other = another(tmp_path / "other")

    said = other.call("restore", str(backup))

    assert said.code == 0, said.err
    other = opened(other)
    assert known(other) == known(place)
    with place.register.read() as db, other.register.read() as restored:
        assert restored.scalar(select(func.count(Notice.id))) == 1
        assert restored.scalars(select(Delivery.mime)).all() == db.scalars(select(Delivery.mime)).all()
        count, fault = verify(restored, anchor=head(db))  # what was the head is in the chain
        assert (count, fault) == (db.scalar(select(func.count(JournalEntry.id))) + 2, None)
        actions = restored.scalars(
            select(JournalEntry.action).order_by(JournalEntry.id.desc()).limit(2)
        ).all()
        assert actions == ["channel.held", "backup.restored"]
        assert not is_open(restored, TODAY)  # what was sent since would be sent again
    assert [path.name for path in (other.folder / "data" / "proofs").iterdir()] == [f"{'0' * 64}-huizhi.pdf"]
    assert "no mail goes out before `rightsizer outbox resume`" in said.err


def test_a_backup_prints_the_journals_head_and_holds_the_settings(place: Place, tmp_path: Path) -> None:
    said = place.call("backup", str(tmp_path / "copy"))

    with place.register.read() as db:
        assert said.out.strip() == head(db)
        machines = db.scalar(select(func.count(Machine.id)))
    manifest = read(tmp_path / "copy")
    assert manifest.journal.head == said.out.strip()
    assert manifest.schema_revision == revisions()[0]
    assert manifest.counts["machine"] == machines
    assert (tmp_path / "copy/rightsizer.yml").read_text() == (place.folder / "rightsizer.yml").read_text()
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_a_backup_holds_exactly_the_files_of_one_snapshot(place: Place, backup: Path) -> None:
    lake = of(place).lake
    lake.tidy(lake.sample_days()[0])  # two files are replaced by one; they stay for those who still read them
    lake.samples_dir.joinpath("stray.parquet").write_bytes(b"")
    second = backup.with_name("second")
    assert place.call("backup", str(second)).code == 0

    for folder, version in ((backup, 6), (second, 7)):
        table = DeltaTable(folder / "lake/samples")
        assert table.version() == version == read(folder).lake["samples"]
        named = {Path(uri) for uri in table.file_uris()}
        assert set((folder / "lake/samples").rglob("*.parquet")) == named
    assert read(backup).journal.head == read(second).journal.head


def test_a_backup_of_a_lake_whose_log_was_shortened_can_be_read(place: Place, tmp_path: Path) -> None:
    lake = of(place).lake
    table = DeltaTable(lake.samples_dir)
    table.create_checkpoint()
    for entry in sorted((lake.samples_dir / "_delta_log").glob("*.json"))[:-1]:
        entry.unlink()  # as cleanup_metadata does after thirty days
    before = known(place)
    lake.append([lake.samples(lake.sample_days()[0]).select(range(10))], TODAY)

    assert place.call("backup", str(tmp_path / "copy")).code == 0
    other = another(tmp_path / "other")
    assert other.call("restore", str(tmp_path / "copy")).code == 0
    assert known(opened(other)) == before


def test_a_backup_of_a_night_that_was_tidied_can_be_collected_into_and_folded(
    place: Place, tmp_path: Path
) -> None:
    lake = of(place).lake
    for day in lake.sample_days():
        (rows,) = [fold(part, day, lake.zone) for part in lake.tidy(day).ranges()]
        lake.replace_day(day, rows, "0" * 16)
    lake.forget(date(2026, 1, 1), date(2026, 1, 1))  # its last act is a checkpoint
    back_up(of(place), tmp_path / "night", TODAY, lambda *_: None)
    other = another(tmp_path / "other")
    assert other.call("restore", str(tmp_path / "night")).code == 0

    restored = of(opened(other)).lake
    day = restored.sample_days()[-1]
    restored.append([measured(DAYS)], TODAY)
    (rows,) = [fold(part, day, restored.zone) for part in restored.tidy(day).ranges()]
    restored.replace_day(day, rows, "1" * 16)

    assert restored.folded()[day] == "1" * 16
    assert len(restored.sample_days()) > len(lake.sample_days())


def test_a_lake_behind_a_link_is_backed_up_and_not_restored_over(place: Place, tmp_path: Path) -> None:
    shared, lake = tmp_path / "shared", place.folder / "data" / "lake"
    lake.rename(shared)
    lake.symlink_to(shared)
    said = place.call("backup", str(tmp_path / "linked"))
    place.register.close()

    refused = place.call("restore", str(tmp_path / "linked"), "--replace")

    assert said.code == 0, said.err
    assert refused.code == 1
    assert "is a link or a mount" in refused.err
    assert known(opened(place))


def test_a_log_that_is_shortened_before_it_is_listed_is_read_anew(place: Place, tmp_path: Path) -> None:
    lake = of(place).lake
    process = started(SHORTENED, "", 0, str(lake.folder), str(tmp_path / "copy"))
    out, errors = process.communicate(timeout=60)

    assert process.returncode == 0, errors
    assert out.split() == ["6", "7"]  # what was read first, and what was copied
    assert DeltaTable(tmp_path / "copy").version() == DeltaTable(lake.samples_dir).version() == 7


def test_a_backup_is_one_moment_although_others_write_all_the_time(place: Place, tmp_path: Path) -> None:
    with writing(place):
        for number in range(5):
            folder = tmp_path / f"copy-{number}"
            back_up(of(place), folder, TODAY, lambda *_: None)
            manifest = read(folder)
            other = another(tmp_path / f"other-{number}")
            assert other.call("restore", str(folder)).code == 0
            with opened(other).register.read() as db:
                assert verify(db, manifest.journal.head)[1] is None
                names = db.scalars(select(Machine.name).where(Machine.name.like("new-%"))).all()
            # Each sample is stored before its machine: what the register knows, the lake has.
            rows = sum(count for _day, count in known(opened(other))) - 3 * 48
            assert len(names) == manifest.counts["machine"] - 4 <= rows


def test_a_backup_of_a_running_daemon_comes_back(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with daemon(tmp_path / "here") as running:
        wait(lambda: running.rounds() > 0, "the first collection", PATIENCE)
        here = Place(tmp_path / "here", None)  # type: ignore[arg-type]
        said = here.call("backup", str(tmp_path / "copy"))
        refused = here.call("restore", str(tmp_path / "copy"), "--replace")

    assert said.code == 0, said.err
    assert refused.code == 75
    assert f"is held by another rightsizer (pid {running.process.pid})" in refused.err
    restored = here.call("restore", str(tmp_path / "copy"), "--replace")
    assert restored.code == 0, restored.err
    assert opened(here).call("audit", "verify").code == 0


def test_a_folder_that_is_there_is_no_place_for_a_backup(place: Place, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "cut.partial").mkdir()

    there, cut = (place.call("backup", str(tmp_path / name)) for name in ("there", "cut"))

    assert (there.code, cut.code) == (1, 1)
    assert "is there already: name a folder that is not" in there.err
    assert "another backup runs, or one was cut off" in cut.err


def test_a_backup_that_fails_leaves_nothing(place: Place, tmp_path: Path) -> None:
    shutil.rmtree(of(place).lake.days_dir / "_delta_log")
    of(place).lake.prepare()
    victim = next((of(place).lake.samples_dir / "_delta_log").glob("*3.json"))
    victim.unlink()

    said = place.call("backup", str(tmp_path / "copy"))

    assert said.code == 1
    assert "restore it from a backup" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house"]


def test_what_is_there_refuses_a_restore_or_is_moved_aside(place: Place, backup: Path) -> None:
    with place.register.write() as db:
        db.execute(text("UPDATE department SET phone = 'later'"))

    refused = place.call("restore", str(backup))
    place.register.close()
    done = place.call("restore", str(backup), "--replace")

    assert refused.code == 1
    assert f"{place.folder / 'data' / 'register.db'} is there: --replace moves it aside" in refused.err
    assert done.code == 0, done.err
    (moved,) = (place.folder / "data").glob("replaced-*")
    assert {path.name for path in moved.iterdir()} >= {"register.db", "lake", "proofs"}
    with closing(sqlite3.connect(moved / "register.db")) as old:
        assert old.execute("SELECT phone FROM department").fetchall() == [("later",)]
    with opened(place).register.read() as restored:
        assert restored.execute(text("SELECT phone FROM department")).all() == [(None,)]


def test_a_log_that_a_reader_took_away_is_not_missed_when_it_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / "register.db").write_bytes(b"all")
    parts = [tmp_path / "register.db", tmp_path / "register.db-wal"]

    folder = aside(tmp_path, parts, TODAY)

    assert [path.name for path in folder.iterdir()] == ["register.db"]


def flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 0xFF]))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


DAMAGES: list[tuple[str, Callable[[Path], None], str]] = [
    ("register.db", flip, "was changed: its SHA-256 is not that of the manifest"),
    ("register.db", cut, "bytes, it had"),
    ("register.db", Path.unlink, "is missing"),
    ("lake/samples/day=2026-11-03/*.parquet", cut, "bytes, it had"),
    ("lake/samples/day=2026-11-03/*.parquet", flip, "was changed"),
    ("lake/samples/_delta_log/*5.json", Path.unlink, "is missing"),
    ("lake/layout.json", Path.unlink, "is missing"),
    ("proofs/*.pdf", flip, "was changed"),
]


@pytest.mark.parametrize(
    ("name", "damage", "said"), DAMAGES, ids=lambda value: getattr(value, "__name__", value)
)
def test_each_damage_of_a_backup_is_named_and_nothing_is_restored(
    backup: Path, tmp_path: Path, name: str, damage: Callable[[Path], None], said: str
) -> None:
    victim = next(backup.glob(name))
    damage(victim)
    other = another(tmp_path / "other")

    for words in (("restore", str(backup)), ("restore", str(backup), "--dry-run")):
        answer = other.call(*words)
        assert answer.code == 1
        assert f"{victim} " in answer.err
        assert said in answer.err
    assert not (other.folder / "data" / "register.db").exists()
    assert not (other.folder / "data" / "lake").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is not a backup: manifest.json cannot be read"),
        ('{"format": 1', "is damaged"),
        ('{"format": 7}', "has format 7, this program knows format 1"),
        ('{"format": 1}', r"is damaged (program: Field required)"),
    ],
    ids=["none", "cut", "newer", "empty"],
)
def test_a_manifest_that_cannot_be_used_is_named(
    backup: Path, tmp_path: Path, content: str | None, said: str
) -> None:
    (backup / "manifest.json").unlink()
    if content is not None:
        (backup / "manifest.json").write_text(content)

    answer = another(tmp_path / "other").call("restore", str(backup))

    assert answer.code == 1
    assert said in answer.err


def test_a_manifest_cannot_name_files_outside_of_the_backup(backup: Path, tmp_path: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["files"][0]["path"] = "lake/../../../etc/passwd"
    (backup / "manifest.json").write_text(json.dumps(manifest))

    answer = another(tmp_path / "other").call("restore", str(backup))

    assert answer.code == 1
    assert "a path inside of the backup" in answer.err


def test_a_register_that_was_exchanged_with_its_hash_is_found(backup: Path, tmp_path: Path) -> None:
    """Somebody who can write the manifest's hashes still cannot write the journal anew."""
    manifest = json.loads((backup / "manifest.json").read_text())
    with closing(sqlite3.connect(backup / "register.db")) as register:
        for (name,) in register.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            register.execute(f"DROP TRIGGER {name}")
        register.execute("UPDATE journal SET actor = 'somebody' WHERE id = 1")
        register.commit()
    (entry,) = (file for file in manifest["files"] if file["path"] == "register.db")
    entry.update(seal(backup, backup / "register.db").model_dump())
    (backup / "manifest.json").write_text(json.dumps(manifest))

    answer = another(tmp_path / "other").call("restore", str(backup))

    assert answer.code == 1
    assert "is not sound: entry 1: its content was changed" in answer.err


def test_a_backup_of_a_newer_program_is_refused_by_both_names(backup: Path, tmp_path: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest |= {"schema_revision": "9999", "program": "9.0"}
    (backup / "manifest.json").write_text(json.dumps(manifest))

    answer = another(tmp_path / "other").call("restore", str(backup))

    assert answer.code == 1
    assert f"has schema 9999, which is newer than this program's {revisions()[0]}" in answer.err
    assert "install rightsizer 9.0, which wrote it, or newer" in answer.err


def test_a_backup_of_another_zone_is_refused(backup: Path, tmp_path: Path) -> None:
    other = another(tmp_path / "other")
    (other.folder / "rightsizer.yml").write_text("data_dir: data\ntimezone: Asia/Urumqi\n")

    answer = other.call("restore", str(backup))

    assert answer.code == 1
    assert "is divided into days of Asia/Shanghai, the settings say Asia/Urumqi" in answer.err


def test_a_folder_without_room_is_refused_before_anything_is_copied(place: Place, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.getuid() != 0:
        pytest.skip("mounting a small disk needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=True)
    try:
        answer = place.call("backup", str(small / "copy"))

        assert answer.code == 1
        assert "MiB are free" in answer.err
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_on_another_disk_files_are_copied(place: Place, tmp_path: Path) -> None:
    memory = Path("/dev/shm") / f"rightsizer-{os.getpid()}"  # noqa: S108  (a folder of this test's own)
    if memory.parent.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one disk")
    try:
        assert place.call("backup", str(memory)).code == 0
        other = another(tmp_path / "other")
        assert other.call("restore", str(memory)).code == 0
        assert known(opened(other)) == known(place)
    finally:
        shutil.rmtree(memory, ignore_errors=True)


def aged(backup: Path, schema: str, *, made: bool = True) -> None:
    """The backup as a program of an older schema would have made it; `made` False: only its word for it."""
    register, manifest = backup / "register.db", json.loads((backup / "manifest.json").read_text())
    with closing(sqlite3.connect(register, isolation_level=None)) as file:
        for word in (
            newer(shape(register), shape(of_schema(backup.parent / "old.db", schema))) if made else ()
        ):
            file.execute(word)
        file.execute("UPDATE alembic_version SET version_num = ?", (schema,))
    (entry,) = (file for file in manifest["files"] if file["path"] == "register.db")
    entry.update(seal(backup, register).model_dump())
    (backup / "manifest.json").write_text(json.dumps({**manifest, "schema_revision": schema}))


def of_schema(path: Path, schema: str) -> Path:
    """A new register at `path` as an older program makes it."""
    engine = connect(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), schema)
    engine.dispose()
    return path


def shape(register: Path) -> dict[str, set[str]]:
    """Table -> its columns, those that refer to others first."""
    engine, known = connect(f"sqlite:///{register}"), MetaData()
    known.reflect(engine)
    engine.dispose()
    return {table.name: {column.name for column in table.columns} for table in reversed(known.sorted_tables)}


def newer(now: dict[str, set[str]], before: dict[str, set[str]]) -> Iterator[str]:
    """The words that take away what came since."""
    yield from (f"DROP TABLE {name}" for name in now if name not in before)
    for name, columns in before.items():
        yield from (f"ALTER TABLE {name} DROP COLUMN {column}" for column in now[name] - columns)


def test_a_register_of_an_older_program_comes_back_with_its_mails_held(backup: Path, tmp_path: Path) -> None:
    aged(backup, "0002")
    other = another(tmp_path / "other")

    said = other.call("restore", str(backup))

    assert said.code == 0, said.err
    assert other.call("db", "upgrade", "--backup").out == f"schema {revisions()[0]}, nothing to do\n"
    with opened(other).register.write() as db:
        assert not is_open(db, TODAY)
        assert claim(db, TODAY, timedelta(minutes=5)) is None
        assert db.scalars(select(Delivery.state)).all() == ["pending"]
    assert [name for name in files(other.folder / "data") if "restored" in name or "000" in name] == []


def test_an_older_register_that_cannot_be_upgraded_leaves_what_was_there(place: Place, backup: Path) -> None:
    aged(backup, "0001", made=False)  # its migrations find tables that they are to make
    place.register.close()
    before = (place.folder / "data" / "register.db").stat().st_ino

    said = place.call("restore", str(backup), "--replace")

    assert said.code == 1
    assert (place.folder / "data" / "register.db").stat().st_ino == before
    assert list((place.folder / "data").glob("replaced-*")) == []


def test_a_restore_that_is_killed_with_the_register_in_its_place_holds_the_mails(
    backup: Path, tmp_path: Path
) -> None:
    other = another(tmp_path / "other")
    process = started(KILLED, "", 0, str(other.folder / "rightsizer.yml"), str(backup))
    _out, errors = process.communicate(timeout=60)

    assert process.returncode == -signal.SIGKILL, errors
    with opened(other).register.read() as db:
        assert not is_open(db, TODAY)
        assert verify(db)[1] is None


def test_a_restore_that_was_killed_is_refused_by_the_program_and_done_by_the_next(
    place: Place, backup: Path, tmp_path: Path
) -> None:
    other = another(tmp_path / "other")
    assert other.call("restore", str(backup)).code == 0
    (other.folder / "data" / "register.db").rename(other.folder / "data" / "register.db.restored")

    refused = other.call("finding", "list")
    done = other.call("restore", str(backup), "--replace")

    assert refused.code == 1
    assert "a restore was cut off, it left" in refused.err
    assert "run `rightsizer restore DIR` again" in refused.err
    assert done.code == 0, done.err
    assert known(opened(other)) == known(place)
    assert [path.name for path in (other.folder / "data").glob("*.restored")] == []


def server(folder: Path, url: str) -> Place:
    """An installation whose register lies on PostgreSQL; its password is one that the server does not ask."""
    folder.mkdir()
    secret = make_url(url).set(password=PASSWORD).render_as_string(hide_password=False)
    (folder / "url").write_text(secret)
    (folder / "url").chmod(0o600)
    (folder / "rightsizer.yml").write_text("data_dir: data\ndatabase: {url_file: url}\n")
    return Place(folder, None)  # type: ignore[arg-type]


@contextmanager
def second_database(url: str) -> Iterator[str]:
    name = f"second_{os.getpid()}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield make_url(url).set(database=name).render_as_string()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_register_on_postgresql_is_dumped_and_comes_back_into_an_empty_database(
    postgres_database: str, tmp_path: Path
) -> None:
    upgrade(postgres_database)
    register = open_register(postgres_database)
    issue_notice(register, machines=2)
    here = server(tmp_path / "here", postgres_database)

    said = here.call("backup", str(tmp_path / "copy"))

    assert said.code == 0, said.err
    with register.read() as db:
        assert said.out.strip() == head(db)
    assert {path.name for path in (tmp_path / "copy").iterdir()} >= {"register.dump", "lake", "manifest.json"}
    full = here.call("restore", str(tmp_path / "copy"), "--replace")
    assert (full.code, "has tables already: make an empty one (createdb)" in full.err) == (1, True)
    with second_database(postgres_database) as empty:
        there = server(tmp_path / "there", empty)
        done = there.call("restore", str(tmp_path / "copy"))
        assert done.code == 0, done.err
        restored = open_register(empty)
        with restored.read() as db, register.read() as before:
            assert verify(db, head(before))[1] is None
            assert db.scalars(select(Delivery.mime)).all() == before.scalars(select(Delivery.mime)).all()
        restored.close()
    register.close()


@contextmanager
def asking() -> Iterator[str]:
    """A server that asks the user `li` for a password, which the URL does not have."""
    with postgres_folder() as made, made.started() as url:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE ROLE li SUPERUSER LOGIN PASSWORD 'of-li'")
            access = made.folder / "data" / "pg_hba.conf"
            access.write_text("host all li 127.0.0.1/32 scram-sha-256\n" + access.read_text())
            connection.execute("SELECT pg_reload_conf()")
        yield make_url(url).set(username="li").render_as_string()


def test_a_password_that_the_user_keeps_in_pgpass_counts_for_a_backup_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".pgpass").write_text("*:*:*:li:of-li\n")
    (tmp_path / ".pgpass").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    with asking() as url:
        upgrade(url)
        (tmp_path / "rightsizer.yml").write_text(f"data_dir: data\ndatabase: {{url: {url}}}\n")

        said = Place(tmp_path, None).call("backup", str(tmp_path / "copy"))  # type: ignore[arg-type]

        assert said.code == 0, said.err
        (tmp_path / ".pgpass").unlink()
        refused = Place(tmp_path, None).call("backup", str(tmp_path / "second"))  # type: ignore[arg-type]
        assert "no password supplied" in refused.err


def test_without_pg_dump_a_backup_says_what_to_install(
    postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(postgres_database)
    monkeypatch.setenv("PATH", str(tmp_path))

    said = server(tmp_path / "here", postgres_database).call("backup", str(tmp_path / "copy"))

    assert said.code == 1
    assert "pg_dump is not there: install PostgreSQL's client programs" in said.err
    assert not (tmp_path / "copy").exists()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_an_upgrade_copies_the_register_first_when_there_is_something_to_do(tmp_path: Path) -> None:
    place, data = another(tmp_path / "house"), tmp_path / "house" / "data"
    new = place.call("db", "upgrade", "--backup")
    nothing = place.call("db", "upgrade", "--backup")
    assert (new.code, nothing.code) == (0, 0)
    assert files(data) == ["register.db"]  # nothing was there, and then nothing was due
    (data / "register.db").unlink()
    old_register(f"sqlite:///{data / 'register.db'}")

    said = place.call("db", "upgrade", "--backup")

    assert said.code == 0, said.err
    assert said.out == f"schema 0001 -> {revisions()[0]}\n"
    (copy,) = data.glob("register-0001-*.db")
    assert f"the register as it was lies in {copy}" in said.err
    assert files(data) == [copy.name, "register.db"]
    found = facts_of_copy(copy)
    assert (found.schema, found.entries, found.counts["machine"]) == ("0001", 2, 3)


def test_an_upgrade_on_postgresql_asks_for_a_dump_first_and_changes_nothing(
    postgres_database: str, tmp_path: Path
) -> None:
    old_register(postgres_database)
    place = server(tmp_path / "here", postgres_database)

    refused = place.call("db", "upgrade", "--backup")

    assert refused.code == 1
    assert "copy it by `pg_dump --format=custom`, then run `rightsizer db upgrade`" in refused.err
    assert place.call("db", "upgrade").out == f"schema 0001 -> {revisions()[0]}\n"
