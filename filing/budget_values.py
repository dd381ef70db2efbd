"""What a budget list is made of, and its rows: plain values (arts. 9 and 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


class Verdict(StrEnum):
    FUNDABLE = "fundable"  # 可安排
    REFUSED = "refused"  # 不予安排
    STOPPED = "stopped"  # 停止执行


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A project, with the days of its papers."""

    id: int
    department: str
    name: str
    state: str
    created_on: date
    opinion_on: date | None = None
    opinion_number: str | None = None
    ended_on: date | None = None
    budget_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """A filed system, or one that should be; `project` built it."""

    id: int
    department: str
    name: str
    state: str
    project: int | None = None
    found_on: date | None = None
    submitted_on: date | None = None
    filed_on: date | None = None
    ended_on: date | None = None

    @property
    def since(self) -> date | None:
        """The first day that it is known."""
        days = [day for day in (self.found_on, self.submitted_on, self.filed_on) if day is not None]
        return min(days, default=None)


@dataclass(frozen=True, slots=True)
class Limit:
    """The time limit to file (规定时限). `due_on` None: provisional."""

    due_on: date | None
    met_on: date | None = None
    paused_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A confirmed outcome of an evaluation: pass, rectify, fail, lapse; upheld: an appeal took it away."""

    evaluation: int
    year: int
    on: date
    outcome: str
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a list is made of. `limits` by subject (project:12, filing:3), `outcomes` by filing.

    `entries`: (subject, word) -> a journal entry's number: the newest one that led to the state `word`, of
    "filed" the first; word "": the newest of all; "limit": the newest about its time limit.
    """

    projects: Sequence[Reviewed]
    filings: Sequence[Registered]
    limits: Mapping[str, Limit] = field(default_factory=dict)
    outcomes: Mapping[int, Sequence[Outcome]] = field(default_factory=dict)
    entries: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One project or filing. `entries` are the numbers of the journal entries it rests on; `restores`: the
    list and row that stopped it, which this one lifts (恢复).
    """

    subject: str
    department: str
    name: str
    verdict: Verdict
    since: date | None
    article: str
    fact: str
    entries: tuple[int, ...] = ()
    restores: tuple[str, int] | None = None
    budget_fen: int | None = None  # of a project, as it was filed for


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something may or may not be funded, and the entries that say so: (subject, word)."""

    verdict: Verdict
    since: date | None
    article: str
    fact: str
    proof: tuple[tuple[str, str], ...] = ()
