"""How names are compared: titles (unique per provider), data items (one number, one source), laws."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ASKED = 1 << 14  # names whose answers are kept: rules ask for the same ones again and again
INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Cs"}  # categories of Unicode
QUALIFIED = re.compile(r"[((【\[].*?[))】\]]")
MARKS = re.compile(r"[\s_\-—·、,.。:;/\\'\"“”‘’《》()()【】\[\]]+")


@lru_cache(ASKED)
def clean(text: str) -> str:
    """On one line, full-width forms folded (NFKC), nothing invisible, single inner blanks."""
    folded = unicodedata.normalize("NFKC", text)
    if not folded.isprintable():
        folded = "".join(c if unicodedata.category(c) not in INVISIBLE else " " for c in folded)
    return " ".join(folded.split())


@lru_cache(ASKED)
def key(text: str) -> str:
    """The same for two writings of one name: full or half width, upper or lower case, blanks and marks."""
    return MARKS.sub("", clean(text)).casefold()


@lru_cache(ASKED)
def item_key(name: str) -> str:
    """A data item's name without what stands in brackets behind it: 身份证号（必填） is 身份证号."""
    bare = QUALIFIED.sub("", clean(name))
    return key(bare) or key(name)


def law_key(name: str) -> str:
    """A law without its quotation marks, the state's name before it and the year of its wording behind it."""
    bare = key(QUALIFIED.sub("", clean(name)))
    return bare.removeprefix("中华人民共和国")
