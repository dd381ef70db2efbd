"""The letter with a budget list: what it says, and that it can be set as PDF and as a workbook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from notifier.content import Basis, Office
from notifier.reports.budget_book import budget_xlsx
from notifier.reports.budget_letter import budget_letter
from notifier.reports.budget_values import BudgetLine, BudgetPaper
from store.workbook import open_workbook

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 27)
GOOD = BudgetLine(1, False, "市民政局", "救助平台", "fundable", DAY, "第九条", "已审核", (4,), None)
LATE = BudgetLine(
    2,
    True,
    "市司法局",
    "=法援",
    "stopped",
    DAY,
    "第十条",
    "未在规定时限（2026年11月26日）内备案",
    (7, 9),
    None,
)
BACK = replace(GOOD, budget_fen=123_456_700, place=3, system=True, restores="平数云预算〔2026〕1号第5项")
PAPER = BudgetPaper(
    number="平数云预算〔2026〕2号",
    year=2026,
    as_of=DAY,
    issued_on=DAY,
    sha256="ab" * 32,
    previous="平数云预算〔2026〕1号",
    addressee="市财政局",
    basis=Basis(title="办法", document_number="P-1", article="第十三条", valid_from=date(2020, 9, 13)),
    office=Office(name="中心", mark="中心文件"),
    lines=(GOOD, LATE, BACK),
)


def test_the_letter_counts_by_verdict_and_lists_what_is_not_simply_funded() -> None:
    found = budget_letter(PAPER)
    text = "\n".join(paragraph.text for paragraph in found.paragraphs)

    assert found.addressee == "市财政局："
    assert "对截至2026年11月27日登记的1个项目、2个已部署系统逐一核对" in text
    assert "共2项，其中项目1项、已部署系统1项" in text
    assert "共1项（未在规定时限内备案1项），依据第十条，停止执行相关预算。" in text
    assert "四、恢复执行的项目" in text
    assert [row[0] for row in found.table.rows] == ["2", "3"]
    assert found.table.rows[1][5] == "恢复执行"
    assert found.table.rows[1][8] == "已审核；恢复平数云预算〔2026〕1号第5项"
    assert found.table.rows[1][4] == "123.46"  # 1,234,567 yuan
    assert "有效期" not in text


def test_where_everything_is_funded_there_is_no_annex() -> None:
    found = budget_letter(replace(PAPER, lines=(GOOD,)))

    assert (found.annexes, found.table.rows) == ((), ())
    assert "明细见附件" not in found.paragraphs[0].text


def test_an_expired_basis_is_said() -> None:
    basis = PAPER.basis.model_copy(update={"expired_on": date(2022, 9, 12)})
    text = budget_letter(replace(PAPER, basis=basis)).paragraphs[1].text

    assert text == "上述办法的有效期至2022年9月12日，现行依据以市政府最新规定为准。"


def test_the_workbook_has_every_row_with_its_entries_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(budget_xlsx(PAPER))
    sheet = next(iter(open_workbook(path)))
    rows = [row for _number, row in sheet.rows()]

    assert rows[2][3] == "=法援"
    assert rows[2][10] == "7、9"
    assert rows[3][9] == "平数云预算〔2026〕1号第5项"
    assert budget_xlsx(PAPER) == path.read_bytes()
