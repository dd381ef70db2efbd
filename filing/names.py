"""Names compared: what is left of one without the words that all have, and how alike two are."""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ABOUT = re.compile(
    r"(?:19|20)\d\d(?:[-—~至](?:19|20)?\d\d)?年?度?|第?[一二三四五六七八九十\d]{1,3}(?:期|标段|包|批)"
)
ENDINGS = re.compile(r"(系统|平台)+$")
LEAST = 2  # characters that a name keeps


def plain(name: str) -> str:
    """A name as it is compared with one that must be the same: NFKC, no blanks, no punctuation, one case."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in {"L", "N"})


def normal(name: str) -> str:
    """A system's name without the 系统 or 平台 at its end: 平度市OA系统 and 平度市OA平台 are one; a name of
    nothing else stays.
    """
    folded = plain(name)
    return ENDINGS.sub("", folded) or folded


@lru_cache(maxsize=65536)
def core(name: str, common: tuple[str, ...]) -> str:
    """What a name says of its matter: without years, stages and common words, if that leaves anything."""
    text = plain(ABOUT.sub("", unicodedata.normalize("NFKC", name))) or plain(name)
    for word in sorted(common, key=len, reverse=True):
        shorter = text.replace(plain(word), "")
        text = shorter if len(shorter) >= LEAST else text
    return text


def alike(one: str, other: str, percent: int) -> bool:
    """Whether two cores are the same, or as alike as that."""
    if one == other:
        return True
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    least = percent / 100
    return all(ratio() >= least for ratio in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio))


def same_unit(one: str, others: Iterable[str]) -> bool:
    """Whether a unit is one of the others, or a part of one: 市城管局信息中心 is of 市城管局."""
    return any(plain(one).startswith(plain(other)) for other in others)
