"""The monthly report in its three forms, read back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import docx as reader
import pytest
from python_calamine import CalamineWorkbook

from notifier.reports.book import report_xlsx
from notifier.reports.page import report_html
from notifier.reports.sections import lead, period, sections, shown
from notifier.reports.values import BUCKETS, Covered, Cycle, Issued, Late, Report, Saving, Use
from notifier.reports.word import report_docx

BUSY = Use("vm-00009", "市公安局", "户政系统", 91.0, 40.25, 88.5, 61.0, 0.994)
CALM = Use("vm-00001", "市民政局", None, 2.0, 0.61, 7.25, 9.5, 0.9)
OCTOBER = Report(
    month=date(2026, 10, 1),
    until=date(2026, 10, 31),
    whole=True,
    made_on=date(2026, 11, 2),
    scope="centre",
    department=None,
    office="平度市大数据和电子政务发展促进中心",
    basis="《平度市电子政务和政务数据管理办法（暂行）》（PDDR-2020-0020001）",
    ended_on=date(2022, 9, 12),
    machines=4,
    highest=(BUSY, CALM),
    lowest=(CALM, BUSY),
    issued=(Issued("shrink", 2, 5, {"received": 3, "done": 2}), Issued("reminder", 1, 0, {})),
    cycles=tuple(Cycle(days, place, 1) for place, days in enumerate(BUCKETS)),
    late=(Late("市民政局", "平数云核减〔2026〕2号", "shrink", "vm-1", date(2026, 10, 9), 22, "overdue"),),
    savings=(Saving("市民政局", 1376.0, 1376.0, 814.29), Saving("市公安局", 628.0, 0.0, 0.0)),
    coverage=(Covered("市民政局", 3, 2, 0.66), Covered(None, 1, 0, 0.0)),
)
NOTHING = replace(
    OCTOBER,
    highest=(),
    lowest=(),
    issued=(),
    cycles=tuple(Cycle(days, 0, 0) for days in BUCKETS),
    late=(),
    savings=(),
    coverage=(Covered("市民政局", 3, 0, 0.0),),
)
HOSTILE = {
    "line ends and a header": "x\r\nBcc: e@y",
    "a NUL and right to left": "vm\x00\u202e",
    "a formula": '=HYPERLINK("http://x")',
    "markup": "</td><script>alert(1)</script>",
    "10 KB": "长" * 10_000,
    "half a pair": "\ud800",
}  # fmt: skip


class Tables(HTMLParser):
    """The cells of every table, row by row; tags that would load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.foreign: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self.inside = True
        self.foreign += [tag] if tag in {"script", "link", "img", "iframe"} else []
        self.foreign += [name for name, _ in attrs if name in {"src", "href", "onclick"}]

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.tables[-1][-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in {"td", "th"}


def page(report: Report) -> Tables:
    found = Tables()
    found.feed(report_html(report))
    return found


def words(report: Report) -> list[str]:
    return [paragraph.text for paragraph in reader.Document(io.BytesIO(report_docx(report))).paragraphs]


def sheets(report: Report) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(report_xlsx(report)))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_month_that_goes_on_says_up_to_which_day() -> None:
    running = replace(OCTOBER, until=date(2026, 10, 21), whole=False)

    assert period(OCTOBER) == "2026年10月"
    assert period(running) == "2026年10月（截至10月21日）"
    assert "截至10月21日" in "".join(words(running))
    assert "截至10月21日" in report_html(running)


def test_the_end_of_the_regulation_is_said_in_every_form() -> None:
    said = "有效期已于2022年9月12日届满"

    assert said in "".join(words(OCTOBER))
    assert said in report_html(OCTOBER)
    assert any(said in str(row[1]) for row in sheets(OCTOBER)["说明"])


def test_every_table_stands_in_every_form_with_the_same_cells() -> None:
    document = reader.Document(io.BytesIO(report_docx(OCTOBER)))
    typeset = [
        [[cell.text.replace("\n", "") for cell in row.cells] for row in table.rows]
        for table in document.tables
    ]

    assert len(typeset) == 7
    assert page(OCTOBER).tables == typeset
    assert list(sheets(OCTOBER)) == [section.title for section in sections(OCTOBER)] + ["说明"]


def test_machines_stand_in_the_order_of_their_use() -> None:
    highest, lowest, *_ = page(OCTOBER).tables

    assert highest[1] == ["vm-00009", "市公安局", "户政系统", "91.0%", "40.2%", "88.5%", "61.0%", "99.4%"]
    assert [row[0] for row in lowest[1:]] == ["vm-00001", "vm-00009"]
    assert lowest[1][2] == "—"  # a system that nobody registered


def test_notices_are_counted_by_kind_and_state_with_a_sum() -> None:
    table = page(OCTOBER).tables[2]

    assert table[0] == ["文书种类", "文书（份）", "云主机（台）", "已收到", "已办结"]
    assert table[1] == ["核减通知", "2", "5", "3", "2"]
    assert table[2] == ["到期提醒", "1", "—", "—", "—"]
    assert table[3] == ["合计", "3", "5", "3", "2"]


def test_days_from_delivery_to_deployment_stand_in_five_buckets() -> None:
    table = page(OCTOBER).tables[3]

    labels = [row[0] for row in table[1:]]
    assert labels == ["3日以内", "4—10日", "11—30日", "31—60日", "60日以上", "合计"]
    assert table[-1] == ["合计", "10", "5"]  # 0 + 1 + 2 + 3 + 4; five times one


def test_numbers_of_the_workbook_are_numbers_and_sums_are_left_to_its_reader() -> None:
    found = sheets(OCTOBER)

    assert found["高使用率云主机"][1][3:] == [91.0, 40.25, 88.5, 61.0, pytest.approx(0.994)]
    assert found["逾期未办结事项"][1][4] == date(2026, 10, 9)
    assert [row[0] for row in found["节约情况"]] == ["部门", "市民政局", "市公安局"]


def test_finance_reads_of_money_and_terms_but_of_no_machines_use() -> None:
    titles = [section.title for section in sections(replace(OCTOBER, scope="finance"))]

    assert titles == ["文书发出情况", "开通交付周期", "逾期未办结事项", "节约情况"]


def test_a_month_in_which_nothing_happened_says_so_and_has_no_tables() -> None:
    assert NOTHING.empty
    assert lead(NOTHING)[0].startswith("2026年10月没有监测数据")
    assert sections(NOTHING) == ()
    assert page(NOTHING).tables == []
    assert any("没有监测数据" in text for text in words(NOTHING))
    assert list(sheets(NOTHING)) == ["说明"]


def test_a_table_without_rows_says_what_that_means() -> None:
    assert "没有逾期未办结的事项。" in words(replace(OCTOBER, late=()))
    assert "没有逾期未办结的事项。" in report_html(replace(OCTOBER, late=()))


def test_the_page_needs_nothing_from_outside() -> None:
    assert page(OCTOBER).foreign == []
    assert "http" not in report_html(OCTOBER)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_breaks_no_form(name: str) -> None:
    machine = replace(BUSY, machine=name, system=name, department=name)
    hostile = replace(OCTOBER, highest=(machine,), department=name, scope="department", office=name)

    assert len(page(hostile).tables) == 7
    assert page(hostile).foreign == []
    assert "\u202e" not in report_html(hostile)
    assert "".join(words(hostile)).isprintable()
    assert len(sheets(hostile)["高使用率云主机"]) == 2
    with zipfile.ZipFile(io.BytesIO(report_xlsx(hostile))) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_same_report_is_the_same_bytes_and_names_the_office() -> None:
    known = reader.Document(io.BytesIO(report_docx(OCTOBER))).core_properties

    assert report_docx(OCTOBER) == report_docx(OCTOBER)
    assert report_xlsx(OCTOBER) == report_xlsx(OCTOBER)
    assert (known.author, known.created.date()) == (OCTOBER.office, OCTOBER.made_on)


def test_an_english_report_has_no_chinese_words_of_ours() -> None:
    english = replace(OCTOBER, locale="en", office="Centre", basis="PDDR-2020-0020001")
    ours = [text for section in sections(english) for text in (section.title, section.note)]

    assert all(text.isascii() for text in [*ours, *lead(english)])
    assert period(english) == "October 2026"


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (None, "count", "—"),
        (0, "count", "0"),
        (12345.678, "yuan", "12,345.68"),
        (-0.0, "yuan", "0.00"),
        (0.66, "share", "66.0%"),
        (date(2026, 10, 9), "date", "2026-10-09"),
    ],
)
def test_a_cell_reads_as(cell: float | date | None, kind: str, text: str) -> None:
    assert shown(cell, kind) == text
