"""Sheets as departments send them, and the way back: what is exported is read to the same."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from filing_city import CLERK, REVIEWER, TODAY, WHOLE, department, furnish, people
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from filing.card import FIELDS, Card, Field, Kind
from filing.card_values import is_empty, line, text
from filing.filings import accept, add, send_back, submit
from filing.importing import Deed, carry_out, plan
from filing.sheet_files import FileNameError, annotate_bad, export
from filing.sheet_rows import Owners, Reading, read_rows
from filing.tables import Filing, FilingState
from store.sheet_error import SheetError
from store.tables import Department, JournalEntry
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

Merge = tuple[int, int, int, Any]
OWNERS = Owners({"市教育局": 1, "1137028300428301XT": 1, "市司法局": 2})


def csv(path: Path, text_: str) -> Path:
    path.write_text(text_, "utf-8")
    return path


def read(path: Path, owners: Owners = OWNERS) -> Reading:
    return read_rows(path, owners, TODAY)


def told(found: Reading) -> list[str]:
    return [str(problem) for problem in found.problems]


def take(db: Session, path: Path) -> dict[Deed, int]:
    owners = Owners({row.name: row.id for row in db.scalars(select(Department))})
    found = read_rows(path, owners, TODAY)
    assert told(found) == []
    planned = plan(db, found)
    assert told(found) == []
    carry_out(db, planned, CLERK, TODAY)
    return {deed: sum(step.deed is deed for step in planned) for deed in Deed}


def survey(path: Path, rows: Sequence[Sequence[Any]], merges: Sequence[Merge] = ()) -> Path:
    """A title, headings in two rows (merged both ways), `rows`; `merges`: first, last row, column, value."""
    top = ["序号", "单位名称", "系统名称", "审批", None, "建设金额", None, None, "建成时间", "涉密分类"]
    sub = [None, None, None, "部门", "时间", "金额（万元）", "来源", "方式", None, None]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("汇总")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(0, 0, 0, 9, "平度市部门已建政务信息系统调查表")
        sheet.merge_range(1, 3, 1, 4, "审批")
        sheet.merge_range(1, 5, 1, 7, "建设金额")
        for column, (over, under) in enumerate(zip(top, sub, strict=True)):
            if over is not None and under is None:
                sheet.merge_range(1, column, 2, column, over)
            elif under is not None:
                sheet.write(2, column, under)
        for number, row in enumerate(rows, 3):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(number, column, value.replace(tzinfo=None), day)
                elif value is not None:
                    sheet.write(number, column, value)
        for first, last, column, value in merges:
            sheet.merge_range(first - 1, column, last - 1, column, value)
    return path


def test_a_sheet_with_a_title_two_rows_of_headings_and_merged_departments_is_read(tmp_path: Path) -> None:
    rows = [
        [1, None, "学籍系统", "市发改局", "2020.11", 120.5, "财政", "自建（有产权）", "2021年3月", "否"],
        [
            2,
            None,
            "招生平台",
            "市发改局",
            202011,
            "1205000元",
            "财政",
            "购买服务",
            datetime(2022, 5, 6, tzinfo=UTC),
            "×",
        ],
        [3, None, None, None, None, None, None, None, None, None],
        [4, "1137028300428301XT", "档案", None, None, "80万", None, None, 20210301, "非涉密"],
        ["合计", None, None, None, None, 321, None, None, None, None],
    ]
    found = read(survey(tmp_path / "a.xlsx", rows, [(4, 6, 1, "市教育局")]))

    assert told(found) == []
    assert found.unread == []
    assert [(row.department, row.card) for row in found.rows] == [
        (
            1,
            {
                "name": "学籍系统",
                "approver": "市发改局",
                "approved_on": "2020-11",
                "built_on": "2021-03",
                "build_cost": 120_500_000,
                "build_source": "财政",
                "build_mode": "自建",
                "secrecy": "非涉密",
            },
        ),
        (
            1,
            {
                "name": "招生平台",
                "approver": "市发改局",
                "approved_on": "2020-11",
                "built_on": "2022-05-06",
                "build_cost": 120_500_000,
                "build_source": "财政",
                "build_mode": "购买服务",
                "secrecy": "非涉密",
            },
        ),
        (1, {"name": "档案", "built_on": "2021-03-01", "build_cost": 80_000_000, "secrecy": "非涉密"}),
    ]


def test_an_amount_merged_over_several_systems_belongs_to_none_of_them(tmp_path: Path) -> None:
    rows = [[n, "市教育局", f"系统{n}", None, None, None] for n in (1, 2)]
    path = survey(tmp_path / "a.xlsx", rows, [(4, 5, 5, 300)])
    found = read(path)

    assert [problem.place for problem in found.problems] == ["汇总!F4", "汇总!F5"]
    assert all("merged over several rows" in one for one in told(found))

    annotate_bad(found, tmp_path / "bad.xlsx")
    assert told(read(tmp_path / "bad.xlsx")) == []  # and no sum stands twice in the copy
    assert [row.card for row in read(tmp_path / "bad.xlsx").rows] == [{"name": "系统1"}, {"name": "系统2"}]


def test_the_unit_may_stand_above_the_table_and_the_department_too(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "调查表,\n填报单位：市司法局,金额单位：万元\n系统名称,建设金额\n公证,12\n")
    (row,) = read(path).rows

    assert (row.department, row.card["build_cost"]) == (2, 12_000_000)


def test_an_amount_without_a_unit_anywhere_is_refused(tmp_path: Path) -> None:
    found = read(csv(tmp_path / "a.csv", "单位,系统名称,建设金额\n市司法局,公证,12\n"))

    (said,) = told(found)
    assert said.startswith("line 2, column 建设金额: read '12', expected an amount with its unit, 元 or 万元")


def test_every_wrong_cell_is_named_at_once(tmp_path: Path) -> None:
    path = csv(
        tmp_path / "a.csv",
        "部门,系统名称,建成时间,是否僵尸系统,等保级别\n市司法,公证,昨天,也许,九级\n市司法局,,2030-01-01,,\n",
    )
    found = read(path)

    assert [(problem.row, problem.column) for problem in found.problems] == [
        (2, "建成时间"),
        (2, "是否僵尸系统"),
        (2, "等保级别"),
        (2, "部门"),
        (3, "系统名称"),
        (3, "建成时间"),
    ]
    assert "near: 市司法局" in told(found)[3]


def test_a_secret_row_is_reported_by_its_cell_and_its_content_stands_nowhere(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "部门,系统名称,涉密分类\n市司法局,甲工程指挥,机密\n市司法局,公证,否\n")
    found = read(path)
    annotate_bad(found, tmp_path / "bad.csv")

    assert list(found.secret.values()) == ["line 2, column 涉密分类"]
    assert [row.card["name"] for row in found.rows] == ["公证"]
    for said in (*told(found), repr(found.bad), (tmp_path / "bad.csv").read_text("utf-8-sig")):
        assert "甲工程" not in said
        assert "机密" not in said


def test_a_system_that_stands_twice_is_taken_from_neither_row(tmp_path: Path) -> None:
    found = read(
        csv(tmp_path / "a.csv", "部门,系统名称,备注\n市司法局,公证,a\n市司法局,公证,b\n市教育局,公证,c\n")
    )

    assert [problem.row for problem in found.problems] == [2, 3]
    assert [row.department for row in found.rows] == [1]


def test_rows_without_a_department_take_the_given_one_or_the_builder(tmp_path: Path) -> None:
    built = csv(tmp_path / "a.csv", "建设单位,系统名称\n市司法局,公证\n")
    bare = csv(tmp_path / "b.csv", "系统名称,备注\n公证,a\n")

    assert [row.department for row in read(built).rows] == [2]
    assert [row.department for row in read(bare, Owners(OWNERS.known, 1)).rows] == [1]
    assert "--department" in told(read(bare))[0]


def test_headings_that_no_field_has_are_said(tmp_path: Path) -> None:
    found = read(csv(tmp_path / "a.csv", "序号,部门,系统名称,分管领导\n1,市司法局,公证,张\n"))

    assert found.unread == ["分管领导"]


def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="name"):
        read(csv(tmp_path / "a.csv", "a,b\n1,2\n"))
    with pytest.raises(SheetError, match="0 bytes"):
        read(csv(tmp_path / "b.csv", ""))
    with pytest.raises(FileNameError):
        annotate_bad(Reading(), tmp_path / "a.txt")


def test_a_new_row_is_noted_a_changed_one_edits_and_the_same_file_again_changes_nothing(
    register: Register, tmp_path: Path
) -> None:
    path = csv(tmp_path / "a.csv", "部门,系统名称,备注,升级需求\n市司法局,公证,a,\n市教育局,学籍,,\n")
    changed = csv(tmp_path / "b.csv", "部门,系统名称,备注,升级需求\n市司法局,公证,,要\n市教育局,学籍,,\n")
    with register.write() as db:
        furnish(db, {})
        assert take(db, path) == {Deed.ADD: 2, Deed.EDIT: 0, Deed.AMEND: 0, Deed.NOTHING: 0}
        entries = db.scalar(select(func.count(JournalEntry.id)))
        assert take(db, path) == {Deed.ADD: 0, Deed.EDIT: 0, Deed.AMEND: 0, Deed.NOTHING: 2}
        assert db.scalar(select(func.count(JournalEntry.id))) == entries
        assert take(db, changed)[Deed.EDIT] == 1

        row = db.scalars(select(Filing).where(Filing.name == "公证")).one()
        assert row.card == {
            "name": "公证",
            "upgrade": "要",
            "remark": "a",
        }  # an empty cell takes nothing away


def test_a_filed_card_that_differs_becomes_an_amendment_and_one_under_review_waits(
    sqlite: Register, tmp_path: Path
) -> None:
    path = csv(tmp_path / "a.csv", "部门,系统名称,等保级别\n市教育局,学籍管理系统,三级\n")
    again = csv(tmp_path / "b.csv", "部门,系统名称,等保级别\n市教育局,学籍管理系统,四级\n")
    with sqlite.write() as db:
        furnish(db, {})
        row = add(db, department(db, "市教育局"), None, dict(WHOLE), CLERK, TODAY)
        submit(db, row, CLERK, TODAY)
        found = read_rows(path, Owners({"市教育局": row.department_id}), TODAY)
        assert plan(db, found) == []
        assert "the reviewer has to answer first" in told(found)[0]

        accept(db, row, REVIEWER, TODAY)
        assert take(db, path)[Deed.AMEND] == 1
        assert (row.state, row.card["level"], row.proposed["level"]) == (FilingState.AMENDING, "二级", "三级")
        assert take(db, path)[Deed.NOTHING] == 1
        found = read_rows(again, Owners({"市教育局": row.department_id}), TODAY)
        assert plan(db, found) == []
        send_back(db, row, REVIEWER, TODAY)
        assert take(db, again)[Deed.AMEND] == 1


def test_a_filer_takes_only_rows_of_the_own_department(sqlite: Register, tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "部门,系统名称\n市司法局,公证\n")
    with sqlite.write() as db:
        furnish(db, {})
        owners = Owners({row.name: row.id for row in db.scalars(select(Department))})
        planned = plan(db, read_rows(path, owners, TODAY))
        wang, _sun = people(db)

        with pytest.raises(RefusedError, match="another department"):
            carry_out(db, planned, wang, TODAY)


def test_what_the_reconciliation_found_is_completed_by_the_sheet_under_nearly_its_name(
    sqlite: Register, tmp_path: Path
) -> None:
    path = csv(tmp_path / "a.csv", "部门,系统名称,备注\n市司法局,公证系统,a\n")
    with sqlite.write() as db:
        furnish(db, {})
        row = add(db, department(db, "市司法局"), None, {"name": "公证"}, CLERK, TODAY)
        row.found_on = TODAY
        db.flush()

        assert take(db, path)[Deed.EDIT] == 1
        assert row.name == "公证系统"


# ---- the way back

VISIBLE = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
LINES = st.text(VISIBLE, min_size=1, max_size=12) | st.sampled_from(
    ["=1+1", "@x", "-5", "'=x", "无", "1.0", "+1"]
)
TEXTS = LINES | st.tuples(LINES, LINES).map("\n".join)
DAYS = st.dates(date(1990, 1, 1), TODAY).flatmap(
    lambda day: st.sampled_from([str(day), str(day)[:7], str(day)[:4]])
)


def legible(kind: Kind, written: str) -> bool:
    """Whether the field takes the text as it is, which is the form that it keeps."""
    try:
        return not is_empty(written) and (line if kind is Kind.LINE else text)(written) == written
    except ValueError:
        return False


def values(field: Field) -> st.SearchStrategy[object]:
    kinds: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.LINE: LINES.filter(lambda said: legible(Kind.LINE, said)),
        Kind.TEXT: TEXTS.filter(lambda said: legible(Kind.TEXT, said)),
        Kind.DAY: DAYS,
        Kind.MONEY: st.integers(0, 10**13),
        Kind.YES_NO: st.booleans(),
        Kind.CHOICE: st.sampled_from([word for word, _others in field.choices] or [""]),
        Kind.PHONE: st.sampled_from(["13812345678", "0532-1234567", "+86 532 1234567"]),
        Kind.SECRECY: st.just("非涉密"),
    }
    return kinds[field.kind]


CARDS = st.fixed_dictionaries(
    {"name": values(FIELDS[0])},
    optional={
        field.key: values(field) for field in FIELDS[1:] if field.key not in {"maintained_until", "builder"}
    },
)


def ordered(card: Card) -> Card:
    return {field.key: card[field.key] for field in FIELDS if field.key in card}


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cards=st.lists(CARDS, min_size=1, max_size=4, unique_by=lambda card: card["name"]),
    ending=st.sampled_from(["xlsx", "csv"]),
)
def test_what_is_exported_is_read_to_the_same(
    sqlite: Register, tmp_path: Path, cards: list[Card], ending: str
) -> None:
    path = tmp_path / f"out.{ending}"
    with sqlite.write() as db:
        db.execute(Filing.__table__.delete())  # type: ignore[attr-defined]
        if db.scalar(select(func.count(Department.id))) == 0:
            furnish(db, {})
        owner = department(db, "市教育局")
        db.add_all(
            Filing(department=owner, name=str(card["name"]), state=FilingState.UNFILED, card=ordered(card))
            for card in cards
        )
        db.flush()
        assert export(db, path) == len(cards)
        found = read_rows(path, Owners({owner.name: owner.id}), TODAY)

        assert told(found) == []
        by_name = {str(card["name"]): ordered(card) for card in cards}
        assert {str(row.card["name"]): row.card for row in found.rows} == by_name
        assert {step.deed for step in plan(db, found)} == {Deed.NOTHING}


def test_no_text_of_an_export_is_a_formula(sqlite: Register, tmp_path: Path) -> None:
    with sqlite.write() as db:
        furnish(db, {})
        add(
            db,
            department(db, "市教育局"),
            None,
            {"name": '=HYPERLINK("x")', "remark": "@SUM(1)"},
            CLERK,
            TODAY,
        )
        export(db, tmp_path / "a.csv")
        export(db, tmp_path / "a.xlsx")

    assert not re.search(r"(^|,)\"?[=@+]", (tmp_path / "a.csv").read_text("utf-8-sig"))
    sheet = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert sheet[1][2] == '=HYPERLINK("x")'  # a text: the reader gives formulas as their values
