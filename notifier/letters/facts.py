"""What a template may say: the facts of a notice, each in words of its language. The list for operators:
notifier/letters/templates/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from notifier.content import FIRST, Chart, NoticeKind
from notifier.letters import figures, matters
from notifier.letters.words import OWN, WORDS
from notifier.oneline import one_line

if TYPE_CHECKING:
    from datetime import date

    from notifier.content import Basis, Content, Parent
    from notifier.letters.words import Locale

T = TypeVar("T", bound=BaseModel)
SIZED = (NoticeKind.SHRINK, NoticeKind.EXPAND)
FACTS = (  # what a template may name; `cite` and `validity` are templates themselves
    *("number", "department", "office", "we", "issued_on", "as_of", "term", "answer_by", "level", "copies"),
    *("parent", "basis", "count", "machines", "window", "coverage", "conditions", "findings", "changes"),
    *("undecided", "unsummed", "saving", "cost", "unpriced", "used", "recent_days", "priced"),
    *("cite", "validity", *matters.FACTS),
)
MEASURED = (*SIZED, NoticeKind.IDLE)  # kinds whose table shows figures and money


@dataclass(frozen=True, slots=True)
class First:
    """The first notice, for what follows it."""

    number: str
    kind: str
    issued_on: str
    received_on: str | None
    signed: bool
    due: str | None


@dataclass(frozen=True, slots=True)
class Regulation:
    title: str
    document_number: str
    article: str
    valid_from: str
    valid_to: str | None
    expired_on: str | None
    override: str | None


def cleaned(model: T) -> T:
    """The same with every text one line that cannot act: these names come from elsewhere."""
    fields = {name: clean(getattr(model, name)) for name in type(model).model_fields}
    return model.model_copy(update=fields)


def clean(value: object) -> object:
    if isinstance(value, Chart | NoticeKind):
        return value
    if isinstance(value, BaseModel):
        return cleaned(value)
    if isinstance(value, tuple):
        return tuple(clean(part) for part in value)
    return one_line(value) if isinstance(value, str) else value


def of(content: Content) -> dict[str, object]:
    """All facts but `cite` and `validity`, which are templates themselves."""
    locale = content.locale
    about = matters.facts(content) if content.matters else {**machines(content), **sizes(content)}
    return {
        "number": content.number,
        "department": content.department,
        "office": content.office.name,
        "we": own(content.office.name, locale),
        "issued_on": figures.day(content.issued_on, locale),
        "as_of": figures.day(content.as_of, locale),
        "term": figures.term(content.working_days, locale),
        "answer_by": maybe(answer_by(content), locale),
        "level": max(content.level, 1),
        "copies": WORDS[locale]["and"].join(content.copy_to) or None,
        "parent": first(content.parent, locale) if content.parent else None,
        "basis": regulation(content.basis, locale),
        **about,
        **judged(content),
        **money(content),
        **legend(content),
    }


def own(office: str, locale: Locale) -> str:
    """我中心 of 平度市大数据和电子政务发展促进中心."""
    if locale == "en":
        return "we"
    return next((said for end, said in OWN.items() if office.endswith(end)), "我单位")


def maybe(on: date | None, locale: Locale) -> str | None:
    return None if on is None else figures.day(on, locale)


def answer_by(content: Content) -> date | None:
    """The day asked for, where the clock runs already. A first notice names none: it depends on receipt."""
    if content.kind in FIRST:
        return None
    days = {row.due for row in content.rows}
    shared = days.pop() if len(days) == 1 and content.kind is NoticeKind.REMINDER else None
    return content.answer_by or shared


def first(parent: Parent, locale: Locale) -> First:
    return First(
        number=parent.number,
        kind=str(parent.kind),
        issued_on=figures.day(parent.issued_on, locale),
        received_on=maybe(parent.received_on, locale),
        signed=parent.signed,
        due=maybe(parent.due, locale),
    )


def regulation(basis: Basis, locale: Locale) -> Regulation:
    title = basis.title if basis.title.startswith("《") else WORDS[locale]["title"].format(basis.title)
    return Regulation(
        title=title,
        document_number=basis.document_number,
        article=figures.article(basis.article, locale),
        valid_from=figures.day(basis.valid_from, locale),
        valid_to=maybe(basis.valid_to, locale),
        expired_on=maybe(basis.expired_on, locale),
        override=basis.override,
    )


def machines(content: Content) -> dict[str, object]:
    """How many; one machine by its name and system."""
    words, count = WORDS[content.locale], len(content.rows)
    if count > 1:
        return {"count": count, "machines": words["machines"].format(count)}
    row = content.rows[0]
    name = words["named"].format(machine=row.machine, system=row.system) if row.system else row.machine
    return {"count": count, "machines": words["one_machine"].format(name)}


def judged(content: Content) -> dict[str, object]:
    """The window, the lowest coverage, the words of the article; the figures of a single machine."""
    words, locale, rows = WORDS[content.locale], content.locale, content.rows
    days = content.window_days if content.kind in MEASURED else None
    coverages = [row.coverage for row in rows if row.coverage is not None]
    held = {
        tuple(dict.fromkeys(figures.condition(figure, locale) for figure in row.figures if figure.holds))
        for row in rows
    }
    alike = held.pop() if len(held) == 1 else ()
    found = [figures.finding(figure, content.as_of, locale) for row in rows[:1] for figure in row.figures]
    return {
        "window": figures.window(content.as_of, days, locale) if days else None,
        "coverage": figures.share(min(coverages)) if coverages else None,
        "conditions": words["conditions"].join(alike) or None,
        "findings": words["semicolon"].join(found) if len(rows) == 1 and found else None,
    }


def sizes(content: Content) -> dict[str, object]:
    """Sums of the sizes before and after, over the machines whose size is known and has advice."""
    words, said, partly = WORDS[content.locale], [], set()
    for name in figures.RESOURCES:
        pairs = {
            place: (getattr(row.current, name), getattr(row.advised, name))
            for place, row in enumerate(content.rows)
            if row.advised is not None and getattr(row.advised, name) is not None
        }
        partly |= {place for place, (old, _) in pairs.items() if old is None}
        known = [(old, new) for old, new in pairs.values() if old is not None]
        before, after = sum(old for old, _ in known), sum(new for _, new in known)
        if before != after:
            amounts = [words[name].format(figures.number(value, content.locale)) for value in (before, after)]
            said.append(
                words["change"].format(name=words[f"{name}_name"], before=amounts[0], after=amounts[1])
            )
    undecided = sum(row.advised is None for row in content.rows) if content.kind in SIZED else 0
    return {
        "changes": words["conditions"].join(said) or None,
        "undecided": undecided,
        "unsummed": len(partly),
    }


def money(content: Content) -> dict[str, object]:
    known = [row.saving_yuan_month for row in content.rows if row.saving_yuan_month is not None]
    total = sum(known)
    return {
        "saving": figures.money(total, content.locale) if total > 0 else None,
        "cost": figures.money(-total, content.locale) if total < 0 else None,
        "unpriced": len(content.rows) - len(known),
    }


def legend(content: Content) -> dict[str, object]:
    """Which statistics the table shows, and whether it shows money."""
    shown = [figure for row in content.rows for figure in row.figures] if content.kind in MEASURED else []
    recent = [figure.recent_days for figure in shown if figure.recent_days is not None]
    return {
        "used": tuple(dict.fromkeys(f"{figure.resource}_{figure.statistic}" for figure in shown)),
        "recent_days": max(recent, default=None),
        "priced": content.kind in MEASURED,
    }


def contact(content: Content) -> str:
    """（联系人：信息化科；联系电话：…）; nothing when the office names none."""
    words, office = WORDS[content.locale], content.office
    said = [
        words[name].format(value)
        for name in ("contact", "phone", "address")
        if (value := getattr(office, name))
    ]
    return words["in"].format(words["between"].join(said)).strip() if said else ""
