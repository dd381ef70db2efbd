"""A department's year on one card (art. 31, 监督评估): what was in time, what late; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline: due None is provisional, `stands` while an objection stops it."""

    due_on: date | None
    met_on: date | None
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """How many terms ended by a day, in time or late; those that run on or have no date are `open`.

    `share` 0..1 of the ended ones, None where none has ended: nothing is known, nobody is accused.
    """

    in_time: int
    late: int
    open: int

    @property
    def share(self) -> float | None:
        ended = self.in_time + self.late
        return self.in_time / ended if ended else None


def kept(clocks: Iterable[Clock], as_of: date) -> Kept:
    told = [in_time(each, as_of) for each in clocks]
    return Kept(told.count(True), told.count(False), told.count(None))


def in_time(each: Clock, as_of: date) -> bool | None:
    met = each.met_on if each.met_on is not None and each.met_on <= as_of else None
    if each.due_on is None or (each.stands and met is None):
        return None
    if met is not None:
        return met <= each.due_on
    return False if each.due_on < as_of else None
