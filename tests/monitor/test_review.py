"""The operator's review: answers by command, page by page, and protections, on a small register."""

from __future__ import annotations

import json
import os
import pty
import re
import select as readiness
import shutil
import subprocess
import sys
import time
import unicodedata
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner
from operating import ZONE
from rich.cells import cell_len
from sqlalchemy import select

from monitor.case import Case, case
from monitor.cli import root
from monitor.cli.numbers import of_text
from monitor.cli.output import cell
from monitor.daily import newest, nothing
from monitor.review_page import Room, page
from monitor.reviewing import give
from notifier.content import Chart
from notifier.tables import Item, ItemState, Notice
from store.database import Register, open_register, upgrade
from store.findings import Found, settle
from store.inventory import import_departments, import_machines
from store.inventory_file import DepartmentRow, MachineRow
from store.journal import Entry, append, verify
from store.review import FINDING
from store.tables import Finding, FindingState, JournalEntry, Machine
from store.workflow import Act, OvertakenError, RefusedError, Role, move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result

RIGHTSIZER = Path(sys.executable).with_name("rightsizer")
NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZONE).date()
HOSTILE = "vm\x1b]0;owned\x07\x1b[31m\u202eevil\r\n<script>"
SEED = (  # machine, department, kind, saving
    ("law-1", "市司法局", "shrink", 800.0),
    ("law-2", "市司法局", "idle", 700.0),
    ("tax-1", "市财政局", "shrink", 600.0),
    ("tax-2", "市财政局", "expand", -50.0),
    ("lone-1", None, "shrink", 500.0),
)


def evidence(
    resource: str, statistic: str, value: float, threshold: int, **more: object
) -> dict[str, object]:
    return {
        "rule": "shrink", "resource": resource, "statistic": statistic, "operator": "at_most", "value": value,
        "threshold": threshold, "holds": True, "known": 9708, "expected": 10080, "witnesses": [],
        "phrase": f"{resource}未超过{threshold}%", "recent_days": None, **more,
    }  # fmt: skip


def verdict(machine: str, kind: str, as_of: date = TODAY) -> dict[str, object]:
    witnesses = [(as_of - timedelta(days=back)).isoformat() for back in (60, 10)]
    return {
        "machine": machine,
        "verdict": kind,
        "evidence": [
            evidence("cpu", "p95", 15.0, 25, share_at_or_below_threshold=0.9991),
            evidence("memory", "periodic_peak", 22.77, 30, witnesses=witnesses, recent_days=93),
            evidence("disk", "max", 26.13, 50),
        ],
        "size": {"vcpus": 4.0, "memory_gib": 8.0, "disk_gib": 150.0},
        "current": {"vcpus": 8.0, "memory_gib": 16.0, "disk_gib": 300.0},
        "valid_days": 34,
        "window_days": 35,
        "coverage": 0.9631,
        "as_of": as_of.isoformat(),
    }


def judged(register: Register, as_of: date = TODAY, **others: str) -> None:
    """Everything as in SEED, but what `others` say: tax_1="keep"."""
    kinds = {name: others.get(name.replace("-", "_"), kind) for name, _owner, kind, _saving in SEED}
    savings = {name: saving for name, _owner, _kind, saving in SEED}
    found = {
        name: Found(None if kind == "keep" else kind, kind, verdict(name, kind, as_of), savings[name])
        for name, kind in kinds.items()
    }
    with register.write() as db:
        settle(db, found, "p", as_of, NOW)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with settings and a register of five open findings, 1 to 5 in the order of SEED."""
    folder = tmp_path_factory.mktemp("seed")
    (folder / "rightsizer.yml").write_text(
        f"data_dir: data\ntimezone: {ZONE}\npolicy: {{allow_expired: true}}\n", "utf-8"
    )
    (folder / "data").mkdir()
    url = f"sqlite:///{folder}/data/register.db"
    upgrade(url)
    register = open_register(url)
    none = dict.fromkeys(("email", "contact", "phone"), None)
    unknown = dict.fromkeys(("address", "delivered_on", "deployed_on"), None)
    size = {"vcpus": 8.0, "memory_gib": 16.0, "disk_gib": 300.0}
    with register.write() as db:
        offices = [
            DepartmentRow(c, n, **none, sheet="", row=1) for c, n in (("J1", "市司法局"), ("F1", "市财政局"))
        ]
        import_departments(db, offices, "li", NOW)
        rows = [
            MachineRow(machine=name, department=owner, system="portal", **size, **unknown, sheet="", row=1)  # type: ignore[arg-type]
            for name, owner, _kind, _saving in SEED
            if owner is not None
        ]
        import_machines(db, rows, "li", NOW)
        db.add(Machine(name="lone-1"))
    judged(register)
    register.close()
    return folder


@pytest.fixture
def folder(seeded: Path, tmp_path: Path) -> Path:
    shutil.copytree(seeded, tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def register(folder: Path) -> Iterator[Register]:
    opened = open_register(f"sqlite:///{folder}/data/register.db")
    yield opened
    opened.close()


@pytest.fixture
def run(folder: Path) -> Callable[..., Result]:
    """A command in this process, its standard input given as text."""
    runner = CliRunner(
        env={"COLUMNS": "100", "LINES": "45", "RIGHTSIZER_CONFIG": str(folder / "rightsizer.yml")}
    )

    def call(*words: str, stdin: str = "") -> Result:
        return runner.invoke(root, list(words), input=stdin)

    return call


def states(register: Register) -> dict[int, str]:
    with register.read() as db:
        return {row.id: row.state for row in db.scalars(select(Finding).order_by(Finding.id))}


def finding(register: Register, number: int) -> Finding:
    with register.read() as db:
        return db.get_one(Finding, number)


# ---- by command


def test_findings_are_listed_by_state_the_largest_saving_first(run: Callable[..., Result]) -> None:
    run("finding", "reject", "3", "-m", "standby")
    rows = json.loads(run("finding", "list", "-o", "json").stdout)
    rejected = json.loads(run("finding", "list", "--state", "rejected", "-o", "json").stdout)
    every = run("finding", "list", "--state", "all").stdout.splitlines()

    assert [row["machine"] for row in rows] == ["law-1", "law-2", "lone-1", "tax-2"]
    assert [(row["id"], row["state"], row["until"]) for row in rejected] == [
        (3, "rejected", (TODAY + timedelta(days=90)).isoformat())  # notices.rejected_for
    ]
    assert len(every) == 5


def test_the_old_way_to_list_closed_findings_still_works(
    run: Callable[..., Result], register: Register
) -> None:
    judged(register, law_1="keep")

    assert run("finding", "list", "--closed").stdout == run("finding", "list", "--state", "closed").stdout
    assert "law-1" in run("finding", "list", "--closed").stdout


def test_numbers_and_ranges_are_approved_and_counted(run: Callable[..., Result], register: Register) -> None:
    done = run("finding", "approve", "5", "1-3", "-m", "all seen")

    assert (done.exit_code, done.stdout) == (0, "")
    # 800 + 700 + 600 + 500
    assert done.stderr == (
        "approved 4 findings of 2 departments, 2,600 yuan a month; "
        "1 machine without a department: no notice until `inventory import` names it\n"
    )
    assert states(register) == {1: "approved", 2: "approved", 3: "approved", 4: "open", 5: "approved"}
    assert finding(register, 1).reason == "all seen"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "1\n2\n4\n"),
        ((), "\ufeff1 2, 4\r\n\r\n"),
        ((), "1-2\n4-4\n"),
        ((), "[1, 2, 4]"),
        ((), '[{"id": 1, "machine": "x"}, {"id": 2}, {"id": 4}]'),
        ((), '{"id": 1}\n{"id": 2}\n{"id": 4}\n'),
        ((), 'id,machine\n1,a\n2,"b,c"\n4,d\n'),
        ((), "1\tweb 9\t5-6\n2\tb\t\n4\tc\tx\n"),
    ],
    ids=["lines", "many a line", "ranges", "JSON numbers", "JSON", "JSONL", "csv", "tabs"],
)  # fmt: skip
def test_numbers_come_from_standard_input_in_any_form(words: tuple[str, ...], text: str) -> None:
    assert (*words, *of_text(text)) == (1, 2, 4)


@pytest.mark.parametrize("form", [(), ("-o", "json"), ("-o", "jsonl"), ("-o", "csv")])
def test_what_list_prints_is_what_approve_reads(
    run: Callable[..., Result], register: Register, form: tuple[str, ...]
) -> None:
    printed = run("finding", "list", "--department", "市司法局", *form).stdout
    done = run("finding", "approve", "-", stdin=printed)

    assert done.exit_code == 0, done.stderr
    assert [number for number, state in states(register).items() if state == "approved"] == [1, 2]


@pytest.mark.parametrize(
    "text", ["x", "1\ny", "[1, {}]", '[{"id": "1"}]', "[true]", "[1", "{]", "-3", "9999999999"]
)
def test_what_is_no_number_is_a_mistaken_call(
    run: Callable[..., Result], register: Register, text: str
) -> None:
    with pytest.raises(click.UsageError):
        of_text(text)
    assert run("finding", "approve", "-", stdin=text).exit_code == 2
    assert set(states(register).values()) == {"open"}


def test_an_empty_list_changes_nothing_and_says_so(run: Callable[..., Result]) -> None:
    done = run("finding", "approve", "-", stdin="")

    assert (done.exit_code, done.stderr) == (0, "no finding to approve: nothing was changed\n")


@pytest.mark.parametrize(
    "words",
    [
        ("approve",),
        ("approve", "1", "--all"),
        ("approve", "1-"),
        ("approve", "5-1"),
        ("approve", "1-900000000"),
        ("reject", "1"),
        ("reject", "1", "-m", "  "),
        ("reject", "1", "-m", "x", "--until", TODAY.isoformat()),
        ("reject", "-m", "x"),
        ("defer", "1", "-m", "x"),
        ("defer", "1", "-m", "x", "--until", "2026-02-30"),
        ("defer", "1", "-m", "x", "--until", "2020-01-01"),
        ("reopen",),
    ],
    ids=" ".join,
)
def test_mistaken_calls_change_nothing(
    run: Callable[..., Result], register: Register, words: tuple[str, ...]
) -> None:
    done = run("finding", *words)

    assert done.exit_code == 2, done.output
    assert set(states(register).values()) == {"open"}


def test_one_finding_in_a_wrong_state_refuses_all_by_number(
    run: Callable[..., Result], register: Register
) -> None:
    run("finding", "approve", "2")
    run("finding", "reject", "3", "-m", "x")
    done = run("finding", "approve", "1-4")

    assert isinstance(done.exception, RefusedError)
    assert str(done.exception) == (
        "nothing was changed: 2 is approved; 3 is rejected. To approve, it has to be open"
    )
    assert states(register) == {1: "open", 2: "approved", 3: "rejected", 4: "open", 5: "open"}


def test_a_dry_run_says_what_would_happen(run: Callable[..., Result], register: Register) -> None:
    done = run("finding", "reject", "1-2", "-m", "x", "--dry-run")

    assert [line.split("\t")[:2] for line in done.stdout.splitlines()] == [["1", "law-1"], ["2", "law-2"]]
    assert done.stderr == "would reject 2 findings of 1 department, 1,500 yuan a month; nothing was changed\n"
    assert set(states(register).values()) == {"open"}


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("--all",), [1, 2, 3, 4, 5]),
        (("--kind", "shrink"), [1, 3, 5]),
        (("--department", "F1"), [3, 4]),
        (("--department", "市财政局", "--kind", "expand"), [4]),
    ],
    ids=["all", "kind", "department by code", "both"],
)
def test_open_findings_are_approved_without_numbers(
    run: Callable[..., Result], register: Register, words: tuple[str, ...], numbers: list[int]
) -> None:
    assert run("finding", "approve", *words).exit_code == 0
    assert [number for number, state in states(register).items() if state == "approved"] == numbers


def test_an_unknown_department_approves_nothing(run: Callable[..., Result], register: Register) -> None:
    done = run("finding", "approve", "--department", "市司法")

    assert done.exit_code == 1
    assert "Near: 市司法局" in done.stderr
    assert set(states(register).values()) == {"open"}


def test_an_answer_is_shown_and_taken_back(run: Callable[..., Result], register: Register) -> None:
    until = TODAY + timedelta(days=40)
    run("finding", "defer", "1", "-m", "after the\nmove", "--until", until.isoformat())
    shown = json.loads(run("finding", "show", "1").stdout)
    back = run("finding", "reopen", "1", "-m", "sooner")

    assert shown["review"]["reason"] == "after the move"
    assert shown["review"]["until"] == until.isoformat()
    assert (shown["state"], shown["version"], shown["system"]) == ("deferred", 2, "portal")
    assert shown["verdict"]["size"] == {"vcpus": 4.0, "memory_gib": 8.0, "disk_gib": 150.0}
    assert shown["past"][0]["what"].startswith(f"shrink deferred until {until} by ")
    assert back.stderr == "reopened 1 finding of 1 department, 800 yuan a month\n"
    assert (finding(register, 1).state, finding(register, 1).until) == ("open", None)


# ---- protections


def test_protections_are_added_listed_and_ended(run: Callable[..., Result], register: Register) -> None:
    until = (TODAY + timedelta(days=30)).isoformat()
    with_who = ("--until", until, "--approver", "director", "-m", "tax season")
    done = run("protection", "add", "--department", "市财政局", *with_who)
    run("protection", "add", "--system", "市司法局/portal", *with_who)
    run("protection", "add", "--machine", "lone-1", *with_who)
    rows = json.loads(run("protection", "list", "-o", "json").stdout)

    assert done.stderr == (
        f"1: 2 machines protected, {TODAY} .. {until}\nTo be closed by the next judgement: 1 finding.\n"
    )
    assert [(row["scope"], row["subject"], row["machines"]) for row in rows] == [
        ("department", "市财政局", 2),
        ("system", "市司法局/portal", 2),
        ("machine", "lone-1", 1),
    ]
    assert run("protection", "end", "2", "-m", "over").exit_code == 0
    ended = json.loads(run("protection", "list", "--ended", "-o", "json").stdout)
    assert [(row["id"], row["ended_on"]) for row in ended] == [(2, TODAY.isoformat())]
    judged(register)
    assert states(register) == {1: "open", 2: "open", 3: "closed", 4: "open", 5: "closed"}


def test_what_a_notice_was_written_about_stays_when_it_is_protected(
    run: Callable[..., Result], register: Register
) -> None:
    run("finding", "approve", "1")
    with register.write() as db:
        move(db, FINDING, [(db.get_one(Finding, 1), "x")], "issue", Act("rightsizer", Role.PROGRAM, NOW))
    until = (TODAY + timedelta(days=30)).isoformat()
    done = run("protection", "add", "--machine", "law-1", "--until", until, "--approver", "z", "-m", "r")
    judged(register)

    assert "In a notice already, followed there: 1 finding." in done.stderr
    assert states(register)[1] == "issued"


@pytest.mark.parametrize(
    ("scope", "code", "said"),
    [
        (("--machine", "law-3"), 1, "Near: law-"),
        (("--system", "市司法局/portals"), 1, "Near: 市司法局/portal"),
        (("--department", "市司法"), 1, "Near: 市司法局"),
        (("--machine", "law-1", "--department", "J1"), 2, "one of --machine"),
        ((), 2, "one of --machine"),
    ],
    ids=["machine", "system", "department", "two", "none"],
)
def test_a_name_that_nothing_has_is_refused_with_those_that_nearly_fit(
    run: Callable[..., Result], scope: tuple[str, ...], code: int, said: str
) -> None:
    done = run("protection", "add", *scope, "--until", "2100-01-01", "--approver", "z", "-m", "r")

    assert done.exit_code == code
    assert said in done.stderr


def test_a_protected_machine_is_approved_by_nobody(run: Callable[..., Result], register: Register) -> None:
    run(
        "protection", "add", "--machine", "law-1", "--until", "2100-01-01", "--approver", "z", "-m", "standby"
    )
    named = run("finding", "approve", "1", "2")
    every = run("finding", "approve", "--all")

    assert "1 is protected until 2100-01-01 (machine): standby; approved by z" in str(named.exception)
    assert "1 finding of protected machines left out" in every.stderr
    assert "finding 1 is protected until 2100-01-01" in run("review", stdin="a\n").stderr
    assert states(register) == {1: "open", 2: "approved", 3: "approved", 4: "approved", 5: "approved"}


# ---- page by page


def test_a_scripted_review_answers_in_the_order_of_savings(
    run: Callable[..., Result], register: Register
) -> None:
    until = TODAY + timedelta(days=7)
    done = run("review", stdin=f"a\nr\nstandby of\tthe hospital\n\ns\ndefer\nlater\n2020-01-01\n{until}\nq\n")

    # largest saving first: law-1 800, law-2 700, tax-1 600, lone-1 500, tax-2 -50
    assert states(register) == {1: "approved", 2: "rejected", 3: "open", 4: "open", 5: "deferred"}
    assert finding(register, 2).reason == "standby of the hospital"
    assert finding(register, 2).until == TODAY + timedelta(days=90)
    assert finding(register, 5).until == until
    assert "'2020-01-01' is not a day after today" in done.stderr
    assert done.stderr.splitlines()[-1] == (
        "Review: 1 approved (800 yuan a month), 1 rejected (700 yuan a month), "
        "1 deferred (500 yuan a month); 2 open."
    )
    assert [line[:6] for line in done.stdout.splitlines() if "  finding " in line] == [
        f"{number} of 5" for number in range(1, 6)
    ]


def test_back_takes_the_last_answer_back(run: Callable[..., Result], register: Register) -> None:
    done = run("review", stdin="b\na\na\nb\nb\ns\nr\nx\n\n")

    assert "This is the first one." in done.stderr
    assert done.exit_code == 0
    assert states(register) == {1: "open", 2: "rejected", 3: "open", 4: "open", 5: "open"}
    with register.read() as db:
        assert verify(db)[1] is None
        said = select(JournalEntry.action).where(JournalEntry.subject == "law-1/shrink")
        assert list(db.scalars(said.order_by(JournalEntry.id))) == [
            "finding.opened", "finding.approve", "finding.reopen",
        ]  # fmt: skip


def test_without_a_reason_the_choice_is_asked_again(run: Callable[..., Result], register: Register) -> None:
    done = run("review", stdin="r\n \nx\n?\na\nq\n")

    assert done.stderr.count("[a]approve") == 5  # r, x, ?, a on the first page, q on the second
    assert "'x' is none of the keys" in done.stderr
    assert states(register)[1] == "approved"


def test_the_end_of_the_input_keeps_what_was_answered(run: Callable[..., Result], register: Register) -> None:
    done = run("review", stdin="a\nr\nhalf an ans")

    assert done.exit_code == 0
    assert states(register) == {1: "approved", 2: "open", 3: "open", 4: "open", 5: "open"}
    assert done.stderr.endswith("Review: 1 approved (800 yuan a month); 4 open.\n")


def test_answers_that_were_given_are_reviewed_again(run: Callable[..., Result], register: Register) -> None:
    run("finding", "reject", "1", "2", "3", "-m", "x")
    done = run("review", "--state", "rejected", stdin="a\no\nd\nlater\n\n")

    assert "[o]open" in done.stderr
    assert states(register) == {1: "approved", 2: "open", 3: "deferred", 4: "open", 5: "open"}


def test_nothing_to_review_says_what_to_do(run: Callable[..., Result]) -> None:
    run("finding", "approve", "--all")
    done = run("review")

    assert done.exit_code == 0
    assert done.stdout == ""
    assert "No finding is open." in done.stderr
    assert "There are: 5 approved." in done.stderr
    assert "`rightsizer judge`" in done.stderr


def test_an_answer_to_a_finding_that_changed_since_it_was_shown_is_refused(register: Register) -> None:
    with register.read() as db:
        shown = case(db, 1, ZONE, TODAY)
    judged(register, TODAY + timedelta(days=1))

    assert shown is not None
    with pytest.raises(OvertakenError), register.write() as db:
        give(db, shown, "approve", None, Act("li", Role.OPERATOR, NOW), TODAY)
    assert states(register)[1] == "open"


@contextmanager
def reviewing(folder: Path, *words: str, **env: str) -> Iterator[Terminal]:
    """The command on a terminal of its own; killed when it hangs."""
    ours, its = pty.openpty()
    whole = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "xterm",
        "RIGHTSIZER_CONFIG": str(folder / "rightsizer.yml"), "COLUMNS": "80", "LINES": "40", **env,
    }  # fmt: skip
    process = subprocess.Popen(  # Ctrl-C takes a terminal of its own
        ["setsid", "--ctty", RIGHTSIZER, *words], cwd=folder, env=whole, stdin=its, stdout=its, stderr=its
    )
    os.close(its)
    try:
        yield Terminal(ours, process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


class Terminal:
    """What a person sees and types."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self.descriptor = descriptor
        self.process = process
        self.shown = ""

    def until(self, text: str, seconds: float = 15) -> str:
        """Waits until `text` was shown anew; what was shown up to there."""
        ends = time.monotonic() + seconds
        while text not in self.shown:
            ready, _w, _x = readiness.select([self.descriptor], [], [], max(ends - time.monotonic(), 0))
            assert ready, f"{text!r} was not shown within {seconds} s: {self.shown[-2000:]}"
            try:
                self.shown += os.read(self.descriptor, 65536).decode("utf-8", "replace")
            except OSError:  # the process has ended
                break
        before, _text, self.shown = self.shown.partition(text)
        return before

    def type(self, keys: str) -> None:
        os.write(self.descriptor, keys.encode())


def test_a_finding_that_changes_while_it_is_shown_is_shown_anew(folder: Path, register: Register) -> None:
    with reviewing(folder, "review") as terminal:
        terminal.until("[?]help")
        judged(register, TODAY + timedelta(days=1))
        terminal.type("a")
        terminal.until("was changed since it was shown")
        assert "1 of 5" in terminal.until("[?]help")
        assert states(register)[1] == "open"

        terminal.type("a")
        terminal.until("2 of 5")
        terminal.until("[?]help")
        judged(register, TODAY + timedelta(days=2), law_2="keep")
        terminal.type("a")
        terminal.until("was changed since it was shown")
        terminal.until("Finding 2 is closed meanwhile.")
        terminal.until("3 of 5")
        terminal.until("[?]help")
        terminal.type("q")
        terminal.until("Review: 1 approved (800 yuan a month); 3 open.")
        assert terminal.process.wait(30) == 0
    assert states(register) == {1: "approved", 2: "closed", 3: "open", 4: "open", 5: "open"}


def test_ctrl_c_at_a_question_ends_the_review_well(folder: Path, register: Register) -> None:
    with reviewing(folder, "review") as terminal:
        terminal.until("[?]help")
        terminal.type("a")
        terminal.until("[?]help")
        terminal.type("r")
        terminal.until("Reason")
        terminal.type("\x03")
        terminal.until("Review: 1 approved (800 yuan a month); 4 open.")
        assert terminal.process.wait(30) == 0
    assert states(register)[2] == "open"


def test_without_colour_nothing_but_the_new_screen_is_sent_to_the_terminal(folder: Path) -> None:
    with reviewing(folder, "review", NO_COLOR="1") as terminal:
        shown = terminal.until("[?]help")
        terminal.type("q")

    assert set(re.findall(r"\x1b\[[0-9;?]*[A-Za-z]", shown)) <= {"\x1b[2J", "\x1b[1;1H", "\x1b[H", "\x1b[3J"}


def test_more_than_twenty_are_asked_about_on_a_terminal(folder: Path, register: Register) -> None:
    with register.write() as db:
        for number in range(20):
            db.add(Machine(name=f"vm-{number:02}"))
        db.flush()
        days = {"opened_on": TODAY, "judged_on": TODAY, "policy": "p", "verdict": {}}
        for machine in db.scalars(select(Machine).where(Machine.name.startswith("vm-"))).all():
            db.add(Finding(machine_id=machine.id, kind="idle", state=FindingState.OPEN, **days))
    with reviewing(folder, "finding", "approve", "--all") as terminal:
        terminal.until("Approve 25 findings of 2 departments, 2,550 yuan a month? [y/N]")
        terminal.type("n\n")
        terminal.until("Nothing was changed.")
        assert terminal.process.wait(30) == 1
    assert set(states(register).values()) == {"open"}
    with reviewing(folder, "finding", "approve", "--all", "--yes") as terminal:
        terminal.until("approved 25 findings")
        assert terminal.process.wait(30) == 0


# ---- what the page says


def seen(register: Register, number: int) -> Case:
    with register.read() as db:
        found = case(db, number, ZONE, TODAY)
    assert found is not None
    return found


def full() -> Chart:
    """Ninety-three measured days."""
    days = tuple(float(20 + day % 7) for day in range(93))
    return Chart(since=TODAY - timedelta(days=93), cpu=days, memory=days, disk=days)


def drawn(found: Case, drawing: Chart, columns: int = 100, rows: int = 43) -> list[str]:
    return page(found, "3 of 41", drawing, Room(columns, rows, str, cell))


def test_the_page_says_what_was_found_and_on_what_it_rests(register: Register) -> None:
    lines = drawn(seen(register, 1), full(), 120)
    since, until = TODAY - timedelta(days=35), TODAY - timedelta(days=1)
    first, second = TODAY - timedelta(days=60), TODAY - timedelta(days=10)
    sizes = "8 vCPU, 16 GiB, 300 GiB disk -> 4 vCPU, 8 GiB, 150 GiB disk"

    assert lines[:10] == [
        f"3 of 41  finding 1, open since {TODAY}",
        "law-1  市司法局 / portal",
        f"shrink (核减): {sizes}; saves 800.00 yuan a month",
        f"{since} .. {until}: 34 of 35 days valid, 9,708 of 10,080 samples (96.3 %)",
        "✓ cpu 95 % of samples at or below 15 %, wanted ≤ 25 % 「cpu未超过25%」",
        "  99.91 % of the samples at or below 25 %",
        "✓ memory periodic peak 22.77 %, wanted ≤ 30 % 「memory未超过30%」",
        f"  reached on {first} and {second} (of 400 days, the later within 93)",
        "✓ disk highest 26.13 %, wanted ≤ 50 % 「disk未超过50%」",
        "Before: nothing is known of this machine",
    ]


def test_the_chart_points_at_the_witnesses(register: Register) -> None:
    (marks,) = [line for line in drawn(seen(register, 1), full()) if set(line) == {" ", "▲"}]

    # 93 days end yesterday: a day n days ago stands at 93 - n, behind six columns of labels
    assert [place - 6 for place, sign in enumerate(marks) if sign == "▲"] == [93 - 60, 93 - 10]


@pytest.mark.parametrize(
    ("columns", "rows", "charts"),
    [(40, 60, True), (80, 20, False), (80, 38, True), (80, 60, True), (120, 38, True), (120, 60, True)],
)
@pytest.mark.parametrize("number", [1, 5])
def test_a_page_fits_the_terminal(
    register: Register, columns: int, rows: int, charts: bool, number: int
) -> None:
    tell_a_long_past(register)
    lines = drawn(seen(register, number), newest(full(), columns - 7), columns, rows)

    assert max(map(cell_len, lines)) <= columns
    assert len(lines) <= rows
    assert any(line.startswith("CPU, p95") for line in lines) is charts


def test_a_tiny_terminal_still_shows_what_is_decided(register: Register) -> None:
    lines = drawn(seen(register, 1), newest(full(), 7), 20, 5)

    assert max(map(cell_len, lines)) <= 40
    assert "shrink (核减)" in " ".join(lines)


def tell_a_long_past(register: Register) -> None:
    with register.write() as db:
        words = "预算公开期间业务量将上升，申请保留现有配置至年底 " * 3
        said = [
            Entry("li", "finding.reject", f"{name}/shrink", "open", "rejected", words)
            for name in ("law-1", "tax-2")
        ]
        append(db, NOW - timedelta(days=200), *said * 5)


def test_the_past_of_the_machine_is_told_the_newest_first(register: Register) -> None:
    day = NOW - timedelta(days=100)
    until = {"state": "rejected", "until": "2026-12-01"}
    with register.write() as db:
        machine = db.scalars(select(Machine).where(Machine.name == "law-1")).one()
        notice = Notice(
            kind="shrink", number="核减〔2026〕3号", department_id=machine.department_id or 0, issued_at=day,
            issued_on=day.date(), issued_by="rightsizer", sha256="0" * 64, content="{}",
        )  # fmt: skip
        db.add(notice)
        db.flush()
        sizes = {"before": {"vcpus": 8}, "advised": {"vcpus": 4}, "promised": 800.0, "realised": 300.0}
        db.add(
            Item(
                notice_id=notice.id,
                machine_id=machine.id,
                machine="law-1",
                kind="shrink",
                state=ItemState.DONE,
                outcome="partial",
                seen_on=day.date(),
                ended_on=day.date(),
                **sizes,
            )
        )
        append(
            db, day + timedelta(days=5),
            Entry("wang", "item.object", "核减〔2026〕3号/law-1", "received", "objected", "year end"),
        )  # fmt: skip
        append(
            db, day + timedelta(days=9),
            Entry("li", "finding.reject", "law-1/shrink", "open", until, "exam"),
        )  # fmt: skip
    past = [event.text for event in seen(register, 1).past]

    outcome = f"size seen on {day.date()}: partial; saves 300 of 800 yuan a month"
    assert past == [
        "shrink found",
        "shrink rejected until 2026-12-01 by li: exam",
        "objection recorded by wang: year end",
        f"notice 核减〔2026〕3号 (shrink): done; {outcome}",
    ]


def test_a_late_deployment_has_its_own_page(register: Register) -> None:
    with register.write() as db:
        machine = db.scalars(select(Machine.id).where(Machine.name == "tax-2")).one()
        said = {
            "delivered_on": "2026-10-20",
            "due": "2026-11-03",
            "days_without_load": 27,
            "current": {"vcpus": 8.0},
        }
        days = {"opened_on": TODAY, "judged_on": TODAY, "policy": "p"}
        row = Finding(machine_id=machine, kind="deploy", state=FindingState.OPEN, verdict=said, **days)
        db.add(row)
        db.flush()
        number = row.id
    text = "\n".join(drawn(seen(register, number), nothing(TODAY)))

    assert "deploy (部署催办): 8 vCPU\n" in text
    assert "Delivered on 2026-10-20, to be deployed by 2026-11-03; measured on 27 days" in text
    assert text.count("100 │") == 3


def test_hostile_names_steer_nothing(run: Callable[..., Result], register: Register) -> None:
    with register.write() as db:
        machine = db.scalars(select(Machine).where(Machine.name == "law-1")).one()
        machine.name = HOSTILE
        assert machine.system is not None
        machine.system.name = machine.system.department.name = HOSTILE
        append(db, NOW, Entry(HOSTILE, "finding.reject", f"{HOSTILE}/shrink", None, None, HOSTILE))
    until = (TODAY + timedelta(days=9)).isoformat()
    run("protection", "add", "--machine", HOSTILE, "--until", until, "--approver", HOSTILE, "-m", HOSTILE)
    shown = [
        run("review", stdin="a\nr\nx\n\nq\n"),
        run("review", "--state", "rejected", stdin="q\n"),
        run("finding", "list", "--state", "all", "-o", "table"),
        run("finding", "show", "1", "-o", "table"),
        run("finding", "reopen", "1", "--dry-run"),
        run("protection", "list", "-o", "table"),
    ]

    for done in shown:
        text = done.stdout + done.stderr
        assert "<script>" in text
        assert {c for c in text if unicodedata.category(c) in {"Cc", "Cf"}} <= {"\n", "\t"}


# ---- at the same time as others

ANOTHER = """
import sys, time
from datetime import UTC, date, datetime
from sqlalchemy import select
from store.database import open_register
from store.findings import Found, settle
from store.review import FINDING
from store.tables import Finding, Machine
from store.workflow import Act, Role, move
register = open_register(sys.argv[1])
now, today = datetime.now(UTC), date.fromisoformat(sys.argv[2])
print("ready", flush=True)
issued, round = 0, 0
ends = time.monotonic() + 60
while issued < 200 and time.monotonic() < ends:
    round += 1
    with register.write() as db:
        names = db.scalars(select(Machine.name).where(Machine.name.startswith("vm-"))).all()
        settle(db, {name: Found("idle", "idle", {"round": round}, 1.0) for name in names}, "p", today, now)
    with register.write() as db:
        rows = db.scalars(select(Finding).where(Finding.state == "approved").limit(17)).all()
        act = Act("d", Role.PROGRAM, now)
        issued += move(db, FINDING, [(row, str(row.id)) for row in rows], "issue", act)
    time.sleep(0.05)
print(issued)
"""


def test_two_hundred_approvals_while_another_process_judges_and_issues_lose_nothing(
    folder: Path, register: Register, run: Callable[..., Result]
) -> None:
    with register.write() as db:
        db.add_all(Machine(name=f"vm-{number:03}") for number in range(200))
        db.flush()
        names = db.scalars(select(Machine.name).where(Machine.name.startswith("vm-"))).all()
        settle(db, {name: Found("idle", "idle", {"round": 0}, 1.0) for name in names}, "p", TODAY, NOW)
    url = f"sqlite:///{folder}/data/register.db"
    command = [sys.executable, "-c", ANOTHER, url, TODAY.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        for start in range(6, 206, 50):
            done = run("finding", "approve", f"{start}-{start + 49}", "-m", "seen")
            assert done.exit_code == 0, done.output
        assert other.stdout.read() == "200\n"

    with register.read() as db:
        assert verify(db)[1] is None
        rows = db.scalars(select(Finding).where(Finding.id > 5)).all()
        count = select(JournalEntry.action).where(
            JournalEntry.action.in_(("finding.approve", "finding.issue"))
        )
        actions = list(db.scalars(count))
    assert {(row.state, row.reason) for row in rows} == {("issued", "seen")}
    assert (actions.count("finding.approve"), actions.count("finding.issue")) == (200, 200)
