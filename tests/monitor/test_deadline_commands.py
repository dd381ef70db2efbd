"""`deadline`, `people`, and `notice` on letters of matters, as an operator calls them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from matters import ISSUED, issue_notice, owner, program
from operating import TODAYS, Place, placed, today

from monitor.installation import open_installation
from monitor.reminding import matters
from monitor.roles import powers, table_of_roles
from monitor.workflows import WORKFLOWS
from notifier.receipts import RECORDED, Receipt, receive
from store.calendar import calendar
from store.deadlines import Clock, Term, extend, meet, start
from store.tables import Deadline
from store.workflow import Role

if TYPE_CHECKING:
    from pathlib import Path

TITLE = "补正“社会救助系统”项目的初步设计材料"
SETTINGS = f"{TODAYS}policy:\n  allow_expired: true\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return placed(tmp_path / "place", SETTINGS)


def clock(
    place: Place,
    due_in: int,
    subject: str = "project:1",
    title: str | None = TITLE,
    department: str | None = "市民政局",
) -> int:
    """A clock that ends so many days from today, by an operator's word."""
    began = today() - timedelta(days=60)
    with place.register.write() as db:
        whose = owner(db, department).id if department is not None else None
        one = Clock(subject, began, whose, title)
        (row,) = start(db, calendar(db), subject, [one], Term("第八条 补正", 1), program(began))
        extend(db, subject, [row], today() + timedelta(days=due_in), program(began))
        return row.id


def wrote(place: Place) -> dict[str, int]:
    house = open_installation(place.folder / "rightsizer.yml")
    return matters(house, house.now(), lambda _step, _done, _total: None)


def test_without_clocks_it_says_what_starts_them(place: Place) -> None:
    assert "the registers start them" in place.call("deadline", "list", "-o", "table").err
    assert "No deadline is overdue" in place.call("deadline", "list", "--overdue", "-o", "table").err
    assert place.json("deadline", "list") == []


def test_the_list_shows_how_every_clock_stands(place: Place) -> None:
    clock(place, -3)
    clock(place, 40, "plan:2", "公布年度计划", None)
    met = clock(place, 5, "entry:3", "更新目录条目")
    with place.register.write() as db:
        meet(db, "entry:3", [db.get_one(Deadline, met)], today(), program(today()))

    rows = place.json("deadline", "list")

    assert [(row["subject"], row["phase"], row["days_overdue"]) for row in rows] == [
        ("project:1", "overdue", 3),
        ("plan:2", "running", None),
    ]
    assert [row["subject"] for row in place.json("deadline", "list", "--overdue")] == ["project:1"]
    assert [row["phase"] for row in place.json("deadline", "list", "--met")] == ["overdue", "met", "running"]
    assert len(place.json("deadline", "list", "--department", "市民政局")) == 1
    assert len(place.json("deadline", "list", "--article", "第八条")) == 2
    assert place.json("deadline", "list", "--article", "第十条") == []
    assert place.json("deadline", "list", "--soon", "1") == []
    assert "extended" in place.call("deadline", "list", "-o", "table").out
    assert place.call("deadline", "list", "--overdue", "--soon", "3").code == 2


def test_more_time_is_given_and_stands_in_the_history(place: Place) -> None:
    number, until = clock(place, -3), str(today() + timedelta(days=20))

    said = place.call("deadline", "extend", str(number), "--until", until, "-m", "系统升级")

    assert said.code == 0
    assert f"due {until}, was {today() - timedelta(days=3)}" in said.err
    found = place.json("deadline", "show", str(number))
    assert (found["phase"], found["due_on"]) == ("running", until)
    assert [(entry["action"], entry["reason"]) for entry in found["journal"]] == [
        ("deadline.started", None),
        ("deadline.extended", None),
        ("deadline.extended", "系统升级"),
    ]


@pytest.mark.parametrize(
    ("days", "said"),
    [(-1, "more time ends between"), (400, "more time ends between"), (2, "later than that")],
)
def test_time_that_is_none_is_refused(place: Place, days: int, said: str) -> None:
    number = clock(place, 2)

    found = place.call(
        "deadline", "extend", str(number), "--until", str(today() + timedelta(days=days)), "-m", "x"
    )

    assert found.code == 1
    assert said in found.err


def test_a_clock_of_a_notice_is_extended_there(place: Place) -> None:
    number = clock(place, 2, "item:7", None)
    until = str(today() + timedelta(days=9))

    said = place.call("deadline", "extend", str(number), "--until", until, "-m", "x")

    assert "notice extend" in said.err
    assert "no deadline 99" in place.call("deadline", "show", "99").err


def test_a_clock_of_a_machine_is_named_as_a_person_knows_it(place: Place) -> None:
    notice = issue_notice(place.register, machines=1)
    with place.register.write() as db:
        receive(db, calendar(db), db.merge(notice), Receipt(ISSUED, RECORDED), today(), program(today()))

    found = place.call("deadline", "list", "-o", "table").out

    assert "平数云核减〔2026〕1号/vm-00001" in "".join(found.split())
    assert "平数云核减〔2026〕1号/vm-00001" in place.call("deadline", "show", "1").out


def test_a_letter_of_matters_is_listed_shown_previewed_and_sent_anew(place: Place) -> None:
    number = clock(place, -3)
    assert wrote(place) == {"matters_due": 0, "matters_late": 1}

    assert place.json("notice", "list") == []
    for words in (("--kind", "late"), ("--all",), ("--all", "--overdue")):
        (line,) = place.json("notice", "list", *words)
        assert (line["kind"], line["living"], line["machines"], line["urged"]) == ("late", 1, 1, 1)
    found = place.json("notice", "show", "1")
    assert [(one["deadline"], one["level"], one["title"]) for one in found["matters"]] == [(number, 1, TITLE)]
    shown = place.call("notice", "show", "1").out
    assert "Received" not in shown
    assert "社会救助系统" in shown
    assert "逾期未办结事项清单" in place.call("notice", "preview", "1").out
    (letter,) = place.json("deadline", "show", str(number))["letters"]
    assert letter["number"].startswith("平数事催办")
    assert place.json("deadline", "list")[0]["urged"] == 1

    sent = place.call("notice", "resend", "1", "--to", "new@minzheng.example.gov.cn")
    assert sent.code == 1  # the first mail waits
    forced = place.call("notice", "resend", "1", "--to", "new@minzheng.example.gov.cn", "--force")
    assert forced.code == 0, forced.err
    refused = place.call("notice", "receipt", "1", "--on", str(today()))
    assert "reminds of deadlines of the registers" in refused.err


def test_a_letter_whose_matters_are_all_done_is_not_sent_anew(place: Place) -> None:
    number = clock(place, -3)
    wrote(place)
    assert place.call("outbox", "hold", "1", "-m", "x").code == 0
    with place.register.write() as db:
        meet(db, "project:1", [db.get_one(Deadline, number)], today(), program(today()))

    (line,) = place.json("notice", "list", "--kind", "late")
    assert (line["living"], line["machines"], line["state"]) == (0, 1, "1 done")


def test_people_are_listed_or_it_is_said_that_there_are_none(tmp_path: Path) -> None:
    bare = placed(tmp_path / "bare")
    assert "name no people: every login" in bare.call("people", "list", "-o", "table").err

    people = (
        "people:\n  - login: li\n    name: 李四\n    roles: [operator, reviewer]\n"
        "  - login: wang\n    roles: [filer]\n    department: 市没有局\n"
    )
    rows = placed(tmp_path / "named", people).json("people", "list")

    assert [(row["login"], row["roles"]) for row in rows] == [("li", "operator, reviewer"), ("wang", "filer")]
    assert "no such department" in rows[1]["remark"]


def test_what_a_role_may_do_is_what_its_state_machines_say(place: Place) -> None:
    rows = place.json("people", "roles")

    assert {row["role"] for row in rows} == set(Role)
    found = {(role, noun): events for role, noun, events in powers(WORKFLOWS)}
    assert "approve" in found[Role.OPERATOR, "finding"]
    assert not [key for key in found if key[0] is Role.AUDITOR]
    assert "| auditor | reads everything, changes nothing | - |" in table_of_roles(WORKFLOWS)
