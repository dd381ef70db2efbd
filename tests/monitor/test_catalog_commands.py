"""The commands on the catalog, as an editor, a signer and a reviewer call them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from operating import TODAYS, Place, placed, today

from catalog.reference import ClassLine, import_classes
from monitor.installation import actor
from store.tables import Department
from store.workflow import Act, Role

if TYPE_CHECKING:
    from pathlib import Path

CODE = "308012/000001"
FIELDS = (
    "摘要=全市城乡低保对象的基本情况",
    "format_class=数据库",
    "format_type=MySQL",
    "共享类型=有条件共享",
    "共享条件=用于社会救助资格核对",
    "share_mode_class=共享平台",
    "share_mode_type=接口",
    "使用要求=只用于申请时说明的用途",
    "open_type=不予开放",
    "更新周期=每月",
    "涉密属性=否",
)
PEOPLE = """
people:
  - {login: ROOT, roles: [operator]}
  - {login: li, roles: [editor], department: 市民政局}
  - {login: sun, roles: [signer], department: 市民政局}
  - {login: chen, roles: [reviewer]}
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = placed(tmp_path / "office", TODAYS + PEOPLE.replace("ROOT", actor()))
    with made.register.write() as db:
        db.add(Department(code="1137028300428301XT", name="市民政局"))
        db.add(Department(code="11370283004283028T", name="市公安局"))
        lines = [ClassLine(code=code, name=code) for code in ("3", "308", "308012", "308003")]
        import_classes(db, lines, Act("x", Role.OPERATOR, datetime(2026, 11, 23, tzinfo=UTC)))
    return made


def done(place: Place, *words: str) -> str:
    said = place.call(*words)
    assert said.code == 0, said.err
    return said.err.strip()


def drafted(place: Place) -> None:
    sets = [word for field in FIELDS for word in ("--set", field)]
    done(
        place,
        "--as",
        "li",
        "catalog",
        "add",
        "低保对象信息",
        "--department",
        "市民政局",
        "--class",
        "308012",
        *sets,
    )
    done(place, "--as", "li", "catalog", "item", "add", CODE, "姓名", "--type", "字符型C", "--source")
    done(place, "--as", "li", "catalog", "item", "add", CODE, "身份证号", "--type", "C", "--length", "18")
    done(place, "--as", "li", "catalog", "basis", CODE, "中华人民共和国个人信息保护法", "第十三条")


def published(place: Place) -> None:
    drafted(place)
    for person, step in (("li", "submit"), ("sun", "confirm"), ("chen", "file"), ("chen", "publish")):
        done(place, "--as", person, "catalog", step, CODE)


def test_an_entry_goes_from_the_editor_to_the_public(place: Place) -> None:
    published(place)

    (row,) = place.json("catalog", "list", "--public")
    assert (row["code"], row["state"], row["published"]) == (CODE, "published", 1)
    shown = place.json("catalog", "show", CODE)
    assert shown["metadata"]["published_on"] == str(today())
    assert [item["name"] for item in shown["metadata"]["items"]] == ["姓名", "身份证号"]
    assert shown["problems"] == []
    assert "身份证号  字符型C(18)" in place.call("catalog", "show", CODE).out
    actions = [row["action"] for row in place.json("catalog", "history", CODE)]
    assert actions[-4:] == ["entry.submit", "entry.confirm", "entry.file", "entry.publish"]


def test_what_is_missing_is_told_at_once_and_found_by_check(place: Place) -> None:
    said = place.call("catalog", "add", "低保对象信息", "--department", "市民政局", "--class", "308012")
    assert said.out == f"{CODE}\n"
    assert "9 problems before it can be submitted" in said.err
    assert place.call("catalog", "check", CODE).code == 3
    assert place.call("--as", "li", "catalog", "submit", CODE).code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "摘要"), "KEY=VALUE with one of"),
        (("--set", "没有=1"), "KEY=VALUE with one of"),
        (("--set", "更新周期=6"), "更新周期: one of 实时"),
        (("--set", "open_type=是"), "是 does not say whether on conditions"),
        (("--set", "storage_total=很多"), "a number such as 12.5"),
        (("--set", "发布日期=昨天"), "a day such as"),
        (("--set", "涉密属性=是"), "nothing of it was stored"),
        (("--set", f"title={'数' * 129}"), "at most 128 characters; it has 129"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_wanted(
    place: Place, words: tuple[str, ...], said: str
) -> None:
    drafted(place)

    refused = place.call("catalog", "edit", CODE, *words)
    assert refused.code == 1
    assert said in refused.err


def test_a_change_of_the_law_is_due_and_overdue(place: Place) -> None:
    published(place)
    done(
        place, "catalog", "event", "add", "--law", "社会救助暂行办法", "--on", "2026-09-18", "--entries", CODE
    )

    (row,) = place.json("catalog", "event", "list", "--overdue")
    assert (row["due"], row["overdue"]) == ("2026-10-15", True)
    done(place, "catalog", "event", "done", "1", "--entry", CODE, "-m", "与本目录无关")
    assert place.json("catalog", "event", "list") == []
    future = place.call("catalog", "event", "add", "--law", "x", "--on", "2199-01-01", "--entries", CODE)
    assert "is to come" in future.err
    both = place.call(
        "catalog", "event", "add", "--law", "x", "--function", "y", "--on", "2026-09-18", "--entries", CODE
    )
    assert both.code == 2


def test_stale_data_is_listed_and_counted(place: Place) -> None:
    published(place)
    done(place, "catalog", "data", CODE, "--on", "2026-01-31")

    assert [row["code"] for row in place.json("catalog", "stale")] == [CODE]
    assert place.json("catalog", "total")["parts"]["freshness"] == {"过期": 1}


def test_sources_tickets_and_objections(place: Place) -> None:
    published(place)
    done(place, "catalog", "source", "set", "公民身份号码", "--entry", CODE)
    assert [row["department"] for row in place.json("catalog", "source", "list")] == ["市民政局"]
    done(place, "catalog", "source", "end", "身份证", "-m", "定错")
    assert place.json("catalog", "duplicates") == []
    words = ("--kind", "correct", "--item", "姓名", "--text", "有误", "--evidence", "复印件")
    done(place, "catalog", "ticket", "open", CODE, *words)
    done(place, "--as", "li", "catalog", "ticket", "answer", "1", "--text", "已更正")
    done(place, "--as", "chen", "catalog", "ticket", "close", "1")
    assert [row["state"] for row in place.json("catalog", "ticket", "list", "--all")] == ["closed"]
    done(place, "catalog", "objection", "add", CODE, "--kind", "quality", "--text", "空值太多")
    done(place, "catalog", "objection", "take", "1")
    done(place, "catalog", "objection", "handle", "1", "-m", "已补齐")
    done(place, "catalog", "objection", "rate", "1", "--score", "5", "--solved")
    assert [row["score"] for row in place.json("catalog", "objection", "list", "--all")] == [5]


def test_all_entries_take_a_step_or_none(place: Place) -> None:
    drafted(place)
    done(place, "catalog", "add", "空目录信息", "--department", "市民政局", "--class", "308012")

    assert place.call("catalog", "submit", CODE, "308012/000002").code == 1
    assert {row["state"] for row in place.json("catalog", "list")} == {"draft"}


def test_classes_and_laws_are_imported_and_again_change_nothing(place: Place, tmp_path: Path) -> None:
    (tmp_path / "classes.csv").write_text("代码,名称\n308012,市民政局\n308012001,社会救助\n", "utf-8")
    (tmp_path / "laws.csv").write_text("名称,废止日期,替代\n某某条例,2020-01-01,新条例\n", "utf-8")
    assert done(place, "catalog", "classes", "import").startswith("26 added")
    assert done(place, "catalog", "classes", "import", str(tmp_path / "classes.csv")).startswith(
        "1 added, 1 changed"
    )
    for said in ("1 added", "0 added, 0 changed, 1 unchanged"):
        assert done(place, "catalog", "laws", "import", str(tmp_path / "laws.csv")).startswith(said)

    assert {row["name"] for row in place.json("catalog", "laws", "list") if row["repealed_on"]} >= {
        "某某条例"
    }
    assert "308012001" in {row["code"] for row in place.json("catalog", "classes", "list")}
    (tmp_path / "bad.csv").write_text("代码,名称\n9,x\n30A,\n", "utf-8")
    assert "3 problems" in place.call("catalog", "classes", "import", str(tmp_path / "bad.csv")).err
