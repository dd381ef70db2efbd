"""An empty official document (GB/T 9704: A4, 22 lines of 28 characters) for python-docx, built here: the
one that python-docx brings sets Chinese in a Japanese font and names a foreign author.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from typing import TYPE_CHECKING

import docx
from docx.oxml.ns import nsdecls

from notifier.letters.word_styles import CHARACTER, LINE, font_table, mm, styles
from notifier.letters.word_xml import SONG, page_field, paragraph
from notifier.oneline import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from docx.document import Document

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: two letters of one content are the same


def settings() -> str:
    compatible = "http://schemas.microsoft.com/office/word"
    return (
        f'<w:settings {nsdecls("w")}><w:zoom w:percent="100"/><w:evenAndOddHeaders/>'
        '<w:drawingGridVerticalSpacing w:val="289"/><w:characterSpacingControl w:val="compressPunctuation"/>'
        "<w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/>"
        "<w:ulTrailSpace/><w:doNotExpandShiftReturn/><w:adjustLineHeightInTable/><w:useFELayout/>"
        f'<w:compatSetting w:name="compatibilityMode" w:uri="{compatible}" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )


@dataclass(frozen=True, slots=True)
class Page:
    """A4, with its margins in mm: upright as GB/T 9704 has it, or across for a wide table."""

    size: tuple[int, int]
    above: int
    right: int
    below: int
    left: int
    number: int  # from the lower edge to the page number


UPRIGHT = Page((210, 297), 37, 26, 35, 28, 23)
ACROSS = Page((297, 210), 28, 37, 26, 35, 14)


def section(page: Page) -> str:
    """22 lines of 28 characters on an upright page."""
    width, height = map(mm, page.size)
    turned = ' w:orient="landscape"' if page is ACROSS else ""
    return (
        '<w:sectPr><w:type w:val="nextPage"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"{turned}/><w:pgMar w:top="{mm(page.above)}" '
        f'w:right="{mm(page.right)}" w:bottom="{mm(page.below)}" w:left="{mm(page.left)}" '
        f'w:header="{mm(15)}" w:footer="{mm(page.number)}" w:gutter="0"/>'
        f'<w:docGrid w:type="lines" w:linePitch="{LINE}"/></w:sectPr>'
    )


def bound(chapters: Sequence[tuple[Sequence[str], Page]]) -> str:
    """The body of a document. A chapter is paragraphs and tables, the last one a paragraph, on pages of one
    kind; page numbers run through.
    """
    numbers = (
        '<w:sectPr><w:footerReference w:type="even" r:id="rId5"/>'
        '<w:footerReference w:type="default" r:id="rId4"/>'
    )
    body = []
    for number, (texts, page) in enumerate(chapters, 1):
        end = section(page)
        if number == 1:  # a later section has the footers of the one before
            end = end.replace("<w:sectPr>", numbers)
        last = texts[-1] + end if number == len(chapters) else texts[-1].replace("</w:pPr>", f"{end}</w:pPr>")
        body += [*texts[:-1], last]
    return "".join(body)


def page_number(side: str) -> str:
    """— 1 —, one character from the edge: on the right of an odd page, on the left of an even one."""
    edge = f'<w:ind w:{side}Chars="100" w:{side}="{CHARACTER}"/><w:jc w:val="{side}"/>'
    return f"<w:ftr {nsdecls('w')}>{paragraph('Footer', page_field(SONG), edge)}</w:ftr>"


def relations(found: dict[str, tuple[str, str]]) -> str:
    lines = (
        f'<Relationship Id="{key}" Type="{kind}" Target="{target}"/>' for key, (kind, target) in found.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def content_types() -> str:
    kinds = {
        "document": "document.main",
        "styles": "styles",
        "settings": "settings",
        "fontTable": "fontTable",
        "footer1": "footer",
        "footer2": "footer",
    }
    parts = (
        f'<Override PartName="/word/{part}.xml" ContentType="{WORD}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{"".join(parts)}</Types>'
    )


@cache
def base() -> dict[str, bytes]:
    """The parts of a document but its text."""
    of_document = {
        "rId1": (f"{OFFICE}/styles", "styles.xml"),
        "rId2": (f"{OFFICE}/settings", "settings.xml"),
        "rId3": (f"{OFFICE}/fontTable", "fontTable.xml"),
        "rId4": (f"{OFFICE}/footer", "footer1.xml"),
        "rId5": (f"{OFFICE}/footer", "footer2.xml"),
    }
    texts = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations({"rId1": (f"{OFFICE}/officeDocument", "word/document.xml")}),
        "word/_rels/document.xml.rels": relations(of_document),
        "word/styles.xml": styles(),
        "word/settings.xml": settings(),
        "word/fontTable.xml": font_table(),
        "word/footer1.xml": page_number("right"),
        "word/footer2.xml": page_number("left"),
    }
    return {name: f"{HEAD}{text}".encode() for name, text in texts.items()}


def packed(files: Mapping[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip that says the same time of every file."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, kind)
    return whole.getvalue()


def new_document(chapters: Sequence[tuple[Sequence[str], Page]]) -> Document:
    """The document of these chapters."""
    text = f"{HEAD}<w:document {nsdecls('w', 'r')}><w:body>{bound(chapters)}</w:body></w:document>"
    files = {**base(), "word/document.xml": text.encode()}
    return docx.Document(io.BytesIO(packed(files, zipfile.ZIP_STORED)))


def sign(document: Document, title: str, author: str, day: date, locale: str) -> None:
    """Properties that name its author and day, not this program and this moment."""
    known = document.core_properties
    known.title = one_line(title)
    known.author = known.last_modified_by = one_line(author)
    known.created = known.modified = datetime.combine(day, time(), UTC).replace(tzinfo=None)
    known.revision = 1
    known.language = locale.replace("_", "-")


def saved(document: Document) -> bytes:
    """The document as a file; the same document is always the same bytes."""
    written = io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()})
