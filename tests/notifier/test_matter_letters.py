"""The letters of matters: what they say, and that the seals of notices about machines stay as they were."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from contents import VALID, matter, matters, sample
from python_calamine import CalamineWorkbook

from notifier.letters.annex import xlsx
from notifier.letters.body import html, plain
from notifier.letters.columns import columns
from notifier.letters.figures import by_number
from notifier.letters.wording import WordingError, letter


def sheets(data: bytes) -> list[list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_the_seal_of_a_notice_about_machines_is_what_it_was_before_there_were_matters() -> None:
    assert sample("shrink", 1).sha256() == "f383c9948104a747ff810a8c8d50a9688428943ce6b57a56058f067c8ffb43d7"
    assert sample("overdue", 2).sha256() == "26efc1eba851e02d3566fcea80faac45e1e3173276145ff631f448fbd106fb5b"
    assert matters().sha256() != matters(matters=()).sha256()


def test_a_reminder_says_by_when_and_lists_every_matter() -> None:
    undated = matter(3, due=None, started_on=date(2026, 12, 25))
    content = matters(matters=(*matters().matters, undated))

    made = letter(content)

    assert made.subject == "【2026年10月9日到期】关于有关事项即将到期的提醒（平数事提醒〔2026〕12号）"
    assert made.deadline == "各项办理期限（含当日）前，最早一项为2026年10月9日"
    assert made.table.headings == ("事项", "依据", "起算日期", "办理期限")
    assert made.table.rows[0] == (
        "补正“社会救助系统1期”项目的初步设计材料",
        "第八条 补正",
        "2026年9月18日",
        "2026年10月9日",
    )
    assert made.table.rows[2][3] == "起算之日起10个工作日内，具体日期待定"
    assert "有1项的具体截止日期待工作日安排公布后确定" in plain(made).replace("\n", "")
    assert "（共3项）" in plain(made)
    assert "（共3项）" in html(made)


def test_an_urging_says_how_long_each_is_overdue_and_how_often_it_was_urged() -> None:
    mixed = (
        matter(1, overdue=8, level=2),
        matter(2, overdue=1, level=1, due=date(2026, 10, 16), extended=True),
    )

    made = letter(matters("late", matters=mixed))

    assert made.title == "关于限期办理逾期事项的催办通知"
    assert [row[3:] for row in made.table.rows] == [
        ("2026年10月9日", "8日", "第2次"),
        ("2026年10月16日（已延期）", "1日", "第1次"),
    ]
    assert "其中最长的已逾期8日" in plain(made).replace("\n", "")
    assert letter(matters("late")).title == "关于限期办理逾期事项的催办通知\n（第2次）"


def test_a_single_matter_is_named() -> None:
    made = letter(matters("late", 1, copy_to=("市政府督查室",)))

    said = "".join(paragraph.text for paragraph in made.paragraphs)
    assert made.action.startswith("补正“社会救助系统1期”项目的初步设计材料；")
    assert "附件所列1项事项（补正“社会救助系统1期”项目的初步设计材料）应当由你单位在规定期限内办结" in said
    assert "本次催办同时抄送市政府督查室。" in said


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", ["due", "late"])
@pytest.mark.parametrize("count", [1, 60])
def test_every_line_of_the_mail_fits_and_the_annex_lists_all(kind: str, locale: str, count: int) -> None:
    made = letter(matters(kind, count, locale=locale, basis=VALID))

    rows = sheets(xlsx(made))[0]

    assert max(columns(line) for line in plain(made).split("\n")) <= 78
    assert len(rows) == 1 + count
    assert ("50" in plain(made).split("-" * 72)[1]) == (count > 50)


def test_the_annex_has_days_as_days_and_numbers_as_numbers() -> None:
    made = letter(matters("late", 1))

    headings, row = sheets(xlsx(made))[0]

    found: dict[Any, Any] = dict(zip(headings, row, strict=True))
    assert found["截止日期（空白为待定）"] == date(2026, 10, 9)
    assert (found["办理期限（工作日）"], found["已逾期（日）"], found["催办次数"]) == (10, 8, 2)
    assert found["是否延期"] == "否"


def test_what_a_title_says_cannot_act() -> None:
    hostile = matters("due", 1, matters=(matter(1, title="x\r\nBcc: e@y\u202e<b>{{ number }}"),))

    made = letter(hostile)

    assert made.table.rows[0][0] == "x Bcc: e@y<b>{{ number }}"
    assert "<b>{{" not in html(made)


def test_a_letter_of_matters_without_one_is_none() -> None:
    with pytest.raises(WordingError, match="names at least one matter"):
        letter(matters(matters=()))


def test_articles_stand_in_the_order_of_the_law() -> None:
    found = by_number(["第十七条", "第八条", "附则", "第二十条", "第八条", "第十条"])

    assert found == ["第八条", "第十条", "第十七条", "第二十条", "附则"]
