"""The basis that sharing with conditions, or none, must cite (art. 22): a law in force and its article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.names import clean, law_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from catalog.metadata import Basis

# What offices write where they have no law.
NO_LAW = (
    "内部规定",
    "内部管理",
    "内部制度",
    "内部文件",
    "领导",
    "上级",
    "工作需要",
    "工作要求",
    "惯例",
    "保密要求",
)
INSTRUMENT = re.compile(r"(法|法典|条例|规定|办法|决定|细则|规则|解释|章程|通则|总则)$")
ARTICLE = re.compile(r"第?[〇零一二三四五六七八九十百千\d]+条")


@dataclass(frozen=True, slots=True)
class LawFacts:
    """A law of the table; from `repealed_on` on it is no basis any more."""

    name: str
    repealed_on: date | None = None
    replaced_by: str | None = None


def faults(basis: Basis, laws: Mapping[str, LawFacts], today: date) -> Iterator[str]:
    """What is wrong with one line of the basis, in words. `laws` by catalog.names.law_key."""
    law = clean(basis.law)
    known = laws.get(law_key(law))
    if not law:
        yield "a law is wanted, such as 《中华人民共和国个人信息保护法》"
    elif known is None and (any(word in law for word in NO_LAW) or not named_like_a_law(law)):
        yield f"{law!r} is no law: cite a law, regulation or rule by its name, not an inner order"
    if known is not None and known.repealed_on is not None and known.repealed_on <= today:
        instead = f"; {known.replaced_by} took its place" if known.replaced_by else ""
        yield f"《{known.name}》 was repealed on {known.repealed_on}{instead}: cite what is in force"
    if not ARTICLE.search(clean(basis.article)):
        yield f"an article of {law or 'the law'} is wanted, such as 第十条; read {clean(basis.article)!r}"


def named_like_a_law(law: str) -> bool:
    return len(law_key(law)) >= 3 and INSTRUMENT.search(law_key(law)) is not None


def unknown(basis: Basis, laws: Mapping[str, LawFacts]) -> bool:
    """A law that the table does not have: the reviewer looks it up."""
    return bool(clean(basis.law)) and law_key(basis.law) not in laws
