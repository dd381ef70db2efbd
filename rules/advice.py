"""The size that measured use advises when machines are asked for (arts. 12 and 13): never above what is asked
for, never below what a machine of the same role was seen to need, and nothing without data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from statistics import median
from typing import TYPE_CHECKING

from rules.size import SIZED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from config.policy import Policy


class Group(StrEnum):
    """Whose use a level rests on: the department's machines, those of a system of the same name elsewhere, of
    the same role, of the same size elsewhere.
    """

    OWN = "own"
    SYSTEM = "system"
    ROLE = "role"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: vCPUs, GiB."""

    number: int
    role: str
    vcpus: float
    memory_gib: float
    disk_gib: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A machine as it was used: `cpu` and `memory` at their periodic peak, `disk` at its highest, in percent
    of its size; None unknown. `days`: how many were measured well, `coverage`: the known part 0..1 of all.
    """

    name: str
    own: bool
    same_system: bool
    role: str | None
    vcpus: float | None
    memory_gib: float | None
    disk_gib: float | None
    cpu: float | None
    memory: float | None
    disk: float | None
    days: int
    coverage: float


@dataclass(frozen=True, slots=True)
class Level:
    """How much of their size the machines of a group need, in percent."""

    group: Group
    machines: int
    median: float
    level: float  # that of the policy's share of them
    coverage: float


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a line. `advised` None: as asked for. `floor`: the most that a machine of the role was
    seen to need, in vCPUs or GiB, None when none was measured.
    """

    resource: str
    asked: float
    advised: float | None
    levels: tuple[Level, ...]
    floor: float | None


@dataclass(frozen=True, slots=True)
class Advice:
    """The parts of one line: cpu, memory, disk."""

    wanted: Wanted
    parts: tuple[Part, ...]

    @property
    def smaller(self) -> bool:
        return any(part.advised is not None for part in self.parts)


def advise(lines: Iterable[Wanted], measured: Sequence[Measured], policy: Policy) -> list[Advice]:
    """For every line the smallest size of the catalogue that carries what similar machines need, at most
    halved at once.
    """
    return [
        Advice(line, tuple(part(line, resource, measured, policy) for resource in SIZED)) for line in lines
    ]


def part(line: Wanted, resource: str, measured: Sequence[Measured], policy: Policy) -> Part:
    asked: float = getattr(line, SIZED[resource])
    levels = tuple(
        found
        for group in Group
        if (found := level(group, [m for m in measured if belongs(m, group, line)], resource, policy))
    )
    floor = biggest(measured, line.role, resource)
    if not levels:
        return Part(resource, asked, None, (), floor)
    need = max(max(found.level for found in levels) / 100 * asked, floor or 0.0)
    return Part(resource, asked, smallest(asked, need, resource, policy), levels, floor)


def belongs(machine: Measured, group: Group, line: Wanted) -> bool:
    if group == Group.OWN:
        return machine.own
    if group == Group.ROLE:
        return machine.role == line.role
    if group == Group.SYSTEM:
        return machine.same_system and not machine.own
    same = (machine.vcpus, machine.memory_gib) == (line.vcpus, line.memory_gib)
    return same and not machine.own


def level(group: Group, machines: Sequence[Measured], resource: str, policy: Policy) -> Level | None:
    """None when too few machines were measured for long enough: missing data takes nothing away."""
    terms = policy.application
    enough = [m for m in machines if m.days >= terms.measured_days and getattr(m, resource) is not None]
    if len(enough) < terms.machines:
        return None
    used = sorted(getattr(machine, resource) for machine in enough)
    rank = ceil(terms.share * len(used) / 100) - 1
    return Level(group, len(used), median(used), used[rank], min(machine.coverage for machine in enough))


def biggest(measured: Iterable[Measured], role: str, resource: str) -> float | None:
    """What the machine of the role that needs most was seen to need, however short it was measured."""
    needs = [
        share / 100 * size
        for machine in measured
        if machine.role == role
        and (share := getattr(machine, resource)) is not None
        and (size := getattr(machine, SIZED[resource])) is not None
    ]
    return max(needs, default=None)


def smallest(asked: float, need: float, resource: str, policy: Policy) -> float | None:
    """The smallest size below the asked one, at least half of it, that carries the need at the target."""
    target: int = getattr(policy.target, resource)
    sizes: list[float] = getattr(policy.sizes, SIZED[resource])
    fitting = (size for size in sizes if asked / 2 <= size < asked and need <= target / 100 * size)
    return next(fitting, None)
