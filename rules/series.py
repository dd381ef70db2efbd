"""How a person writes down what a machine measured, day by day up to the day before a judgement.

cpu: 10                      10 % all day, every day
cpu: 90x2 10                 every day two samples at 90, then 10 until midnight
cpu: 28d 10, 7d 90x2 10      28 days of the one, then 7 of the other; nothing was measured before
cpu: [28d 10, 7d _]          the same as a list; _ is not measured
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BeforeValidator

if TYPE_CHECKING:
    from rules.fold import Array

LEVEL = re.compile(r"(_|\d+(?:\.\d+)?)(?:x([1-9]\d*))?")
SPAN = re.compile(r"(?:([1-9]\d{0,3})d\s+)?(\S.*)")


@dataclass(frozen=True, slots=True)
class Span:
    """`days` alike (0: all of the case). A level lasts for its samples, the last one (0) until midnight."""

    days: int
    levels: tuple[tuple[float, int], ...]

    def of_day(self, count: int) -> Array:
        """The `count` samples of one day."""
        values = np.repeat([level for level, _ in self.levels], [times or count for _, times in self.levels])
        return np.pad(values, (0, max(0, count - len(values))), mode="edge")[:count]


def series(value: object) -> tuple[Span, ...]:
    """The spans of a series as a person writes it: a number, a text or a list of texts."""
    parts = value if isinstance(value, list) else str(value).split(",")
    spans = tuple(span(str(part).strip()) for part in parts)
    if len(spans) > 1 and not all(each.days for each in spans):
        raise ValueError("days for every part, such as `28d 10, 7d 90x2 10`")
    return spans


def span(text: str) -> Span:
    parts = SPAN.fullmatch(text)
    levels = [LEVEL.fullmatch(level) for level in parts[2].split()] if parts else []
    if parts is None or not all(levels):
        raise ValueError("a series such as `10`, `90x2 10` or `28d 10, 7d _`")
    read = [(np.nan if level[1] == "_" else float(level[1]), int(level[2] or 0)) for level in levels if level]
    if not all(times for _, times in read[:-1]):
        raise ValueError("a number of samples for all levels but the last, such as `90x2 10`")
    return Span(int(parts[1] or 0), tuple(read))


Series = Annotated[tuple[Span, ...], BeforeValidator(series)]


def at(spans: tuple[Span, ...] | None, days: int, back: int, count: int) -> Array:
    """The `count` samples of the day that lies `back` days before the judgement."""
    for each in reversed(spans or ()):
        lasting = each.days or days
        if back <= lasting:
            return each.of_day(count)
        back -= lasting
    return np.full(count, np.nan)
