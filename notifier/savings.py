"""The ledger of savings: what the issued notices promised, and what the sizes seen since then save."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from notifier.content import NoticeKind
from notifier.tables import Item, ItemState, Notice, Outcome
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    from config.policy import Prices
    from notifier.content import Size

SAVING = (NoticeKind.SHRINK, NoticeKind.IDLE)  # an expansion costs
DAYS_A_MONTH = 365 / 12


@dataclass(frozen=True, slots=True)
class Line:
    """`promised`, `withdrawn` and `realised` are yuan a month, of the machines in the notices of that year.

    `withdrawn` was promised by machines whose notice was withdrawn or declined, and is in `promised` no more.
    `so_far` is yuan, saved in that calendar year through the day before the ledger's. A total has no
    department.
    """

    year: int | None
    department: str | None
    promised: float = 0.0
    withdrawn: float = 0.0
    realised: float = 0.0
    so_far: float = 0.0

    def __add__(self, other: Line) -> Line:
        return Line(
            self.year,
            self.department,
            self.promised + other.promised,
            self.withdrawn + other.withdrawn,
            self.realised + other.realised,
            self.so_far + other.so_far,
        )


def ledger(db: Session, today: date, year: int | None = None, department: str | None = None) -> list[Line]:
    """A line a year and department (its name or code), the newest year first."""
    wanted = (
        select(Item, Notice.issued_on, Department.name)
        .join(Item.notice)
        .join(Notice.department)
        .where(Item.kind.in_(SAVING))
        .order_by(Item.id)
    )
    if department is not None:
        wanted = wanted.where(or_(Department.name == department, Department.code == department))
    found: dict[tuple[int, str], Line] = {}
    for item, issued_on, name in db.execute(wanted):
        for line in lines(item, issued_on, name, today):
            place = (line.year or 0, name)
            found[place] = found[place] + line if place in found else line
    return [
        found[place]
        for place in sorted(found, key=lambda place: (-place[0], place[1]))
        if year in {None, place[0]}
    ]


def lines(item: Item, issued_on: date, department: str, today: date) -> Iterator[Line]:
    """What one machine adds: to the year of its notice, and to every year in which it saves."""
    promised = item.promised or 0.0
    if item.state in {ItemState.WITHDRAWN, ItemState.DECLINED}:
        yield Line(issued_on.year, department, withdrawn=promised)
        return
    monthly = saved(item)
    yield Line(issued_on.year, department, promised=promised, realised=monthly)
    if item.done_on is not None and monthly:
        for year in range(item.done_on.year, today.year + 1):
            yield Line(year, department, so_far=monthly * days_in(year, item.done_on, today) / DAYS_A_MONTH)


def saved(item: Item) -> float:
    """Yuan a month that the machine saves now; nothing when its size came back."""
    if item.state != ItemState.DONE or item.outcome == Outcome.REVERTED:
        return 0.0
    return item.realised or 0.0


def days_in(year: int, first: date, today: date) -> int:
    """Days of the year from `first` on that are over on the day `today`."""
    begin, end = max(first, date(year, 1, 1)), min(today, date(year + 1, 1, 1))
    return max((end - begin).days, 0)


def total(found: Iterable[Line]) -> Line:
    return sum(found, Line(None, None))


def monthly_value(before: Size, after: Size, prices: Prices) -> float:
    """Yuan a month that the change saves (negative: costs); a resource not known on both sides saves none."""
    priced = {"vcpus": prices.vcpu, "memory_gib": prices.memory_gib, "disk_gib": prices.disk_gib}
    value = 0.0
    for name, price in priced.items():
        was, now = getattr(before, name), getattr(after, name)
        if was is not None and now is not None:
            value += (was - now) * price
    return value
