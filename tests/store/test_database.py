"""The register on disk: no update is lost, no foreign or damaged file is taken for a register."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import required
from processes import START, together, url_of
from sqlalchemy import select, text

from store.database import APPLICATION_ID, Register, StoreError, connect, open_register, revisions, upgrade
from store.tables import Department

pytest_plugins = ["registers"]

COUNT_UP = """
from store.database import open_register
from store.tables import Department
register = open_register(url)
for _ in range(100):
    with register.write() as db:
        row = db.get(Department, 1)
        row.phone = str(int(row.phone) + 1)
"""


def file_of(register: Register) -> Path:
    return Path(str(register.engine.url.database))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def with_counter(register: Register) -> None:
    with register.write() as db:
        db.add(Department(id=1, code="C", name="大数据局", phone="0"))


def counter(register: Register) -> str | None:
    with register.read() as db:
        return db.scalar(select(Department.phone))


def test_fault_35_four_processes_that_read_and_write_lose_no_update(register: Register) -> None:
    with_counter(register)

    together(COUNT_UP, url_of(register), processes=4)

    # 4 processes x 100 times "read, add one, write"
    assert counter(register) == "400"


def test_a_reader_sees_one_state_while_others_write(register: Register) -> None:
    with_counter(register)
    with register.read() as reader:
        before = reader.scalar(select(Department.phone))
        with register.write() as writer:
            writer.execute(text("UPDATE department SET phone = '1'"))
        during = reader.scalar(select(Department.phone))

    assert (before, during, counter(register)) == ("0", "0", "1")


def test_a_block_that_raises_writes_nothing(register: Register) -> None:
    with_counter(register)
    with suppress(ZeroDivisionError), register.write() as db:
        db.execute(text("UPDATE department SET phone = '1'"))
        db.execute(text(str(1 / 0)))

    assert counter(register) == "0"


def test_what_is_changed_while_reading_is_lost(register: Register) -> None:
    with_counter(register)
    with register.read() as db:
        db.execute(text("UPDATE department SET phone = '1'"))

    assert counter(register) == "0"


def test_a_register_keeps_what_it_promises_for_sqlite(sqlite: Register) -> None:
    with sqlite.read() as db:
        said = {
            name: db.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "application_id")
        }

    assert said == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 10000,
        "application_id": APPLICATION_ID,
    }


def test_a_foreign_key_to_nobody_is_refused(register: Register) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), register.write() as db:
        db.execute(text("INSERT INTO system (department_id, name) VALUES (99, 'x')"))


def test_a_missing_register_is_named_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "register.db"

    with pytest.raises(StoreError, match=rf"no register at {path}: `rightsizer db upgrade` makes one"):
        open_register(f"sqlite:///{path}")
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"\(0 bytes\) is not a register: restore it from a backup"),
        (b"machine,department\nweb-1,x\n", r"\(27 bytes\) is not a register: restore it from a backup"),
        (b"SQLite format 3\0", r"\(16 bytes\) is not a register"),
        (os.urandom(4096), r"\(4096 bytes\) is not a register"),
    ],
    ids=["empty", "text", "only a head", "noise"],
)
def test_fault_33_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "register.db"
    path.write_bytes(content)

    for use in (open_register, upgrade):
        with pytest.raises(StoreError, match=said):
            use(f"sqlite:///{path}")
    assert path.read_bytes() == content
    assert names(tmp_path) == ["register.db"]


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    before = path.read_bytes()

    for use in (open_register, upgrade):
        with pytest.raises(StoreError, match="is a database of another program: check database"):
            use(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_fault_33_a_register_that_was_cut_off_is_refused(sqlite: Register, part: float) -> None:
    sqlite.close()
    path = file_of(sqlite)
    size = path.stat().st_size
    os.truncate(path, int(size * part))

    for use in (open_register, upgrade):
        with pytest.raises(StoreError, match=rf"cut off at \d+ of {size} bytes: restore it from a backup"):
            use(url_of(sqlite))


def test_fault_33_a_register_with_a_damaged_first_page_is_refused(sqlite: Register) -> None:
    sqlite.close()
    with file_of(sqlite).open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 400)

    for use in (open_register, upgrade):
        with pytest.raises(StoreError, match="restore it from a backup"):
            use(url_of(sqlite))


def test_a_register_in_use_is_longer_in_its_log_and_still_sound(sqlite: Register) -> None:
    with_counter(sqlite)

    again = open_register(url_of(sqlite))

    assert counter(again) == "0"
    again.close()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (
            "9999",
            f"has schema 9999, which is newer than this program's {revisions()[0]}: install the version of ",
        ),
        ("0000", "has schema 0000, which is newer"),
    ],
)
def test_fault_37_a_schema_that_this_program_does_not_know_is_refused(
    register: Register, version: str, said: str
) -> None:
    with register.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})

    for use in (open_register, upgrade):
        with pytest.raises(StoreError, match=said):
            use(url_of(register))


def test_a_register_without_a_schema_asks_for_the_upgrade(register_url: str, tmp_path: Path) -> None:
    if register_url.startswith("sqlite"):
        with sqlite3.connect(tmp_path / "register.db") as file:
            file.execute(f"PRAGMA application_id={APPLICATION_ID}")
        file.close()

    with pytest.raises(
        StoreError, match=f"has schema none, this program needs {revisions()[0]}: run `rightsizer db upgrade`"
    ):
        open_register(register_url)
    assert upgrade(register_url) == (None, revisions()[0])
    open_register(register_url).close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:word@h/r", "a register on mysql is not supported: sqlite or postgresql"),
        ("word", "the register's URL cannot be read"),
        ("postgresql://u:word@host:port/r", "the register's URL cannot be read"),
        ("postgresql://u:wo:word@h/r/d", "cannot open the register at postgresql"),
        ("postgresql://u:word@127.0.0.1:9/r", "cannot open the register at postgresql"),
    ],
    ids=["other database", "no URL", "no port", "a second colon", "nobody answers"],
)
def test_a_url_that_cannot_be_used_is_named_without_its_password(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        open_register(url)
    assert "word" not in str(caught.value).replace("password", "")


def test_a_folder_in_place_of_the_register_is_refused(tmp_path: Path) -> None:
    (tmp_path / "register.db").mkdir()

    for use in (open_register, upgrade):
        with pytest.raises(StoreError, match="there is no register at"):
            use(f"sqlite:///{tmp_path}/register.db")


REFUSED = """
from store.database import StoreError, open_register, upgrade
try:
    {use}(sys.argv[1])
except StoreError as error:
    print("refused:", error)
"""
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && shift 0 && exec "$@"'


def in_read_only(folder: Path, program: str, url: str) -> str:
    """What the program prints where the folder cannot be written; for root by a mount that only it sees."""
    command = [sys.executable, "-c", START + program, url, "0"]
    if os.getuid() == 0:
        command = ["unshare", "--mount", "sh", "-c", READ_ONLY, str(folder), *command]
    folder.chmod(0o555)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    folder.chmod(0o755)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        required("a private mount")
    return done.stdout + done.stderr


@pytest.mark.parametrize("use", ["open_register", "upgrade"])
@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_fault_32_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, use: str, made: bool) -> None:
    url = f"sqlite:///{tmp_path}/register.db"
    if made:
        upgrade(url)

    said = in_read_only(tmp_path, REFUSED.format(use=use), url)

    expected = (
        "there is no register at"
        if (use, made) == ("open_register", False)
        else "cannot open the register at"
    )
    assert said.startswith(f"refused: {expected} {tmp_path}/register.db")
    assert names(tmp_path) == (["register.db"] if made else [])


def test_an_engine_alone_makes_no_file(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/register.db").dispose()

    assert names(tmp_path) == []


def test_a_register_that_was_replaced_meanwhile_is_not_written_to(sqlite: Register) -> None:
    path = file_of(sqlite)
    with sqlite.write() as db:
        db.add(Department(code="1", name="before"))
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)

    with pytest.raises(StoreError, match="was replaced meanwhile"), sqlite.write():
        pytest.fail("it writes into the file that was moved aside")
