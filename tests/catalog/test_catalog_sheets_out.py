"""What is exported is read back to the same entries, also after LibreOffice saved it; nothing of it runs."""

from __future__ import annotations

import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from components import program
from entries import CLERK, SOUND, TODAY, city
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheets import looked

from catalog import sheet_book
from catalog.codes import FORMAT_TYPES, TABLES
from catalog.content import refuse_unkept, tidy
from catalog.entries import New, add
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.names import key
from catalog.sheet_book import write_form, write_template
from catalog.sheet_classes import Tree
from catalog.sheet_files import Head, Wanted, export, rows_of
from catalog.sheet_rows import Owners, read_entries
from catalog.template import heading_rows
from store.sheet_out import write_rows

if TYPE_CHECKING:
    from pathlib import Path

    from store.database import Register

pytest_plugins = ["registers"]
SOFFICE = "/usr/bin/soffice"
CALC = "/usr/lib/libreoffice/program/libsclo.so"  # what libreoffice-calc-nogui brings
LETTERS = st.one_of(st.sampled_from("=+-@'\"无,;；《》第条 \t民政局信息A1"), st.characters(codec="utf-8"))
TEXT = st.one_of(
    st.none(),
    st.text(LETTERS, min_size=1, max_size=12),
    st.sampled_from(["=1+1", "@SUM(A1)", "-", "无", "'无", "'=x", "+86", "=cmd|' /C calc'!A0", "1e5", "007"]),
)
NAMES = st.one_of(
    st.text("民政局信息系统数据AB1", min_size=1, max_size=8), st.sampled_from(["=1+1", "合计", "'+x", "示例"])
)
LAW = st.sampled_from(["《中华人民共和国统计法》", "某市某办法", "《档案法》(2020修订)"])
ARTICLE = st.sampled_from(["", "第九条", "第二十八条第一款"])


AMOUNT = st.floats(0, 1e9).map(lambda amount: float(f"{amount:.12g}"))


def code(name: str) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(TABLES[name].keys))


ITEM = st.builds(
    ItemFacts,
    NAMES,
    code("data_type"),
    st.one_of(st.none(), st.sampled_from(["18", "10,2", "长"])),
    st.booleans(),
    st.one_of(st.none(), st.booleans()),
)
METADATA = st.builds(
    Metadata,
    title=st.text("民政局低保对象信息=+@-'1A", min_size=2, max_size=20).filter(key),
    provider_unit=TEXT,
    abstract=TEXT,
    format_class=code("format_class"),
    format_type=st.one_of(st.none(), st.sampled_from(FORMAT_TYPES["database"])),
    format_other=TEXT,
    share_type=code("share_type"),
    share_condition=TEXT,
    share_mode_class=code("share_mode_class"),
    share_mode_type=code("share_mode_type"),
    use_requirement=TEXT,
    open_type=code("open_type"),
    open_condition=TEXT,
    update_period=code("update_period"),
    period_other=TEXT,
    published_on=st.one_of(st.none(), st.dates(date(1970, 1, 1), date(2199, 12, 31))),
    secret_flag=st.sampled_from([None, "no"]),
    contact=TEXT,
    phone=TEXT,
    link=TEXT,
    survey=st.dictionaries(
        st.sampled_from(["storage_total", "records_open"]),
        AMOUNT,
    ),
    related_codes=st.lists(st.sampled_from(["307003/000001", "307004/000012"]), max_size=2).map(tuple),
    items=st.lists(ITEM, max_size=4).map(tuple),
    basis=st.lists(st.builds(Basis, LAW, ARTICLE), max_size=3).map(tuple),
)
HEAD = Head("307003/000001", "307003", "市民政局", "11370283004283028T")
OWNERS = Owners({"市民政局": 1, "11370283004283028T": 1})


@pytest.fixture
def tree(sqlite: Register) -> Tree:
    city(sqlite)
    with sqlite.read() as db:
        return Tree(db)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(METADATA, min_size=1, max_size=3, unique_by=lambda one: key(one.title or "")), st.data())
def test_every_entry_that_is_written_is_read_back_the_same(
    tree: Tree, tmp_path: Path, entries: list[Metadata], data: st.DataObject
) -> None:
    kept = [tidy(one) for one in entries]
    for one in kept:
        refuse_unkept(one)
    heads = [replace(HEAD, code=f"307003/{n:06}") for n in range(1, len(kept) + 1)]
    groups = [rows_of(head, one, tree) for head, one in zip(heads, kept, strict=True)]
    how = data.draw(st.sampled_from(["csv", "merged", "repeated"]))
    path = tmp_path / ("a.csv" if how == "csv" else "a.xlsx")
    if how == "csv":
        write_rows(path, [*heading_rows(), *(row for group in groups for row in group)])
    else:
        write_form(path, groups, len(groups) if how == "merged" else sheet_book.MERGED + 1)

    found = read_entries(path, OWNERS, tree)

    assert [str(problem) for problem in found.problems] == []
    assert [tidy(entry.metadata(Metadata())) for entry in found.entries] == kept
    assert [entry.code for entry in found.entries] == [head.code for head in heads]


def stocked(register: Register) -> None:
    """Three entries, some with items, one that looks like a formula."""
    city(register)
    odd = replace(
        SOUND,
        title='=HYPERLINK("http://x")',
        abstract="@SUM(A1)",
        items=(),
        survey={},
        published_on=date(2026, 7, 1),
    )
    one = replace(SOUND, title="低保家庭信息", related_codes=("307003/000001",), contact="+86 532")
    with register.write() as db:
        add(db, [New(1, "307003", SOUND), New(2, "307004", odd), New(1, "307004", one)], TODAY, CLERK)


def test_the_exported_catalog_changes_nothing_when_it_is_imported(register: Register, tmp_path: Path) -> None:
    stocked(register)
    for name in ("a.xlsx", "a.csv"):
        with register.read() as db:
            assert export(db, tmp_path / name, Wanted()) == 3
            done = looked(db, tmp_path / name)

        assert (done.counts, done.said, done.found.unread) == ((0, 0, 0, 3), [], [])


def test_a_title_that_looks_like_a_formula_is_a_text(sqlite: Register, tmp_path: Path) -> None:
    stocked(sqlite)
    with sqlite.read() as db:
        export(db, tmp_path / "a.xlsx", Wanted())
        export(db, tmp_path / "a.csv", Wanted())

    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    text = (tmp_path / "a.csv").read_text("utf-8-sig")
    assert ",\"'=HYPERLINK" in text
    assert ",'@SUM" in text


def test_the_cells_of_a_resource_are_merged_over_its_items(sqlite: Register, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    stocked(sqlite)
    with sqlite.read() as db:
        export(db, tmp_path / "a.xlsx", Wanted(department_id=1))
    sheet = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0)

    ranges = sheet.merged_cell_ranges or []
    assert ((0, 0), (0, 3)) in ranges  # 信息资源分类 over 类, 项, 目, 细目
    assert ((0, 4), (1, 4)) in ranges  # 信息资源名称 over both rows of headings
    assert ((2, 4), (3, 4)) in ranges  # 低保对象信息 over 姓名 and 身份证号


def office(path: Path, folder: Path, ending: str) -> Path:
    """What LibreOffice makes of a file. Raises when it cannot open it."""
    program(CALC)
    command = [program(SOFFICE), f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += ["--convert-to", ending, "--outdir", str(folder), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=120, text=True)
    made = folder / f"{path.stem}.{ending.partition(':')[0]}"
    assert made.exists(), done.stderr
    return made


@pytest.mark.xdist_group("soffice")
def test_libreoffice_opens_the_workbook_and_saves_it_to_the_same_entries(
    sqlite: Register, tmp_path: Path
) -> None:
    stocked(sqlite)
    with sqlite.read() as db:
        export(db, tmp_path / "a.xlsx", Wanted())
        saved = office(tmp_path / "a.xlsx", tmp_path / "saved", "xlsx:Calc MS Excel 2007 XML")
        done = looked(db, saved)

    assert (done.counts, done.said, done.found.left_out) == ((0, 0, 0, 3), [], [])


@pytest.mark.xdist_group("soffice")
def test_the_empty_form_has_lists_that_libreoffice_keeps(sqlite: Register, tmp_path: Path) -> None:
    city(sqlite)
    write_template(tmp_path / "form.xlsx")
    saved = office(tmp_path / "form.xlsx", tmp_path / "saved", "xlsx:Calc MS Excel 2007 XML")

    for path in (tmp_path / "form.xlsx", saved):
        with zipfile.ZipFile(path) as parts:
            assert b"dataValidation " in parts.read("xl/worksheets/sheet1.xml")
        with sqlite.read() as db:
            done = looked(db, path)
        assert (done.said, done.found.entries, len(done.found.left_out)) == ([], [], 3)
