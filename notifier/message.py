"""A letter as the bytes of a mail: RFC 5322 and MIME, 7 bit, the same bytes for the same letter.

The older classes of the standard library build it: EmailMessage decodes the encoded words that it is given,
with their line ends: a department named "=?utf-8?q?x=0D=0ABcc:_e=40y?=" would add a header.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from typing import TYPE_CHECKING

from config.addresses import DOMAIN, is_address
from notifier.oneline import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

WIRE = compat32.clone(
    linesep="\r\n", max_line_length=100
)  # what is shorter than the type of a DOCX breaks it
LONGEST = 200  # characters of a subject or a name
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")  # visible ASCII without angle brackets
SUBTYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,99}")
FORBIDDEN = re.compile(r'[/\\:*?"<>|]')  # in a file's name, on some system


@dataclass(frozen=True, slots=True)
class Attachment:
    """`subtype` of application/: pdf, vnd.openxmlformats-officedocument.wordprocessingml.document ..."""

    name: str
    content: bytes
    subtype: str


@dataclass(frozen=True, slots=True)
class Head:
    """Who writes to whom, when, and about what. `date` is aware; message ids have their angle brackets."""

    sender: str
    sender_name: str
    recipient: str
    date: datetime
    message_id: str
    notice_id: int | str
    references: tuple[str, ...] = ()
    list_id: str | None = None
    reply_to: str | None = None


def mime(letter_subject: str, plain: str, html: str, attachments: Sequence[Attachment], head: Head) -> bytes:
    """multipart/mixed of the text (plain, HTML) and the attachments, lines ending in CRLF.

    Raises ValueError for an address, message id, list id or date that cannot stand in a mail.
    """
    check(head)
    mail = MIMEMultipart("mixed", boundary(head, "mixed"))
    for name, value in headers(letter_subject, head):
        mail[name] = value
    text = MIMEMultipart("alternative", boundary(head, "alternative"))
    text.attach(MIMEText(canonical(plain), "plain", "utf-8"))
    text.attach(MIMEText(canonical(html), "html", "utf-8"))
    mail.attach(text)
    for attachment in attachments:
        mail.attach(attached(attachment))
    return mail.as_bytes(policy=WIRE)


def check(head: Head) -> None:
    people = (head.sender, head.recipient, *([head.reply_to] if head.reply_to else []))
    if wrong := [address for address in people if not is_address(address)]:
        raise ValueError(f"not a mail address: {wrong[0]!r}")
    letters = (head.message_id, *head.references)
    if wrong := [name for name in letters if not MESSAGE_ID.fullmatch(name) or len(name) > 250]:
        raise ValueError(f"not a message id: {wrong[0]!r}")
    if head.list_id is not None and not re.fullmatch(DOMAIN, head.list_id):
        raise ValueError(f"a list id looks like notices.example.gov.cn, not {head.list_id!r}")
    if head.date.utcoffset() is None:
        raise ValueError("the date of a mail has a time zone")


def headers(subject: str, head: Head) -> list[tuple[str, str]]:
    """No other automaton answers to Auto-Submitted; Exchange wants X-Auto-Response-Suppress for that."""
    found = [
        ("Date", format_datetime(head.date)),
        ("Message-ID", head.message_id),
        ("From", person(head.sender_name, head.sender)),
        ("To", head.recipient),
        ("Subject", encoded("Subject", subject)),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        ("X-Notice-Id", re.sub(r"[^A-Za-z0-9.-]+", "-", str(head.notice_id))[:60]),
    ]
    if head.reply_to is not None:
        found.append(("Reply-To", head.reply_to))
    if head.list_id is not None:
        found.append(("List-Id", f"<{head.list_id}>"))
    if head.references:
        found += [("In-Reply-To", head.references[-1]), ("References", " ".join(head.references))]
    return found


def person(name: str, address: str) -> str:
    words = encoded("From", name)
    return f"{words}\n <{address}>" if words else address


def encoded(name: str, text: str) -> str:
    """RFC 2047, always: plain text that looks like an encoded word would be read as one."""
    return Header(one_line(text, LONGEST), "utf-8", header_name=name, maxlinelen=75).encode()


def attached(attachment: Attachment) -> MIMEApplication:
    """The name stands twice: as RFC 2231 has it, and in Content-Type as older Chinese clients look for it.

    The second (encoded words between quotes) is against RFC 2047 5 and yet what Thunderbird and Outlook
    write; whoever knows RFC 2231 takes the first.
    """
    if not SUBTYPE.fullmatch(attachment.subtype):
        raise ValueError(f"not a subtype of application/: {attachment.subtype!r}")
    name = file_name(attachment.name)
    words = name if name.isascii() else encoded("; name", name)
    part = MIMEApplication(attachment.content, attachment.subtype, name=words)
    filename = name if name.isascii() else ("utf-8", "", name)
    part.add_header("Content-Disposition", "attachment", filename=filename)
    return part


def file_name(name: str) -> str:
    """A name that every system can store: no folder, nothing hidden, its ending kept; 80 characters."""
    whole = FORBIDDEN.sub("_", one_line(name, 1000)).strip(" .")
    stem, dot, ending = whole.rpartition(".")
    if not dot:
        return whole[:80] or "attachment"
    ending = ending[:10]
    return f"{stem[: 79 - len(ending)]}.{ending}"


def canonical(text: str) -> str:
    """Line ends as MIME wants them inside of base64; without NUL, and half pairs become question marks."""
    lines = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return lines.encode("utf-8", "replace").decode()


def boundary(head: Head, part: str) -> str:
    """From the message id, so that bytes repeat; "=_" cannot stand in base64."""
    return f"=_{hashlib.sha256(f'{head.message_id} {part}'.encode()).hexdigest()[:32]}"


def message_id(notice_id: int | str, recipient: str, domain: str, attempt: int = 0) -> str:
    """<notice-ID.HASH@domain>: the same for the same notice, recipient and attempt. Raises ValueError."""
    if not re.fullmatch(DOMAIN, domain):
        raise ValueError(f"not a domain: {domain!r}")
    seed = f"{notice_id}\n{recipient.lower()}\n{attempt}"
    digest = hashlib.sha256(seed.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return f"<notice-{re.sub(r'[^A-Za-z0-9-]+', '-', str(notice_id))[:60]}.{digest}@{domain}>"


def verp(bounces: str, token: str) -> str:
    """The address that the report of failure for `token` comes back to. Raises ValueError."""
    local, _, domain = bounces.rpartition("@")
    address = f"{local}+{token}@{domain}"
    if not is_address(address) or not re.fullmatch(r"[A-Za-z0-9-]+", token):
        raise ValueError(f"{bounces!r} with the token {token!r} is no mail address")
    return address
