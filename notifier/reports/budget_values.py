"""The letter with a budget list to the finance bureau (arts. 9 and 10): its facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from notifier.content import Basis, Office

FUNDABLE, REFUSED, STOPPED = "fundable", "refused", "stopped"


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One row of the list. `system`: a filed system, else a project; `restores`: the row that it lifts."""

    place: int
    system: bool
    department: str
    name: str
    verdict: str
    since: date | None
    article: str
    fact: str
    entries: tuple[int, ...]
    restores: str | None
    budget_fen: int | None = None


@dataclass(frozen=True, slots=True)
class BudgetPaper:
    """An issued list; `previous`: the number of the one before it."""

    number: str
    year: int
    as_of: date
    issued_on: date
    sha256: str
    previous: str | None
    addressee: str
    basis: Basis
    office: Office
    lines: tuple[BudgetLine, ...]
