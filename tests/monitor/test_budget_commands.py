"""A year as people type it: opened, scored, confirmed, listed, issued, put on paper, attested, restored."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from operating import MAIL, Place, placed, today

from filing.tables import Filing, FilingState, Project, ProjectState
from monitor.installation import actor
from store.tables import Department, Machine, System

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = f"""
people:
  - {{login: {actor()}, roles: [operator]}}
  - {{login: chen, roles: [reviewer]}}
  - {{login: liu, roles: [reviewer]}}
  - {{login: qian, roles: [finance]}}
  - {{login: sun, roles: [filer], department: 市民政局}}
"""
LEFT = ("--leave", "use=没有云主机", "--leave", "deployment=没有交付", "--leave", "catalog=目录未核对")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = placed(tmp_path / "house", MAIL + PEOPLE)
    long_ago = today() - timedelta(days=200)
    with made.register.write() as db:
        db.add_all([Department(id=1, code="A", name="市民政局"), Department(id=2, code="B", name="市司法局")])
        db.flush()
        db.add(System(id=1, department_id=1, name="社会救助系统"))
        db.flush()
        db.add(Machine(name="vm-1", department_id=1, system_id=1, delivered_on=long_ago))
        common = {"department_id": 1, "card": {}, "state": FilingState.FILED, "filed_on": long_ago}
        db.add(Filing(name="=社会救助系统", system_id=1, **common))
        state = ProjectState.IN_REVIEW
        db.add(
            Project(
                department_id=2,
                name="法律援助",
                kind="develop",
                state=state,
                cloud_need={},
                budget_fen=5_000_000,
                created_on=long_ago,
            )
        )
    return made


def points(share: float) -> list[str]:
    most = {"compliance": 10, "goals": 15, "budget": 10, "activity": 10, "security": 10, "satisfaction": 5}
    return [word for key, full in most.items() for word in ("--item", f"{key}={full * share:g}")]


def failed(place: Place) -> None:
    year = str(today().year)
    assert place.call("evaluation", "open", year).err == f"1 evaluation opened for {year}\n"
    said = place.call("--as", "chen", "evaluation", "score", "1", *points(0.4), *LEFT)
    assert "use: not measured of 20" in said.err
    assert "1: 40 of 100 points; another person confirms" in said.err
    assert place.call("--as", "liu", "evaluation", "confirm", "1").err == "1: failed\n"


def test_a_sheet_without_points_is_refused_with_all_that_it_lacks(place: Place) -> None:
    place.call("evaluation", "open", str(today().year))
    said = place.call("evaluation", "score", "1", "--item", "goals=20", "-m", "x")

    assert said.code == 1
    assert "goals: 0 to 15 points, not 20" in said.err
    assert "security (安全): no score" in said.err
    assert place.call("evaluation", "score", "1", "--item", "goals=many").code == 2
    assert place.json("evaluation", "list")[0]["state"] == "due"


def test_a_list_is_issued_printed_attested_and_what_passes_later_is_restored(
    place: Place, tmp_path: Path
) -> None:
    failed(place)
    rows = {row["subject"]: row for row in place.json("budget", "list")}
    assert rows["project:1"]["budget_fen"] == 5_000_000
    assert (rows["filing:1"]["verdict"], rows["project:1"]["verdict"]) == ("stopped", "refused")
    number = place.call("--as", "chen", "budget", "issue", "2099", "-m", "年度").out.strip()
    assert number == "平数云预算〔2099〕1号"
    assert place.call("--as", "chen", "budget", "attest", number).code == 1
    assert place.call("--as", "qian", "budget", "attest", number).code == 0
    shown = place.json("budget", "show", "1")
    assert len(shown["sha256"]) == 64
    assert shown["attested"].startswith(f"qian via {actor()}")
    for form in ("docx", "xlsx"):
        assert place.call("budget", "letter", number, f"--{form}", str(tmp_path / f"letter.{form}")).code == 0
    with zipfile.ZipFile(io.BytesIO((tmp_path / "letter.docx").read_bytes())) as book:
        text = book.read("word/document.xml").decode()
    assert "关于2099年度电子政务和政务数据项目" in text
    assert "停止执行相关预算" in text

    place.call("--as", "chen", "evaluation", "score", "1", *points(0.95), *LEFT)
    place.call("--as", "liu", "evaluation", "confirm", "1")
    second = place.call("budget", "issue", "2099").out.strip()
    restored = {
        row["subject"]: row["restores"] for row in place.json("budget", "show", second)["content"]["rows"]
    }
    assert restored == {"filing:1": {"list": number, "row": 2}, "project:1": None}
    assert [row["number"] for row in place.json("budget", "lists")] == [second, number]


def test_finance_attests_before_a_failed_system_is_cancelled(place: Place) -> None:
    failed(place)
    assert (
        "finance has not attested"
        in place.call("--as", "liu", "evaluation", "decide", "1", "cancel", "-m", "x").err
    )
    place.call("--as", "qian", "evaluation", "attest", "1")
    said = place.call("--as", "liu", "evaluation", "decide", "1", "cancel", "-m", "x")

    assert "deregister filing 1" in said.err
    assert "deregister it first" in place.call("evaluation", "close", "1").err


def test_a_department_appeals_and_another_reviewer_upholds_it(place: Place) -> None:
    failed(place)
    assert (
        place.call("--as", "sun", "evaluation", "appeal", "1", "-m", "数据有误").err == "1: failed_appealed\n"
    )
    assert place.call("--as", "liu", "evaluation", "answer", "1", "uphold", "-m", "x").code == 1
    assert place.call("--as", "chen", "evaluation", "answer", "1", "uphold", "-m", "属实").err == "1: due\n"
    shown = place.json("evaluation", "show", "1")

    assert [said["outcome"] for said in shown["outcomes"]] == ["fail", "upheld"]
    assert "appealed" in place.call("evaluation", "show", "1").out


def test_a_letter_needs_a_paper_and_an_unknown_list_is_refused(place: Place) -> None:
    assert place.call("budget", "letter", "1").code == 2
    assert "no budget list 7" in place.call("budget", "show", "7").err
    assert place.call("budget", "list", "--as-of", "2099-01-01").code == 1
