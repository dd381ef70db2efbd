"""Merged cells: which cells of a row share their value with another; what stands above the headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xlsxwriter  # type: ignore[import-untyped]

from store.headings import Column
from store.sheets import read_sheet

if TYPE_CHECKING:
    from pathlib import Path

WANTED = (Column("owner", ("单位",)), Column("name", ("系统",), required=True), Column("cost", ("金额",)))


def survey(path: Path) -> Path:
    """Title, unit, headings, four rows: A4:A6 is merged, C5:C6, and B7:C7 side by side."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表")
        sheet.merge_range(0, 0, 0, 2, "调查表")
        sheet.write(1, 2, "单位：万元")
        sheet.write_row(2, 0, ["单位", "系统", "金额"])
        for row, cells in enumerate((["甲", 1], ["乙", None], ["丙", None]), 3):
            sheet.write_row(row, 1, cells)
        sheet.merge_range(3, 0, 5, 0, "教育局")
        sheet.merge_range(4, 2, 5, 2, 300)
        sheet.write(6, 0, "司法局")
        sheet.merge_range(6, 1, 6, 2, "丁")
    return path


def test_a_cell_merged_downwards_is_filled_and_known_to_be_shared(tmp_path: Path) -> None:
    sheet = read_sheet(survey(tmp_path / "a.xlsx"), WANTED)
    rows = list(sheet.rows())

    assert [sheet.cell(row, "owner") for row in rows] == ["教育局", "教育局", "教育局", "司法局"]
    assert [sheet.shared(row, "owner") for row in rows] == [True, True, True, False]
    assert [sheet.cell(row, "cost") for row in rows] == [1.0, 300.0, 300.0, "丁"]
    assert [sheet.shared(row, "cost") for row in rows] == [False, True, True, False]
    assert sheet.shared(rows[0], "unknown") is False


def test_the_texts_above_the_headings_are_there_once(tmp_path: Path) -> None:
    sheet = read_sheet(survey(tmp_path / "a.xlsx"), WANTED)

    assert sheet.above() == ["调查表", "单位:万元"]


def test_a_text_file_has_words_above_its_headings_and_no_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("调查表,,\n,,单位：元\n单位,系统,金额\n教育局,甲,3\n", "utf-8")
    sheet = read_sheet(path, WANTED)
    (row,) = sheet.rows()

    assert sheet.above() == ["调查表", "单位:元"]
    assert row.tall == frozenset()
