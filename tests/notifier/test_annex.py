"""The annex as a workbook, read back."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from contents import ISSUED, chart, sample
from python_calamine import CalamineWorkbook

from notifier.content import FIRST, FOLLOWING, NoticeKind
from notifier.letters.annex import xlsx
from notifier.letters.wording import letter as worded

if TYPE_CHECKING:
    from notifier.letters.letter import Letter

HOSTILE = ['=HYPERLINK("http://x")', "+1", "-vm", "@SUM(A1)", "\t=1", "<script>"]


def letter(kind: str = "shrink", machines: int = 3, **changes: object) -> Letter:
    return worded(sample(kind, machines, **changes))


def sheets(data: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def machine(data: bytes, sheet: str = "明细") -> dict[object, object]:
    """Heading -> the first machine's cell."""
    headings, first, *_ = sheets(data)[sheet]
    return dict(zip(headings, first, strict=True))


def xml(data: bytes, part: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(part).decode()


def test_figures_are_numbers_and_days_are_days() -> None:
    found = machine(xlsx(letter()))

    assert found["云主机"] == "vm-00001"
    assert [found[f"现配置{size}"] for size in ("CPU（核）", "内存（GB）", "硬盘（GB）")] == [16, 32, 300]
    assert [found[f"建议{size}"] for size in ("CPU（核）", "内存（GB）", "硬盘（GB）")] == [8, 16, 150]
    assert found["内存周期性峰值（%）"] == 18.2
    assert (found["内存标准（≤，%）"], found["内存是否符合"]) == (30, "是")
    assert (found["内存有效采样（次）"], found["内存应取采样（次）"]) == (9708, 10080)
    assert found["内存峰值较早一日"] == date(2026, 8, 3)
    assert found["内存峰值较晚一日"] == date(2026, 9, 12)
    assert found["CPU不超过25%的采样占比"] == pytest.approx(0.999073)
    assert found["采样完整率"] == pytest.approx(0.963)
    assert found["每月节约（元，负数为增加）"] == 628


@pytest.mark.parametrize("kind", [*FIRST, *FOLLOWING])
def test_every_kind_names_its_machines_and_says_what_it_rests_on(kind: NoticeKind) -> None:
    made = letter(kind)

    found = sheets(xlsx(made))
    assert [row[0] for row in found["明细"]] == ["云主机", "vm-00001", "vm-00002", "vm-00003"]
    notes = dict(row for row in found["说明"] if row[0] != "统计口径")
    assert notes["文号"] == made.number
    assert notes["依据有效期届满日期"] == date(2022, 9, 12)
    assert notes["内容校验（SHA-256）"] == made.content.sha256()


def test_columns_in_which_nothing_stands_are_left_out() -> None:
    deploy = machine(xlsx(letter("deploy")))

    assert deploy["交付日期"] == date(2026, 8, 28)
    assert not [heading for heading in deploy if "采样" in str(heading) or "建议" in str(heading)]


def test_a_state_is_said_in_words() -> None:
    assert machine(xlsx(letter("overdue")))["目前状态"] != "overdue"


def test_every_daily_figure_can_be_checked() -> None:
    headings, cpu, memory, disk, *_ = sheets(xlsx(letter()))["逐日"]
    drawn = chart(1)

    days = [ISSUED - timedelta(days=93 - n) for n in range(93)]
    assert headings[2:] == days
    assert [row[:2] for row in (cpu, memory, disk)] == [["vm-00001", w] for w in ("CPU", "内存", "硬盘")]
    assert cpu[2:] == ["" if value is None else value for value in drawn.cpu]
    assert memory[2:] == list(drawn.memory)
    assert disk[2:] == list(drawn.disk)


def test_machines_measured_since_different_days_stand_under_the_same_dates() -> None:
    content = sample("shrink", 2)
    late = chart(2).model_copy(update={"since": ISSUED - timedelta(days=83)})
    rows = (content.rows[0], content.rows[1].model_copy(update={"chart": late}))

    daily = sheets(xlsx(worded(content.model_copy(update={"rows": rows}))))["逐日"]
    # Ten days later: 93 + 10 columns, the first ten of the second machine empty.
    assert daily[0][-1] == ISSUED + timedelta(days=9)
    assert daily[4][2:12] == [""] * 10
    assert daily[4][12] == late.cpu[0]


def test_without_measurements_there_is_no_daily_sheet() -> None:
    assert list(sheets(xlsx(letter("deploy")))) == ["明细", "说明"]


@pytest.mark.parametrize("name", HOSTILE)
def test_fault_50_a_name_like_a_formula_is_text_with_a_quote_before_it(name: str) -> None:
    rows = (sample("shrink", 1).rows[0].model_copy(update={"machine": name, "system": name}),)

    data = xlsx(letter(rows=rows))
    sheet = xml(data, "xl/worksheets/sheet1.xml")
    assert machine(data)["云主机"] == name.strip()
    assert "<f>" not in sheet
    assert ('quotePrefix="1"' in xml(data, "xl/styles.xml")) == (name.strip()[0] in "=+-@")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x\r\nBcc: e@y", "x Bcc: e@y"),
        ("vm\x00\u202e-1", "vm-1"),
        ("\U00020bb7野", "\U00020bb7野"),
        ("长" * 10_000, "长" * 10_000),
    ],
    ids=["line ends", "NUL and right to left", "astral", "10 KB"],
)
def test_fault_50_a_hostile_name_is_one_line_of_legal_text(name: str, shown: str) -> None:
    rows = (sample("shrink", 1).rows[0].model_copy(update={"machine": name}),)

    assert machine(xlsx(letter(rows=rows)))["云主机"] == shown


def test_the_same_letter_is_the_same_bytes_and_names_its_day() -> None:
    data = xlsx(letter())

    assert data == xlsx(letter())
    core = xml(data, "docProps/core.xml")
    assert "2026-09-18T00:00:00Z" in core
    assert "平度市大数据和电子政务发展促进中心" in core


def test_english_letters_have_english_headings() -> None:
    found = sheets(xlsx(letter(locale="en")))

    assert list(found) == ["Machines", "Daily", "Notes"]
    assert found["Machines"][0][:4] == ["Machine", "System", "Address", "Current vCPU"]
