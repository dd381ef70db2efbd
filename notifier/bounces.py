"""Reports of mails that could not be delivered (RFC 3464, and what is sent in its place), out of a mailbox.

A report is a stranger's mail: little of it is read, and whatever it does, it is one value or another.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.header import Header, decode_header
from email.message import Message
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from config.addresses import is_address
from notifier.answers import readable
from notifier.oneline import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST = 256 * 1024  # bytes of a message that are read: a report comes before the mail that it returns
LINES = 20_000
NESTED = 30  # multiparts and mails inside of mails; an honest report has four
RECIPIENTS = 50  # of one report
# What the parser of the standard library may raise over a mail made to hurt it.
HOSTILE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError, MessageError)
NESTING = re.compile(rb"boundary|message/", re.IGNORECASE)
TOKEN = re.compile(r"\+([A-Za-z0-9-]{1,64})@")
LETTER = re.compile(r"Message-ID:\s*(<[^<>\s@]{1,200}@[^<>\s@]{1,200}>)", re.IGNORECASE)
STATUS = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
REPLY = re.compile(r"(?<![0-9.:])([45])[0-9]{2}(?=[\s-])")
DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery|microsoftexchange", re.IGNORECASE)
FAILED = re.compile(
    r"undeliver|returned mail|delivery (status|fail)|fail|bounce|退信|无法送达|投递失败", re.IGNORECASE
)
DELAYED = re.compile(r"delay|warning|延迟", re.IGNORECASE)
ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
TAG = re.compile(r"<[^<>]{0,2000}>")
XTEXT = re.compile(r"\+(2B|3D)")
ACTIONS = {"failed", "delayed", "relayed", "delivered", "expanded"}
BY_CLASS = {"2": "delivered", "4": "delayed", "5": "failed"}


@dataclass(frozen=True, slots=True)
class Bounce:
    """What came back, about one recipient.

    `action` is RFC 3464's (failed, delayed, relayed, delivered, expanded), or `other`: no report (a person's
    or an automatic reply), or `unreadable`: `diagnostic` says why. `token` is what notifier.message.verp put
    into the address; `message_id` and `envelope_id` are the returned mail's.
    """

    source: str
    message_id: str | None = None
    envelope_id: str | None = None
    token: str | None = None
    recipient: str | None = None
    action: str = "other"
    status: str | None = None
    diagnostic: str = ""


def read(path: Path) -> Iterator[Bounce]:
    """Every report in a Maildir (but what is marked as seen), a folder of .eml files, an mbox or a file."""
    try:
        files = sources(path) if path.is_dir() else [path]
    except OSError as error:
        files = []
        yield unreadable(path, error)
    for file in files:
        try:
            for source, raw in split(file) if file == path else [(str(file), start(file))]:
                yield from bounces(source, raw)
        except OSError as error:
            if file == path or file.exists():  # or else a mail reader moved it: there it stands next time
                yield unreadable(file, error)


def sources(folder: Path) -> list[Path]:
    maildir = [place for name in ("new", "cur") if (place := folder / name).is_dir()]
    files = [file for place in maildir or [folder] for file in sorted(place.iterdir()) if file.is_file()]
    return [file for file in files if (not seen(file) if maildir else file.suffix.lower() == ".eml")]


def unreadable(path: Path, error: OSError) -> Bounce:
    return Bounce(str(path), action="unreadable", diagnostic=one_line(error.strerror or str(error)))


def start(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(LARGEST)


def split(path: Path) -> Iterator[tuple[str, bytes]]:
    """The messages of an mbox as PATH#1, PATH#2 ...; a file that is none is one message."""
    with path.open("rb") as stream:
        first = stream.read(5)
        stream.seek(0)
        if first != b"From ":
            yield str(path), stream.read(LARGEST)
            return
        number, kept, blank = 0, bytearray(), True
        while line := stream.readline(LARGEST):
            if blank and line.startswith(b"From "):
                if number:
                    yield f"{path}#{number}", bytes(kept)
                number, kept = number + 1, bytearray()
            elif len(kept) < LARGEST:
                kept += line
            blank = not line.strip(b"\r\n")
        yield f"{path}#{number}", bytes(kept)


def bounces(source: str, raw: bytes) -> Iterator[Bounce]:
    """At least one, whatever it is."""
    if len(NESTING.findall(raw)) > NESTED:
        yield Bounce(
            source, action="unreadable", diagnostic=f"more than {NESTED} messages inside of messages"
        )
        return
    try:
        found = list(reported(source, message_from_bytes(b"".join(raw.splitlines(keepends=True)[:LINES]))))
    except HOSTILE as error:
        found = [Bounce(source, action="unreadable", diagnostic=f"not a mail: {type(error).__name__}")]
    yield from found


def reported(source: str, mail: Message) -> Iterator[Bounce]:
    """A bounce for each recipient that the report names; one for a mail that names none."""
    parts = list(leaves(mail))
    returned = [letter for part in parts for letter in letters(part)]
    common = Bounce(source, message_id=identity(mail, parts, returned), token=token(mail, returned))
    told = [block for part in parts if "delivery-status" in part.get_content_type() for block in blocks(part)]
    ids = [value for block in told if (value := field(block, "Original-Envelope-Id"))]
    common = replace(common, envelope_id=ids[0][:100] if ids else None)
    recipients = [block for block in told if field(block, "Final-Recipient") or field(block, "Action")]
    for block in recipients[:RECIPIENTS]:
        yield told_of(common, block)
    if not recipients:
        yield untold(common, mail, parts)


def told_of(common: Bounce, block: Message) -> Bounce:
    found = STATUS.search(field(block, "Status"))
    action = field(block, "Action").lower()
    if action not in ACTIONS:
        action = BY_CLASS[found[1][0]] if found else "failed"
    return replace(
        common,
        recipient=recipient(field(block, "Original-Recipient")) or recipient(field(block, "Final-Recipient")),
        action=action,
        status=found[1] if found else None,
        diagnostic=one_line(re.sub(r"^[\w-]{1,20};\s*", "", decoded(field(block, "Diagnostic-Code"))), 500),
    )


def untold(common: Bounce, mail: Message, parts: Iterable[Message]) -> Bounce:
    """A report in words. Only a mail daemon's counts: holiday replies come back to this address as well."""
    subject, text = decoded(field(mail, "Subject")), next(texts(parts), "")
    daemon = DAEMON.search(decoded(field(mail, "From"))) or field(mail, "Return-Path") == "<>"
    found, code = STATUS.search(text), REPLY.search(text)
    status = found[1] if found else f"{code[1]}.0.0" if code else None
    if not daemon or not (FAILED.search(subject) or DELAYED.search(subject)):
        return replace(common, diagnostic=one_line(subject, 500))
    late = DELAYED.search(subject) and not (status or "").startswith("5")
    return replace(
        common,
        recipient=recipient(field(mail, "X-Failed-Recipients").split(",")[0]),
        action="delayed" if late else "failed",
        status=status,
        diagnostic=one_line(text, 500) or one_line(subject, 500),
    )


def leaves(mail: Message) -> Iterator[Message]:
    """The parts of a mail that are no multipart, without those of a mail in it."""
    children = mail.get_payload() if mail.get_content_maintype() == "multipart" else None
    if not isinstance(children, list):
        yield mail
        return
    for child in children:
        if isinstance(child, Message):
            yield from leaves(child)


def blocks(part: Message) -> Iterator[Message]:
    """The fields of the report: about the mail, then about each recipient."""
    inner = part.get_payload()
    if isinstance(inner, list):
        text = "\n".join(str(block) for block in inner[: RECIPIENTS + 1])
    else:
        text = content(part)
    yield from (message_from_string(block) for block in re.split(r"\n(?:[ \t\r]*\n)+", text.strip()))


def letters(part: Message) -> Iterator[Message]:
    """The returned mail, or its headers."""
    inner = part.get_payload()
    if part.get_content_type() == "text/rfc822-headers":
        yield message_from_string(content(part))
    elif part.get_content_type() in {"message/rfc822", "message/global", "message/global-headers"}:
        yield from (letter for letter in inner if isinstance(letter, Message))


def identity(mail: Message, parts: Iterable[Message], returned: Iterable[Message]) -> str | None:
    """The Message-ID of the mail that came back."""
    for letter in returned:
        if found := LETTER.match(f"Message-ID: {field(letter, 'Message-ID')}"):
            return found[1]
    for part in parts:
        if found := LETTER.search(content(part)):
            return found[1]
    answered = f"Message-ID: {field(mail, 'In-Reply-To') or field(mail, 'References').rpartition(' ')[2]}"
    return found[1] if (found := LETTER.match(answered)) else None


def token(mail: Message, returned: Iterable[Message]) -> str | None:
    addressed = [str(value) for name in ADDRESSED for value in mail.get_all(name, [])]
    addressed += [field(letter, "Return-Path") for letter in returned]
    return next((found[1] for value in addressed if (found := TOKEN.search(value))), None)


def texts(parts: Iterable[Message]) -> Iterator[str]:
    for part in parts:
        if part.get_content_maintype() == "text":
            text = content(part)
            yield TAG.sub(" ", text) if part.get_content_subtype() == "html" else text


def content(part: Message) -> str:
    raw = part.get_payload(decode=True)
    return readable(raw, part.get_content_charset()) if isinstance(raw, bytes) else ""


def field(part: Message, name: str) -> str:
    """As sent, unfolded; raw 8-bit text as encoded words of the charset unknown-8bit, for decoded()."""
    value: str | Header = part.get(name, "")
    return " ".join((value.encode() if isinstance(value, Header) else value).split())


def decoded(text: str) -> str:
    with suppress(*HOSTILE):
        pieces = decode_header(text)
        return "".join(piece if isinstance(piece, str) else readable(piece, name) for piece, name in pieces)
    return text


def recipient(text: str) -> str | None:
    address = XTEXT.sub(lambda found: chr(int(found[1], 16)), text.rpartition(";")[2].strip(" <>"))
    return address if is_address(address) else None


def seen(file: Path) -> bool:
    return "S" in file.name.partition(":2,")[2]


def mark_seen(bounce: Bounce) -> None:
    """A message of a Maildir counts as read from now on, in one rename; elsewhere nothing is done.

    A second time, or when a mail reader was faster, nothing is left to do. Raises OSError.
    """
    file = Path(bounce.source)
    if file.parent.name not in {"new", "cur"}:
        return
    if not file.exists():
        others = (file.parent.parent / "cur").glob(f"{escape(file.name.partition(':')[0])}:*")
        file = next((other for other in others), file)
    if not seen(file):
        base, _, flags = file.name.partition(":2,")
        with suppress(FileNotFoundError):
            file.rename(file.parent.parent / "cur" / f"{base}:2,{''.join(sorted({*flags, 'S'}))}")
