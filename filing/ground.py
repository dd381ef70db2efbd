"""What runs and what is filed, by the register: the ground of reconciliation and campaigns (art. 10)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from filing.names import normal
from filing.tables import Filing, FilingState
from store.tables import Department, Machine, System

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

WITH_DEPARTMENT = frozenset({FilingState.UNFILED, FilingState.RETURNED})  # it is its turn
WITH_CENTRE = frozenset({FilingState.SUBMITTED, FilingState.AMENDING})


@dataclass(frozen=True, slots=True)
class Running:
    """A machine of the inventory that was not released. `measured`: a source has delivered samples of it."""

    name: str
    department_id: int | None
    system_id: int | None
    measured: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A system of the inventory."""

    id: int
    name: str
    department_id: int


@dataclass(frozen=True, slots=True)
class Filed:
    """A filing, also one that ended. `location`: where its card says that it runs."""

    id: int
    name: str
    department_id: int
    system_id: int | None
    state: str
    submitted_on: date | None
    filed_on: date | None
    ended_on: date | None
    location: str | None

    @property
    def standing(self) -> bool:
        return self.state != FilingState.DEREGISTERED


@dataclass(frozen=True, slots=True)
class Ground:
    departments: dict[int, str]
    systems: Sequence[Known]
    machines: Sequence[Running]
    filings: Sequence[Filed]

    def machines_of(self) -> dict[int, list[Running]]:
        """System -> its machines; systems without one are left out."""
        found: dict[int, list[Running]] = defaultdict(list)
        for machine in self.machines:
            if machine.system_id is not None:
                found[machine.system_id].append(machine)
        return found

    def filings_of(self) -> dict[int, list[Filed]]:
        """System -> the filings that are about it: linked, or else of its department and by its name."""
        named = {(system.department_id, normal(system.name)): system.id for system in self.systems}
        found: dict[int, list[Filed]] = defaultdict(list)
        for filing in self.filings:
            own = filing.system_id
            system = named.get((filing.department_id, normal(filing.name))) if own is None else own
            if system is not None:
                found[system].append(filing)
        return found


def ground(db: Session, department_id: int | None = None) -> Ground:
    """Of the whole city, or of the systems and filings of one department."""
    systems = select(System.id, System.name, System.department_id)
    machines = select(Machine.name, Machine.department_id, Machine.system_id, Machine.source)
    machines = machines.where(Machine.released_on.is_(None))
    filings = select(
        Filing.id,
        Filing.name,
        Filing.department_id,
        Filing.system_id,
        Filing.state,
        Filing.submitted_on,
        Filing.filed_on,
        Filing.ended_on,
        Filing.card,
    )
    if department_id is not None:
        systems = systems.where(System.department_id == department_id)
        machines = machines.join(Machine.system).where(System.department_id == department_id)
        filings = filings.where(Filing.department_id == department_id)
    return Ground(
        {row.id: row.name for row in db.execute(select(Department.id, Department.name))},
        [Known(*row) for row in db.execute(systems.order_by(System.id))],
        [Running(*row[:3], row[3] is not None) for row in db.execute(machines.order_by(Machine.name))],
        [as_filed(row) for row in db.execute(filings.order_by(Filing.id))],
    )


def as_filed(facts: Sequence[Any]) -> Filed:
    *known, card = facts
    number, name, department, system, state, submitted, filed, ended = known
    return Filed(number, name, department, system, state, submitted, filed, ended, place(card))


def place(card: object) -> str | None:
    found = card.get("location") if isinstance(card, dict) else None
    return found if isinstance(found, str) else None
