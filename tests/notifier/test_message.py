"""Letters as mails: what every mail client reads, the same bytes each time, and no header of a stranger's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smtpservers import Post, bounded, settings, smtpd

from config.addresses import is_address
from notifier.mail import Envelope, send
from notifier.message import Attachment, Head, message_id, mime, verp

DOCX = "vnd.openxmlformats-officedocument.wordprocessingml.document"
BEIJING = timezone(timedelta(hours=8))
HEAD = Head(
    sender="notices@city.example",
    sender_name="平度市大数据中心",
    recipient="fgj@city.example",
    date=datetime(2026, 9, 1, 8, 30, tzinfo=BEIJING),
    message_id="<notice-12.ab@city.example>",
    notice_id=12,
)
NAMES = [
    "Date",
    "Message-ID",
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Notice-Id",
]
PAPERS = [
    Attachment("平数云核减〔2026〕12号.pdf", b"%PDF\r\n\0\xff", "pdf"),
    Attachment("annex 1.docx", b"PK", DOCX),
]


def made(subject: str = "关于核减云主机资源的通知", head: Head = HEAD, **more: Any) -> bytes:
    given = {"plain": "您好\n.\nFrom me\n", "html": "<p>您好</p>", "attachments": PAPERS, **more}
    return mime(subject, given["plain"], given["html"], given["attachments"], head)


def fields(mail: bytes) -> list[tuple[str, str]]:
    """The header as the bytes have it, unfolded, without what MIME adds."""
    header = mail.partition(b"\r\n\r\n")[0].decode("ascii")
    pairs = [line.partition(": ") for line in re.sub(r"\r\n[ \t]", " ", header).split("\r\n")]
    return [(name, value) for name, _, value in pairs if name not in {"Content-Type", "MIME-Version"}]


def subject_of(mail: bytes) -> str:
    return str(make_header(decode_header(dict(fields(mail))["Subject"])))


def test_a_letter_has_text_html_and_its_papers() -> None:
    parsed = message_from_bytes(made(), policy=default)
    papers = list(parsed.iter_attachments())
    plain, html = parsed.get_body(("plain",)), parsed.get_body(("html",))

    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
        f"application/{DOCX}",
    ]
    assert plain is not None
    assert html is not None
    assert plain.get_content() == "您好\r\n.\r\nFrom me\r\n"
    assert html.get_content() == "<p>您好</p>"
    assert [paper.get_filename() for paper in papers] == [paper.name for paper in PAPERS]
    assert [paper.get_content() for paper in papers] == [paper.content for paper in PAPERS]
    assert [part.defects for part in parsed.walk()] == [[]] * 6


def test_the_header_says_who_when_and_that_a_program_wrote_it() -> None:
    head = replace(
        HEAD,
        references=("<notice-1.a@city.example>", "<notice-2.b@city.example>"),
        list_id="notices.city.example",
        reply_to="office@city.example",
    )
    found = dict(fields(made(head=head)))

    assert found["Date"] == "Tue, 01 Sep 2026 08:30:00 +0800"
    assert found["Message-ID"] == "<notice-12.ab@city.example>"
    assert found["To"] == "fgj@city.example"
    assert str(make_header(decode_header(found["From"]))) == "平度市大数据中心 <notices@city.example>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["X-Notice-Id"] == "12"
    assert found["In-Reply-To"] == "<notice-2.b@city.example>"
    assert found["References"] == "<notice-1.a@city.example> <notice-2.b@city.example>"
    assert found["List-Id"] == "<notices.city.example>"
    assert found["Reply-To"] == "office@city.example"


def test_a_chinese_file_name_stands_in_both_forms_that_clients_look_for() -> None:
    (part,) = re.findall(rb"Content-Type: application/pdf.*?\r\n\r\n", made(), re.DOTALL)

    assert b'name="=?utf-8?b?' in part
    assert b"filename*=utf-8''%E5%B9%B3%E6%95%B0" in part


def test_the_same_letter_is_the_same_bytes() -> None:
    other = replace(HEAD, message_id="<notice-12.ac@city.example>")

    assert made() == made()
    assert made() != made(head=other)


def test_a_mail_of_many_megabytes_keeps_to_short_lines_of_seven_bits() -> None:
    papers = [Attachment("x" * 500 + "长" * 500 + ".xlsx", bytes(range(256)) * 8000, "pdf")]
    mail = made("长" * 5000, plain="长" * 5000, html="x" * 5000, attachments=papers)
    lines = mail.split(b"\r\n")

    assert mail.isascii()
    assert max(map(len, lines)) <= 998
    assert b"\n" not in b"".join(lines)
    assert len(subject_of(mail)) == 200


HOSTILE = [
    pytest.param("x\r\nBcc: e@y.example", "x Bcc: e@y.example", id="CR LF"),
    pytest.param("x\nBcc: e@y.example\n\nbody", "x Bcc: e@y.example body", id="LF"),
    pytest.param("x\u2028Bcc: e@y.example", "x Bcc: e@y.example", id="line separator"),
    pytest.param("x\0y", "xy", id="NUL"),
    pytest.param("\u202egnp.exe", "gnp.exe", id="right to left"),
    pytest.param(
        "=?utf-8?q?x=0D=0ABcc:_e=40y.example?=", "=?utf-8?q?x=0D=0ABcc:_e=40y.example?=", id="encoded word"
    ),
    pytest.param("<script>alert(1)</script>", "<script>alert(1)</script>", id="script"),
    pytest.param('=HYPERLINK("http://e")', '=HYPERLINK("http://e")', id="formula"),
    pytest.param("𠀀𠀁 rare", "𠀀𠀁 rare", id="astral"),
    pytest.param("a\ud800b", "ab", id="half a pair"),
]


@pytest.mark.parametrize(("name", "shown"), HOSTILE)
def test_fault_50_a_hostile_name_stays_in_its_line(name: str, shown: str) -> None:
    head = replace(HEAD, sender_name=name, notice_id=name)
    papers = [Attachment(f"{name}.pdf", b"x", "pdf")]
    mail = made(name, head, plain=name, html=name, attachments=papers)
    parsed = message_from_bytes(mail, policy=default)

    assert [key for key, _ in fields(mail)] == NAMES
    assert subject_of(mail) == shown
    assert parsed["To"] == "fgj@city.example"
    assert [part.get_content_type() for part in parsed.walk()][-1] == "application/pdf"
    assert not set(next(parsed.iter_attachments()).get_filename() or "/") & set('\r\n\0/\\<>"|*?:\u202e')


def test_a_text_has_the_line_ends_of_mail_and_no_nul() -> None:
    plain = message_from_bytes(made(plain="a\0\rb\nc\r\nd\ud800"), policy=default).get_body(("plain",))

    assert plain is not None
    assert plain.get_content() == "a\r\nb\r\nc\r\nd?"


def test_fault_50_no_extra_header_reaches_the_wire() -> None:
    post = Post()
    mail = made("x\r\nBcc: e@y.example", replace(HEAD, sender_name="y\r\nBcc: e@y.example\r\n\r\nz"))
    with smtpd(post) as port:
        bounded(lambda: send(settings(port), Envelope(HEAD.sender, HEAD.recipient, mail)))

    assert [key for key, _ in fields(post.taken[0].content)] == NAMES
    assert post.taken[0].recipients == [HEAD.recipient]


@given(st.text(max_size=400), st.text(max_size=300), st.text(max_size=300))
def test_whatever_it_is_called_a_mail_keeps_its_shape(subject: str, name: str, paper: str) -> None:
    papers = [Attachment(paper, b"content", "pdf")]
    mail = made(subject, replace(HEAD, sender_name=name), plain=subject, html=name, attachments=papers)
    parsed = message_from_bytes(mail, policy=default)
    (attachment,) = parsed.iter_attachments()

    assert [key for key, _ in fields(mail)] == NAMES
    assert mail.isascii()
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    assert attachment.get_content() == b"content"
    assert 1 <= len(attachment.get_filename() or "") <= 80


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "a@b\r\nBcc: e@y"},
        {"recipient": "someone"},
        {"recipient": "甲@city.example"},
        {"reply_to": "x@y, e@y"},
        {"message_id": "notice-1@city.example"},
        {"message_id": "<a@b>\r\nBcc: e@y"},
        {"references": ("<a b@c>",)},
        {"list_id": "notices.city.example>\r\nBcc: e@y"},
        {"date": datetime(2026, 9, 1, tzinfo=UTC).replace(tzinfo=None)},
    ],
    ids=str,
)
def test_what_cannot_stand_in_a_header_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"address|message id|list id|time zone"):
        made(head=replace(HEAD, **wrong))


def test_a_subtype_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="subtype"):
        made(attachments=[Attachment("x", b"", "pdf\r\nBcc: e@y")])


def test_a_message_id_names_the_notice_and_hides_the_recipient() -> None:
    first = message_id(12, "FGJ@city.example", "city.example")

    assert first == message_id("12", "fgj@city.example", "city.example")
    assert re.fullmatch(r"<notice-12\.[0-9a-f]{16}@city\.example>", first)
    assert len({message_id(*case) for case in [(12, "a", "x.cn"), (13, "a", "x.cn"), (12, "b", "x.cn")]}) == 3
    assert message_id(12, "a", "x.cn", 1) != message_id(12, "a", "x.cn")
    made(head=replace(HEAD, message_id=message_id("平数云\r\n核减", "a", "x.cn")))


def test_a_message_id_needs_a_domain() -> None:
    with pytest.raises(ValueError, match="domain"):
        message_id(12, "a", "x.cn>\r\nBcc: e@y")


def test_the_address_of_a_bounce_carries_a_token() -> None:
    assert verp("bounces@city.example", "d12") == "bounces+d12@city.example"
    assert is_address(verp("bounces@city.example", "d12"))


@pytest.mark.parametrize("token", ["", "a b", "a@b", "x" * 60, "a+b", "\r\n"])
def test_a_token_that_breaks_the_address_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        verp("bounces@city.example", token)
