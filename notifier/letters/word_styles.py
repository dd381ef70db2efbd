"""The styles of an official document (GB/T 9704: 22 lines of 28 characters), each with its Chinese font."""

from __future__ import annotations

from dataclasses import dataclass

from docx.oxml.ns import nsdecls

from notifier.letters.word_xml import FANGSONG, HEITI, KAITI, SONG, XIAOBIAOSONG, fonts

LINE = 579  # twips: 22 lines in 225 mm
CHARACTER = 315  # twips: 28 in 156 mm
# A quarter of a point less between characters makes 28 of them. A grid of characters (charSpace) does so
# in Word alone: LibreOffice gives every character the room of one and a half.
CLOSE = '<w:spacing w:val="-5"/>'
EXACT = f'w:line="{LINE}" w:lineRule="exact"'
TIGHT = '<w:spacing w:line="240" w:lineRule="auto"/>'


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
