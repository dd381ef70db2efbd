"""From the facts of a notice to its letter. The words stand in templates, which the operator may put others
in place of: notifier/letters/templates/README.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifier.content import FIRST, FOLLOWING, OF_MATTERS, Content, NoticeKind
from notifier.letters import facts, figures, listing, matters, templating
from notifier.letters.letter import Letter
from notifier.letters.templating import WordingError, paragraphs, parts, rendered, texts
from notifier.letters.words import WORDS
from notifier.oneline import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

    from notifier.letters.words import Locale

__all__ = ["WordingError", "letter", "mistakes"]

LONGEST = 400  # characters of the two lines of the mail's box
JOIN: dict[Locale, str] = {"zh_CN": "", "en": " "}


def letter(content: Content, templates_dir: Path | None = None) -> Letter:
    """The letter of `content`: a function of it and of the templates alone. Raises WordingError."""
    refuse(content)
    clean, environment = facts.cleaned(content), texts(templates_dir)
    known = facts.of(clean)
    for name, file in (("cite", "cite"), ("validity", "basis")):
        said = paragraphs(rendered(environment, f"{clean.locale}/{file}.txt.j2", known), JOIN[clean.locale])
        known[name] = JOIN[clean.locale].join(paragraph.text for paragraph in said)
    return worded(content, clean, environment, known)


def mistakes(templates_dir: Path) -> list[WordingError]:
    """What is wrong with the operator's templates, as far as it shows before a letter is written."""
    return templating.mistakes(templates_dir, facts.FACTS)


def refuse(content: Content) -> None:
    """Raises WordingError for facts that make no letter."""
    about = content.kind in OF_MATTERS
    if not (content.matters if about else content.rows):
        what = "matter" if about else "machine"
        raise WordingError(f"{content.number}: a notice names at least one {what}; this one names none")
    if content.kind in FOLLOWING and (content.parent is None or content.parent.kind not in FIRST):
        raise WordingError(
            f"{content.number}: a {content.kind} follows a first notice, its parent; there is none"
        )
    if content.kind is NoticeKind.OVERDUE and content.parent and content.parent.kind is NoticeKind.EXPAND:
        raise WordingError(f"{content.number}: an expansion is a suggestion, which is never overdue")


def worded(content: Content, clean: Content, environment: Environment, known: dict[str, object]) -> Letter:
    locale, words = clean.locale, WORDS[clean.locale]
    path = f"{locale}/{clean.kind}.txt.j2"
    head, body = parts(environment, path, rendered(environment, path, known))
    legend = paragraphs(rendered(environment, f"{locale}/legend.txt.j2", known), "\n")
    annexes = tuple(one_line(name) for name in head["annex"])
    return Letter(
        content=content,
        subject=one_line(head["subject"][0]),
        title="\n".join(one_line(part) for part in head["title"][0].split("|")),
        number=clean.number,
        addressee=clean.department + words["colon"],
        paragraphs=tuple(paragraphs(body, JOIN[locale])),
        annexes=annexes,
        annex_title=annexes[0],
        table=matters.table(clean) if clean.matters else listing.table(clean),
        legend=tuple(line for paragraph in legend for line in paragraph.text.split("\n")),
        signature=clean.office.name,
        date=figures.day(clean.issued_on, locale),
        contact=facts.contact(clean),
        copies=words["copies"].join(clean.copy_to) or None,
        deadline=one_line(head["deadline"][0], LONGEST),
        action=one_line(head["action"][0], LONGEST),
    )
