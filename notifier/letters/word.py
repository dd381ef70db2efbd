"""A letter as a Word document that an office edits: the layout of GB/T 9704, its annex a real table.

A suggestion or a question goes as 函: its mark and double red line stand in the heading of the first page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from docx.shared import Mm

from notifier.content import NoticeKind
from notifier.letters.word_base import ACROSS, UPRIGHT, new_document, saved, sign
from notifier.letters.word_styles import CHARACTER, LINE, mm
from notifier.letters.word_xml import (
    FANGSONG,
    HEITI,
    KAITI,
    LONG,
    SHORT,
    XIAOBIAOSONG,
    elements,
    ems,
    fonts,
    grid,
    on_lines,
    paragraph,
    run,
    table,
)
from notifier.oneline import one_line

if TYPE_CHECKING:
    from docx.document import Document

    from notifier.letters.letter import Letter, Paragraph
    from notifier.letters.word_base import Page

RED = "E60012"
TEXT = 430  # points that a mark may take of a line of 442
TITLE_LINE = 20  # characters of 22 points in a line
FRAME = (
    f'<w:framePr w:w="{mm(156)}" w:wrap="notBeside" w:vAnchor="margin" w:hAnchor="margin" w:xAlign="center" '
    'w:yAlign="bottom"/>'
)
LEVELS = (("BodyText", FANGSONG), ("Heading1", HEITI), ("Heading2", KAITI))
SPACE, TAB = (
    f"<w:r><w:rPr>{fonts(FANGSONG)}</w:rPr>{what}</w:r>"
    for what in ('<w:t xml:space="preserve">\u3000</w:t>', "<w:tab/>")
)
FRAME = (
    f'<w:framePr w:w="{mm(156)}" w:wrap="notBeside" w:vAnchor="margin" w:hAnchor="margin" w:xAlign="center" '
    'w:yAlign="bottom"/>'
)
LEVELS = (("BodyText", FANGSONG), ("Heading1", HEITI), ("Heading2", KAITI))


@dataclass(frozen=True, slots=True)
class Words:
    enclosure: str
    colon: str
    contact: str
    copies: str
    printed: str
    charts: str


WORDS = {
    "zh_CN": Words(
        enclosure="附件",
        colon="：",
        contact="（{}）",
        copies="抄送：{}。",
        printed="{}印发",
        charts="使用率曲线见本文书的PDF版，逐日数据见附表（XLSX）。",
    ),
    "en": Words(
        enclosure="Annex",
        colon=": ",
        contact="({})",
        copies="Copy to: {}",
        printed="Issued {}",
        charts="The curves are in the PDF of this letter, the daily figures in its workbook (XLSX).",
    ),
}


def docx(letter: Letter) -> bytes:
    """The file; the same letter is always the same bytes."""
    content = letter.content
    *others, last = [said(part) for part in letter.paragraphs] or [""]
    text = [red_head(letter), *opening(letter), *others, with_next(last), *closing(letter)]
    chapters = [(text, UPRIGHT)]
    if letter.table.rows:
        chapters.append(annex(letter))
    foot = imprint(letter)
    if foot and chapters[-1][1] is UPRIGHT:
        chapters[-1][0].extend(foot)
    elif foot:
        chapters.append((foot, UPRIGHT))
    document = new_document(chapters)
    if is_reply_asked(letter):
        first_page(document, letter)
    sign(document, letter.title.replace("\n", ""), content.office.name, content.issued_on, content.locale)
    document.core_properties.subject = one_line(letter.number)
    document.core_properties.identifier = content.sha256()
    return saved(document)


def is_reply_asked(letter: Letter) -> bool:
    """函: the office and the department are not each other's superior, and it only asks."""
    return letter.content.kind in {NoticeKind.EXPAND, NoticeKind.IDLE}


def mark(text: str, layout: str) -> str:
    """As large as fits on one line; characters of a long name are set narrower, down to 60 %."""
    wide = max(ems(one_line(text, SHORT)), 1)
    points = max(20.0, min(44.0, TEXT / (wide * 0.65)))
    narrow = max(60, min(100, int(100 * TEXT / (wide * points))))
    size = f'<w:color w:val="{RED}"/><w:w w:val="{narrow}"/><w:sz w:val="{points * 2:.0f}"/>'
    return paragraph("Mark", run(text, XIAOBIAOSONG, size, SHORT), layout)


def line(kind: str, size: int, space: int) -> str:
    """A red line below."""
    return f'<w:pBdr><w:bottom w:val="{kind}" w:sz="{size}" w:space="{space}" w:color="{RED}"/></w:pBdr>'


def red_head(letter: Letter) -> str:
    """The mark 35 mm below the edge of the text, the number two lines below it, the red line 4 mm further.

    Of a 函 only the number, on the right: its mark is in the heading of the page.
    """
    number = run(letter.number, FANGSONG, limit=SHORT)
    if is_reply_asked(letter):
        return paragraph("Number", number, '<w:jc w:val="right"/>')
    top = f'<w:spacing w:before="{mm(35)}"/>'
    below = f'{line("single", 12, 11)}<w:spacing w:before="{2 * LINE}"/>'
    return mark(letter.content.office.mark, top) + paragraph("Number", number, below)


def first_page(document: Document, letter: Letter) -> None:
    """Of a 函: the mark 30 mm below the upper edge over a red double line, another one 20 mm above the lower
    edge, both 170 mm long; no page number.
    """
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header_distance, section.footer_distance = Mm(30), Mm(20)
    wide = f'<w:ind w:left="-{mm(8)}" w:right="-{mm(6)}"/>'
    name = letter.content.office.mark.removesuffix("文件")
    upper = mark(name, f'{line("thickThinSmallGap", 24, 11)}<w:spacing w:after="240"/>{wide}')
    lower = paragraph("Footer", "", f"{line('thinThickSmallGap', 24, 1)}{wide}")
    for holder, xml in ((section.first_page_header, upper), (section.first_page_footer, lower)):
        holder.is_linked_to_previous = False
        empty = holder.paragraphs[0]._p  # noqa: SLF001  (the library's only way to an element)
        empty.getparent().replace(empty, elements(xml)[0])


def opening(letter: Letter) -> list[str]:
    """Title and addressee; the title on one line where there is room, else broken where the letter says."""
    whole = letter.title.replace("\n", "")
    lines = [whole] if ems(whole) <= TITLE_LINE else letter.title.split("\n")[:6]
    return [
        paragraph("Title", on_lines(lines, XIAOBIAOSONG, limit=SHORT)),
        paragraph("Addressee", run(letter.addressee, FANGSONG, limit=SHORT)),
    ]


def said(part: Paragraph) -> str:
    style, chinese = LEVELS[part.level]
    return paragraph(style, run(part.text, chinese))


def with_next(text: str) -> str:
    """A signature never stands on a page of its own."""
    return (
        text.replace('"/></w:pPr>', '"/><w:keepNext/><w:keepLines/></w:pPr>', 1) if len(text) < LONG else text
    )


def closing(letter: Letter) -> list[str]:
    """Enclosures, signature, date and contact, without a seal: the name ends two characters from the right,
    the date begins two characters after the name.
    """
    name, date = ems(letter.signature), ems(letter.date)
    shift = max(0.0, date + 2 - name)
    name_end, date_end = 2 + shift, 2.0 if shift else name - date
    parts = enclosures(letter)
    for style, text, end, above in (
        ("Signature", letter.signature, name_end, 2 * LINE),
        ("Date", letter.date, date_end, 0),
    ):
        where = f'<w:spacing w:before="{above}"/>{indent("right", end)}'
        parts.append(paragraph(style, run(text, FANGSONG, limit=SHORT), where))
    if letter.contact:
        whole = WORDS[letter.content.locale].contact.format(letter.contact.strip("（）()"))
        parts.append(paragraph("Contact", run(whole, FANGSONG)))
    return parts


def indent(side: str, characters: float, hanging: float = 0) -> str:
    less = f' w:hangingChars="{hanging * 100:.0f}" w:hanging="{hanging * CHARACTER:.0f}"' if hanging else ""
    return f'<w:ind w:{side}Chars="{characters * 100:.0f}" w:{side}="{characters * CHARACTER:.0f}"{less}/>'


def enclosures(letter: Letter) -> list[str]:
    """附件：1. ..., one line below the text; later ones stand under the first."""
    words, several = WORDS[letter.content.locale], len(letter.annexes) > 1
    label = words.enclosure + words.colon
    parts = []
    for number, name in enumerate(letter.annexes, 1):
        digits = f"{number}. " if several else ""
        inner = ems(label + digits)
        before = label if number == 1 else ""
        above = f'<w:spacing w:before="{LINE if number == 1 else 0}"/>'
        where = above + indent("left", 2 + inner, ems(before + digits))
        parts.append(paragraph("Enclosures", run(before + digits + one_line(name, SHORT), FANGSONG), where))
    return parts


def annex(letter: Letter) -> tuple[list[str], Page]:
    """The machines, on a page that lies across when their table is wide."""
    words, found = WORDS[letter.content.locale], letter.table
    laid = grid(found.headings, found.rows)
    label = f"{words.enclosure}1" if len(letter.annexes) > 1 else words.enclosure
    notes = [*letter.legend, words.charts] if any(row.chart for row in letter.content.rows) else letter.legend
    texts = [
        paragraph("AnnexLabel", run(label, HEITI)),
        paragraph("AnnexTitle", run(letter.annex_title, XIAOBIAOSONG, limit=SHORT)),
        table(found.headings, found.rows, found.numeric, laid),
        *(paragraph("Legend", run(note, FANGSONG)) for note in notes or [""]),
    ]
    return texts, ACROSS if laid.across else UPRIGHT


def imprint(letter: Letter) -> list[str]:
    """版记 at the foot of the last page, between lines; a 函 has neither lines nor who printed it.

    The text keeps a character from the edges, which the lines reach: an indent would shorten them.
    """
    words, lines, ruled = WORDS[letter.content.locale], [], not is_reply_asked(letter)
    if letter.copies:
        lines.append(run(words.copies.format(one_line(letter.copies, 400)), FANGSONG))
    if ruled:
        office = run(letter.content.office.name, FANGSONG, limit=SHORT)
        lines.append(f"{office}{TAB}{run(words.printed.format(letter.date), FANGSONG)}")
    hanging = four(ems(words.copies.split("{")[0]) + 1)
    style = "Imprint" if ruled else "ImprintPlain"
    return [paragraph(style, SPACE + text, FRAME + hanging) for text in lines]


def four(characters: float) -> str:
    """Later lines begin so many characters of 4号 from the edge, under the first name."""
    return f'<w:ind w:left="{characters * 280:.0f}" w:hanging="{characters * 280:.0f}"/>'
