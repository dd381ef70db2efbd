"""From a notice's content to its papers (mail texts, PDF, DOCX, XLSX) and to one mail for each recipient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifier.issue import Parcel
from notifier.letters.annex import xlsx
from notifier.letters.body import html, plain
from notifier.letters.fonts import FontError, PrintError
from notifier.letters.pdf import Press
from notifier.letters.word import docx
from notifier.letters.wording import letter
from notifier.message import Attachment, Head, message_id, mime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from config.settings import Letters
    from notifier.content import Content
    from notifier.letters.letter import Letter

SHEET = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Papers:
    """`pdf` None: it could not be printed, `lack` says why."""

    letter: Letter
    plain: str
    html: str
    pdf: bytes | None
    lack: str | None
    docx: bytes
    xlsx: bytes

    def attachments(self) -> tuple[Attachment, ...]:
        name = self.letter.number
        found = [Attachment(f"{name}.docx", self.docx, WORD), Attachment(f"{name}.xlsx", self.xlsx, SHEET)]
        if self.pdf is not None:
            found.insert(0, Attachment(f"{name}.pdf", self.pdf, "pdf"))
        return tuple(found)


class Desk:
    """Makes papers; fonts are loaded once. `lack` says why there is no PDF, None when there is."""

    def __init__(self, letters: Letters) -> None:
        self.letters = letters
        self.lack: str | None = None
        self.press: Press | None = None
        try:
            self.press = Press(letters.fonts_dir)
        except FontError as error:
            self.lack = str(error)

    def papers(self, content: Content) -> Papers:
        """Raises WordingError for a template that cannot be used."""
        text = letter(content, self.letters.templates_dir)
        pdf, lack = self.printed(text)
        return Papers(
            letter=text,
            plain=plain(text),
            html=html(text, self.letters.templates_dir),
            pdf=pdf,
            lack=lack,
            docx=docx(text),
            xlsx=xlsx(text),
        )

    def printed(self, text: Letter) -> tuple[bytes | None, str | None]:
        """The PDF, or why there is none: the mail goes with the DOCX then."""
        if self.press is None:
            return None, self.lack
        try:
            return self.press.pdf(text), None
        except PrintError as error:
            return None, str(error)


@dataclass(frozen=True, slots=True)
class Post:
    """What all mails of a notice have in common. `slug` names the notice in Message-IDs, `copy` how often it
    was sent before; `earlier`: recipient -> Message-IDs that it refers to.
    """

    sender: str
    written: datetime
    slug: str
    earlier: Mapping[str, tuple[str, ...]]
    copy: int = 0


def parcels(
    papers: Papers, post: Post, recipients: Sequence[str], copies: Sequence[str] = ()
) -> list[Parcel]:
    """A mail for each recipient and for each who gets a copy."""
    everyone = {address.lower(): (address, "copy") for address in copies}
    everyone |= {address.lower(): (address, "to") for address in recipients}
    return [parcel(papers, post, *one) for one in sorted(everyone.values())]


def parcel(papers: Papers, post: Post, recipient: str, role: str) -> Parcel:
    domain = post.sender.rpartition("@")[2]
    letter = papers.letter
    head = Head(
        sender=post.sender,
        sender_name=letter.content.office.name,
        recipient=recipient,
        date=post.written,
        message_id=message_id(post.slug, recipient, domain, post.copy),
        notice_id=post.slug,
        references=post.earlier.get(recipient, ()),
        list_id=f"rightsizer.{domain}",
    )
    content = mime(letter.subject, papers.plain, papers.html, papers.attachments(), head)
    return Parcel(recipient, role, head.message_id, content, post.copy)
