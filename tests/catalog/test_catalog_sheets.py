"""The form of the national guide as departments really send it: merged, repeated, mistyped, eaten."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from entries import EDITOR, SOUND, TODAY, added, city, published
from sheets import ROW, Cells, form, imported, looked, merged
from sqlalchemy import func, select

from catalog.content import facts_of
from catalog.entries import found, version_of
from catalog.metadata import Basis, ItemFacts
from catalog.template import heading_rows
from store.sheet_error import SheetError
from store.sheets import annotate
from store.tables import JournalEntry

if TYPE_CHECKING:
    from pathlib import Path

    from store.database import Register

pytest_plugins = ["registers"]
NAME = {"item_name": "姓名", "item_data_type": "C", "item_length": 50}
NUMBER = {"item_name": "身份证号", "item_data_type": "字符型C", "item_length": "18"}


@pytest.fixture
def catalog(sqlite: Register) -> Register:
    city(sqlite)
    return sqlite


def test_one_resource_merged_over_the_rows_of_its_items_becomes_one_draft(
    catalog: Register, tmp_path: Path
) -> None:
    path = form(
        tmp_path / "a.xlsx", merged(ROW, NAME, NUMBER), above=("政务信息资源目录", "填报单位：市民政局")
    )

    done = imported(catalog, path)

    assert (done.counts, done.said) == ((1, 0, 0, 0), [])
    with catalog.read() as db:
        facts = facts_of(version_of(db, found(db, "307003/000001")))
    assert facts.title == "低保对象信息"
    assert facts.items == (ItemFacts("姓名", "string", "50"), ItemFacts("身份证号", "string", "18"))
    assert (facts.update_period, facts.open_type, facts.share_type) == (
        "quarterly",
        "not_open",
        "conditional",
    )
    assert facts.basis == (
        Basis("《中华人民共和国个人信息保护法》", "第十三条"),
        Basis("《社会救助暂行办法》", "第五十八条"),
    )


@pytest.mark.parametrize("repeated", [True, False], ids=["repeated in each row", "only in the first row"])
def test_resources_without_merged_cells_are_gathered_by_their_titles(
    catalog: Register, tmp_path: Path, repeated: bool
) -> None:
    rows = []
    for title in ("低保对象信息", "低保家庭信息"):
        rows += [{**ROW, "title": title, **NAME}, {**({**ROW, "title": title} if repeated else {}), **NUMBER}]

    done = imported(catalog, form(tmp_path / "a.xlsx", rows))

    assert (done.counts, done.said) == ((2, 0, 0, 0), [])
    assert [len(entry.items) for entry in done.found.entries] == [2, 2]


def test_a_csv_with_blank_headings_below_a_group_is_read(catalog: Register, tmp_path: Path) -> None:
    from catalog.template import KEYS

    path = tmp_path / "a.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([*heading_rows(), [ROW.get(key, "") for key in KEYS]])

    assert imported(catalog, path).counts == (1, 0, 0, 0)


def test_the_second_import_of_a_file_changes_nothing(register: Register, tmp_path: Path) -> None:
    city(register)
    path = form(tmp_path / "a.xlsx", [*merged(ROW, NAME, NUMBER), {**ROW, "title": "另一信息"}])

    first, second = imported(register, path), imported(register, path)

    assert (first.counts, second.counts) == ((2, 0, 0, 0), (0, 0, 0, 2))
    with register.read() as db:
        written = select(func.count()).where(JournalEntry.action.like("entry.%")).select_from(JournalEntry)
        assert db.scalar(written) == 2


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("provider_code", 1137028300428300000, "lost digits"),
        ("provider_code", "1.137E+17", "lost digits"),
        ("resource_code", 3.07e11, "made a number of it"),
        ("resource_code", "307003/000099", "a code of the register"),
        ("published_on", 45000, "the number may be 2023-03-15"),
        ("share_type", 2, "a bare number is not taken"),
        ("share_type", "半条件", "无条件共享"),
        ("open_type", "1", "a bare number is not taken"),
        ("update_period", "7", "a bare number is not taken"),
        ("item_data_type", "3", "a bare number is not taken"),
        ("storage_total", -1, "0 or more"),
        ("storage_total", "很多", "a number"),
        ("title", "长" * 129, "at most 128 characters"),
        ("provider_name", "市不存在局", "a department of the register"),
        ("class_2", "99", "a class below"),
        ("class_3", "", "a class (类, 项 and 目)"),
        ("related_codes", "低保家庭信息", "a resource code"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named_by_its_address(
    catalog: Register, tmp_path: Path, column: str, value: object, expected: str
) -> None:
    from catalog.template import KEYS
    from store.workbook import letters

    done = imported(catalog, form(tmp_path / "a.xlsx", [{**ROW, column: value}]))

    (said,) = done.said
    assert said.startswith(f"目录!{letters(KEYS.index(column))}3")
    assert expected in said
    assert done.counts == (0, 0, 0, 0)


def test_all_errors_come_at_once(catalog: Register, tmp_path: Path) -> None:
    bad = {**ROW, "share_type": 2, "published_on": 45000, "update_period": "常常"}

    assert len(imported(catalog, form(tmp_path / "a.xlsx", [bad, {**bad, "title": "另一信息"}])).said) == 6


def test_sums_examples_demands_and_notes_are_left_out_with_a_word(catalog: Register, tmp_path: Path) -> None:
    rows: list[Cells] = [
        {"class_1": "必填", "title": "必填", "abstract": "选填"},
        {"class_1": "示例", "title": "人口信息", **NAME},
        {"title": "人口信息", **NUMBER},
        {**ROW},
        {"class_1": "合计", "storage_total": 12},
        {"class_1": "填表人：张三"},
    ]

    done = imported(catalog, form(tmp_path / "a.xlsx", rows))

    assert (done.counts, done.said) == ((1, 0, 0, 0), [])
    assert [said.split(": ")[1] for said in done.found.left_out] == [
        "a row of the form",
        "an example",
        "goes on with what is left out",
        "a sum",
        "a note",
    ]


@pytest.mark.parametrize(
    "marks",
    [
        *({"secret_flag": flag} for flag in ("是", "涉密", "机密", "绝密★长期")),
        {"abstract": "机密★10年 不可说之事"},
        {"item_name": "番号（秘 密☆）"},
    ],
    ids=str,
)
def test_nothing_of_a_secret_row_is_told_stored_or_copied(
    catalog: Register, tmp_path: Path, marks: Cells
) -> None:
    own = {name: value for name, value in marks.items() if name != "item_name"}
    item = {"item_name": "番号", **{name: value for name, value in marks.items() if name == "item_name"}}
    secret = merged({**ROW, "title": "不可说之事", **own}, {"item_name": "坐标"}, item)
    path = form(tmp_path / "a.xlsx", [*secret, {**ROW}])

    done = imported(catalog, path)
    annotate(path, done.found.problems, tmp_path / "b.csv", done.found.secret)

    copied = (tmp_path / "b.csv").read_text("utf-8-sig")
    assert done.counts == (1, 0, 0, 0)
    assert len(done.said) == 1
    assert "涉密" in done.said[0]
    assert not any(word in done.said[0] + copied for word in ("不可说之事", "坐标", "番号"))
    assert "低保对象信息" in copied
    with catalog.read() as db:
        assert "不可说之事" not in str(list(db.execute(select(JournalEntry.after, JournalEntry.subject))))


def test_a_file_that_is_marked_as_secret_is_refused_whole(catalog: Register, tmp_path: Path) -> None:
    path = form(tmp_path / "a.xlsx", [ROW], above=("机密★10年",))

    with pytest.raises(SheetError, match="not secret"):
        imported(catalog, path)


def test_rows_of_one_resource_that_contradict_are_told(catalog: Register, tmp_path: Path) -> None:
    path = form(tmp_path / "a.xlsx", [{**ROW, **NAME}, {**ROW, **NUMBER, "share_type": "无条件共享"}])

    (said,) = imported(catalog, path).said

    assert said.startswith("目录!Y4")
    assert "what row 3 has" in said


def test_a_resource_in_two_places_of_a_file_is_told(catalog: Register, tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "title": "另一信息"}, {**ROW, "title": "低保 对象信息"}]

    (said,) = imported(catalog, form(tmp_path / "a.xlsx", rows)).said

    assert said.startswith("目录!E5")
    assert said.endswith("this one is also at 目录!E3")


def test_a_published_entry_gets_a_new_version_only_when_something_differs(
    catalog: Register, tmp_path: Path
) -> None:
    with catalog.write() as db:
        published(db, added(db))
    same: Cells = {
        "resource_code": "307003/000001",
        "title": "低保对象信息",
        "provider_name": "市民政局",
        "share_type": "有条件共享",
    }

    unchanged = imported(catalog, form(tmp_path / "a.xlsx", [same]))
    changed = imported(catalog, form(tmp_path / "b.xlsx", [{**same, "abstract": "新的摘要"}]))

    assert (unchanged.counts, changed.counts) == ((0, 0, 0, 1), (0, 0, 1, 0))
    with catalog.read() as db:
        entry = found(db, "307003/000001")
        new = version_of(db, entry)
        assert (entry.published, new.number, new.state, new.abstract) == (1, 2, "draft", "新的摘要")
        assert facts_of(new).items == SOUND.items


def test_an_empty_cell_leaves_what_is_known_and_a_word_for_none_takes_it_away(
    catalog: Register, tmp_path: Path
) -> None:
    with catalog.write() as db:
        added(db, replace(SOUND, contact="张三", phone="0532-1"))
    row = {"title": "低保对象信息", "provider_name": "市民政局", "share_type": "有条件", "phone": "无"}

    assert imported(catalog, form(tmp_path / "a.xlsx", [row])).counts == (0, 1, 0, 0)
    with catalog.read() as db:
        version = version_of(db, found(db, "307003/000001"))
        assert (version.contact, version.phone) == ("张三", None)


def test_a_form_without_a_column_for_it_leaves_what_is_known_of_an_item(
    catalog: Register, tmp_path: Path
) -> None:
    known = (
        ItemFacts("姓名", "string", "50", source=True, personal=True),
        ItemFacts("救助金额", "currency", "10,2", personal=True),
    )
    with catalog.write() as db:
        added(db, replace(SOUND, items=known))
    same = {"title": "低保对象信息", "provider_name": "市民政局"}
    rows = [
        {**same, "item_name": "救助金额（元）", "item_length": "无", "item_personal": "否"},
        {"item_name": "姓名"},
        {"item_name": "备注", "item_data_type": "备注型M"},
    ]

    imported(catalog, form(tmp_path / "a.xlsx", rows))

    with catalog.read() as db:
        held = facts_of(version_of(db, found(db, "307003/000001"))).items
        assert held == (
            ItemFacts("救助金额(元)", "currency", personal=False),
            known[0],
            ItemFacts("备注", "memo"),
        )


def test_what_is_being_reviewed_is_not_changed(catalog: Register, tmp_path: Path) -> None:
    from catalog.passage import submit

    with catalog.write() as db:
        submit(db, added(db), TODAY, EDITOR)
    row = {"title": "低保对象信息", "provider_name": "市民政局", "share_type": "有条件", "abstract": "别的"}

    (said,) = imported(catalog, form(tmp_path / "a.xlsx", [row])).said

    assert "307003/000001 is in department_review" in said


def test_an_editor_writes_only_for_the_own_department(catalog: Register, tmp_path: Path) -> None:
    path = form(tmp_path / "a.xlsx", [ROW, {**ROW, "provider_name": "市公安局"}])

    done = imported(catalog, path, EDITOR)

    assert done.counts == (1, 0, 0, 0)
    assert len(done.said) == 1
    assert "目录!G4" in done.said[0]


def test_an_open_resource_with_a_condition_is_open_with_conditions(catalog: Register, tmp_path: Path) -> None:
    rows = [
        {**ROW, "open_type": "是"},
        {**ROW, "title": "另一信息", "open_type": "是", "open_condition": "实名"},
    ]

    done = imported(catalog, form(tmp_path / "a.xlsx", rows))

    assert [step.metadata.open_type for step in done.steps] == ["unconditional", "conditional"]


def test_the_law_within_the_condition_counts_where_the_form_has_no_column_for_it(
    catalog: Register, tmp_path: Path
) -> None:
    head = ["信息资源名称", "单位", "类", "项", "目", "共享类型", "共享条件"]
    row = ["某信息", "市民政局", "3", "7", "3", "不予共享", "依据《中华人民共和国统计法》第九条，不予共享"]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, row])

    (step,) = imported(catalog, tmp_path / "a.csv").steps

    assert step.metadata.basis == (Basis("《中华人民共和国统计法》", "第九条"),)


def test_a_form_of_one_department_may_leave_its_name_out(catalog: Register, tmp_path: Path) -> None:
    path = form(tmp_path / "a.xlsx", [{**ROW, "provider_name": ""}])

    with catalog.read() as db:
        assert "--department" in looked(db, path).said[0]
        assert looked(db, path, given=1).counts == (1, 0, 0, 0)
