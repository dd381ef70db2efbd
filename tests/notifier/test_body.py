"""A letter as a mail's text: plain text in 78 columns, and HTML that needs nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from contents import sample
from hypothesis import given
from hypothesis import strategies as st
from test_wording import HOSTILE, KINDS, LOCALES, changed

from notifier.content import Office
from notifier.letters.body import html, plain
from notifier.letters.columns import CLOSING, OPENING, columns, wrapped
from notifier.letters.wording import WordingError, letter

if TYPE_CHECKING:
    from pathlib import Path

VOID = {"meta", "br"}
UNSAFE = {"script", "link", "iframe", "object", "embed", "form", "img", "style", "svg", "base"}


class Page(HTMLParser):
    """What stands in a page: its tags in balance, their attributes, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("machines", [1, 50])
def test_plain_text_keeps_to_78_columns_and_says_all(kind: str, locale: str, machines: int) -> None:
    written = letter(sample(kind, machines, locale=locale))

    text = plain(written)

    assert [line for line in text.split("\n") if columns(line) > 78] == []
    assert text.startswith(written.number + "\n")
    joined = re.sub(r"\s|\| ", "", text)
    for part in (
        written.deadline,
        written.action,
        written.contact,
        *written.legend,
        written.signature,
        written.date,
    ):
        assert re.sub(r"\s", "", part) in joined
    for paragraph in written.paragraphs:
        assert re.sub(r"\s", "", paragraph.text) in joined
    for row in written.table.rows:
        assert all(re.sub(r"\s", "", cell) in joined for cell in row)


@pytest.mark.parametrize("render", [plain, html], ids=["plain", "html"])
def test_a_mail_lists_at_most_50_machines_and_then_points_to_the_annex(render: object) -> None:
    assert callable(render)
    shown = render(letter(sample("shrink", 60)))

    assert "vm-00050" in shown
    assert "vm-00051" not in shown
    assert "（共60台）" in shown
    assert "以上列出50台，其余10台见附件。" in shown
    assert "其余" not in render(letter(sample("shrink", 50)))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("machines", [1, 50])
def test_html_is_one_document_that_fetches_nothing(kind: str, locale: str, machines: int) -> None:
    written = letter(sample(kind, machines, locale=locale))

    source = html(written)

    page = Page(source)
    assert source.startswith("<!DOCTYPE html>")
    assert page.open == []
    assert page.tags & UNSAFE == set()
    assert ("lang", {"zh_CN": "zh-CN", "en": "en"}[locale]) in page.attributes
    assert [name for name, _ in page.attributes if name in {"src", "href", "background", "class", "id"}] == []
    assert [name for name, _ in page.attributes if name.startswith("on")] == []
    assert "://" not in source
    assert "url(" not in source
    assert "@import" not in source
    assert "max-width:720px" in source
    for part in (written.number, written.deadline, written.action, *(p.text for p in written.paragraphs)):
        assert part in page.text
    for row in written.table.rows:
        assert all(cell in page.text for cell in row)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_fault_50_hostile_names_are_text_in_html_and_lines_in_plain_text(name: str, kind: str) -> None:
    usual = sample(kind, 1)
    row = {"machine": name, "system": name, "address": name, "note": name, "state": name}
    names = {
        "department": name,
        "contact": name,
        "copy_to": (name,),
        "office": Office(name=name, mark=name, phone=name),
    }
    content = changed(usual, **row).model_copy(update=names)

    text, source = plain(letter(content)), html(letter(content))

    page = Page(source)
    assert page.open == []
    assert page.tags == Page(html(letter(usual.model_copy(update={"copy_to": ("x",)})))).tags
    assert "<script" not in source
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ud800-\udfff\uffff]", text + source
    )
    assert [line for line in text.split("\n") if columns(line) > 78] == []
    text.encode()


@given(
    st.text(st.sampled_from("a1 ，。（《中文》）“”%-/"), max_size=300), st.sampled_from(["", "　　", "- "])
)
def test_lines_are_broken_where_chinese_allows(text: str, first: str) -> None:
    lines = wrapped(text, first, "  " if first else "")

    assert max(columns(line) for line in lines) <= 78
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", first + text)
    for before, after in pairwise(lines):
        start = after.strip()[:1]
        if columns(before) > 60 and before[-1] not in CLOSING | OPENING and start not in CLOSING:
            continue
        # marks pile up: such a run may be longer than a line
        assert start not in CLOSING or re.search(r"[，。（《》）“”%]{10}", text) or " " in text


def test_no_line_begins_with_a_full_stop_in_a_usual_letter() -> None:
    for kind in KINDS:
        lines = plain(letter(sample(kind))).split("\n")

        assert [line for line in lines if line.strip()[:1] in CLOSING] == []
        assert [line for line in lines if line[-1:] in OPENING] == []


def test_the_addressee_is_told_for_whom_it_is() -> None:
    assert "市民政局（信息科）：" in plain(letter(sample("shrink")))
    assert "市民政局：" in plain(letter(sample("shrink", contact=None)))
    assert "市民政局（信息科）：" in html(letter(sample("shrink")))


def test_an_operators_page_beats_ours_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mail.html.j2"
    path.write_text("<p>{{ letter.number }} {{ letter.addressee }}</p>", "utf-8")
    content = sample("shrink", department="<b>民政局")

    page = html(letter(content, tmp_path), tmp_path)

    assert page == "<p>平数云核减〔2026〕12号 &lt;b&gt;民政局：</p>"
    path.write_text("<p>\n{{ leter.number }}</p>", "utf-8")
    with pytest.raises(WordingError, match=r"mail\.html\.j2:2: 'leter' is undefined"):
        html(letter(content, tmp_path), tmp_path)
