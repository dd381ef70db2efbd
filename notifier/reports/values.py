"""The monthly report: what was measured, asked, done and saved, for the centre, finance or one department.

A Report is facts; notifier/reports/sections.py puts them into tables with words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from notifier.letters.words import Locale

Scope = Literal["centre", "finance", "department"]
BUCKETS = ((0, 3), (4, 10), (11, 30), (31, 60), (61, None))  # days from delivery to deployment, both included


@dataclass(frozen=True, slots=True)
class Use:
    """A machine in the month, in percent: `cpu_p95` of all its samples, `memory_peak` the highest half hour,
    `disk_max` the highest; `coverage` 0..1 of the samples that were due.
    """

    machine: str
    department: str | None
    system: str | None
    cpu_p95: float | None
    cpu_mean: float | None
    memory_peak: float | None
    disk_max: float | None
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Issued:
    """Notices of a kind issued in the month, their machines, and in which state these are now."""

    kind: str
    notices: int
    machines: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Machines that took so many days: deployed in the month; delivered and not deployed at its end."""

    days: tuple[int, int | None]
    deployed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Late:
    """A machine whose term was over at the end of the month and that was neither done nor withdrawn."""

    department: str
    number: str
    kind: str
    machine: str
    due: date
    days: int
    state: str


@dataclass(frozen=True, slots=True)
class Saving:
    """Yuan a month promised and realised by the notices of the year, yuan saved in it so far."""

    department: str
    promised: float
    realised: float
    so_far: float


@dataclass(frozen=True, slots=True)
class Covered:
    """How many machines of a department were measured, and 0..1 of the samples that were due."""

    department: str | None
    machines: int
    measured: int
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """`until` is the last day that counts: the month's last one, or yesterday while it goes on (`whole`:
    no). `ended_on`: the regulation's validity was over then.
    """

    month: date
    until: date
    whole: bool
    made_on: date
    scope: Scope
    department: str | None
    office: str
    basis: str
    ended_on: date | None
    machines: int
    highest: tuple[Use, ...]
    lowest: tuple[Use, ...]
    issued: tuple[Issued, ...]
    cycles: tuple[Cycle, ...]
    late: tuple[Late, ...]
    savings: tuple[Saving, ...]
    coverage: tuple[Covered, ...]
    locale: Locale = "zh_CN"

    @property
    def measured(self) -> int:
        return sum(line.measured for line in self.coverage)

    @property
    def empty(self) -> bool:
        """Nothing was measured, sent, deployed, late or saved."""
        moved = any(cycle.deployed or cycle.waiting for cycle in self.cycles)
        return not (self.measured or self.issued or self.late or self.savings or moved)
