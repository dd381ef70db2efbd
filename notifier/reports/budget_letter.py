"""The letter with a budget list to the finance bureau (arts. 9 and 10), in the layout of the house's letters.

In Chinese whatever the locale: it goes from office to office. What is not to be funded stands in the annex;
all rows are in the workbook (notifier/reports/budget_book.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifier.content import Content, NoticeKind
from notifier.letters import facts, figures
from notifier.letters.letter import Letter, Paragraph, Table
from notifier.oneline import one_line
from notifier.reports.budget_values import FUNDABLE, REFUSED, STOPPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notifier.letters.words import Locale
    from notifier.reports.budget_values import BudgetLine, BudgetPaper

LOCALE: Locale = "zh_CN"
VERDICTS = {FUNDABLE: "可安排", REFUSED: "不予安排", STOPPED: "停止执行"}
ANNEX = "不予安排、停止执行和恢复执行预算的项目清单"
HEADINGS = ("序号", "单位", "类别", "名称", "预算（万元）", "意见", "起始日期", "依据", "事由")
NUMERIC = (True, False, False, False, True, False, False, False, False)
WAN = 1_000_000  # fen of 10,000 yuan
FACT = 400  # characters


def budget_letter(paper: BudgetPaper) -> Letter:
    content = content_of(paper)
    listed = [line for line in paper.lines if line.verdict != FUNDABLE or line.restores]
    title = f"关于{paper.year}年度电子政务和政务数据项目|预算安排意见的函".replace("|", "\n")
    return Letter(
        content=content,
        subject=title.replace("\n", ""),
        title=title,
        number=paper.number,
        addressee=f"{one_line(paper.addressee)}：",
        paragraphs=tuple(said(paper)),
        annexes=(ANNEX,) if listed else (),
        annex_title=ANNEX if listed else "",
        table=table(listed),
        legend=legend(paper) if listed else (),
        signature=one_line(paper.office.name),
        date=figures.day(paper.issued_on, LOCALE),
        contact=facts.contact(content),
        copies=None,
    )


def content_of(paper: BudgetPaper) -> Content:
    """What the printers ask a letter for; its kind gives it the layout of a 函, from office to office."""
    return Content(
        kind=NoticeKind.EXPAND,
        number=paper.number,
        department=paper.addressee,
        issued_on=paper.issued_on,
        as_of=paper.as_of,
        working_days=0,
        basis=paper.basis,
        office=paper.office,
        rows=(),
        locale=LOCALE,
    )


def said(paper: BudgetPaper) -> list[Paragraph]:
    """The law and the day; then what may be funded, what not, what stops, what goes on."""
    parts = [Paragraph(opening(paper))]
    if paper.basis.expired_on is not None:
        parts.append(Paragraph(expired(paper)))
    chapters = [fundable(paper), refused(paper), stopped(paper), restored(paper)]
    for number, (heading, text) in zip("一二三四", [each for each in chapters if each], strict=False):
        parts += [Paragraph(f"{number}、{heading}", 1), Paragraph(text)]
    parts.append(Paragraph("请贵局核对，并将预算安排和执行情况函告我中心。"))
    return parts


def opening(paper: BudgetPaper) -> str:
    systems = sum(line.system for line in paper.lines)
    day = figures.day(paper.as_of, LOCALE)
    annex = "，明细见附件" if any(line.verdict != FUNDABLE or line.restores for line in paper.lines) else ""
    return (
        f"根据《{one_line(paper.basis.title)}》（{one_line(paper.basis.document_number)}）第九条、第十条规定，"
        f"我中心对截至{day}登记的{len(paper.lines) - systems}个项目、{systems}个已部署系统逐一核对，"
        f"形成{paper.year}年度预算安排意见{annex}。现函告如下："
    )


def expired(paper: BudgetPaper) -> str:
    basis = paper.basis
    day = figures.day(basis.expired_on, LOCALE) if basis.expired_on else ""
    after = f"现依据{one_line(basis.override)}办理。" if basis.override else "现行依据以市政府最新规定为准。"
    return f"上述办法的有效期至{day}，{after}"


def fundable(paper: BudgetPaper) -> tuple[str, str]:
    lines = [line for line in paper.lines if line.verdict == FUNDABLE]
    systems = sum(line.system for line in lines)
    parts = f"共{len(lines)}项，其中项目{len(lines) - systems}项、已部署系统{systems}项"
    text = f"{parts}，可以安排或者继续执行相关预算。"
    return "可安排的项目", text if lines else "无。"


def refused(paper: BudgetPaper) -> tuple[str, str]:
    lines = [line for line in paper.lines if line.verdict == REFUSED]
    text = f"共{len(lines)}项（{reasons(lines)}），依据第九条，不予安排相关预算。"
    return "不予安排的项目", text if lines else "无。"


def stopped(paper: BudgetPaper) -> tuple[str, str]:
    lines = [line for line in paper.lines if line.verdict == STOPPED]
    text = f"共{len(lines)}项（{reasons(lines)}），依据第十条，停止执行相关预算。"
    return "停止执行的项目", text if lines else "无。"


def restored(paper: BudgetPaper) -> tuple[str, str] | None:
    lines = [line for line in paper.lines if line.restores]
    if not lines:
        return None
    return "恢复执行的项目", f"共{len(lines)}项，原停止执行的事由已经消除，恢复执行相关预算。"


REASONS = (
    ("未经审核", "未经审核"),
    ("审核未通过", "审核未通过"),
    ("撤回", "已撤回"),
    ("规定时限", "未在规定时限内备案"),
    ("发现未备案", "未备案运行"),
    ("绩效评价", "绩效评价未达到要求"),
    ("注销", "备案已注销"),
)


def reasons(lines: Sequence[BudgetLine]) -> str:
    """How many of each: 未经审核3项、审核未通过1项."""
    rest, told = list(lines), []
    for mark, word in REASONS:
        found = [line for line in rest if mark in line.fact]
        rest = [line for line in rest if mark not in line.fact]
        told += [f"{word}{len(found)}项"] if found else []
    return "、".join([*told, f"其他{len(rest)}项"] if rest else told)


def table(lines: Sequence[BudgetLine]) -> Table:
    if not lines:
        return Table((), (), ())
    rows = tuple(tuple(map(one_line_of, cells(line))) for line in lines)
    return Table(HEADINGS, rows, NUMERIC)


def one_line_of(text: str) -> str:
    return one_line(text, FACT)


def cells(line: BudgetLine) -> tuple[str, ...]:
    lifted = f"；恢复{line.restores}" if line.restores else ""
    return (
        str(line.place),
        line.department,
        kind(line),
        line.name,
        "" if line.budget_fen is None else f"{line.budget_fen / WAN:,.2f}",
        verdict(line),
        figures.day(line.since, LOCALE) if line.since else "",
        line.article,
        f"{line.fact}{lifted}",
    )


def kind(line: BudgetLine) -> str:
    return "系统" if line.system else "项目"


def verdict(line: BudgetLine) -> str:
    return "恢复执行" if line.restores else VERDICTS[line.verdict]


def legend(paper: BudgetPaper) -> tuple[str, ...]:
    before = f"本清单承接{paper.previous}。" if paper.previous else ""
    return (
        f"注：序号为清单全文（XLSX）中的序号，每项依据的登记记录号见该文件。{before}",
        f"清单校验值（SHA-256）：{paper.sha256}",
    )
