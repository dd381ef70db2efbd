"""Reports of failure as servers write them, and mails that look like one, out of every kind of mailbox."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.bounces import LARGEST, Bounce, bounces, mark_seen, read

if TYPE_CHECKING:
    from pathlib import Path

LETTER = "<notice-12.ab@city.example>"
STANDARD = f"""\
Return-Path: <>
Delivered-To: bounces+d917@city.example
From: Mail Delivery System <MAILER-DAEMON@mail.city.example>
To: bounces+d917@city.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

I'm sorry. 550 5.1.1 unknown
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.city.example
Original-Envelope-Id: d917

Final-Recipient: rfc822; box@inner.example
Original-Recipient: rfc822;sfj+2Bcloud@city.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <box@inner.example>
    user unknown

--b
Content-Type: text/rfc822-headers

Return-Path: <bounces+d917@city.example>
Message-ID: {LETTER}
Subject: x

--b--
""".encode()
SAID = Bounce(
    source="x",
    message_id=LETTER,
    envelope_id="d917",
    token="d917",  # noqa: S106
    recipient="sfj+cloud@city.example",
    action="failed",
    status="5.1.1",
    diagnostic="550 5.1.1 <box@inner.example> user unknown",
)


def one(raw: bytes) -> Bounce:
    (bounce,) = bounces("x", raw)
    return bounce


def changed(*pairs: tuple[str, str]) -> bytes:
    text = STANDARD.decode()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


# ---- reports


def test_a_standard_report_says_who_what_and_why() -> None:
    assert one(STANDARD) == SAID
    assert one(STANDARD.replace(b"\n", b"\r\n")) == SAID


def test_a_returned_mail_is_known_by_its_message_id() -> None:
    whole = changed(("Content-Type: text/rfc822-headers", "Content-Type: message/rfc822"))
    encoded = base64.b64encode(f"Message-ID: {LETTER}\n".encode()).decode()
    headers = f"Return-Path: <bounces+d917@city.example>\nMessage-ID: {LETTER}\nSubject: x\n"
    base = changed(
        ("text/rfc822-headers", "text/rfc822-headers\nContent-Transfer-Encoding: base64"), (headers, encoded)
    )

    assert one(whole) == SAID
    assert one(base).message_id == LETTER


def test_a_report_inside_of_a_gateway_s_disclaimer_is_found() -> None:
    wrapped = (
        b'Content-Type: multipart/mixed; boundary="o"\n\n--o\n'
        + STANDARD
        + b"\n--o\n\nThis mail was scanned.\n--o--\n"
    )

    assert one(wrapped).status == "5.1.1"
    assert one(wrapped).message_id == LETTER


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("delayed", "4.4.1", ("delayed", "4.4.1")),
        ("delivered", "2.1.5", ("delivered", "2.1.5")),
        ("", "4.0.0", ("delayed", "4.0.0")),
        ("", "5.0.0", ("failed", "5.0.0")),
        ("nonsense", "", ("failed", None)),
    ],
)
def test_actions_are_the_standard_s(action: str, status: str, expected: tuple[str, str | None]) -> None:
    bounce = one(changed(("Action: failed", f"Action: {action}"), ("Status: 5.1.1", f"Status: {status}")))

    assert (bounce.action, bounce.status) == expected


def test_a_report_about_two_people_is_two_bounces() -> None:
    second = "Final-Recipient: rfc822; b@city.example\nAction: delayed\nStatus: 4.2.2\n\n"
    found = list(bounces("x", changed(("    user unknown\n\n", f"    user unknown\n\n{second}"))))

    assert [(bounce.recipient, bounce.action) for bounce in found] == [
        ("sfj+cloud@city.example", "failed"),
        ("b@city.example", "delayed"),
    ]
    assert {bounce.message_id for bounce in found} == {LETTER}


def test_a_diagnosis_in_the_chinese_of_gb_18030_can_be_read() -> None:
    raw = STANDARD.replace(b"user unknown", "用户不存在".encode("gb18030"))

    assert one(raw).diagnostic == "550 5.1.1 <box@inner.example> 用户不存在"


CHINESE = (
    "您的邮件未能送达 sfj@qq.example\n550 Mailbox not found\n原邮件 Message-ID: <notice-12.ab@city.example>\n"
)
EXCHANGE = f"""\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae@city.example>
To: bounces+d4@city.example
Subject: Undeliverable: x
In-Reply-To: {LETTER}
Content-Type: text/html; charset=utf-8

<p>Your message to <b>sfj</b> couldn't be delivered.</p> Remote Server returned '550 5.1.10 not found'
""".encode()


def test_a_chinese_report_without_the_standard_form_is_understood() -> None:
    head = "From: PostMaster@qq.example\nTo: bounces+d3@city.example\nX-Failed-Recipients: sfj@qq.example\n"
    subject = base64.b64encode("系统退信".encode("gb18030")).decode()
    head += f"Subject: =?gb18030?b?{subject}?=\nContent-Type: text/plain; charset=gb18030\n\n"
    bounce = one(head.encode() + CHINESE.encode("gb18030"))

    assert bounce.diagnostic.startswith("您的邮件未能送达 sfj@qq.example 550 Mailbox not found")
    assert (bounce.token, bounce.message_id, bounce.recipient) == ("d3", LETTER, "sfj@qq.example")
    assert (bounce.action, bounce.status) == ("failed", "5.0.0")


def test_a_report_of_exchange_without_the_standard_form_is_understood() -> None:
    bounce = one(EXCHANGE)

    assert (bounce.action, bounce.status, bounce.token) == ("failed", "5.1.10", "d4")
    assert bounce.message_id == LETTER
    assert "<p>" not in bounce.diagnostic


def test_a_warning_is_a_delay() -> None:
    raw = b"From: MAILER-DAEMON@x\nSubject: Warning: message delayed 4 hours\n\nwill be retried\n"

    assert one(raw).action == "delayed"


@pytest.mark.parametrize(
    "head",
    [
        "From: clerk@city.example\nReturn-Path: <>\nSubject: Auto: on holiday\nAuto-Submitted: auto-replied",
        "From: clerk@city.example\nSubject: Re: delivery failure 550",
        "From: postmaster@city.example\nSubject: quota of your mailbox",
    ],
    ids=["holiday", "a person", "the postmaster's own letter"],
)
def test_a_reply_is_no_report(head: str) -> None:
    raw = f"{head}\nTo: bounces+d5@city.example\nIn-Reply-To: {LETTER}\n\nI am away until Monday.\n"
    bounce = one(raw.encode())

    assert (bounce.action, bounce.token, bounce.message_id) == ("other", "d5", LETTER)


# ---- mailboxes


def maildir(folder: Path, *names: str) -> Path:
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(STANDARD)
    return folder


def test_a_maildir_is_read_once(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", "new/1.a", "cur/2.b:2,", "cur/3.c:2,RS", "cur/4.d:2,F", "tmp/5.e")
    first = list(read(box))
    for bounce in (*first, *first):
        mark_seen(bounce)

    assert [bounce.source for bounce in first] == [
        str(box / name) for name in ("new/1.a", "cur/2.b:2,", "cur/4.d:2,F")
    ]
    assert list(read(box)) == []
    assert sorted(path.name for path in (box / "cur").iterdir()) == [
        "1.a:2,S",
        "2.b:2,S",
        "3.c:2,RS",
        "4.d:2,FS",
    ]


def test_a_mail_that_a_mail_reader_moved_meanwhile_is_marked_where_it_is(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", "new/1.a", "new/1.ab")
    bounce = next(read(box))
    (box / "new" / "1.a").rename(box / "cur" / "1.a:2,")
    mark_seen(bounce)

    assert [path.name for path in (box / "cur").iterdir()] == ["1.a:2,S"]
    assert [bounce.source for bounce in read(box)] == [str(box / "new" / "1.ab")]


def test_a_folder_of_files_a_file_and_an_mbox_are_read(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(STANDARD)
    (tmp_path / "2.EML").write_bytes(EXCHANGE)
    (tmp_path / "notes.txt").write_bytes(STANDARD)
    mbox = tmp_path / "mbox"
    separator = b"From MAILER-DAEMON Tue Sep  1 08:00:00 2026\n"
    mbox.write_bytes(separator + STANDARD + b"\n" + separator + EXCHANGE + b"\nFrom the second one on\n")

    assert [(bounce.token, bounce.action) for bounce in read(tmp_path)] == [
        ("d917", "failed"),
        ("d4", "failed"),
    ]
    assert [bounce.token for bounce in read(tmp_path / "1.eml")] == ["d917"]
    assert [(bounce.source, bounce.token) for bounce in read(mbox)][:2] == [
        (f"{mbox}#1", "d917"),
        (f"{mbox}#2", "d4"),
    ]
    for bounce in read(tmp_path):
        mark_seen(bounce)
    assert len(list(tmp_path.glob("*.[eE]*"))) == 2


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", "new/2.good")
    (box / "new" / "1.loop").symlink_to(box / "new" / "1.loop")
    (missing,) = read(tmp_path / "missing")

    assert (missing.action, missing.diagnostic) == ("unreadable", "No such file or directory")
    assert [bounce.status for bounce in read(box)] == ["5.1.1"]


# ---- hostile mails


def nested(depth: int) -> bytes:
    levels = (f"--{n}\nContent-Type: multipart/mixed; boundary={n + 1}\n\n" for n in range(depth))
    return b"Content-Type: multipart/mixed; boundary=0\n\n" + "".join(levels).encode()


@pytest.mark.parametrize(
    ("raw", "action"),
    [
        pytest.param(nested(5000), "unreadable", id="endless nesting"),
        pytest.param(b"Content-Type: message/rfc822\n\n" * 5000, "unreadable", id="mails in mails"),
        pytest.param(nested(40), "unreadable", id="nesting that the parser would bear"),
        pytest.param(nested(20) + b"\n" * LARGEST, "other", id="nested, and long"),
        pytest.param(b"", "other", id="empty"),
        pytest.param(b"\0" * LARGEST, "other", id="zeros"),
        pytest.param(
            b"Content-Type: text/plain; charset=none-such\nSubject: =?none?b?!!?=\n\n\xff\xfe",
            "other",
            id="charset",
        ),
        pytest.param(b"Content-Type: multipart/report; boundary=\n\n--\n", "other", id="no boundary"),
        pytest.param(b"Content-Type: text/plain;" + b" a=b;" * 20_000 + b"\n\nx", "other", id="parameters"),
        pytest.param(b"To: " + b"+a" * 100_000 + b"\n\n", "other", id="plus signs"),
        pytest.param(
            b"From: MAILER-DAEMON@x\nSubject: failure\nContent-Type: text/html\n\n" + b"<" * LARGEST,
            "failed",
            id="tags",
        ),
        pytest.param(b"A: b\n" * 50_000, "other", id="headers"),
        pytest.param(STANDARD + b"x" * 10_000_000, "failed", id="10 MB"),
    ],
)
def test_a_hostile_mail_is_one_value_or_another(raw: bytes, action: str, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", "new/2.good")
    (box / "new" / "1.bad").write_bytes(raw)
    found = list(read(box))

    assert [bounce.action for bounce in found] == [action, "failed"]
    assert all(len(bounce.diagnostic) <= 500 for bounce in found)


def test_a_report_about_countless_people_is_cut() -> None:
    block = "Final-Recipient: rfc822; b@city.example\nAction: failed\n\n"

    assert (
        len(list(bounces("x", changed(("    user unknown\n\n", f"    user unknown\n\n{block * 1000}")))))
        == 50
    )


@given(st.binary(max_size=300), st.integers(0, len(STANDARD)), st.integers(0, 300))
def test_no_damage_raises(noise: bytes, place: int, cut: int) -> None:
    raw = STANDARD[:place] + noise + STANDARD[place + cut :]
    found = list(bounces("x", raw))

    assert found
    assert all(len(bounce.diagnostic) <= 500 and len(bounce.diagnostic.splitlines()) <= 1 for bounce in found)
