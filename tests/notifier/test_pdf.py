"""The formal letter as PDF: its layout by the standard, its text, its fonts; hostile names print as text."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from components import program
from letters import letter_of, sample_content, sample_letter, sample_row

from notifier.content import FIRST, FOLLOWING, Chart, NoticeKind, Office
from notifier.letters.letter import Letter, Paragraph, Table
from notifier.letters.pdf import Press

NOTO = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
MM = 72 / 25.4
LEFT, RIGHT = 28 * MM, 184 * MM
LETTERS = {kind: kind.value for kind in (*FIRST, *FOLLOWING)}
HOSTILE = {
    "import": '#import "x.typ": *',
    "code": '#panic() #read("/etc/passwd")',
    "mathematics": "$x^2$ ] } ) \\ \\u{41}",
    "markup": "`raw` *b* _i_ @ref <lbl> // c /* d",
    "tag": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("x")',
    "quotes": "\"'“”‘’",
}


@pytest.fixture(scope="module")
def press() -> Press:
    program(NOTO)
    return Press(None)


def told(tool: str, pdf: bytes, *options: str) -> str:
    """What a program of poppler says about the PDF."""
    target = ["-"] if tool == "pdftotext" else []
    command = [program(f"/usr/bin/{tool}"), *options, "-", *target]
    return subprocess.run(command, input=pdf, check=True, capture_output=True, timeout=30).stdout.decode()


def pages(pdf: bytes) -> list[str]:
    return told("pdftotext", pdf, "-layout").split("\f")[:-1]


def flat(pdf: bytes) -> str:
    return re.sub(r"[\s\u200b]", "", told("pdftotext", pdf, "-raw"))


def words_of(pdf: bytes) -> list[tuple[float, float, float, str]]:
    """Left, top and right of every word, in points, and the word."""
    found = re.findall(
        r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="[-\d.]+">(.*?)</word>',
        told("pdftotext", pdf, "-bbox"),
    )
    return [(float(left), float(top), float(right), word) for left, top, right, word in found]


def red_rows(pdf: bytes, page: int) -> list[float]:
    """Distances from the top, in mm, of the rows that are red over more than 150 mm; drawn at 100 dpi."""
    command = [program("/usr/bin/pdftoppm"), "-r", "100", "-f", str(page), "-l", str(page), "-"]
    drawn = subprocess.run(command, input=pdf, check=True, capture_output=True, timeout=30).stdout
    _, size, _, pixels = drawn.split(b"\n", 3)
    width, rows = map(int, size.split())
    red = []
    for row in range(rows):
        line = pixels[3 * width * row : 3 * width * (row + 1)]
        count = sum(r > 180 and g < 160 for r, g in zip(line[::3], line[1::3], strict=True))
        red += [row * 25.4 / 100] if count > 150 / 25.4 * 100 else []
    return red


def test_the_letter_says_what_it_was_given(press: Press) -> None:
    letter = sample_letter(machines=7, copy_to=("市财政局", "市政府办公室"))
    text = flat(press.pdf(letter))

    for said in (
        letter.number,
        letter.title.replace("\n", ""),
        letter.addressee,
        letter.annex_title,
        *(paragraph.text.replace(" ", "") for paragraph in letter.paragraphs),
        *letter.annexes,
        *(row.machine for row in letter.content.rows),
        f"（{letter.contact}）",
        "抄送：市财政局、市政府办公室。",
        f"{letter.date}印发",
    ):
        assert said in text


@pytest.mark.parametrize("kind", LETTERS)
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_kind_prints_on_a4_with_embedded_subsets_of_fonts(
    press: Press, kind: NoticeKind, locale: str
) -> None:
    pdf = press.pdf(sample_letter(kind, 2, locale=locale))
    fonts = told("pdffonts", pdf).splitlines()[2:]

    assert set(re.findall(r"Page +\d+ size: +(.*)", told("pdfinfo", pdf, "-l", "99"))) <= {
        "595.276 x 841.89 pts (A4)",
        "841.89 x 595.276 pts (A4)",
    }
    assert fonts
    assert all(re.search(r"\byes yes yes\b", font) for font in fonts)  # embedded, subset, with its text
    assert all(re.match(r"[A-Z]{6}\+", font) for font in fonts)


def test_a_full_page_has_22_lines_of_28_characters(press: Press) -> None:
    letter = replace(sample_letter(), paragraphs=(Paragraph("政" * 1500),))
    lines = [line for line in pages(press.pdf(letter))[1].split("\n") if "政" in line]

    assert [len(line.strip()) for line in lines] == [28] * 22


def test_text_stands_within_156_mm_on_lines_of_29_points(press: Press) -> None:
    letter = replace(sample_letter(), paragraphs=(Paragraph("政" * 1500),))
    body = [word for word in words_of(press.pdf(letter)) if set(word[3]) == {"政"} and len(word[3]) == 28]
    tops = [top for _, top, _, _ in body]
    apart = [round(lower - upper, 2) for upper, lower in pairwise(tops) if lower > upper]

    assert set(apart) == {28.99}  # 225 mm are 637.8 pt; by 22 lines
    assert min(left for left, *_ in body) == pytest.approx(LEFT, abs=0.3)
    assert max(right for *_, right, _ in body) == pytest.approx(RIGHT, abs=0.6)


def test_page_numbers_stand_right_on_odd_and_left_on_even_pages(press: Press) -> None:
    letter = replace(sample_letter(NoticeKind.OVERDUE, 1), paragraphs=(Paragraph("政" * 1500),))
    pdf = press.pdf(letter)
    numbers = [re.search(r"— ?(\d+) ?—", page) for page in pages(pdf)[:3]]
    ends = [word for word in words_of(pdf) if "—" in word[3]]

    assert [number and number[1] for number in numbers] == ["1", "2", "3"]
    # One character (14 pt) from the edge of the text: the first page's right edge, the second page's left.
    # Every number stands between two dashes.
    assert ends[1][2] == pytest.approx(RIGHT - 14, abs=1)
    assert ends[2][0] == pytest.approx(LEFT + 14, abs=1)


def test_a_notice_has_one_red_line_over_the_text_block(press: Press) -> None:
    rows = red_rows(press.pdf(sample_letter()), 1)

    assert rows
    assert max(rows) - min(rows) < 1
    assert 100 < min(rows) < 140


@pytest.mark.parametrize("kind", [NoticeKind.EXPAND, NoticeKind.IDLE])
def test_a_han_has_two_double_lines_and_no_number_on_its_first_page(press: Press, kind: NoticeKind) -> None:
    letter = sample_letter(kind, 1)
    pdf = press.pdf(letter)
    rows = red_rows(pdf, 1)
    texts = pages(pdf)
    number = next(word for word in words_of(pdf) if "12号" in word[3])

    assert 45 < min(rows) < 52  # below the mark, which begins 30 mm from the top
    assert max(rows) == pytest.approx(297 - 20, abs=1)
    assert not re.search("— ?1 ?—", texts[0])
    assert re.search("— ?2 ?—", texts[1])
    assert number[2] == pytest.approx(RIGHT, abs=1)
    assert "印发" not in "".join(texts)
    assert letter.content.office.mark not in flat(pdf)  # the mark of a 函 has no 文件
    assert letter.content.office.name in flat(pdf)


def test_a_long_mark_stays_on_one_line_within_the_block(press: Press) -> None:
    name = "某某省某某市某某区某某街道办事处大数据和电子政务以及营商环境发展促进中心"
    pdf = press.pdf(sample_letter(office=Office(name=name, mark=f"{name}文件"), department=f"{name}信息处"))
    first = [word for word in words_of(pdf) if word[3] == f"{name}文件"]

    assert len(first) == 1
    assert first[0][0] >= LEFT - 1
    assert first[0][2] <= RIGHT + 1


def test_fifty_machines_have_a_chart_each_and_headings_on_every_page(press: Press) -> None:
    letter = sample_letter(machines=50)
    pdf = press.pdf(letter)
    charts = [page for page in pages(pdf) if "2026-06-17" in page]
    tables = [page for page in pages(pdf) if "业务系统" in page]

    assert sum(page.count("2026-06-17") for page in charts) == 150  # three panels a machine
    assert len(tables) > 1
    assert len(pdf) < 400_000


def test_a_following_notice_has_no_section_of_charts(press: Press) -> None:
    text = flat(press.pdf(sample_letter(NoticeKind.OVERDUE, 2)))

    assert "纵轴" not in text
    assert "附件：云主机明细" in text  # one annex has no number


def test_an_annex_without_a_second_name_goes_on_with_the_curves(press: Press) -> None:
    text = flat(press.pdf(replace(sample_letter(), annexes=("云主机使用率明细",))))

    assert "使用率曲线" in text
    assert "附件2" not in text


def test_the_same_letter_gives_the_same_bytes(press: Press) -> None:
    letter = sample_letter(machines=3)

    assert press.pdf(letter) == Press(None).pdf(letter)
    assert press.pdf(letter) != press.pdf(sample_letter(machines=3, issued_on=date(2026, 9, 21)))


def test_the_same_letter_gives_the_same_bytes_in_another_process(press: Press) -> None:
    program_text = "import sys; from letters import *; from notifier.letters.pdf import Press; "
    program_text += "sys.stdout.buffer.write(Press(None).pdf(sample_letter(machines=3)))"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(Path(__file__).parent),
        "TZ": "Asia/Tokyo",
    }
    command = [sys.executable, "-c", program_text]
    other = subprocess.run(command, check=True, capture_output=True, timeout=60, env=environment).stdout

    assert other == press.pdf(sample_letter(machines=3))


def test_the_date_of_the_file_is_that_of_the_letter(press: Press) -> None:
    said = told("pdfinfo", press.pdf(sample_letter()), "-isodates")

    assert re.search(r"CreationDate: +2026-09-18T00:00:00Z", said)


def everywhere(text: str) -> Letter:
    """A letter that has this text wherever a text can be."""
    rows = (sample_row(1, machine=text, system=text, address=text),)
    office = Office(name=text, mark=text, contact=text, phone=text)
    letter = letter_of(sample_content(rows=rows, office=office, department=text, copy_to=(text,)))
    return replace(
        letter,
        subject=text,
        title=text,
        number=text,
        addressee=text,
        paragraphs=(Paragraph(text), Paragraph(text, 1), Paragraph(text, 2), Paragraph(text)),
        annexes=(text, text),
        annex_title=text,
        table=Table((text,) * 11, ((text,) * 11,) * 3, (False,) * 11),
        legend=(text,),
        signature=text,
        date=text,
        contact=text,
        copies=text,
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_fault_50_a_hostile_name_prints_as_text(press: Press, name: str) -> None:
    text = flat(press.pdf(everywhere(HOSTILE[name])))

    assert text.count(HOSTILE[name].replace(" ", "")) > 10


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        pytest.param("a\r\nBcc: e@y", "a Bcc: e@y", id="CRLF"),
        pytest.param("n\0ul\x1b[31m", "nul[31m", id="NUL and escape"),
        pytest.param("a\u202eb\u2066c\u200bd\ufeff", "abcd", id="directions and zero widths"),
        pytest.param("葛\U000e0100", "葛", id="variation selector"),
        pytest.param("\U0001f600社", "[U+1F600]社", id="no font has it"),
        pytest.param("\ud800x", "x", id="half of a pair"),
        pytest.param("\U00020bb7垚喆堃", "\U00020bb7垚喆堃", id="rare and astral characters"),
        pytest.param("x" * 10_000, "x" * 59 + "…", id="10 KB"),
        pytest.param(" \t ", "", id="blank"),
    ],
)
def test_what_cannot_be_printed_is_dropped_named_or_cut(press: Press, given: str, printed: str) -> None:
    assert press.line(given, 60) == printed


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "很" * 10_000, "é" * 10_000, "\r\n" * 5000, "a\u0301\u0302" * 3000, ""]
)
def test_a_text_of_any_length_stays_within_the_page(press: Press, text: str) -> None:
    pdf = press.pdf(everywhere(text))
    sizes = re.findall(r'<page width="([\d.]+)"', told("pdftotext", pdf, "-bbox"))
    words = words_of(pdf)

    assert len(sizes) < 40
    assert all(
        left > 20 * MM and right < float(max(sizes, key=float)) - 20 * MM for left, _, right, _ in words
    )


def test_rows_and_charts_may_be_missing(press: Press) -> None:
    bare = Chart(since=date(2026, 9, 1), cpu=(), memory=(None, None), disk=(1.0, None, 3.0))
    letters = (
        sample_letter(machines=0),
        sample_letter(rows=(sample_row(1, chart=bare, figures=()),)),
        sample_letter(rows=(sample_row(1), sample_row(2, drawn=False))),
        replace(
            sample_letter(machines=0),
            paragraphs=(),
            annexes=(),
            table=Table((), (), ()),
            legend=(),
            contact="",
        ),
    )

    for letter in letters:
        assert press.pdf(letter).startswith(b"%PDF-")


def test_nothing_but_the_template_is_asked_for() -> None:
    template = (Path(__file__).parents[2] / "notifier" / "letters" / "typst" / "letter.typ").read_text(
        "utf-8"
    )

    assert not re.search(r"#(import|include|read|eval)\b|@preview|\beval\(|\bread\(", template)
