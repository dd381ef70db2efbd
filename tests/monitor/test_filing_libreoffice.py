"""The survey sheet of a department, made by hand in LibreOffice: title, merged headings, three bad cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from calc import Cell, flat, saved
from operating import TODAYS, Place, placed
from python_calamine import CalamineWorkbook

if TYPE_CHECKING:
    from pathlib import Path

DEPARTMENTS = "code,name\n1137028300428301XT,市教育局\n11370283004283028T,市司法局\n"
TITLE: list[list[Cell]] = [
    [("平度市部门已建政务信息系统调查表", 22, 1)],
    ["填报日期：2026年11月"],
]
HEADINGS: list[list[Cell]] = [
    [
        *(("序号", 1, 2), ("部门", 1, 2), ("系统名称", 1, 2), ("业务功能", 1, 2)),
        *(("建设单位", 3, 1), None, None, ("建成时间", 1, 2), ("建设金额", 3, 1), None, None),
        *(("年运维金额（万元）", 1, 2), ("运维方式", 1, 2), ("系统类别", 1, 2), ("是否僵尸系统", 1, 2)),
        *(("使用对象", 1, 2), ("使用频度", 1, 2), ("部署位置", 1, 2), ("涉密分类", 1, 2), ("等保级别", 1, 2)),
        *(("网络类型", 1, 2), ("备注", 1, 2)),
    ],
    [None, None, None, None, "名称", "联系人", "手机", None, "金额（万元）", "来源", "方式"],
]
REST: list[Cell] = ["自主", "应用层", "否", "教师和家长", "每天", "青岛政务云", "非涉密", "二级", "政务外网"]


def body(built: Cell, cost: Cell, owner: str) -> list[list[Cell]]:
    """Two systems of the first department below one merged cell, one of the second, and a sum."""
    ours: list[Cell] = ["市教育局", "王强", "13812345678"]
    theirs: list[Cell] = ["市司法局", "李敏", "13912345678"]
    return [
        [
            1,
            ("市教育局", 1, 2),
            "学籍管理系统",
            "管理学籍",
            *ours,
            "2021年3月",
            120.5,
            "市财政",
            "自建",
            0,
            *REST,
        ],
        [2, None, "招生报名平台", "招生报名", *ours, built, cost, "市财政", "自建", 0, *REST],
        [3, owner, "公证管理系统", "公证办理", *theirs, "2019.6", 56, "市财政", "购买服务", 0, *REST],
        ["合计", None, None, None, None, None, None, None, 256.5],
    ]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = placed(tmp_path / "city", TODAYS)
    (tmp_path / "departments.csv").write_text(DEPARTMENTS, "utf-8")
    assert found.call("department", "import", str(tmp_path / "departments.csv")).code == 0
    return found


def test_a_sheet_of_libreoffice_is_mended_taken_and_read_back(place: Place, tmp_path: Path) -> None:
    bad = flat(tmp_path / "survey.fods", "汇总表", [*TITLE, *HEADINGS, *body(2021.1, "很多", "司法局")])
    good = flat(tmp_path / "mended.fods", "汇总表", [*TITLE, *HEADINGS, *body("2021-10", 80, "市司法局")])
    survey, mended = (str(path) for path in saved(tmp_path, "xlsx", bad, good))
    marked, out = tmp_path / "bad.xlsx", tmp_path / "filings.xlsx"

    refused = place.call("filing", "import", survey, "--annotate", str(marked))
    first = place.call("filing", "import", mended)
    again = place.call("filing", "import", mended)
    assert place.call("filing", "export", str(out)).code == 0
    (resaved,) = saved(tmp_path, "ods", out)
    (resaved,) = saved(tmp_path, "xlsx", resaved)
    back = place.call("filing", "import", str(resaved))

    assert refused.code == 1
    for words in (
        "汇总表!H6 (建成时间): read 2021.1",
        "汇总表!I6 (建设金额",
        "汇总表!B7 (部门): read '司法局'",
    ):
        assert words in refused.err
    assert "near: 市司法局" in refused.err
    (sheet,) = (CalamineWorkbook.from_path(str(marked)).get_sheet_by_index(0).to_python(),)
    assert sheet[0][-2:] == ["原行号", "问题"]
    assert [row[-2] for row in sheet[1:]] == [6, 7]
    assert first.err.endswith("3 added, 0 changed, 0 amendments, 0 unchanged\n")
    assert again.err.endswith("0 added, 0 changed, 0 amendments, 3 unchanged\n")
    assert back.err.endswith("0 added, 0 changed, 0 amendments, 3 unchanged\n")
    cards = {row["name"]: row["lacks"] for row in place.json("filing", "list")}
    assert cards == {"学籍管理系统": 0, "招生报名平台": 0, "公证管理系统": 0}
    assert place.json("filing", "show", "1")[0]["card"]["build_cost"] == 120_500_000
