"""A letter as text: title, addressee, paragraphs, annexes. Wording makes it, the renderers set it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notifier.content import Content


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`level` 0: plain text; 1: 一、黑体; 2: （一）楷体."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The machines of the annex as a person reads them: headings, then a row a machine, every cell text."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]  # which columns are set flush right


@dataclass(frozen=True, slots=True)
class Letter:
    """`subject` is the mail's subject, one line; `title` the letter's, lines where it may break.

    `annex_title` stands over the table; `legend` explains its figures below it. `deadline` and `action` are
    what the box at the head of the mail says: until when, and what is to be done; one line each.
    """

    content: Content
    subject: str
    title: str
    number: str
    addressee: str
    paragraphs: tuple[Paragraph, ...]
    annexes: tuple[str, ...]  # 附件 names, without their numbers
    annex_title: str
    table: Table
    legend: tuple[str, ...]
    signature: str
    date: str
    contact: str  # 联系人, in （）
    copies: str | None  # 抄送
    deadline: str = ""
    action: str = ""
