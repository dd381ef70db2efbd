"""The command as an operator calls it: a real process, piped, with its files and its mistakes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from monitor.cli.output import Column, widths
from monitor.demo.applications import FIRST, MORE
from monitor.demo.city import city

if TYPE_CHECKING:
    from collections.abc import Callable

RIGHTSIZER = Path(sys.executable).with_name("rightsizer")
MACHINES = 60
KNOWN = MACHINES + 1 + len(FIRST) + len(MORE)  # this host, and what applications brought
Run = subprocess.CompletedProcess[str]


def call(*words: str, folder: Path, settings: Path | None = None, **more: str) -> Run:
    """Runs the command in `folder`, which is not the project's, for at most two minutes."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": "120",
        **({"RIGHTSIZER_CONFIG": str(settings)} if settings else {}),
        **more,
    }
    return subprocess.run(
        [RIGHTSIZER, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A demo of sixty machines, run once to its end."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, call("demo", "--exit", "--folder", "city", "--machines", str(MACHINES), folder=folder)


@pytest.fixture(scope="module")
def on_demo(demo: tuple[Path, Run]) -> Callable[..., Run]:
    """A command on the demo's files, from another folder."""
    folder, _run = demo
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return lambda *words, **more: call(
        *words, folder=elsewhere, settings=folder / "city" / "rightsizer.yml", **more
    )


@pytest.fixture
def empty(tmp_path: Path) -> Callable[..., Run]:
    """A command on a new installation."""
    settings = tmp_path / "rightsizer.yml"
    settings.write_text("data_dir: data\n", "utf-8")
    return lambda *words, **more: call(*words, folder=tmp_path, settings=settings, **more)


def test_the_demo_shows_verdicts_by_department_and_says_where_files_lie(demo: tuple[Path, Run]) -> None:
    folder, run = demo

    assert run.returncode == 0, run.stderr
    assert "Verdicts by department" in run.stdout
    assert run.stdout.count("Explained:") == 3
    assert str(folder / "city" / "data" / "lake") in run.stdout
    assert (folder / "city" / "data" / "register.db").is_file()


def test_the_demo_really_scrapes_its_exporters_and_this_host(on_demo: Callable[..., Run]) -> None:
    machines = json.loads(on_demo("inventory", "list", "-o", "json").stdout)
    sources = {machine["machine"]: machine["source"] for machine in machines}

    assert sources["this-host"] == "host"
    assert list(sources.values()).count("city") > MACHINES / 2


def test_every_simulated_machine_gets_the_verdict_that_its_behaviour_aims_at(
    on_demo: Callable[..., Run], demo: tuple[Path, Run]
) -> None:
    adjusted = adjusted_in(demo[0] / "city")
    verdicts = {row["machine"]: row for row in json.loads(on_demo("judge", "-o", "json").stdout)}
    aimed = {
        machine.name: (machine.behaviour.verdict, machine.behaviour.reason, machine.behaviour.note)
        for machine in city(machines=MACHINES).machines
        if machine.name not in adjusted
    }

    found = {
        name: (row["verdict"], row["reason"], row["note"])
        for name, row in verdicts.items()
        if name not in adjusted
    }
    unmeasured = dict.fromkeys(("this-host", *FIRST, *MORE), ("insufficient", "no_data", None))
    assert adjusted
    assert found == {**aimed, **unmeasured}


def adjusted_in(folder: Path) -> set[str]:
    """The machines that the demo resized because a notice asked for it."""
    with closing(sqlite3.connect(folder / "data" / "register.db")) as register:
        return {name for (name,) in register.execute("SELECT machine FROM item WHERE state = 'done'")}


def test_the_demo_follows_a_notice_to_a_verified_done(demo: tuple[Path, Run]) -> None:
    folder, run = demo
    mails = sorted((folder / "city" / "mail").glob("*@city.example.eml"))  # the operator's have no letter

    assert len(adjusted_in(folder / "city")) >= 1
    assert "objects to" in run.stdout
    assert "proven: 1" in run.stdout
    assert "reminders:" in run.stdout
    assert "urgings:" in run.stdout
    assert all(mail.with_suffix(".pdf").read_bytes().startswith(b"%PDF") for mail in mails)
    assert str(folder / "city" / "mail") in run.stdout


def test_the_demo_takes_a_project_from_its_draft_to_its_filing(
    demo: tuple[Path, Run], on_demo: Callable[..., Run]
) -> None:
    _folder, run = demo
    project = json.loads(on_demo("project", "show", "2", "-o", "json").stdout)
    events = [row["event"] for row in project["timeline"] if isinstance(row["after"], str)]

    assert events == [
        *("submit", "return", "resubmit", "accept", "convene", "pass", "issue_opinion", "report", "approve"),
        *("budget", "start", "complete"),
    ]
    assert project["hints"][0]["kind"] == "duplicate"
    assert {"feasibility", "sharing", "security", "cloud", "estimate"} < {
        p["kind"] for p in project["papers"]
    }
    assert not project["wrong"]  # every kept paper is what was handed in
    assert project["reviews"][0]["score"] == 82.5  # (88 + 82 + 75 + 85) / 4
    assert [row["state"] for row in project["filings"]] == ["filed"]
    assert any(row.get("cpu_p95") for row in project["machines"])
    assert project["evaluations"][0]["state"] in {"passed", "rectifying"}  # by how its machines were used
    assert project["evaluations"][0]["measured"]["use"] is not None
    assert {row["verdict"] for row in project["budget"]} == {"fundable"}
    for words in ("Projects", "One project: rightsizer project show 2", "Timeline", "complete → completed"):
        assert words in run.stdout


def test_the_page_of_the_demos_project_fits_one_screen(on_demo: Callable[..., Run]) -> None:
    page = on_demo("project", "show", "2", COLUMNS="100").stdout.splitlines()

    assert len(page) <= 45
    assert max(map(cell_len, page)) <= 100


def test_the_demo_ends_an_application_in_machines_whose_clock_runs(on_demo: Callable[..., Run]) -> None:
    row = json.loads(on_demo("application", "show", "2", "-o", "json").stdout)
    (advised,) = row["advice"]["lines"]

    assert row["state"] == "delivered"
    assert [machine["machine"] for machine in row["machines"]] == list(MORE)
    assert all(machine["due_on"] and not machine["deployed_on"] for machine in row["machines"])
    assert advised["asked"] == {"vcpus": 32, "memory_gib": 128, "disk_gib": 500}
    assert advised["reasons"]


def test_the_demo_finds_what_runs_unfiled_and_reminds_of_it(
    demo: tuple[Path, Run], on_demo: Callable[..., Run]
) -> None:
    _folder, run = demo
    found = json.loads(on_demo("filing", "reconcile", "--kind", "runs_unfiled", "-o", "json").stdout)
    filings = json.loads(on_demo("filing", "list", "--state", "unfiled", "-o", "json").stdout)
    letters = json.loads(on_demo("notice", "list", "--all", "-o", "json").stdout)

    assert [row["filings"] for row in found] == [[row["id"]] for row in filings]
    assert all(row["due_on"] for row in filings)
    assert {"due", "late"} <= {row["kind"] for row in letters}
    assert "runs unfiled, to be filed until" in run.stdout
    assert "departments called to confirm their filings" in run.stdout
    assert "1 of " in run.stdout.partition("Campaign of ")[2]


def test_the_demos_budget_list_stops_one_system_and_restores_another(on_demo: Callable[..., Run]) -> None:
    first, second = (json.loads(on_demo("budget", "show", n, "-o", "json").stdout) for n in "12")
    stopped = [row["subject"] for row in first["content"]["rows"] if row["verdict"] == "stopped"]
    still = [row["subject"] for row in second["content"]["rows"] if row["verdict"] == "stopped"]
    restored = [row["subject"] for row in second["content"]["rows"] if row["restores"]]

    assert len(stopped) == 2
    assert sorted([*still, *restored]) == sorted(stopped)
    assert len(restored) == 1
    assert second["attested"]


def test_judge_prints_stable_json_with_evidence(on_demo: Callable[..., Run]) -> None:
    rows = json.loads(on_demo("judge", "-o", "json").stdout)
    shrink = next(row for row in rows if row["verdict"] == "shrink")
    cpu, memory, disk = shrink["evidence"]

    assert set(shrink) == {
        "machine", "department", "verdict", "reason", "evidence", "size", "saving_yuan_month", "note",
    }  # fmt: skip
    assert (cpu["resource"], cpu["statistic"], cpu["threshold"], cpu["holds"]) == ("cpu", "p95", 25, True)
    assert 0.95 <= cpu["share_at_or_below_threshold"] <= 1
    assert (memory["statistic"], len(memory["witnesses"])) == ("periodic_peak", 2)
    assert (disk["statistic"], disk["threshold"]) == ("max", 50)
    assert set(shrink["size"]) == {"vcpus", "memory_gib", "disk_gib"}


def test_judge_off_a_terminal_is_tab_separated_and_never_cut(on_demo: Callable[..., Run]) -> None:
    lines = on_demo("judge", COLUMNS="20").stdout.splitlines()

    assert len(lines) == KNOWN
    assert {line.count("\t") for line in lines} == {9}


def test_judge_as_csv_can_be_read_back(on_demo: Callable[..., Run]) -> None:
    rows = list(csv.DictReader(io.StringIO(on_demo("judge", "-o", "csv").stdout)))

    assert len(rows) == KNOWN
    assert {row["verdict"] for row in rows} == {"shrink", "expand", "idle", "keep", "insufficient"}


def test_judge_check_ends_with_3_when_there_are_findings(on_demo: Callable[..., Run]) -> None:
    assert on_demo("judge", "--check", "--dry-run").returncode == 3


def test_one_finding_a_machine_however_often_we_judge(on_demo: Callable[..., Run]) -> None:
    before = json.loads(on_demo("finding", "list", "-o", "json").stdout)
    on_demo("judge")
    after = json.loads(on_demo("finding", "list", "-o", "json").stdout)

    assert [row["id"] for row in before] == [row["id"] for row in after]
    savings = [row["saving_yuan_month"] for row in after if row["saving_yuan_month"] is not None]
    assert savings == sorted(savings, reverse=True)


def test_a_finding_is_shown_with_its_evidence(on_demo: Callable[..., Run]) -> None:
    first = json.loads(on_demo("finding", "list", "-o", "json").stdout)[0]
    whole = json.loads(on_demo("finding", "show", str(first["id"])).stdout)

    assert whole["verdict"]["machine"] == first["machine"]
    assert whole["verdict"]["evidence"]
    assert on_demo("finding", "show", "9999").returncode == 1


def test_explain_says_the_words_of_the_article_and_draws_the_threshold(on_demo: Callable[..., Run]) -> None:
    name = json.loads(on_demo("finding", "list", "--kind", "shrink", "-o", "json").stdout)[0]["machine"]
    page = on_demo("machine", "explain", name).stdout

    assert "「CPU使用率未超过25%」" in page
    assert "「内存周期性峰值未超过30%」" in page
    assert "  25 ┼┄" in page
    assert "back, the later within 93 days)" in page
    assert "▲ days of the periodic peak" in page
    assert re.search(r"window: [\d,]+ of [\d,]+ samples known", page)
    assert "100 │" in page
    assert "PDDR-2020-0020001 ended on 2022-09-12" in page


def test_a_machine_that_is_too_small_is_drawn_with_the_threshold_that_decided(
    on_demo: Callable[..., Run],
) -> None:
    name = json.loads(on_demo("finding", "list", "--kind", "expand", "-o", "json").stdout)[0]["machine"]
    page = on_demo("machine", "explain", name).stdout

    assert page.count("┄ expand: > 75 %") == 3
    assert "the later within 35 days)" in page


def test_explain_as_json_says_policy_day_and_warning(on_demo: Callable[..., Run]) -> None:
    whole = json.loads(
        on_demo("machine", "explain", "vm-00001", "--as-of", "2026-01-05", "-o", "json").stdout
    )

    assert whole["policy"] == {"document_number": "PDDR-2020-0020001", "article": "第十三条"}
    assert whole["as_of"] == "2026-01-05"
    assert whole["warning"] == "PDDR-2020-0020001 ended on 2022-09-12"
    assert on_demo("machine", "explain", "vm-00001", "-o", "csv").returncode == 2


def test_explaining_an_unknown_machine_names_near_ones(on_demo: Callable[..., Run]) -> None:
    run = on_demo("machine", "explain", "vm-0001")

    assert run.returncode == 1
    assert "no machine 'vm-0001' in the inventory. Near: vm-000" in run.stderr


def test_backtest_with_a_lower_threshold_shrinks_fewer(on_demo: Callable[..., Run]) -> None:
    run = on_demo("policy", "backtest", "--set", "shrink.cpu=5", "-o", "json")
    rows = json.loads(run.stdout)

    assert rows
    assert {(row["before"], row["after"]) for row in rows} == {("shrink", "keep")}
    assert f"{len(rows)} of {KNOWN} verdicts change" in run.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("shrink.cpu=20.5", "with a whole percent"),
        ("shrink.gpu=20", "did you mean shrink.cpu?"),
        ("shrnk.cpu=20", "shrnk.cpu is not a condition, did you mean shrink.cpu?"),
        ("shrink.combine=foo", "shrink.combine=all or shrink.combine=each; read 'foo'"),
        ("nonsense", "--set"),
        ("shrink.cpu=101", "--set"),
    ],
)
def test_backtest_refuses_what_is_not_a_threshold(
    on_demo: Callable[..., Run], change: str, words: str
) -> None:
    run = on_demo("policy", "backtest", "--set", change)

    assert run.returncode == 2
    assert words in run.stderr


@pytest.mark.parametrize(
    ("words", "last", "value"),
    [
        (("judge",), "Yuan/mo", r"-?[\d,]+|-"),
        (("inventory", "list"), "Measured by", "city|host|-"),
        (("department", "list"), "Machines", r"\d+"),
        (("policy", "backtest", "--set", "shrink.cpu=5"), "Yuan/mo then", r"-?[\d,]+|-"),
        (("finding", "list"), "Yuan/mo", r"-?[\d,]+|-"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_a_table_of_80_columns_never_cuts_the_last_one(
    on_demo: Callable[..., Run], words: tuple[str, ...], last: str, value: str
) -> None:
    head, line, *rows = on_demo(*words, "-o", "table", COLUMNS="80").stdout.splitlines()
    starts = [row for row in rows if re.match(r" {0,3}\S", row)]  # the others go on with a folded text

    assert head.rstrip().endswith(last)
    assert max(map(cell_len, (head, line, *rows))) <= 80
    assert starts
    assert all(re.search(rf"(^|\s)({value})\s*$", row) for row in starts)


def test_the_policy_at_80_columns_shows_every_number_and_where_a_peak_is_looked_for(
    on_demo: Callable[..., Run],
) -> None:
    run = on_demo("policy", "show", "-o", "table", COLUMNS="80")
    memory = [line.split() for line in run.stdout.splitlines() if " memory " in line]

    assert max(map(cell_len, run.stdout.splitlines())) <= 80
    # days, valid, cover, and the later witness of a periodic peak within 93 and 35 days
    assert [row[3:7] for row in memory] == [["35", "28", "90", "93"], ["7", "6", "80", "35"]]


@pytest.mark.parametrize(
    "words",
    [
        ("judge", "--dry-run"),
        ("policy", "show"),
        ("policy", "backtest", "--set", "shrink.cpu=15"),
        ("finding", "show", "1"),
    ],
    ids=" ".join,
)
def test_a_policy_past_its_validity_is_said(on_demo: Callable[..., Run], words: tuple[str, ...]) -> None:
    assert "PDDR-2020-0020001 ended on 2022-09-12" in on_demo(*words).stderr


def test_findings_of_an_unknown_department_are_an_error_with_near_names(on_demo: Callable[..., Run]) -> None:
    owner = json.loads(on_demo("finding", "list", "-o", "json").stdout)[0]["department"]
    run = on_demo("finding", "list", "--department", owner[:-1])

    assert run.returncode == 1
    assert f"no department {owner[:-1]!r}" in run.stderr
    assert owner in run.stderr
    assert on_demo("finding", "list", "--department", owner).returncode == 0


def test_the_journal_is_whole(on_demo: Callable[..., Run]) -> None:
    run = on_demo("audit", "verify")

    assert run.returncode == 0
    assert "sound" in run.stdout
    assert on_demo("audit", "verify", "--anchor", "f" * 64).returncode == 1
    assert on_demo("audit", "verify", "--anchor", "f" * 63).returncode == 2


def test_doctor_names_what_is_missing_and_what_to_do(on_demo: Callable[..., Run]) -> None:
    checks = {row["check"]: row for row in json.loads(on_demo("doctor", "-o", "json").stdout)}

    assert {"settings", "register", "policy", "disk", "clock", "calendar", "sources", "mail", "fonts"} <= set(
        checks
    )
    assert checks["policy"]["state"] == "warn"
    assert "override_basis" in checks["policy"]["advice"]


def test_a_second_demo_does_not_touch_the_first(demo: tuple[Path, Run]) -> None:
    folder, _run = demo
    run = call("demo", "--exit", "--folder", "city", folder=folder)

    assert run.returncode == 1
    assert "holds a demo already" in run.stderr


def test_a_new_installation_says_what_to_do_first(empty: Callable[..., Run]) -> None:
    run = empty("judge", "-o", "table")

    assert run.returncode == 0
    assert "rightsizer inventory import FILE" in run.stderr
    assert empty("judge", "-o", "json").stdout == "[]\n"


def test_a_history_goes_in_once_and_the_same_file_again_changes_nothing(
    empty: Callable[..., Run], tmp_path: Path
) -> None:
    rows = [
        f"vm-a,2026-0{5 + d // 28}-{d % 28 + 1:02d}T{h:02d}:{m:02d},10,20,30"
        for d in range(36)
        for h in range(24)
        for m in (0, 30)
    ]
    (tmp_path / "use.csv").write_text("machine,time,cpu,memory,disk\n" + "\n".join(rows) + "\n", "utf-8")

    unknown = empty("usage", "import", "use.csv")
    first = empty("usage", "import", "use.csv", "--create")
    before = empty("judge", "--as-of", "2026-06-06", "-o", "json").stdout
    second = empty("usage", "import", "use.csv")
    after = empty("judge", "--as-of", "2026-06-06", "-o", "json").stdout

    assert (unknown.returncode, unknown.stdout) == (1, "vm-a\n")
    assert "--create" in unknown.stderr
    assert (first.returncode, second.returncode) == (0, 0)
    assert "1,728 samples of 1 machines, step 1800 s" in first.stderr
    assert before == after
    verdict = json.loads(after)[0]
    assert (verdict["verdict"], verdict["note"]) == ("shrink", "capacity_unknown")


def test_a_bad_cell_is_named_and_nothing_is_stored(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "use.csv").write_text(
        "machine,time,cpu,memory,disk\nvm-a,2026-05-01T00:00,10,20,30\nvm-a,2026-05-01T00:30,ten,20,30\n",
        "utf-8",
    )
    run = empty("usage", "import", "use.csv", "--create")

    assert run.returncode == 1
    assert "line 3" in run.stderr
    assert "cpu" in run.stderr
    assert "ten" in run.stderr
    assert json.loads(empty("inventory", "list", "-o", "json").stdout) == []
    assert not (tmp_path / "data" / "lake" / "samples").exists()


def test_departments_and_machines_are_imported_whole_or_not_at_all(
    empty: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "departments.csv").write_text("code,name,email\nD-1,市司法局,sfj@city.example\n", "utf-8")
    (tmp_path / "good.csv").write_text("machine,department,vcpus,memory_gib\nvm-1,市司法局,4,8\n", "utf-8")
    (tmp_path / "bad.csv").write_text("machine,department,vcpus\nvm-2,市司法局,4\nvm-3,市财政局,2\n", "utf-8")

    assert empty("department", "import", "departments.csv").returncode == 0
    assert "1 machine added" in empty("inventory", "import", "good.csv").stderr
    assert "1 unchanged" in empty("inventory", "import", "good.csv").stderr
    refused = empty("inventory", "import", "bad.csv")
    assert refused.returncode == 1
    assert "市财政局" in refused.stderr
    machines = json.loads(empty("inventory", "list", "-o", "json").stdout)
    assert [machine["machine"] for machine in machines] == ["vm-1"]


def test_working_days_are_counted_over_the_holidays(empty: Callable[..., Run]) -> None:
    run = empty("calendar", "add", "2026-09-18", "10")

    assert (run.stdout, run.returncode) == ("2026-10-09\n", 0)


def test_a_count_into_an_unknown_year_has_no_date(empty: Callable[..., Run]) -> None:
    run = empty("calendar", "add", "2026-12-18", "10")

    assert (run.stdout, run.returncode) == ("provisional: calendar of 2027 is not known\n", 75)


def test_config_check_says_every_mistake_with_its_place(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(
        "data_dri: x\nretention: {days: 3}\nsources:\n  - kind: host\n    name: host\n    machin: a\n",
        "utf-8",
    )
    run = empty("config", "check", "bad.yml")

    assert run.returncode == 1
    assert "bad.yml:1:1: data_dri: unknown key, did you mean data_dir?" in run.stderr
    assert "bad.yml:2:13: retention.days" in run.stderr
    assert "bad.yml:6:5: sources.0.machin: unknown key, did you mean machine?" in run.stderr


def test_the_shipped_example_of_the_settings_is_sound(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "example.yml").write_text(empty("config", "example").stdout, "utf-8")
    run = empty("config", "check", "example.yml")

    assert run.returncode == 0, run.stderr


def test_a_corrected_year_is_imported_once_and_moves_the_count(
    empty: Callable[..., Run], tmp_path: Path
) -> None:
    off = [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]
    (tmp_path / "2027.json").write_text(json.dumps({"year": 2027, "papers": [], "days": off}), "utf-8")

    first, again = (
        empty("calendar", "import", "2027.json", "--incomplete", "-m", "notice of the year")
        for _time in range(2)
    )

    assert "2027-01-01" in first.stderr
    assert "nothing changed" in again.stderr
    # 12-21..25 (5), 28..31 (9), 2027-01-01 off, 01-04 (10)
    assert empty("calendar", "add", "2026-12-18", "10").stdout == "2027-01-04\n"


def test_a_misspelt_command_is_met_with_the_near_one(empty: Callable[..., Run]) -> None:
    run = empty("jugde")

    assert run.returncode == 2
    assert "rightsizer: No such command 'jugde'. Did you mean judge?" in run.stderr


def test_a_missing_settings_file_is_an_error_and_never_the_defaults(tmp_path: Path) -> None:
    run = call("--config", "nowhere.yml", "judge", folder=tmp_path)

    assert run.returncode == 1
    assert "no settings file at nowhere.yml" in run.stderr


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a database"], ids=["empty", "foreign"])
def test_a_broken_register_is_refused_by_name(
    empty: Callable[..., Run], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "register.db").write_bytes(content)
    run = empty("finding", "list")

    assert run.returncode == 1
    assert "is not a register: restore it from a backup" in run.stderr


def test_a_lost_register_beside_measurements_is_never_replaced_by_an_empty_one(
    empty: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "used.csv").write_text("machine,time,cpu,memory,disk\nvm-1,2026-09-01T00:00,1,1,1\n")
    assert empty("usage", "import", "used.csv", "--create", "--step", "5m").returncode == 0
    for file in (tmp_path / "data").glob("register.db*"):
        file.unlink()
    run = empty("finding", "list")

    assert run.returncode == 1
    assert "is missing: restore it from a backup" in run.stderr
    assert not (tmp_path / "data" / "register.db").exists()


def test_a_lake_of_a_newer_version_is_refused(empty: Callable[..., Run], tmp_path: Path) -> None:
    empty("finding", "list")
    (tmp_path / "data" / "lake").mkdir()
    (tmp_path / "data" / "lake" / "layout.json").write_text('{"layout": 99}', "utf-8")
    run = empty("judge")

    assert run.returncode == 1
    assert "has layout 99, this program knows layout 1" in run.stderr


def test_a_folder_held_by_another_process_is_told_with_its_pid(
    empty: Callable[..., Run], tmp_path: Path
) -> None:
    from monitor.lock import held

    (tmp_path / "data").mkdir()
    (tmp_path / "rightsizer.yml").write_text(
        "data_dir: data\nsources: [{kind: host, name: host, machine: me}]\n", "utf-8"
    )
    with held(tmp_path / "data"):
        run = empty("collect", "--over", "0")

    assert run.returncode == 75
    assert f"held by another rightsizer (pid {os.getpid()})" in run.stderr


def test_this_host_is_collected_once(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "rightsizer.yml").write_text(
        "data_dir: data\nsources: [{kind: host, name: host, machine: me}]\n", "utf-8"
    )
    run = empty("collect", "--over", "1")

    assert run.returncode == 0
    assert run.stderr == "1 samples, 0 failures, 0 invalid values\n"


def test_a_source_that_is_down_is_named_with_its_reason(empty: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "rightsizer.yml").write_text(
        "data_dir: data\nsources:\n  - {kind: exporter, name: nodes, timeout: 1s,"
        " targets: [{machine: vm-1, url: 'http://127.0.0.1:9/metrics'}]}\n",
        "utf-8",
    )
    run = empty("collect", "--over", "0")

    assert run.returncode == 1
    assert run.stdout.split("\t")[:3] == ["nodes", "vm-1", "connect"]


@pytest.mark.parametrize("room", [10, 30, 40, 200])
def test_only_text_gives_way_to_a_narrow_terminal_and_no_number(room: int) -> None:
    columns = (Column("name", "Name", fold=True), Column("yuan", "Yuan/mo", right=True))

    name, yuan = widths(columns, [["市人力资源和社会保障局", "1,234,567"]], room)

    # the name is 22 wide and gives way down to 10, the number is 9 wide, two spaces lie between
    assert (name, yuan) == (min(22, max(10, room - 9 - 2)), 9)


def test_the_demo_holds_a_catalog_of_two_hundred_entries_of_thirty_departments(
    demo: tuple[Path, Run], on_demo: Callable[..., Run]
) -> None:
    _folder, run = demo
    entries = json.loads(on_demo("catalog", "list", "-o", "json").stdout)
    total = json.loads(on_demo("catalog", "total", "-o", "json").stdout)
    states = Counter(entry["state"] for entry in entries)

    assert (len(entries), len({entry["department"] for entry in entries})) == (200, 30)
    unfinished = dict.fromkeys(("draft", "department_review", "centre_review", "filed"), 5)
    assert states == {"published": 180, **unfinished}
    assert {entry["share_type"] for entry in entries} == {"unconditional", "conditional", "not_shared"}
    assert total["parts"]["freshness"]["过期"] >= 10
    assert len(json.loads(on_demo("catalog", "stale", "-o", "json").stdout)) >= 10
    assert "The whole catalog (总目录)" in run.stdout
    assert "180 entries of 30 departments published" in run.stdout


def test_nobody_in_the_demos_catalog_decides_on_his_own_entry(on_demo: Callable[..., Run]) -> None:
    entry = next(
        row
        for row in json.loads(on_demo("catalog", "list", "-o", "json").stdout)
        if row["state"] == "published"
    )
    steps = json.loads(on_demo("catalog", "history", entry["code"], "-o", "json").stdout)
    actors = {row["action"]: row["actor"] for row in steps}

    assert len({actors[f"entry.{step}"] for step in ("submit", "confirm", "file")}) == 3


def test_the_demo_answers_one_request_in_time_and_urges_the_other(
    demo: tuple[Path, Run], on_demo: Callable[..., Run]
) -> None:
    _folder, run = demo
    (first,) = json.loads(on_demo("share", "show", "1", "-o", "json").stdout)
    clocks = json.loads(on_demo("deadline", "list", "--overdue", "-o", "json").stdout)
    (second,) = (row for row in clocks if row["subject"] == "catalog_share:2")
    letters = json.loads(on_demo("notice", "list", "--all", "-o", "json").stdout)

    assert first["state"] == "in_use"
    assert first["answered_on"] <= first["due_on"]
    assert (second["phase"], second["met_on"]) == ("overdue", None)
    assert second["urged"] >= 1
    assert any(row["kind"] == "late" and row["department"] == second["department"] for row in letters)
    assert "overdue" in run.stdout.partition("What was asked of it")[2]


def test_the_demo_has_an_application_in_hand_a_duplicate_and_a_running_change(
    on_demo: Callable[..., Run],
) -> None:
    (application,) = json.loads(on_demo("open", "list", "-o", "json").stdout)
    twice = json.loads(on_demo("catalog", "duplicates", "-o", "json").stdout)
    (change,) = json.loads(on_demo("catalog", "event", "list", "-o", "json").stdout)

    assert application["state"] == "in_hand"
    assert any(len(row["departments"]) > 1 and row["source"] == "市公安局" for row in twice)
    assert (change["kind"], change["met_on"]) == ("function", None)
