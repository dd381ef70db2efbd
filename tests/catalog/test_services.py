"""Service items: which papers are still asked for although the catalog can provide them (art. 26)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from offers import ADDRESSES, CHILDREN, CIVIL, CLERK, HOUSING, LOW_INCOME, MONDAY, person, published

from catalog.errors import CatalogError
from catalog.papers import Provider, Titles, core, demanded, match
from catalog.service_file import read_papers
from catalog.services import Imported, import_papers, link, needless, papers
from catalog.unlinked import unlinked
from store.sheet_out import write_xlsx
from store.sheets import SheetError
from store.workflow import RefusedError, Role

if TYPE_CHECKING:
    from pathlib import Path

    from store.cells import Cell
    from store.database import Register

pytest_plugins = ["cities"]

HEAD = ("事项名称", "实施主体", "材料名称", "是否纸质", "法律依据", "资源代码")
ROWS: list[list[Cell]] = [
    ["公租房申请", "市住建局", "低保证（原件及复印件）", "是", None, None],
    [None, None, "身份证复印件", "是", None, None],
    [None, None, "收入证明", "是", None, None],
    [None, None, "户口簿", "否", None, None],
    ["房屋登记", "市住建局", "结婚证", "是", "《不动产登记暂行条例》第十六条", None],
]


def sheet(folder: Path, rows: list[list[Cell]]) -> Path:
    write_xlsx(folder / "items.xlsx", "事项", HEAD, rows)
    return folder / "items.xlsx"


def provider(number: int, title: str, share: str = "conditional") -> Provider:
    return Provider(number, f"307003/{number:06}", title, "某局", share)


@pytest.mark.parametrize(
    ("paper", "title", "how"),
    [
        ("低保证（原件及复印件）", "低保对象信息", "synonym"),
        ("身份证复印件", "常住人口基本信息", "synonym"),
        ("营业执照副本", "企业登记信息", "synonym"),
        ("收入证明", "收入证明信息", "title"),
        ("施工许可证", "建筑工程施工许可证信息", "title"),
        ("证明", "死亡证明信息", None),
        ("身份证", "居民身份信息", "synonym"),
        ("学生证", "低保对象信息", None),
        ("地址", "标准地址门牌楼栋单元房屋编码信息", None),
    ],
)
def test_a_paper_is_known_by_its_name(paper: str, title: str, how: str | None) -> None:
    found = match(paper, None, Titles([provider(1, title)]))

    assert (found.how if found else None) == how


def test_a_link_by_word_comes_first_and_what_is_not_shared_provides_nothing() -> None:
    offers = [
        provider(1, "户籍信息", "unconditional"),
        provider(2, "别的信息"),
        provider(3, "户籍", "not_shared"),
    ]

    linked, named = match("户口簿", 2, Titles(offers)), match("户口簿", None, Titles(offers))
    assert linked is not None
    assert (linked.provider.entry_id, linked.how) == (2, "link")
    assert named is not None
    assert named.provider.entry_id == 1
    assert match("户口簿", None, Titles(offers[2:])) is None


@pytest.mark.parametrize(
    ("basis", "holds"),
    [
        ("《不动产登记暂行条例》第十六条", True),
        ("不动产登记暂行条例第十六条", True),
        ("《不动产登记暂行条例》", False),
        ("内部规定第三条", False),
        ("领导要求", False),
        (None, False),
    ],
)
def test_only_a_law_and_its_article_demand_paper(basis: str | None, holds: bool) -> None:
    assert demanded(basis, {}, MONDAY) is holds


def test_copies_and_originals_are_one_paper() -> None:
    assert {core("身份证（原件及复印件）"), core("身份证复印件"), core("申请人身份证")} == {"身份证"}


def test_papers_that_the_catalog_can_provide_are_reported(small: Register, tmp_path: Path) -> None:
    rows = read_papers(sheet(tmp_path, ROWS))
    with small.write() as db:
        published(db, CIVIL, 6, "婚姻登记信息", ["姓名"], share="conditional")
        done = import_papers(db, rows, CLERK)
        again = import_papers(db, rows, CLERK)
        found = needless(db, MONDAY, "市住建局")

        assert (done, again) == (Imported(2, 0, 0), Imported(0, 0, 2))
        # 身份证 has no entry here, 户口簿 is not asked for on paper, 结婚证 is demanded by law.
        assert [(one.paper.name, one.match.provider.code) for one in found] == [
            ("低保证(原件及复印件)", LOW_INCOME)
        ]


def test_a_repealed_law_that_comes_along_demands_no_paper(small: Register, tmp_path: Path) -> None:
    paper: list[Cell] = ["公租房申请", "市住建局", "低保证", "是", "《中华人民共和国婚姻法》第十条", None]
    with small.write() as db:
        import_papers(db, read_papers(sheet(tmp_path, [paper])), CLERK)

        assert [one.paper.name for one in needless(db, MONDAY)] == ["低保证"]


def test_a_link_by_word_stays_when_the_sheet_comes_again(small: Register, tmp_path: Path) -> None:
    rows = read_papers(sheet(tmp_path, ROWS))
    with small.write() as db:
        import_papers(db, rows, CLERK)
        paper = next(paper for paper in papers(db) if paper.name == "收入证明")
        link(db, paper.id, ADDRESSES, CLERK)
        import_papers(db, rows[:3], CLERK)

        assert {one.paper.name: one.match.how for one in needless(db, MONDAY)} == {
            "低保证(原件及复印件)": "synonym",
            "收入证明": "link",
        }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["公租房申请", "没有的局", "证", "是", None, None], "no department '没有的局'"),
        (["公租房申请", "市住建局", "证", "是", None, "9/9"], "no entry '9/9'"),
    ],
)
def test_what_is_not_known_refuses_the_whole_sheet(
    small: Register, tmp_path: Path, row: list[Cell], said: str
) -> None:
    rows = read_papers(sheet(tmp_path, [*ROWS, row]))
    with small.write() as db:
        with pytest.raises(CatalogError, match=f"材料名称|事项!C7.*{said}"):
            import_papers(db, rows, CLERK)
        assert papers(db) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["公租房申请", "市住建局", "收入证明", "是", None, None], "every paper of an item once"),
        (["房屋登记", "市住建局", "申请表", "也许", None, None], "是 or 否"),
        (["新事项", None, "申请表", "是", None, None], "must not be empty"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, row: list[Cell], said: str) -> None:
    with pytest.raises(SheetError, match=said):
        read_papers(sheet(tmp_path, [*ROWS, row]))


def test_an_editor_keeps_the_items_of_his_department_only(small: Register, tmp_path: Path) -> None:
    rows = read_papers(sheet(tmp_path, ROWS))
    with small.write() as db:
        with pytest.raises(RefusedError, match="another department"):
            import_papers(db, rows, person("sun", Role.EDITOR, CIVIL))
        db.rollback()
    with small.write() as db:
        assert import_papers(db, rows, person("li", Role.EDITOR, HOUSING)).added == 2


def test_published_entries_without_a_link_are_pointed_out(small: Register) -> None:
    with small.write() as db:
        published(db, CIVIL, 7, "不共享", [], share="not_shared", open_="not_open", link=None)
        published(db, CIVIL, 8, "空白", [], share="conditional", link="  ")

        assert [row.entry.resource_code for row in unlinked(db)] == ["307003/000004", "307003/000008"]
        assert CHILDREN not in {row.entry.resource_code for row in unlinked(db)}
