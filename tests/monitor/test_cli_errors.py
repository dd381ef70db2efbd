"""What an operator reads when something is wrong: one line that names it and says what to do."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from deltalake.exceptions import CommitFailedError
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, OperationalError
from test_cli import call

from monitor.cli.errors import explain
from store.commit import again_if_overtaken

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = CompletedProcess[str]

HOLIDAYS = {
    "元旦": "2027-01-01",
    "春节": "2027-02-08",
    "清明节": "2027-04-05",
    "劳动节": "2027-05-03",
    "端午节": "2027-06-09",
    "中秋节": "2027-09-15",
    "国庆节": "2027-10-01",
}


@pytest.fixture
def empty(tmp_path: Path) -> Callable[..., Run]:
    """A command on a new installation."""
    settings = tmp_path / "rightsizer.yml"
    settings.write_text("data_dir: data\n", "utf-8")
    return lambda *words, **more: call(*words, folder=tmp_path, settings=settings, **more)


def year(folder: Path, *without: str) -> None:
    days = [{"name": n, "date": d, "isOffDay": True} for n, d in HOLIDAYS.items() if n not in without]
    (folder / "2027.json").write_text(json.dumps({"year": 2027, "days": days}), "utf-8")


def checks(run: Run) -> dict[str, dict[str, str]]:
    assert run.stdout.startswith("["), run.stderr
    return {row["check"]: row for row in json.loads(run.stdout)}


# --- the calendar -----------------------------------------------------------------------------------


def test_a_year_without_a_usual_holiday_is_refused_until_the_operator_insists(
    empty: Callable[..., Run], tmp_path: Path
) -> None:
    year(tmp_path, "春节", "国庆节")

    refused = empty("calendar", "import", "2027.json")
    taken = empty("calendar", "import", "2027.json", "--incomplete")
    with sqlite3.connect(tmp_path / "data" / "register.db") as db:
        journal = db.execute("SELECT action, subject, after FROM journal ORDER BY id").fetchall()
    db.close()

    assert refused.returncode == 1
    assert "2027 lacks 春节, 国庆; say --incomplete if the notice is like that" in refused.stderr
    assert taken.returncode == 0
    assert [row[:2] for row in journal] == [("calendar.imported", "2027"), ("calendar.incomplete", "2027")]
    assert json.loads(journal[1][2]) == {"missing": ["春节", "国庆"]}


def test_a_whole_year_needs_no_word(empty: Callable[..., Run], tmp_path: Path) -> None:
    year(tmp_path)

    assert empty("calendar", "import", "2027.json").returncode == 0


def test_the_last_day_of_all_has_no_working_day_after_it(empty: Callable[..., Run]) -> None:
    run = empty("calendar", "add", "9999-12-31", "1")

    assert (run.stdout, run.returncode) == ("provisional: calendar of 9999 is not known\n", 75)


@pytest.mark.parametrize("number", ["x", "0", "401", "1.5", "-1", "9" * 5000])
def test_a_number_of_working_days_is_asked_for_in_words(empty: Callable[..., Run], number: str) -> None:
    run = empty("calendar", "add", "--", "2026-09-18", number)

    assert run.returncode == 2
    assert "a whole number, 1 to 400" in run.stderr


# --- settings and secrets ---------------------------------------------------------------------------


def test_a_secret_of_two_lines_is_named_in_one(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:word@h/r\nsecond\n", "utf-8")
    (tmp_path / "rightsizer.yml").write_text("database: {url_file: url}\n", "utf-8")

    run, doctor = empty("finding", "list"), empty("doctor", "-o", "json")

    assert run.returncode == 1
    assert run.stderr == f"rightsizer: {tmp_path}/url: one line that is the secret is expected; it has 2\n"
    assert "it has 2" in checks(doctor)["register"]["found"]
    assert "word" not in doctor.stdout + doctor.stderr


def test_a_port_that_is_none_does_not_show_the_password(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:word@h:port/r\n", "utf-8")
    (tmp_path / "rightsizer.yml").write_text("database: {url_file: url}\n", "utf-8")
    run = empty("finding", "list")

    assert run.returncode == 1
    assert run.stderr.startswith("rightsizer: the register's URL cannot be read")
    assert "word" not in run.stderr.replace("PASSWORD", "")


# --- doctor -----------------------------------------------------------------------------------------


def test_doctor_makes_nothing(empty: Callable[..., Run], tmp_path: Path) -> None:
    found = checks(empty("doctor", "-o", "json"))

    assert found["register"]["state"] == "warn"
    assert found["register"]["advice"] == "the first import makes it"
    assert found["lake"]["state"] == "warn"
    assert not (tmp_path / "data").exists()


def test_doctor_says_that_no_settings_file_counts_and_that_one_lies_here(tmp_path: Path) -> None:
    (tmp_path / "rightsizer.yml").write_text("data_dir: data\n", "utf-8")
    row = checks(call("doctor", "-o", "json", folder=tmp_path))["settings"]

    assert row["state"] == "warn"
    assert f"defaults: no settings file in {tmp_path}/.config/rightsizer/rightsizer.yml, /etc" in row["found"]
    assert f"{tmp_path}/rightsizer.yml is not in use" in row["found"]
    assert "--config rightsizer.yml" in row["advice"]


def test_doctor_names_every_fault_and_loses_no_row(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "use.csv").write_text("machine,time,cpu\nvm-a,2026-05-01T00:00,10\n", "utf-8")
    assert empty("usage", "import", "use.csv", "--create", "--step", "5m").returncode == 0
    (tmp_path / "password").touch()
    (tmp_path / "rightsizer.yml").write_text(
        "data_dir: data\npolicy: {file: gone.yml}\n"
        "mail: {host: 127.0.0.1, port: 9, username: u, password_file: password, sender: a@b}\n",
        "utf-8",
    )
    damaged = next((tmp_path / "data" / "lake" / "samples").rglob("*.parquet"))
    damaged.write_bytes(b"PAR1 cut off")
    run = empty("doctor", "-o", "json")
    found = checks(run)

    assert run.returncode == 1
    assert {name for name, row in found.items() if row["state"] == "bad"} == {"policy", "lake", "mail"}
    assert "gone.yml" in found["policy"]["found"]
    assert str(damaged) in found["lake"]["found"]
    assert "one line that is the secret is expected" in found["mail"]["found"]
    assert found["register"]["state"] == "good"
    assert "[Errno" not in run.stdout


def test_doctor_reads_the_register_through(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "departments.csv").write_text(
        "code,name\n" + "".join(f"D-{n},Bureau {n}\n" for n in range(2000)), "utf-8"
    )
    assert empty("department", "import", "departments.csv").returncode == 0
    path = tmp_path / "data" / "register.db"
    with sqlite3.connect(path) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'department'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    whole = bytearray(path.read_bytes())
    whole[(root - 1) * size + 12 : (root - 1) * size + 60] = b"\xff" * 48
    path.write_bytes(whole)
    row = checks(empty("doctor", "-o", "json"))["register"]

    assert row["state"] == "bad"
    assert "restore it from a backup" in row["advice"]


# --- errors in words --------------------------------------------------------------------------------


class AnsweredError(Exception):
    """What a driver raises."""


@pytest.mark.parametrize(
    ("error", "said", "temporary"),
    [
        (OperationalError("S", {}, AnsweredError("database is locked")), "another process holds it", True),
        (
            OperationalError("S", {}, AnsweredError("canceling statement due to lock timeout\nCONTEXT: x")),
            "canceling statement due to lock timeout; another process holds it, try again",
            True,
        ),
        (DatabaseError("S", {}, AnsweredError("database disk image is malformed")), "from a backup", False),
        (
            DataError("S", {}, AnsweredError("value too long for type varchar(200)")),
            "cannot keep what",
            False,
        ),
        (pa.ArrowInvalid("Parquet magic bytes not found"), "a file of measurements cannot be read", False),
    ],
    ids=["locked", "lock timeout", "malformed", "too long", "damaged file"],
)
def test_what_a_library_answers_is_one_line_with_advice(error: Exception, said: str, temporary: bool) -> None:
    message = explain(error)

    assert message is not None
    assert said in message.text
    assert "\n" not in message.text
    assert message.temporary is temporary


def test_a_broken_constraint_is_a_fault_of_the_program() -> None:
    assert explain(IntegrityError("S", {}, AnsweredError("UNIQUE constraint failed"))) is None


def test_when_other_writers_were_faster_the_command_may_be_tried_again() -> None:
    def overtaken() -> None:
        raise CommitFailedError("version 7 exists")

    with pytest.raises(OSError, match="other writers were faster") as caught:
        again_if_overtaken(overtaken)
    message = explain(caught.value)

    assert message is not None
    assert message.temporary


def test_a_data_folder_that_cannot_be_made_is_named(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "rightsizer.yml").write_text("data_dir: /proc/nowhere\n", "utf-8")
    run = empty("finding", "list")

    assert run.returncode == 1
    assert run.stderr == (
        "rightsizer: /proc/nowhere: this folder cannot be made: check data_dir in the settings\n"
    )


def test_a_data_folder_that_is_gone_while_the_register_lies_elsewhere_is_named(
    empty: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "rightsizer.yml").write_text(
        f"data_dir: data\ndatabase: {{url: 'sqlite:///{tmp_path}/elsewhere/register.db'}}\n"
        "sources: [{kind: host, name: host, machine: me}]\n",
        "utf-8",
    )
    assert empty("db", "upgrade").returncode == 0

    row = checks(empty("doctor", "-o", "json"))["disk"]
    run = empty("collect", "--over", "0")

    assert row["state"] == "bad"
    assert f"data_dir {tmp_path}/data is not there" in row["found"]
    assert run.returncode == 1
    assert f"there is no folder {tmp_path}/data: make it, or check the path" in run.stderr


# --- usage and once ---------------------------------------------------------------------------------


def test_a_partial_import_says_what_it_left_out(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "use.csv").write_text(
        "machine,time,cpu\nvm-a,2026-05-01T00:00,10\nvm-a,2026-05-01T00:05,ten\n"
        "vm-a,2026-05-01T00:10,12\n合计,,\n",
        "utf-8",
    )
    run = empty("usage", "import", "use.csv", "--create", "--partial")

    assert run.returncode == 0, run.stderr
    assert "rows left out for 1 bad cell\n" in run.stderr
    assert "1 sum row skipped\n" in run.stderr


def test_once_lists_failures_as_collect_does_and_its_steps_in_words(
    empty: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "rightsizer.yml").write_text(
        "data_dir: data\nsources:\n  - {kind: exporter, name: nodes, timeout: 1s,"
        " targets: [{machine: vm-1, url: 'http://127.0.0.1:9/metrics'}]}\n",
        "utf-8",
    )
    run = empty("once")

    assert run.stdout.split("\t")[:3] == ["nodes", "vm-1", "connect"]
    assert "warning: the policy does not cover this day" in run.stderr
    assert "collect: 0 samples, 1 failures, 0 invalid values\n" in run.stderr
    assert "judge: 0 machines, findings: 0 opened, 0 closed\n" in run.stderr
