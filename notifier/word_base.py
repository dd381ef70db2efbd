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

from notifier.oneline import one_line
from notifier.word_xml import FANGSONG, HEITI, KAITI, SONG, XIAOBIAOSONG, fonts, page_field, paragraph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from docx.document import Document

LINE = 579  # twips: 22 lines in 225 mm
CHARACTER = 315  # twips: 28 in 156 mm
# A quarter of a point less between characters makes 28 of them. A grid of characters (charSpace) does so
# in Word alone: LibreOffice gives every character the room of one and a half.
CLOSE = '<w:spacing w:val="-5"/>'
EXACT = f'w:line="{LINE}" w:lineRule="exact"'
TIGHT = '<w:spacing w:line="240" w:lineRule="auto"/>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: two letters of one content are the same


@dataclass(frozen=True, slots=True)
class Style:
    """`layout` are paragraph properties in the order of the standard."""

    id: str
    name: str
    font: str
    points: float
    layout: str = ""


def mm(millimetres: float) -> int:
    """In twips."""
    return round(millimetres / 25.4 * 1440)


def spaced(before: int = 0) -> str:
    return f'<w:spacing w:before="{before}" {EXACT}/>'


RULES = (  # in a style, not in a paragraph: else LibreOffice takes the paragraph out of its frame
    '<w:pBdr><w:top w:val="single" w:sz="8" w:space="4" w:color="000000"/>'
    '<w:bottom w:val="single" w:sz="8" w:space="4" w:color="000000"/>'
    '<w:between w:val="single" w:sz="6" w:space="4" w:color="000000"/></w:pBdr>'
)
FOOT = f'<w:tabs><w:tab w:val="right" w:pos="{mm(156) - 280}"/></w:tabs><w:snapToGrid w:val="0"/>{TIGHT}'
STYLES = (
    Style(
        "Mark", "发文机关标志", XIAOBIAOSONG, 36, f'<w:snapToGrid w:val="0"/>{TIGHT}<w:jc w:val="center"/>'
    ),
    Style("Number", "发文字号", FANGSONG, 16, spaced() + '<w:jc w:val="center"/>'),
    Style(
        "Title",
        "Title",
        XIAOBIAOSONG,
        22,
        f'<w:keepNext/><w:keepLines/><w:spacing w:before="{2 * LINE}" w:line="700" w:lineRule="exact"/>'
        '<w:jc w:val="center"/>',
    ),
    Style("Addressee", "主送机关", FANGSONG, 16, spaced(LINE) + '<w:jc w:val="left"/>'),
    Style(
        "BodyText",
        "Body Text",
        FANGSONG,
        16,
        spaced() + f'<w:ind w:firstLineChars="200" w:firstLine="{2 * CHARACTER}"/><w:jc w:val="both"/>',
    ),
    Style(
        "Heading1",
        "heading 1",
        HEITI,
        16,
        f'<w:keepNext/>{spaced()}<w:ind w:firstLineChars="200" w:firstLine="{2 * CHARACTER}"/>'
        '<w:jc w:val="both"/><w:outlineLvl w:val="0"/>',
    ),
    Style(
        "Heading2",
        "heading 2",
        KAITI,
        16,
        f'<w:keepNext/>{spaced()}<w:ind w:firstLineChars="200" w:firstLine="{2 * CHARACTER}"/>'
        '<w:jc w:val="both"/><w:outlineLvl w:val="1"/>',
    ),
    Style(
        "Enclosures", "附件说明", FANGSONG, 16, f'<w:keepNext/><w:keepLines/>{spaced()}<w:jc w:val="left"/>'
    ),
    Style(
        "Signature", "Signature", FANGSONG, 16, f'<w:keepNext/><w:keepLines/>{spaced()}<w:jc w:val="right"/>'
    ),
    Style("Date", "Date", FANGSONG, 16, f'<w:keepLines/>{spaced()}<w:jc w:val="right"/>'),
    Style(
        "Contact",
        "附注",
        FANGSONG,
        16,
        spaced() + f'<w:ind w:leftChars="200" w:left="{2 * CHARACTER}"/><w:jc w:val="left"/>',
    ),
    Style("Imprint", "版记", FANGSONG, 14, RULES + FOOT),
    Style("ImprintPlain", "版记（函）", FANGSONG, 14, FOOT),
    Style("AnnexLabel", "附件序号", HEITI, 16, f'<w:keepNext/>{spaced()}<w:jc w:val="left"/>'),
    Style(
        "AnnexTitle",
        "附件标题",
        XIAOBIAOSONG,
        22,
        '<w:keepNext/><w:spacing w:before="120" w:after="240" w:line="700" w:lineRule="exact"/>'
        '<w:jc w:val="center"/><w:outlineLvl w:val="0"/>',
    ),
    Style("TableHead", "表头", HEITI, 10.5, f'<w:snapToGrid w:val="0"/>{TIGHT}<w:jc w:val="center"/>'),
    Style("TableText", "表格文字", FANGSONG, 10.5, f'<w:snapToGrid w:val="0"/>{TIGHT}<w:jc w:val="left"/>'),
    Style(
        "TableNumber", "表格数字", FANGSONG, 10.5, f'<w:snapToGrid w:val="0"/>{TIGHT}<w:jc w:val="right"/>'
    ),
    Style("Legend", "表注", FANGSONG, 10.5, f'<w:snapToGrid w:val="0"/>{TIGHT}<w:jc w:val="left"/>'),
    Style("Header", "header", FANGSONG, 16, f'<w:snapToGrid w:val="0"/>{TIGHT}'),
    Style("Footer", "footer", SONG, 14, f'<w:snapToGrid w:val="0"/>{TIGHT}'),
)


def style(look: Style) -> str:
    size = f'<w:sz w:val="{look.points * 2:.0f}"/><w:szCs w:val="{look.points * 2:.0f}"/>'
    return (
        f'<w:style w:type="paragraph" w:styleId="{look.id}"><w:name w:val="{look.name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{look.layout}</w:pPr>'
        f"<w:rPr>{fonts(look.font)}{CLOSE if look.points == 16 else ''}{size}</w:rPr></w:style>"
    )


def styles() -> str:
    language = '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    size = '<w:kern w:val="0"/><w:sz w:val="32"/><w:szCs w:val="32"/>'
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f"<w:styles {nsdecls('w')}><w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANGSONG)}{size}{language}"
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f'<w:pPr><w:widowControl w:val="0"/></w:pPr><w:rPr>{fonts(FANGSONG)}{size}</w:rPr></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="28" w:type="dxa"/>'
        '<w:left w:w="45" w:type="dxa"/><w:bottom w:w="28" w:type="dxa"/><w:right w:w="45" w:type="dxa"/>'
        "</w:tblCellMar></w:tblPr></w:style>"
        '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>'
        f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{lines}</w:tblBorders></w:tblPr></w:style>'
        f"{''.join(map(style, STYLES))}</w:styles>"
    )


def font_table() -> str:
    """What to take where a font is missing: an office has these, or the Windows ones beside them."""
    instead = {FANGSONG: "仿宋", KAITI: "楷体", HEITI: "SimHei", XIAOBIAOSONG: "华文中宋", SONG: "SimSun"}
    known = (
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/>'
        "</w:font>"
        for name, other in instead.items()
    )
    return f"<w:fonts {nsdecls('w')}>{''.join(known)}</w:fonts>"


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
