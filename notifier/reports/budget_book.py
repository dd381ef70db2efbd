"""A budget list as a workbook: every row with the journal entries it rests on, and what the list is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifier.letters.book import Imprint, writing
from notifier.reports.budget_letter import WAN, kind, verdict

if TYPE_CHECKING:
    from notifier.reports.budget_values import BudgetPaper
    from store.cells import Cell

HEADINGS: list[Cell] = [
    *("序号", "单位", "类别", "名称", "预算（万元）", "意见"),
    *("起始日期", "依据", "事由", "恢复", "登记记录号"),
]


def budget_xlsx(paper: BudgetPaper) -> bytes:
    """The file; the same list is always the same bytes."""
    title = f"{paper.year}年度预算安排意见清单"
    imprint = Imprint(title, paper.number, paper.office.name, paper.issued_on)
    with writing(imprint) as book:
        book.sheet("清单", rows(paper))
        book.sheet("说明", notes(paper, title), wrap=1)
    return book.data


def wan(fen: int | None) -> float | None:
    """Fen as 万元."""
    return None if fen is None else fen / WAN


def rows(paper: BudgetPaper) -> list[list[Cell]]:
    body: list[list[Cell]] = [
        [
            *(
                line.place,
                line.department,
                kind(line),
                line.name,
                wan(line.budget_fen),
                verdict(line),
                line.since,
            ),
            *(line.article, line.fact, line.restores, "、".join(map(str, line.entries))),
        ]
        for line in paper.lines
    ]
    return [HEADINGS, *body]


def notes(paper: BudgetPaper, title: str) -> list[list[Cell]]:
    return [
        ["项目", "内容"],
        ["名称", title],
        ["编号", paper.number],
        ["截至", paper.as_of],
        ["印发日期", paper.issued_on],
        ["依据", f"《{paper.basis.title}》（{paper.basis.document_number}）第九条、第十条"],
        ["上一清单", paper.previous or "无"],
        ["校验值（SHA-256）", paper.sha256],
        ["登记记录号", "审计日志中的记录号，可用 rightsizer audit case 导出"],
    ]
