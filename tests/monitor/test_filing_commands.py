"""`rightsizer filing`: what a clerk, a filer and a reviewer type, and what they read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from filing_city import WHOLE
from operating import TODAYS, Place, placed, today

from filing.card import BY_KEY
from filing.card_values import cell
from monitor.installation import actor

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = f"""
people:
  - {{login: {actor()}, roles: [operator]}}
  - {{login: wang, roles: [filer], department: 市教育局}}
  - {{login: sun, roles: [filer], department: 市司法局}}
  - {{login: zhao, roles: [reviewer]}}
"""
DEPARTMENTS = "code,name\n1137028300428301XT,市教育局\n11370283004283028T,市司法局\n"
MACHINES = "machine,department,system\nvm-1,市教育局,学籍管理系统\nvm-2,市司法局,公证\nvm-3,市司法局,\n"


@pytest.fixture
def city(tmp_path: Path) -> Place:
    place = placed(tmp_path / "city", TODAYS + PEOPLE)
    for name, text in (("departments", DEPARTMENTS), ("machines", MACHINES)):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    assert place.call("department", "import", str(tmp_path / "departments.csv")).code == 0
    assert place.call("inventory", "import", str(tmp_path / "machines.csv")).code == 0
    return place


def card(**but: str) -> list[str]:
    """The options that say a whole card."""
    said = {key: str(cell(BY_KEY[key], value)) for key, value in WHOLE.items() if key != "name"} | but
    return [word for key, value in said.items() for word in ("--set", f"{key}={value}")]


def filed(place: Place) -> None:
    """Filing 1 of the education bureau, noted, submitted, accepted."""
    steps = (
        ("--as", "wang", "filing", "add", "市教育局", "学籍管理系统", "--system", "学籍管理系统", *card()),
        ("--as", "wang", "filing", "submit", "1"),
        ("--as", "zhao", "filing", "accept", "1"),
    )
    for words in steps:
        said = place.call(*words)
        assert said.code == 0, said.err


def test_a_filing_from_the_first_note_to_an_amended_card(city: Place) -> None:
    filed(city)
    amended = city.call("--as", "wang", "filing", "amend", "1", "--set", "等保级别=三级", "-m", "重新定级")
    shown = city.call("filing", "show", "1")
    accepted = city.call("--as", "zhao", "filing", "accept", "1")
    history = city.json("filing", "history", "1")

    assert "to be amended: level" in amended.err
    assert "等保级别: 二级 -> 三级" in shown.out
    assert accepted.err == "0 filings filed, 1 amended\n"
    assert [
        (row["version"], row["field"], row["after"]) for row in history if row["field"] == "等保级别"
    ] == [
        (1, "等保级别", "二级"),
        (2, "等保级别", "三级"),
    ]
    assert city.json("filing", "show", "1")[0]["card"]["level"] == "三级"


def test_what_a_card_lacks_is_said_when_it_is_noted_and_refused_when_it_is_submitted(city: Place) -> None:
    noted = city.call("filing", "add", "市司法局", "公证", "--set", "建成时间=2021年3月")
    refused = city.call("filing", "submit", "1")
    (row,) = city.json("filing", "list")

    assert "it lacks 业务功能" in noted.err
    assert (refused.code, "the card lacks 业务功能" in refused.err) == (1, True)
    assert (row["state"], row["lacks"]) == ("unfiled", 17)  # 19 are required; name and 建成时间 are there


def test_a_filing_says_which_project_of_its_department_built_it(city: Place) -> None:
    for department in ("市教育局", "市司法局"):
        city.call("project", "add", f"{department}平台", "--kind", "develop", "--department", department)
    noted = city.call(
        "filing", "add", "市教育局", "学籍管理系统", "--system", "学籍管理系统", "--project", "1"
    )
    other = city.call("filing", "edit", "1", "--project", "2")
    city.call("project", "withdraw", "1", "-m", "合建")
    gone = city.call("filing", "edit", "1", "--project", "1")

    assert noted.code == 0, noted.err
    assert city.json("filing", "show", "1")[0]["project"] == 1
    assert city.json("project", "show", "1")["machines"][0]["machine"] == "vm-1"
    assert (other.code, "is of 市司法局, not of 市教育局" in other.err) == (1, True)
    assert (gone.code, "it built nothing" in gone.err) == (1, True)


def test_nobody_accepts_his_own_filing_nor_touches_another_departments(city: Place) -> None:
    filed(city)

    assert (
        "another department"
        in city.call("--as", "sun", "filing", "amend", "1", *card(level="三级"), "-m", "x").err
    )
    assert city.call("--as", "wang", "filing", "amend", "1", "--set", "level=三级", "-m", "x").code == 0
    assert "not for the filer" in city.call("--as", "wang", "filing", "accept", "1").err
    assert city.call("--as", "wang", "filing", "amend", "1", "--set", "level=四级", "-m", "x").err.startswith(
        "filing 1 is amending: cannot amend"
    )
    assert "no filing 7" in city.call("filing", "submit", "7").err


@pytest.mark.parametrize("verb", ["return", "amend", "deregister"])
def test_steps_that_need_a_reason_ask_for_it(city: Place, verb: str) -> None:
    assert city.call("filing", verb, "1").code == 2


def test_a_secret_is_refused_and_stands_neither_in_the_answer_nor_in_the_register(city: Place) -> None:
    said = city.call("filing", "add", "市司法局", "甲指挥", "--set", "涉密分类=机密")

    assert said.code == 1
    assert "机密" not in said.err
    assert city.json("filing", "list") == []
    with city.register.read() as db:
        kept = db.connection().exec_driver_sql("SELECT subject, after FROM journal").all()
    assert "甲指挥" not in str(kept)


def test_what_runs_unfiled_is_found_recorded_once_and_counted_down(city: Place) -> None:
    until = (today() + timedelta(days=30)).isoformat()
    found = city.json("filing", "reconcile")
    assert [(row["kind"], row["name"]) for row in found] == [
        ("runs_unfiled", "公证"),
        ("runs_unfiled", "学籍管理系统"),
        ("machines_no_system", "vm-3"),
    ]
    assert city.call("filing", "reconcile", "--record").code == 2  # until when?

    first = city.call("filing", "reconcile", "--record", "--until", until, "-m", "盘点")
    again = city.call("filing", "reconcile", "--record", "--until", until)
    assert first.err.startswith(f"2 filings noted, to be filed until {until}")
    assert again.err.startswith("0 filings noted")
    assert {row["due_on"] for row in city.json("filing", "list")} == {until}
    assert (
        "noted as filing 1, unfiled" in city.json("filing", "reconcile", "--kind", "runs_unfiled")[0]["note"]
    )


def test_a_campaign_calls_the_departments_and_says_who_is_late(city: Place) -> None:
    until = (today() + timedelta(days=20)).isoformat()
    assert "campaign open YEAR" in city.call("filing", "campaign", "show").err
    filed(city)
    opened = city.call(
        "filing", "campaign", "open", str(today().year), "--until", until, "-m", "市政府会议纪要"
    )
    shown = {row["department"]: row for row in city.json("filing", "campaign", "show")}

    assert opened.err == f"campaign {today().year}: 2 departments called, until {until}\n"
    # Filed today, in the campaign: the education bureau has nothing left to do.
    assert (shown["市教育局"]["open"], shown["市教育局"]["met_on"]) == (0, today().isoformat())
    assert shown["市司法局"]["todo"] == [{"filing": None, "name": "公证", "lack": "no filing"}]
    confirmed = city.call("--as", "wang", "filing", "confirm", "1")
    assert confirmed.err == f"1 filing confirmed for {today().year}, 0 were already\n"
    assert city.call("--as", "sun", "filing", "confirm", "1").err.startswith("0 filings confirmed")


def test_a_file_is_taken_whole_or_not_unless_partial(city: Place, tmp_path: Path) -> None:
    sheet = tmp_path / "a.csv"
    sheet.write_text("部门,系统名称,是否僵尸系统\n市司法局,公证,×\n市司法局,法援,也许\n", "utf-8")
    bad = tmp_path / "bad.csv"

    refused = city.call("filing", "import", str(sheet), "--annotate", str(bad))
    assert (refused.code, city.json("filing", "list")) == (1, [])
    assert "read '也许', expected 是 or 否" in refused.err
    assert "lies there already" in city.call("filing", "import", str(sheet), "--annotate", str(sheet)).err
    assert "法援" in bad.read_text("utf-8-sig")
    assert "公证" not in bad.read_text("utf-8-sig")
    tried = city.call("filing", "import", str(sheet), "--partial", "--dry-run")
    assert "would be: 1 added" in tried.err
    assert city.json("filing", "list") == []
    taken = city.call("filing", "import", str(sheet), "--partial", "-m", "报来")
    assert (taken.code, [row["name"] for row in city.json("filing", "list")]) == (0, ["公证"])
    assert "1 unchanged" in city.call("filing", "import", str(sheet), "--partial").err


def test_the_register_is_exported_and_read_back(city: Place, tmp_path: Path) -> None:
    filed(city)
    for ending in ("xlsx", "csv"):
        out = tmp_path / f"out.{ending}"
        assert city.call("filing", "export", str(out)).err == f"1 filing written to {out}\n"
        back = city.call("filing", "import", str(out))
        assert back.err == "0 added, 0 changed, 0 amendments, 1 unchanged\n"
    assert "lies there already" in city.call("filing", "export", str(tmp_path / "out.csv")).err
    assert city.call("filing", "export", str(tmp_path / "out.csv"), "--force").code == 0
    assert ".xlsx or .csv" in city.call("filing", "export", str(tmp_path / "out.pdf")).err
    assert city.call("filing", "import", str(tmp_path / "none.xlsx")).code == 1


def test_what_ends_is_gone_from_the_list_and_its_machines_are_pointed_out(city: Place) -> None:
    filed(city)
    assert (
        city.call("--as", "wang", "filing", "deregister", "1", "-m", "停用").err == "filing 1: deregistered\n"
    )

    assert city.json("filing", "list") == []
    assert city.json("filing", "reconcile", "--kind", "runs_deregistered")[0]["filings"] == [1]


def test_names_that_nothing_has_are_refused_with_those_that_come_near(city: Place) -> None:
    assert "Near: 市教育局" in city.call("filing", "add", "教育局", "学籍").err
    assert "Near: 学籍管理系统" in city.call("filing", "add", "市教育局", "学籍", "--system", "学籍管理").err
    assert city.call("filing", "add", "市教育局", "学籍", "--set", "构建").code == 2
    assert city.call("filing", "edit", "1").code == 2


def test_an_empty_register_says_what_fills_it(city: Place) -> None:
    said = city.call("filing", "list", "-o", "table")

    assert "filing import FILE" in said.err


@pytest.mark.parametrize("command", [("show",), ("accept",), ("edit", "--set", "x=1")])
def test_a_number_that_no_register_can_hold_is_a_mistaken_call(city: Place, command: tuple[str, ...]) -> None:
    said = city.call("filing", command[0], str(2**31), *command[1:])

    assert said.code == 2, said.err
