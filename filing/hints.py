"""What is pointed out when a project is submitted, and never blocks it: a split under a limit, a maintenance
that is filed as new, a duplicate of a system that is there. All of the city is looked at in memory.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from filing.money import WAN, wan
from filing.names import alike, core, plain
from filing.tables import ProjectKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

NAMED = 5  # others that a hint names one by one
MONTH = 30.44  # days


class HintKind(StrEnum):
    SPLIT = "split"
    MAINTENANCE = "maintenance"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Limits:
    """By what the city compares: `limit_fen` of a project that needs no tender, names alike by percent."""

    limit_fen: int
    split_months: int
    alike: int
    same_items: int
    common: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """A project as it is compared. `names`: its own and that of its system; `on`: when it was handed in."""

    id: int
    department: str
    names: tuple[str, ...]
    kind: str
    on: date
    fund_source: str | None = None
    budget_fen: int | None = None
    completed: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A system that is there already, or planned: in the inventory, filed, of a project."""

    where: str
    department: str
    name: str


@dataclass(frozen=True, slots=True)
class Held:
    """An entry of the public catalog, of another department, and how many of the wanted data items it has."""

    code: str
    title: str
    department: str
    items: int


@dataclass(frozen=True, slots=True)
class Hint:
    """`others`: what it is about, such as project 12."""

    kind: HintKind
    text: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class City:
    """All that a project is compared with. `items`: plain data item -> the projects that produce it; `held`:
    entries of the catalog with data items that the project would produce.
    """

    projects: Sequence[Matter]
    systems: Sequence[Known]
    items: Mapping[str, Sequence[int]]
    held: Sequence[Held] = ()


def hints(matter: Matter, produced: Iterable[str], city: City, limits: Limits) -> tuple[Hint, ...]:
    """Everything that is to be pointed out on the project; `produced`: the plain names of its data items."""
    others = [other for other in city.projects if other.id != matter.id]
    return (
        *split(matter, others, limits),
        *existing(matter, [*city.systems, *of_projects(others, matter.department)], limits),
        *shared(produced, others, city.items, limits),
        *catalogued(city.held, limits),
    )


def split(matter: Matter, others: Sequence[Matter], limits: Limits) -> Iterator[Hint]:
    """Projects of the department, of a similar name or one source of funds, that each stay under the limit
    and together exceed it.
    """
    if matter.budget_fen is None or matter.budget_fen >= limits.limit_fen:
        return
    since = matter.on - timedelta(days=round(limits.split_months * MONTH))
    near = [
        other
        for other in others
        if other.department == matter.department
        and since <= other.on <= matter.on
        and other.budget_fen is not None
        and other.budget_fen < limits.limit_fen
        and related(matter, other, limits)
    ]
    total = matter.budget_fen + sum(other.budget_fen or 0 for other in near)
    if near and total >= limits.limit_fen:
        text = (
            f"each under the limit of {wan(limits.limit_fen)}, together {wan(total)} within "
            f"{limits.split_months} months: one project split?"
        )
        yield Hint(HintKind.SPLIT, text, named(f"project {other.id} {other.names[0]}" for other in near))


def related(one: Matter, other: Matter, limits: Limits) -> bool:
    if one.fund_source and other.fund_source and plain(one.fund_source) == plain(other.fund_source):
        return True
    return similar(one.names, other.names, limits)


def similar(names: Iterable[str], others: Iterable[str], limits: Limits) -> bool:
    cores = [core(other, limits.common) for other in others]
    return any(alike(core(name, limits.common), other, limits.alike) for name in names for other in cores)


def of_projects(others: Iterable[Matter], department: str) -> Iterator[Known]:
    """What other projects made or will make; of the department's own, only what is there."""
    for other in others:
        if other.completed or other.department != department:
            yield from (Known(f"project {other.id}", other.department, name) for name in other.names)


def existing(matter: Matter, systems: Sequence[Known], limits: Limits) -> Iterator[Hint]:
    """Of the department's own systems a similar name, of the others' the same one. Maintenance is of what is
    there, an extension too.
    """
    if matter.kind == ProjectKind.MAINTAIN:
        return
    mine = [known for known in systems if known.department == matter.department]
    own = [known for known in mine if similar(matter.names, [known.name], limits)]
    if own and matter.kind != ProjectKind.EXTEND:
        text = "filed as new, but the department has a system of this or a similar name: maintenance?"
        yield Hint(HintKind.MAINTENANCE, text, named(f"{known.where} {known.name}" for known in own))
    wanted = {core(name, limits.common) for name in matter.names}
    theirs = [known for known in systems if known.department != matter.department]
    same = [known for known in theirs if core(known.name, limits.common) in wanted]
    if same:
        text = "another department has or plans a system of the same name: use it together?"
        told = (f"{known.where} {known.name} ({known.department})" for known in same)
        yield Hint(HintKind.DUPLICATE, text, named(told))


def shared(
    produced: Iterable[str], others: Sequence[Matter], items: Mapping[str, Sequence[int]], limits: Limits
) -> Iterator[Hint]:
    """Projects that produce the same data items."""
    projects = {other.id: other for other in others}
    common = Counter(number for item in set(produced) for number in items.get(item, ()) if number in projects)
    for number, count in common.most_common(NAMED):
        if count >= limits.same_items:
            other = projects[number]
            text = f"{count} data items that another project produces already: one number, one source?"
            yield Hint(HintKind.DUPLICATE, text, (f"project {number} {other.names[0]} ({other.department})",))


def catalogued(held: Sequence[Held], limits: Limits) -> Iterator[Hint]:
    """Data that the catalog has already: to be had by sharing, not to be collected again (art. 18)."""
    same = [entry for entry in held if entry.items >= limits.same_items]
    if same:
        text = "data that other departments have in the catalog already: share instead of collecting?"
        told = (f"{entry.code} {entry.title} ({entry.department}, {entry.items} items)" for entry in same)
        yield Hint(HintKind.DUPLICATE, text, named(told))


def named(others: Iterable[str]) -> tuple[str, ...]:
    """At most NAMED of them, then how many more; each once."""
    known = list(dict.fromkeys(others))
    more = len(known) - NAMED
    return (*known[:NAMED], *([f"and {more:,} more"] if more > 0 else []))


def limit(wan_: float) -> int:
    """万元 of the policy in fen."""
    return round(wan_ * WAN)
