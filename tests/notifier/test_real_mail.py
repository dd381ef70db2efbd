"""Against Debian's postfix and dovecot: what we send arrives, what comes back is understood."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

from components import wait

from notifier.answers import Outcome
from notifier.bounces import mark_seen, read
from notifier.mail import Envelope, probe, send
from notifier.message import Attachment, Head, message_id, mime, verp

if TYPE_CHECKING:
    from pathlib import Path

    from mailservers import PostOffice

pytest_plugins = ["mailservers"]

SENDER = "notices@city.example"
BOUNCES = "bounces@city.example"
DAY = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def letter(number: int, recipient: str) -> bytes:
    head = Head(
        sender=SENDER,
        sender_name="平度市大数据和电子政务发展促进中心",
        recipient=recipient,
        date=DAY,
        message_id=message_id(number, recipient, "city.example"),
        notice_id=number,
    )
    paper = Attachment("平数云核减〔2026〕12号.pdf", bytes(range(256)) * 100, "pdf")
    return mime(
        f"关于核减云主机资源的通知（第{number}号）", ".\r\n您好\n.\n..\n", "<p>您好</p>", [paper], head
    )


def envelope(number: int, recipient: str, about: str = "d0") -> Envelope:
    return Envelope(verp(BOUNCES, about), recipient, letter(number, recipient), about)


def test_a_letter_arrives_as_it_was_written(post_office: PostOffice) -> None:
    answer = send(post_office.mail(), envelope(1, "office@city.example"))
    post_office.settle()
    (stored,) = post_office.letters("office", message_id(1, "office@city.example", "city.example"))
    # Postfix and dovecot put lines on top and keep the rest, with the line ends of this system.
    arrived = message_from_bytes(stored, policy=default)
    text, paper = arrived.get_body(("plain",)), next(arrived.iter_attachments())

    assert (answer.outcome, answer.code, answer.stage) == (Outcome.SENT, 250, "end")
    assert stored.endswith(letter(1, "office@city.example").replace(b"\r\n", b"\n"))
    assert arrived["Subject"] == "关于核减云主机资源的通知（第1号）"
    assert text is not None
    assert text.get_content() == ".\r\n您好\r\n.\r\n..\r\n"
    assert paper.get_filename() == "平数云核减〔2026〕12号.pdf"
    assert paper.get_content() == bytes(range(256)) * 100


def test_a_connection_that_is_encrypted_from_the_start_works_as_well(post_office: PostOffice) -> None:
    mail = post_office.mail(port=post_office.tls, security="tls")

    assert send(mail, envelope(2, "finance@city.example")).outcome is Outcome.SENT
    assert probe(mail) == f"127.0.0.1:{post_office.tls} answered 250 over tls"


def test_fault_44_a_greylisted_mail_goes_out_at_the_second_try_under_the_same_message_id(
    post_office: PostOffice,
) -> None:
    mail, grey = post_office.mail(), envelope(3, "grey@city.example")
    first = send(mail, grey)
    second = send(mail, grey)
    post_office.settle()

    assert (first.outcome, first.code, first.stage) == (Outcome.LATER, 450, "rcpt")
    assert "Greylisted" in first.text
    assert second.outcome is Outcome.SENT
    assert len(post_office.letters("grey", message_id(3, "grey@city.example", "city.example"))) == 1


def test_fault_45_one_of_two_people_is_unknown_and_the_other_gets_the_letter_once(
    post_office: PostOffice,
) -> None:
    mail = post_office.mail()
    bad, good = (send(mail, envelope(4, f"{name}@city.example")) for name in ("nobody", "finance"))
    post_office.settle()

    assert (bad.outcome, bad.code, bad.stage) == (Outcome.DEAD, 550, "rcpt")
    assert "5.1.1" in bad.text
    assert good.outcome is Outcome.SENT
    assert len(post_office.letters("finance", message_id(4, "finance@city.example", "city.example"))) == 1


def test_fault_46_two_copies_with_one_message_id_are_one_letter_in_the_box(post_office: PostOffice) -> None:
    mail = post_office.mail()
    answers = [send(mail, envelope(number, "office@city.example")) for number in (5, 5, 6)]
    post_office.settle()
    stored = [
        len(post_office.letters("office", message_id(number, "office@city.example", "city.example")))
        for number in (5, 6)
    ]

    assert [answer.outcome for answer in answers] == [Outcome.SENT] * 3
    assert stored == [1, 1]


def test_fault_47_a_certificate_of_an_unknown_authority_stops_everything(
    post_office: PostOffice,
) -> None:
    answer = send(post_office.mail(tls={}), envelope(7, "office@city.example"))
    post_office.settle()

    assert (answer.outcome, answer.code, answer.stage) == (Outcome.PAUSE, None, "tls")
    assert "CERTIFICATE_VERIFY_FAILED" in answer.text
    assert post_office.letters("office", message_id(7, "office@city.example", "city.example")) == []


def test_fault_48_a_wrong_password_pauses_and_is_not_repeated(
    post_office: PostOffice, tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("not it")
    answer = send(post_office.mail(password_file=tmp_path / "wrong"), envelope(8, "office@city.example"))

    assert (answer.outcome, answer.code, answer.stage) == (Outcome.PAUSE, 535, "login")
    assert "not it" not in answer.text


def test_fault_51_a_mail_that_is_accepted_and_comes_back_is_matched_to_its_notice(
    post_office: PostOffice,
) -> None:
    answer = send(post_office.mail(), envelope(9, "gone@later.example", "d917"))
    assert answer.outcome is Outcome.SENT

    box = post_office.maildir("bounces")
    wait(lambda: bool(list(box.glob("new/*"))), "the report")
    post_office.settle()
    (bounce,) = read(box)
    mark_seen(bounce)

    assert bounce.message_id == message_id(9, "gone@later.example", "city.example")
    assert (bounce.token, bounce.envelope_id, bounce.recipient) == ("d917", "d917", "gone@later.example")
    assert (bounce.action, bounce.status) == ("failed", "5.1.1")
    assert "550 5.1.1 <gone@later.example> User doesn't exist" in bounce.diagnostic
    assert list(read(box)) == []
    assert [path.name.endswith(":2,S") for path in (box / "cur").iterdir()] == [True]
