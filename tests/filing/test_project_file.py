"""The 审核表 as departments send it: headings of their own, 万元, units, dates in several forms."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from projecting import FILER, MONDAY, OPERATOR, departments, desk
from sqlalchemy import func, select

from filing.project_file import read_projects
from filing.project_papers import lines
from filing.submitting import submit, withdraw
from filing.tables import Project
from store.sheets import SheetError, annotate, read_sheet, write_xlsx
from store.tables import JournalEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from filing.project_file import Done
    from store.database import Register

pytest_plugins = ["registers"]

HEADINGS = (
    *(
        "序号",
        "项目名称",
        "建设单位",
        "建设性质",
        "是否涉密",
        "立项依据",
        "资金来源",
        "总投资（万元）",
        "概算明细",
    ),
    *("CPU核数", "内存（GB）", "存储", "等保级别", "固定资产投资", "联系人", "计划开工时间"),
)
GOOD = (
    *(
        1,
        "智慧城管平台",
        "市城管局",
        "新建",
        "否",
        "平政发1号",
        "市级财政",
        128,
        "软件开发 100；密码测评：28万元",
    ),
    *(8, 32, "1TB", "三级", "是", "王工", "2027年3月1日"),
)


@pytest.fixture
def db(sqlite: Register) -> Iterator[Session]:
    with sqlite.write() as opened:
        departments(opened)
        yield opened


def sheet(folder: Path, *rows: tuple[object, ...]) -> Path:
    path = folder / "审核表.xlsx"
    write_xlsx(path, "审核表", HEADINGS, rows)  # type: ignore[arg-type]
    return path


def changed(**values: object) -> tuple[object, ...]:
    row = dict(zip(HEADINGS, GOOD, strict=True)) | values
    return tuple(row.values())


def taken(db: Session, path: Path) -> Done:
    return read_projects(path).take(db, MONDAY, desk(db, OPERATOR).act)


def test_a_row_is_a_draft_and_the_same_file_again_changes_nothing(db: Session, tmp_path: Path) -> None:
    path = sheet(tmp_path, GOOD, ("", "合计", "", "", "", "", "", 128))
    done = taken(db, path)
    project = db.get_one(Project, 1)

    assert (done.added, done.changed, done.unchanged) == (1, 0, 0)
    assert (project.name, project.kind, project.department_id) == ("智慧城管平台", "develop", 1)
    assert project.budget_fen == 128_000_000
    assert [(line.name, line.fen) for line in lines(db, project)] == [
        ("软件开发", 100_000_000),
        ("密码测评", 28_000_000),
    ]
    assert project.cloud_need == {"vcpus": 8, "memory_gib": 32, "disk_gib": 1024}
    assert (project.security_level, project.fixed_asset) == (3, True)
    assert project.planned_start == date(2027, 3, 1)
    entries = db.scalar(select(func.count(JournalEntry.id)))
    again = taken(db, path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)
    assert db.scalar(select(func.count(JournalEntry.id))) == entries


def test_a_submitted_project_stands_and_the_row_that_would_change_it_is_refused(
    db: Session, tmp_path: Path
) -> None:
    taken(db, sheet(tmp_path, GOOD))
    submit(db, db.get_one(Project, 1), MONDAY, desk(db, FILER))

    assert taken(db, sheet(tmp_path, GOOD)).unchanged == 1
    with pytest.raises(SheetError, match="only a draft, or one that was returned"):
        taken(db, sheet(tmp_path, changed(立项依据="平政发2号")))
    with pytest.raises(SheetError, match="only a draft, or one that was returned"):
        taken(db, sheet(tmp_path, changed(概算明细="软件开发 128")))


def test_last_years_file_read_again_makes_nothing_new_but_another_try_does(
    db: Session, tmp_path: Path
) -> None:
    taken(db, sheet(tmp_path, GOOD))
    withdraw(db, db.get_one(Project, 1), desk(db, FILER))

    assert taken(db, sheet(tmp_path, GOOD)).unchanged == 1
    assert taken(db, sheet(tmp_path, changed(立项依据="平政发2号"))).added == 1
    assert db.get_one(Project, 2).state == "draft"


@pytest.mark.parametrize(
    ("column", "value", "place", "expected"),
    [
        ("项目名称", "", "审核表!B2", "must not be empty"),
        ("建设单位", "市没有局", "审核表!C2", "a known department"),
        ("建设性质", "其他", "审核表!D2", "one of 开发, 维护, 购买, 改扩建"),
        ("总投资（万元）", "很多", "审核表!H2", "a sum in yuan"),
        ("概算明细", "软件开发 100；密码测评 20", "审核表!I2", "lines that make the total"),
        ("概算明细", "软件开发", "审核表!I2", "budget lines such as"),
        ("存储", "-5", "审核表!L2", "a size of 0 or more"),
        ("等保级别", "六级", "审核表!M2", "a level of 1 to 5"),
        ("固定资产投资", "也许", "审核表!N2", "是 or 否"),
        ("计划开工时间", "春天", "审核表!P2", "a day such as"),
    ],
)
def test_a_wrong_cell_refuses_the_file_by_its_place(
    db: Session, tmp_path: Path, column: str, value: str, place: str, expected: str
) -> None:
    with pytest.raises(SheetError) as refused:
        taken(db, sheet(tmp_path, changed(**{column: value})))

    assert place in str(refused.value)
    assert expected in str(refused.value)
    assert db.scalar(select(func.count(Project.id))) == 0


@pytest.mark.parametrize(
    "values", [{"是否涉密": "是"}, {"项目名称": "机密★指挥"}], ids=["marked", "by a mark in its name"]
)
def test_a_secret_row_refuses_the_file_without_a_word_of_it(
    db: Session, tmp_path: Path, values: dict[str, object]
) -> None:
    row = changed(**{"项目名称": "指挥专网", **values})
    with pytest.raises(SheetError) as refused:
        taken(db, sheet(tmp_path, changed(项目名称="甲"), row))

    assert "审核表!E3" in str(refused.value)
    assert "指挥" not in str(refused.value)


def test_one_project_twice_in_a_file_is_refused(db: Session, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="every name once"):
        taken(db, sheet(tmp_path, GOOD, GOOD))


def test_yuan_where_the_heading_says_no_unit(db: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "项目名称,单位,类型,总投资\n甲,市城管局,购买服务,980000\n乙,市城管局,运维,12.5万元\n", "utf-8"
    )
    taken(db, path)

    assert [row.budget_fen for row in db.scalars(select(Project).order_by(Project.id))] == [
        98_000_000,
        12_500_000,
    ]


def test_the_problems_come_back_beside_their_rows(db: Session, tmp_path: Path) -> None:
    path = sheet(tmp_path, GOOD, changed(项目名称="乙", 建设性质="其他"))
    with pytest.raises(SheetError) as refused:
        taken(db, path)
    annotate(path, refused.value.problems, tmp_path / "back.xlsx")

    copy = read_sheet(tmp_path / "back.xlsx")
    notes = [copy.cell(row, "问题") for row in copy.rows()]
    assert notes[0] is None
    assert "kind: one of 开发" in str(notes[1])
