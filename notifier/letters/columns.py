"""Text in lines of so many columns, as a terminal or a mail client shows it: a hanzi takes two."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 78  # RFC 5322 2.1.1
ATOM = re.compile(r"[!-~]+|\s+|.", re.DOTALL)
CLOSING = set("，。；：、？！）》〕】”’…%")  # never first in a line
OPENING = set("（《〔【“‘")  # never last in a line


def columns(text: str) -> int:
    return len(text) if text.isascii() else sum(map(width, text))


@lru_cache(maxsize=10_000)
def width(char: str) -> int:
    return 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WFA" else 1


def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most 78 columns, the first after `first`, the others after `rest`.

    Broken between words and between Chinese characters, never before a closing or after an opening mark;
    within a word only when it is longer than a line.
    """
    lines, line = [], first
    empty, used = first, columns(first)
    for atom in atoms(text, WIDTH - columns(max(first, rest, key=columns))):
        if used + columns(atom.rstrip()) > WIDTH and line != empty:
            lines.append(line.rstrip())
            line = empty = rest
            used = columns(rest)
        if line != rest or atom.strip() or not lines:
            line += atom
            used += columns(atom)
    return [*lines, line.rstrip()]


def atoms(text: str, longest: int) -> Iterator[str]:
    """What is not broken: words, and Chinese characters with the marks that belong to them."""
    held = ""
    for part in ATOM.findall(text):
        if held and not (part[0] in CLOSING or held[-1] in OPENING):
            yield from pieces(held, longest)
            held = ""
        held += part
    yield from pieces(held, longest)


def pieces(atom: str, longest: int) -> Iterator[str]:
    while columns(atom) > longest:
        end = next(count for count in range(len(atom), 0, -1) if columns(atom[:count]) <= longest)
        yield atom[:end]
        atom = atom[end:]
    if atom:
        yield atom
