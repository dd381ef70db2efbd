"""What the measured size of a machine says of the adjustment that its notice asked for. Missing data never
proves anything: an unknown capacity is neither done nor undone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from notifier.content import NoticeKind, Size
from notifier.tables import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

RESOURCES = ("vcpus", "memory_gib", "disk_gib")
# A machine of 16 GiB measures 15.4: the kernel keeps part of its memory (MemTotal), and a file system part of
# its disk (df). So a size counts within a tenth of what was advised.
TOLERANCE = 0.1 + 1e-9  # a hair for binary fractions: 3.3 is within a tenth of 3
SILENT_DAYS = 7
REVERT_DAYS = 14


@dataclass(frozen=True, slots=True)
class Seen:
    """A closed day's median capacities as measured; None = unknown."""

    day: date
    vcpus: float | None = None
    memory_gib: float | None = None
    disk_gib: float | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """`on`: done: the first of the days that prove it; reverted: the first day back; else the newest day
    seen. `size` is that of the newest day with a known capacity.
    """

    outcome: Outcome
    on: date | None
    size: Size | None


@dataclass(frozen=True, slots=True)
class Change:
    """A resource that a notice wants changed. `sign` -1: less of it, 1: more."""

    resource: str
    before: float | None
    advised: float
    sign: int

    @property
    def bound(self) -> float:
        """The seen size from which on it is reached: within the tolerance, and nearer to what is advised than
        to what was. From 32 to 28 GiB, an untouched machine that measures 30.7 is not done.
        """
        within = self.advised * (1 - self.sign * TOLERANCE)
        if self.before is None:
            return within
        middle = (self.before + self.advised) / 2
        return max(within, middle) if self.sign > 0 else min(within, middle)

    def reached(self, seen: Seen) -> bool | None:
        """None: not known."""
        size = known(getattr(seen, self.resource))
        return None if size is None else self.sign * (size - self.bound) >= 0

    def moved(self, seen: Seen) -> int:
        """1 it went the way that was asked for, -1 the other way, 0 neither, or not known."""
        size = known(getattr(seen, self.resource))
        if size is None or self.before is None:
            return 0
        if abs(size - self.before) <= self.before * TOLERANCE:
            return 0
        return self.sign if size > self.before else -self.sign


def check(
    kind: str, before: Size, advised: Size | None, seen: Sequence[Seen], today: date, done_on: date | None
) -> Verification:
    """The outcome as of `today`, of the days before it that were seen since the notice was issued.

    `kind` is the notice's: shrink, expand, idle. `done_on`: since when it was held to be done. A day without
    any capacity still shows that the machine lives. Gone is a hint for the operator: an idle machine is never
    done by itself.
    """
    closed = sorted((day for day in seen if day.day < today), key=lambda day: day.day)
    days = [day for day in closed if measured(day)]
    wanted = changes(kind, before, advised)
    size = size_of(days[-1]) if days else None
    if done_on is not None:
        return after(done_on, wanted, days, size)
    if days and done(wanted, days[-1]):
        return Verification(Outcome.DONE, since(wanted, days), size)
    last = closed[-1].day if closed else None
    if last is not None and last < today - timedelta(days=SILENT_DAYS):
        return Verification(Outcome.GONE, last, size)
    return Verification(way(wanted, days[-1]) if days else Outcome.UNCHANGED, last, size)


def changes(kind: str, before: Size, advised: Size | None) -> list[Change]:
    """What is to change: a resource of known advice that differs, in the notice's direction, from before."""
    if advised is None or kind not in {NoticeKind.SHRINK, NoticeKind.EXPAND}:
        return []
    sign = 1 if kind == NoticeKind.EXPAND else -1
    found = []
    for name in RESOURCES:
        was, wanted = known(getattr(before, name)), known(getattr(advised, name))
        if wanted is not None and (was is None or sign * (wanted - was) > 0):
            found.append(Change(name, was, wanted, sign))
    return found


def after(done_on: date, wanted: Sequence[Change], days: Sequence[Seen], size: Size | None) -> Verification:
    """Done, unless a day of the two weeks after it shows a resource back and the newest is not done again."""
    last = done_on + timedelta(days=REVERT_DAYS)
    back = [day.day for day in days if done_on < day.day <= last and undone(wanted, day)]
    if back and not done(wanted, days[-1]):
        return Verification(Outcome.REVERTED, back[0], size)
    return Verification(Outcome.DONE, done_on, size)


def way(wanted: Sequence[Change], seen: Seen) -> Outcome:
    moved = {change.moved(seen) for change in wanted}
    if -1 in moved:
        return Outcome.WRONG_DIRECTION
    reached = any(change.reached(seen) for change in wanted)
    return Outcome.PARTIAL if 1 in moved or reached else Outcome.UNCHANGED


def since(wanted: Sequence[Change], days: Sequence[Seen]) -> date:
    """The first of the last unbroken run of days that were done; the newest one is."""
    first = days[-1].day
    for day in reversed(days):
        if not done(wanted, day):
            break
        first = day.day
    return first


def done(wanted: Sequence[Change], seen: Seen) -> bool:
    return bool(wanted) and all(change.reached(seen) for change in wanted)


def undone(wanted: Sequence[Change], seen: Seen) -> bool:
    return any(change.reached(seen) is False for change in wanted)


def measured(seen: Seen) -> bool:
    return any(known(getattr(seen, name)) is not None for name in RESOURCES)


def size_of(seen: Seen) -> Size:
    return Size(**{name: known(getattr(seen, name)) for name in RESOURCES})


def known(size: float | None) -> float | None:
    """A capacity that can be one: neither missing, nor NaN, nor nothing."""
    return size if size is not None and math.isfinite(size) and size > 0 else None
