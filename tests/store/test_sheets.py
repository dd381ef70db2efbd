"""Sheets in and out: every form that people write, and every file that is none."""

from __future__ import annotations

import csv
import gzip
import os
import struct
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import cells
from store.headings import KINDS, Column, in_bytes, in_gib, split
from store.sheet_error import KEPT, CellProblem, Problems, SheetError
from store.sheets import Percent, annotate, read_sheet, read_sheets, write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
WANTED = (
    Column("machine", ("云主机",), required=True),
    Column("cpu", ("CPU使用率",), required=True, kinds=frozenset({"percent"})),
    Column("memory", ("内存使用率",), kinds=frozenset({"percent"})),
)


def book(path: Path, fill: Callable[[xlsxwriter.Workbook], None]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        fill(workbook)
    return path


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12.5", 12.5),
        (" 12.5 ", 12.5),
        ("１２．５", 12.5),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("-1", -1.0),
        ("+.5", 0.5),
        ("1e2", 100.0),
        (7, 7.0),
        (7.25, 7.25),
    ],
)
def test_a_number_is_understood_as_people_write_it(written: cells.Cell, value: float) -> None:
    assert cells.number(written) == value


@pytest.mark.parametrize("written", ["abc", "1,234", "12.5.1", "1 2", "0x10", "1_0", "", True, "12..5"])
def test_a_number_that_is_none_or_may_be_two_is_refused(written: cells.Cell) -> None:
    with pytest.raises(ValueError, match="a number"):
        cells.number(written)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12.5%", (12.5, True)),
        ("12.5 ％", (12.5, True)),
        ("12,5%", (12.5, True)),
        ("0.125", (0.125, False)),
        (0.125, (0.125, False)),
    ],
)
def test_a_percent_says_whether_it_was_written_as_one(written: cells.Cell, value: tuple[float, bool]) -> None:
    assert cells.percent(written) == value


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-07-01T08:00:00Z", "2026-07-01T08:00:00+00:00"),
        ("2026-07-01T08:00:00+08:00", "2026-07-01T00:00:00+00:00"),
        ("2026-07-01 08:00", "2026-07-01T00:00:00+00:00"),
        ("2026/7/1 8:00", "2026-07-01T00:00:00+00:00"),
        ("2026年7月1日 8时05分", "2026-07-01T00:05:00+00:00"),
        ("2026年7月1日8点", "2026-07-01T00:00:00+00:00"),
        ("２０２６－０７－０１ ０８：００", "2026-07-01T00:00:00+00:00"),
        ("20260701080000", "2026-07-01T00:00:00+00:00"),
        ("2026-07-01", "2026-06-30T16:00:00+00:00"),
        ("1782864000", "2026-07-01T00:00:00+00:00"),  # 20635 days x 86400 s
        (1782864000.0, "2026-07-01T00:00:00+00:00"),
        (1782864000000.0, "2026-07-01T00:00:00+00:00"),
        (1782864000000000.0, "2026-07-01T00:00:00+00:00"),
        (datetime(2026, 7, 1, 7, 59, 59, 999000), "2026-07-01T00:00:00+00:00"),  # noqa: DTZ001
    ],
)
def test_a_moment_is_understood_as_people_write_it(written: cells.Cell, moment: str) -> None:
    assert cells.moment(written, SHANGHAI, NOW).isoformat() == moment


@pytest.mark.parametrize(
    ("serial", "day_1970"),
    [(46204.0 + 1 / 3, cells.SERIAL_1970), (44742.0 + 1 / 3, cells.SERIAL_1970_MAC)],
    ids=["counted from 1900", "counted from 1904, 1462 days less"],
)
def test_a_serial_date_of_a_workbook_is_a_local_time(serial: float, day_1970: int) -> None:
    # 25569 + 20635 days = 46204 is 2026-07-01; a third of a day is 08:00 in Shanghai, 00:00 UTC
    assert cells.moment(serial, SHANGHAI, NOW, day_1970) == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "zone", "said"),
    [
        ("2026-10-25 02:30", BERLIN, "clocks of Europe/Berlin showed this one twice"),
        ("2026-03-29 02:30", BERLIN, "clocks of Europe/Berlin skipped this one"),
        ("2026-11-22T00:00:01Z", SHANGHAI, "not in the future"),
        ("1969-12-31T23:59:59Z", SHANGHAI, "since 1970"),
        ("2026-13-01", SHANGHAI, "a time such as"),
        ("2026-02-30 08:00", SHANGHAI, "a time such as"),
        ("7/1/2026 8:00", SHANGHAI, "a time such as"),
        ("soon", SHANGHAI, "a time such as"),
        (True, SHANGHAI, "a time such as"),
        (-5.0, SHANGHAI, "a time such as"),
        (float("nan"), SHANGHAI, "a time such as"),
        (46204.5, SHANGHAI, "serial date of a workbook"),
        ("46204.5", SHANGHAI, "serial date of a workbook"),
    ],
)
def test_a_moment_that_is_none_is_refused_by_name(written: cells.Cell, zone: ZoneInfo, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        cells.moment(written, zone, NOW)


def test_a_doubled_hour_with_its_offset_is_one_moment() -> None:
    found = cells.moment("2026-10-25T02:30+02:00", BERLIN, NOW)

    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["2026-07-01", "2026年7月1日", "20260701", "2026/07/01", date(2026, 7, 1), 46204.0]
)
def test_a_day_is_understood_as_people_write_it(written: cells.Cell) -> None:
    assert cells.day(written, cells.SERIAL_1970) == date(2026, 7, 1)


@pytest.mark.parametrize("name", ["a\u202eb", "a\x00b", "a\r\nb", "a\u200bb", "x" * 201, "", "\ud800"])
def test_a_name_with_invisible_characters_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a text"):
        cells.name(name)


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("CPU使用率（%）", ("cpu使用率", "%")),
        ("CPU 使用率%", ("cpu使用率", "%")),
        ("内存【GB】", ("内存", "GB")),
        ("内存(单位:GB)", ("内存", "GB")),
        ("网络流量(Mbps)", ("网络流量", "Mbps")),
        ("CPU使用率(最大值)", ("cpu使用率最大值", "")),
        ("*单位名称", ("单位名称", "")),
        ("memory_gib", ("memorygib", "")),
    ],
)
def test_a_heading_is_split_into_its_name_and_its_unit(heading: str, meaning: tuple[str, str]) -> None:
    assert split(heading) == meaning


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("Mbps", 125_000.0),
        ("Kbps", 125.0),
        ("bps", 0.125),
        ("MBps", 1e6),
        ("KB/s", 1000.0),
        ("kb/s", 1000.0),
        ("KiB/s", 1024.0),
        ("Mbit/s", 125_000.0),
        ("字节/秒", 1.0),
        ("B/s", 1.0),
    ],
)
def test_a_rate_is_told_in_bytes_per_second(unit: str, factor: float) -> None:
    assert in_bytes(unit) == factor


def test_every_unit_of_a_rate_or_size_has_a_factor() -> None:
    assert all(in_bytes(unit) for unit in KINDS["rate"])
    assert all(in_gib(unit) for unit in KINDS["size"])


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("machine,cpu\nweb-01,5\n", "utf-8"),
        ("machine,cpu\nweb-01,5", "utf-8"),
        ("machine,cpu\r\nweb-01,5\r\n", "utf-8-sig"),
        ("云主机,CPU使用率\nweb-01,5\n", "gb18030"),
        ("云主机\tCPU使用率\nweb-01\t5\n", "utf-16"),
        ("云主机；说明\n", "utf-8"),
        ("machine;cpu\nweb-01;5\n", "utf-8"),
        ("machine|cpu\nweb-01|5\n", "utf-8"),
        ("machine\tcpu\rweb-01\t5\r", "utf-8"),
        ("2026 年 7 月\n\nmachine,cpu\nweb-01,5\n", "utf-8"),
        ('"machine","cpu"\n"web-01","5"\n', "utf-8"),
    ],
    ids=[
        "plain",
        "no last line end",
        "bom crlf",
        "gb18030",
        "utf-16",
        "none",
        ";",
        "|",
        "mac",
        "title",
        "quoted",
    ],
)
def test_a_text_table_is_read_whatever_its_encoding_and_separator(
    tmp_path: Path, content: str, encoding: str
) -> None:
    path = tmp_path / "usage.csv"
    path.write_bytes(content.encode(encoding))
    if "说明" in content:
        with pytest.raises(SheetError, match='line 1: a column "machine"'):
            read_sheet(path, WANTED)
        return

    sheet = read_sheet(path, WANTED)

    assert [(sheet.cell(row, "machine"), sheet.cell(row, "cpu")) for row in sheet.rows()] == [("web-01", "5")]


def test_a_place_in_a_text_table_is_its_line_and_heading(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text('title\n\nmachine,CPU使用率(%)\n"two\nlines",1\nweb-02,x\n', "utf-8")
    sheet = read_sheet(path, WANTED)
    rows = list(sheet.rows())

    assert [row.number for row in rows] == [4, 6]
    assert sheet.place(6, "cpu") == "line 6, column CPU使用率(%)"


def damaged(path: Path, name: str) -> None:
    """The files that are no tables."""
    if name == "directory":
        path.mkdir()
    elif name == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
            parts.writestr("xl/workbook.xml", "<workbook/>")
            parts.writestr("xl/sharedStrings.xml", bytes(20 << 20))
    elif name == "zip":
        with zipfile.ZipFile(path, "w") as parts:
            parts.writestr("word/document.xml", "<document/>")
    elif name == "half":
        whole = path.with_suffix(".whole")
        write_xlsx(whole, "data", ["machine", "cpu"], [["web-01", 5.0]])
        path.write_bytes(whole.read_bytes()[:-200])
    else:
        contents = {
            "empty": b"",
            "binary": b"\x89PNG\r\n\x1a\n\x00\x00",
            "gzip": gzip.compress(b"machine,cpu\n") + b"\xff\xff\x00",
            "old": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "parquet": b"PAR1....PAR1",
            "latin": b"machine,cpu\nM\xfcnchen\xff,5\n",
            "headings": b"\n\n",
        }
        path.write_bytes(contents[name])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("directory", "a directory"),
        ("empty", "an empty file"),
        ("binary", "a binary file"),
        ("gzip", "a binary file"),
        ("old", "an old or password-protected workbook"),
        ("parquet", "a Parquet file"),
        ("latin", "text in UTF-8 or GB18030"),
        ("bomb", "unpacks from .* to 20971520 bytes"),
        ("zip", "a zip file without a workbook"),
        ("half", "a damaged or locked workbook"),
        ("headings", "no headings"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_its_content(tmp_path: Path, name: str, said: str) -> None:
    path = tmp_path / "usage.xlsx"
    damaged(path, name)

    with pytest.raises(SheetError, match=said):
        read_sheets(path, WANTED)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "usage.csv")

    with pytest.raises(SheetError, match="a pipe or a device"):
        read_sheets(tmp_path / "usage.csv", WANTED)


def test_a_workbook_named_csv_and_a_text_named_xlsx_are_read(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.csv", "data", ["machine", "cpu"], [["web-01", 5.0]])
    write_csv(tmp_path / "a.xlsx", ["machine", "cpu"], [["web-01", 5.0]])

    assert [row.cells for row in read_sheet(tmp_path / "a.csv", WANTED).rows()] == [["web-01", 5.0]]
    assert [row.cells for row in read_sheet(tmp_path / "a.xlsx", WANTED).rows()] == [["web-01", "5.0"]]


def test_a_zip_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lie.xlsx"
    write_xlsx(path, "data", ["machine", "cpu"], [["web-01", 5.0]])
    with zipfile.ZipFile(path) as parts:
        real = parts.getinfo("xl/worksheets/sheet1.xml").file_size
    data = path.read_bytes().replace(struct.pack("<I", real), struct.pack("<I", 40))
    path.write_bytes(data)

    with pytest.raises(SheetError, match="a damaged or locked workbook"):
        read_sheets(path, WANTED)


def test_a_sheet_with_one_cell_in_the_last_corner_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("data")
        sheet.write_row(0, 0, ["machine", "cpu"])
        sheet.write(1_048_575, 16_383, 1)

    # 1,048,576 x 16,384 cells would take hundreds of gigabytes in a reader that keeps the area
    with pytest.raises(SheetError, match="1048576 rows x 16384 columns"):
        read_sheets(book(tmp_path / "corner.xlsx", fill), WANTED)


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "entities.xlsx"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("xl/workbook.xml", '<!DOCTYPE w [<!ENTITY a "aaaa">]><workbook>&a;</workbook>')

    with pytest.raises(SheetError, match="document type"):
        read_sheets(path, WANTED)


def test_missing_columns_are_named_with_what_was_found_and_what_comes_near(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("machin,time,memory\nweb-01,now,5\n", "utf-8")

    with pytest.raises(SheetError) as caught:
        read_sheet(path, WANTED)

    assert str(caught.value) == (
        "usage.csv: 2 problems\n"
        'line 1: a column "machine" (or 云主机); found: machin, time, memory; did "machin" mean "machine"?\n'
        'line 1: a column "cpu" (or CPU使用率); found: machin, time, memory'
    )


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("machine,cpu,CPU使用率(%)\nweb-01,5,6\n", "utf-8")

    with pytest.raises(
        SheetError, match=r'"cpu" \(column B\) and "CPU使用率\(%\)" \(column C\), expected one column'
    ):
        read_sheet(path, WANTED)


def test_merged_headings_titles_and_merged_cells_are_understood(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("7月")
        sheet.merge_range("B2:D2", "云主机使用情况")
        sheet.merge_range("B3:B4", "云主机")
        sheet.merge_range("C3:D3", "使用率(%)")
        sheet.write_row(3, 2, ["CPU", "内存"])
        sheet.merge_range("B5:B6", "web-01")
        sheet.write_row(4, 2, [5, 6])
        sheet.write_row(5, 2, [7, 8])

    sheet = read_sheet(book(tmp_path / "merged.xlsx", fill), WANTED)
    found = [[sheet.cell(row, c) for c in ("machine", "cpu", "memory")] for row in sheet.rows()]

    assert found == [["web-01", 5.0, 6.0], ["web-01", 7.0, 8.0]]
    assert sheet.headings == ("", "云主机", "使用率(%)/CPU", "使用率(%)/内存")
    assert sheet.place(6, "memory") == "7月!D6"


def test_headings_in_two_rows_of_a_text_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("云主机,使用率,\n,CPU,内存\nweb-01,5,6\n", "utf-8")
    sheet = read_sheet(path, WANTED)

    assert [[sheet.cell(row, c) for c in ("machine", "cpu", "memory")] for row in sheet.rows()] == [
        ["web-01", "5", "6"]
    ]


def test_of_several_sheets_those_with_the_columns_are_read_and_hidden_ones_are_not(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        for name, headings in (
            ("说明", ["a", "b"]),
            ("六月", ["machine", "cpu"]),
            ("七月", ["machine", "cpu"]),
        ):
            workbook.add_worksheet(name).write_row(0, 0, headings)
        hidden = workbook.add_worksheet("旧")
        hidden.write_row(0, 0, ["machine", "cpu"])
        hidden.hide()

    path = book(tmp_path / "months.xlsx", fill)
    sheets = read_sheets(path, WANTED)

    assert [(sheet.name, sheet.unread) for sheet in sheets] == [
        ("六月", ("说明", "旧")),
        ("七月", ("说明", "旧")),
    ]
    with pytest.raises(SheetError, match="2 sheets with these columns"):
        read_sheet(path, WANTED)


def test_error_values_and_formulas_without_a_value_do_not_read_as_empty(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("data")
        sheet.write_row(0, 0, ["machine", "cpu"])
        sheet.write_string(1, 0, "web-01")
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")

    sheet = read_sheet(book(tmp_path / "errors.xlsx", fill), WANTED)

    assert [sheet.cell(row, "cpu") for row in sheet.rows()] == ["(error value)"]


def test_a_message_lists_twenty_problems_and_counts_the_rest(tmp_path: Path) -> None:
    problems = Problems(tmp_path / "usage.csv")
    for line in range(KEPT + 5):
        problems.add(CellProblem(f"line {line}, column cpu", "cpu", "'x'", "a number"))

    with pytest.raises(SheetError) as caught:
        problems.refuse()
    lines = str(caught.value).splitlines()

    assert lines[0] == "usage.csv: 1005 problems"
    assert lines[1] == "line 0, column cpu: read 'x', expected a number"
    assert lines[21] == "... and 985 more"
    assert len(lines) == 22
    assert len(caught.value.problems) == KEPT


def test_fault_50_a_sheet_that_is_written_runs_nothing_when_opened(tmp_path: Path) -> None:
    names = ["=HYPERLINK(1)", "+1+1", "@x", "-x", "https://a.b", "-5", "plain", None]
    write_csv(tmp_path / "out.csv", ["name"], [[name] for name in names])
    write_xlsx(tmp_path / "out.xlsx", "a/b", ["name"], [[name] for name in names])
    with zipfile.ZipFile(tmp_path / "out.xlsx") as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()

    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == [
            "'=HYPERLINK(1)", "'+1+1", "'@x", "'-x", "https://a.b", "-5", "plain", "",
        ]  # fmt: skip
    assert "<f>" not in sheet
    assert "hyperlink " not in sheet
    assert [row.cells for row in read_sheet(tmp_path / "out.xlsx").rows()] == [[name] for name in names[:-1]]


NAMES = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20
).map(lambda text: cells.folded(text) or "x")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(NAMES, st.floats(0, 1e6)), min_size=1, max_size=8))
def test_what_our_writers_write_is_read_back(tmp_path: Path, rows: list[tuple[str, float]]) -> None:
    table: list[list[cells.Cell]] = [[f"n{name}", value] for name, value in rows]
    write_csv(tmp_path / "a.csv", ["machine", "cpu"], table)
    write_xlsx(tmp_path / "a.xlsx", "data", ["machine", "cpu"], table)
    for name in ("a.csv", "a.xlsx"):
        sheet = read_sheet(tmp_path / name, WANTED)
        found = [[cells.folded(r.cells[0]), cells.number(sheet.cell(r, "cpu"))] for r in sheet.rows()]

        assert [name for name, _ in found] == [cells.folded(row[0]) for row in table]
        assert [value for _, value in found] == pytest.approx([row[1] for row in table], rel=1e-14)


def test_dates_and_percents_keep_their_kind_in_a_workbook(tmp_path: Path) -> None:
    day, moment = date(2026, 7, 1), datetime(2026, 7, 1, 8, 5)  # noqa: DTZ001
    write_xlsx(tmp_path / "a.xlsx", "data", ["a", "b", "c"], [[day, moment, Percent(0.125)]])
    sheet = read_sheet(tmp_path / "a.xlsx")

    assert [row.cells for row in sheet.rows()] == [[day, moment, 0.125]]
    assert list(sheet.source.scan.percent) == [2]  # type: ignore[union-attr]


@pytest.mark.parametrize("out", ["copy.csv", "copy.xlsx"])
@pytest.mark.parametrize("given_as", ["usage.csv", "usage.xlsx"])
def test_an_annotated_copy_names_the_problems_of_each_row(tmp_path: Path, given_as: str, out: str) -> None:
    path = tmp_path / given_as
    rows: list[list[cells.Cell]] = [["web-01", "x"], ["web-02", "5"]]
    write = write_csv if given_as.endswith("csv") else lambda p, c, r: write_xlsx(p, "data", c, r)
    write(path, ["machine", "cpu"], rows)
    sheet = read_sheet(path, WANTED)
    problems = [
        sheet.problem(2, "cpu", "x", "a percent"),
        sheet.problem(2, "machine", "web-01", "a known machine"),
    ]

    annotate(path, [*problems, CellProblem("", "", "", "a column time")], tmp_path / out)
    copy = read_sheet(tmp_path / out)

    assert copy.headings == ("machine", "cpu", "问题; a column time")
    assert [[cell or "" for cell in row.cells] for row in copy.rows()] == [
        ["web-01", "x", "cpu: a percent; machine: a known machine"],
        ["web-02", "5", ""],
    ]


def test_a_percent_stays_a_percent_in_the_annotated_copy(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", "data", ["machine", "cpu"], [["web-01", Percent(0.125)]])
    annotate(tmp_path / "a.xlsx", [], tmp_path / "b.xlsx")
    annotate(tmp_path / "a.xlsx", [], tmp_path / "b.csv")

    assert list(read_sheet(tmp_path / "b.xlsx").source.scan.percent) == [1]  # type: ignore[union-attr]
    assert (tmp_path / "b.csv").read_text("utf-8-sig").splitlines()[1] == "web-01,12.5%,"
