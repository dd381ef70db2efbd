"""The letter as a Word document, read back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import docx as reader
import pytest
from contents import OFFICE, sample
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from notifier.content import FIRST, FOLLOWING, NoticeKind
from notifier.letters.letter import Paragraph, Table
from notifier.letters.word import docx
from notifier.letters.wording import letter as worded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document

    from notifier.letters.letter import Letter

HOSTILE = {
    "line ends": "x\r\nBcc: e@y",
    "a NUL": "vm\x00-1",
    "right to left": "vm-\u202e1",
    "a formula": '=HYPERLINK("http://x")',
    "markup": "<script>&amp;]]></script>",
    "10 KB": "长" * 10_000,
    "astral": "\U00020bb7野\U0001f600",
    "half a pair": "vm\ud800",
    "noncharacter": "vm\uffff",
}
KANJI = ("仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "宋体")


def letter(kind: str = "shrink", machines: int = 3, **changes: object) -> Letter:
    return worded(sample(kind, machines, **changes))


def opened(data: bytes) -> Document:
    return reader.Document(io.BytesIO(data))


def texts(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def parts(data: bytes) -> Iterator[tuple[str, ET.Element]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                yield name, ET.fromstring(archive.read(name))  # noqa: S314  (our own file)


@pytest.mark.parametrize("kind", [*FIRST, *FOLLOWING])
def test_every_kind_of_letter_opens_with_its_number_title_text_and_table(kind: NoticeKind) -> None:
    made = letter(kind)

    document = opened(docx(made))
    said = texts(document)
    assert made.number in said
    assert made.addressee in said
    assert [text for text in said if text.replace("\n", "") == made.title.replace("\n", "")]
    assert all(paragraph.text in said for paragraph in made.paragraphs)
    assert [cell.text for cell in document.tables[0].rows[0].cells] == list(made.table.headings)
    assert len(document.tables[0].rows) == 1 + 3


def test_the_page_is_that_of_the_standard_for_official_documents() -> None:
    section = opened(docx(letter())).sections[0]

    assert (section.page_width.mm, section.page_height.mm) == pytest.approx((210, 297), abs=0.1)
    margins = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    assert [margin.mm for margin in margins] == pytest.approx([37, 26, 35, 28], abs=0.1)
    grid = section._sectPr.find(qn("w:docGrid"))
    # 22 lines of 579 twips are 636.9 points; the text is 225 mm = 637.8 points high.
    assert grid.get(qn("w:linePitch")) == "579"


def test_every_run_and_every_style_names_a_chinese_font() -> None:
    data = docx(letter())
    font = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}rFonts"
    east = font.replace("rFonts", "eastAsia")

    for name, root in parts(data):
        if name not in {"word/document.xml", "word/footer1.xml", "word/footer2.xml"}:
            continue
        for run in root.iter(font.replace("rFonts", "r")):
            found = run.find(f"*/{font}")
            assert found is not None and found.get(east) in KANJI  # noqa: PT018
    for style in opened(data).styles.element.iter(qn("w:style")):
        if style.get(qn("w:type")) == "paragraph":
            assert style.find(f".//{font}").get(east) in KANJI
    assert b"Mincho" not in b"".join(ET.tostring(root) for _, root in parts(data))


def test_headings_are_set_in_hei_and_kai_and_can_be_navigated() -> None:
    made = replace(letter(), paragraphs=(Paragraph("一、甲", 1), Paragraph("（一）乙", 2), Paragraph("丙")))

    found = {p.text: p.style.name for p in opened(docx(made)).paragraphs}
    assert (found["一、甲"], found["（一）乙"], found["丙"]) == ("Heading 1", "Heading 2", "Body Text")


def test_page_numbers_are_fields_on_the_right_of_odd_pages_and_the_left_of_even_ones() -> None:
    section = opened(docx(letter())).sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]

    assert odd.text == even.text == "— 1 —"
    assert "PAGE" in odd._p.xpath("string(.//w:instrText)")
    assert (odd.alignment, even.alignment) == (2, 0)  # right, left


def test_a_notice_has_a_red_head_and_a_red_line() -> None:
    made = letter()
    mark, number = opened(docx(made)).paragraphs[:2]

    assert mark.text == OFFICE.mark
    assert str(mark.runs[0].font.color.rgb) == "E60012"
    assert number._p.xpath("string(.//w:pBdr/w:bottom/@w:color)") == "E60012"


@pytest.mark.parametrize("kind", ["expand", "idle"])
def test_what_only_asks_goes_as_a_letter_with_its_mark_in_the_heading(kind: str) -> None:
    section = opened(docx(letter(kind))).sections[0]

    assert section.different_first_page_header_footer
    assert section.first_page_header.paragraphs[0].text == OFFICE.name
    assert section.first_page_footer.paragraphs[0].text == ""
    assert section.header_distance.mm == pytest.approx(30, abs=0.1)
    assert not [text for text in texts(opened(docx(letter(kind)))) if "印发" in text]


def test_the_heading_row_of_the_annex_stands_on_every_page_and_no_row_is_broken() -> None:
    table = opened(docx(letter(machines=50))).tables[0]

    assert [bool(row._tr.xpath("./w:trPr/w:tblHeader")) for row in table.rows] == [True] + [False] * 50
    assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows)


@pytest.mark.parametrize(("columns", "orientation"), [(2, WD_ORIENT.PORTRAIT), (14, WD_ORIENT.LANDSCAPE)])
def test_a_wide_annex_lies_across_a_page_of_its_own(columns: int, orientation: WD_ORIENT) -> None:
    cells = tuple(f"10.32.0.{n} 社会救助系统" for n in range(columns))
    made = replace(letter(), table=Table(cells, (cells,), (False,) * columns))

    document = opened(docx(made))
    assert document.sections[1].orientation == orientation
    assert document.sections[-1].orientation == WD_ORIENT.PORTRAIT  # the imprint stands upright


def test_numbers_of_the_annex_stand_flush_right() -> None:
    made = replace(letter(), table=Table(("云主机", "元"), (("a", "628"),), (False, True)))
    words, number = opened(docx(made)).tables[0].rows[1].cells

    assert (words.paragraphs[0].style.name, number.paragraphs[0].style.name) == ("表格文字", "表格数字")


def test_one_annex_has_no_number_several_have() -> None:
    one = texts(opened(docx(replace(letter(), annexes=("明细",)))))
    two = texts(opened(docx(replace(letter(), annexes=("明细", "曲线")))))

    assert "附件：明细" in one
    assert "附件" in one
    assert "附件：1. 明细" in two
    assert "2. 曲线" in two
    assert "附件1" in two


def test_copies_stand_in_the_imprint_once() -> None:
    said = texts(opened(docx(letter(copy_to=("市财政局", "市审计局")))))

    assert sum("市财政局" in text for text in said) == 1
    assert said[-2].strip().startswith("抄送：市财政局")
    assert said[-1].strip().endswith("2026年9月18日印发")


def test_the_signature_never_stands_on_a_page_of_its_own() -> None:
    document = opened(docx(letter()))
    last = next(p for p in reversed(document.paragraphs) if p.style.name == "Body Text")

    assert last._p.xpath("./w:pPr/w:keepNext")


def test_the_properties_name_the_office_and_the_day_of_issue() -> None:
    made = letter()

    known = opened(docx(made)).core_properties
    assert (known.author, known.last_modified_by) == (OFFICE.name, OFFICE.name)
    assert known.created.date() == known.modified.date() == date(2026, 9, 18)
    assert known.subject == made.number
    assert known.identifier == made.content.sha256()


def test_the_same_letter_is_the_same_bytes() -> None:
    assert docx(letter()) == docx(letter())


def test_an_english_letter_has_english_labels() -> None:
    said = texts(opened(docx(letter(locale="en", copy_to=("Finance",)))))

    assert "Annex" in said
    assert any("Copy to: Finance" in text for text in said)
    assert not any(text.startswith("附件") for text in said)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_fault_50_a_hostile_name_stays_text_and_breaks_no_document(name: str) -> None:
    made = letter()
    rows = tuple((name, *row[1:]) for row in made.table.rows)
    hostile = replace(
        made,
        title=name,
        number=name,
        addressee=name,
        signature=name,
        copies=name,
        contact=name,
        annexes=(name,),
        table=replace(made.table, rows=rows),
        paragraphs=(Paragraph(name), *made.paragraphs),
    )

    data = docx(hostile)
    whole = "".join(texts(opened(data)))
    assert all(root is not None for _, root in parts(data))
    assert not {"\x00", "\u202e", "\r"} & set(whole)
    assert len(data) < 100_000
