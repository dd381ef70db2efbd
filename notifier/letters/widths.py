"""How wide the columns of a printed table are, whether the page lies on its side, and how large its text is.

Widths are counted in halves of a Chinese character: a digit takes one, 汉 two.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PADDING = 6.0  # points beside the text of a column, both sides together
UPRIGHT, FLIPPED = 442.0, 637.0  # points: the text block of GB/T 9704 is 156 x 225 mm
UPRIGHT_ONLY = ((UPRIGHT, 10.5), (UPRIGHT, 9.0), (UPRIGHT, 8.0))
CHOICES = ((UPRIGHT, 10.5), (FLIPPED, 10.5), (FLIPPED, 9.0))  # 5号, 小5号
LONGEST, WIDEST = 20, 36  # halves: of a word that is not broken, of a column
ENOUGH = 16  # halves that a long column must get before the page is turned
WORD = re.compile(r"[^\s\u2e80-\uffef\U00020000-\U0003ffff]+")  # what is not broken: not Chinese


@dataclass(frozen=True, slots=True)
class Plan:
    widths: tuple[float, ...]  # points
    size: float  # points
    flipped: bool


def plan(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    choices: Sequence[tuple[float, float]] = CHOICES,
) -> Plan:
    """The first choice (width, size) in which the text is not squeezed, else the last; a column keeps its
    longest word whole.
    """
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(headings)
    needs = [need((heading, *column)) for heading, column in zip(headings, cells, strict=True)]
    likes = [like(heading, column) for heading, column in zip(headings, cells, strict=True)]
    for width, size in choices:
        free = (width - PADDING * len(headings)) / (size / 2)
        widest, taken = filled(needs, likes, free)
        if widest >= ENOUGH:
            break
    return Plan(fitted([half * size / 2 + PADDING for half in taken], width), size, width == FLIPPED)


def filled(needs: list[int], likes: list[int], free: float) -> tuple[int, list[int]]:
    """As much as each column likes, but none more than the largest width for which all have room."""
    taken = needs
    for widest in range(WIDEST, 0, -1):
        taken = [max(least, min(most, widest)) for least, most in zip(needs, likes, strict=True)]
        if sum(taken) <= free:
            return widest, taken
    return 0, taken


def fitted(widths: list[float], width: float) -> tuple[float, ...]:
    """The widths, stretched or squeezed to fill the line."""
    total = sum(widths)
    return tuple(round(each * width / total, 2) for each in widths)


def need(texts: Sequence[str]) -> int:
    """The longest word, and one for capitals and wide letters; 4 halves at least, two characters."""
    words = (halves(word) + 1 for text in texts for word in WORD.findall(text))
    return max(4, min(LONGEST, max(words, default=0)))


def like(heading: str, column: Sequence[str]) -> int:
    """The longest cell on one line, the heading on three."""
    return min(WIDEST, max([(halves(heading) + 2) // 3, *map(halves, column)]))


def halves(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def broken(text: str, longest: int = LONGEST) -> str:
    """The text with places to break (U+200B) in every word that is longer than that."""
    return WORD.sub(lambda word: pieces(word[0], longest // 3) if len(word[0]) > longest else word[0], text)


def pieces(word: str, size: int) -> str:
    return "\u200b".join(word[start : start + size] for start in range(0, len(word), size))
