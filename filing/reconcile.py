"""Reconciliation: what the inventory runs against what is filed (art. 10). What is unknown accuses nobody."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from filing.ground import WITH_DEPARTMENT, Filed, Ground, Known, Running
from filing.names import normal
from filing.tables import FilingState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

CLOUD = "政务云"  # of a card's location: there its machines would be in the inventory
NAMED = 3  # machines that a note spells out
IN_FORCE = frozenset({FilingState.FILED, FilingState.AMENDING})


class Discrepancy(StrEnum):
    UNFILED = "runs_unfiled"
    ENDED = "runs_deregistered"
    NO_MACHINE = "filed_no_machine"
    TWICE = "filed_twice"
    NO_SYSTEM = "machines_no_system"
    OTHER_DEPARTMENT = "other_department"


@dataclass(frozen=True, slots=True)
class Found:
    """One discrepancy. `system`: of the inventory; `filings`: the numbers that it is about."""

    kind: Discrepancy
    department: str | None
    name: str
    note: str
    department_id: int | None = None
    system: int | None = None
    filings: tuple[int, ...] = ()
    machines: int = 0
    measured: int = 0


def reconcile(known: Ground) -> list[Found]:
    """Every discrepancy, by kind, then by department and name."""
    steps = (unfiled, without_machine, twice, without_system, of_other_department)
    found = [one for step in steps for one in step(known)]
    order = list(Discrepancy)
    return sorted(found, key=lambda one: (order.index(one.kind), one.department or "", one.name))


def unfiled(known: Ground) -> Iterator[Found]:
    """Systems with machines that nobody has handed a card in for."""
    machines, filings = known.machines_of(), known.filings_of()
    for system in known.systems:
        own, about = machines.get(system.id, []), filings.get(system.id, [])
        standing = [filing for filing in about if filing.standing]
        if not own or any(filing.state not in WITH_DEPARTMENT for filing in standing):
            continue
        ended = not standing and bool(about)
        said = use(own)
        if standing:
            said += f"; noted as filing {standing[0].id}, {standing[0].state}"
        if ended:
            said += f"; filing {about[-1].id} ended on {about[-1].ended_on}"
        yield Found(
            Discrepancy.ENDED if ended else Discrepancy.UNFILED,
            known.departments[system.department_id],
            system.name,
            said,
            system.department_id,
            system.id,
            tuple(filing.id for filing in standing or about),
            len(own),
            sum(machine.measured for machine in own),
        )


def use(machines: Sequence[Running]) -> str:
    """What is known of their running."""
    measured = sum(machine.measured for machine in machines)
    if not measured:
        return "in the inventory, never measured"
    return f"{measured} of {len(machines)} measured"


def without_machine(known: Ground) -> Iterator[Found]:
    """Filed systems without a machine; nobody can tell from an inventory without any."""
    if not known.machines:
        return
    machines = known.machines_of()
    served = {filing.id for system, of in known.filings_of().items() if system in machines for filing in of}
    for filing in known.filings:
        if filing.state not in IN_FORCE or filing.id in served:
            continue
        elsewhere = filing.location is not None and CLOUD not in filing.location
        said = (
            f"by its card it runs elsewhere: {filing.location}"
            if elsewhere
            else "no machine in the inventory"
        )
        yield of_filings(known, Discrepancy.NO_MACHINE, [filing], said)


def of_filings(known: Ground, kind: Discrepancy, filings: Sequence[Filed], note: str) -> Found:
    departments = sorted({known.departments[filing.department_id] for filing in filings})
    numbers = tuple(filing.id for filing in filings)
    return Found(
        kind, "、".join(departments), filings[0].name, note, filings[0].department_id, filings=numbers
    )


def twice(known: Ground) -> Iterator[Found]:
    """Standing filings of one name, whatever the department, and two for one system."""
    standing = [filing for filing in known.filings if filing.standing]
    systems = {system.id: system for system in known.systems}
    told = set()
    for group in groups((normal(filing.name), filing) for filing in standing):
        told.add(frozenset(filing.id for filing in group))
        yield of_filings(known, Discrepancy.TWICE, group, alike(group))
    linked = ((filing.system_id, filing) for filing in standing if filing.system_id is not None)
    for group in groups(linked):
        if frozenset(filing.id for filing in group) not in told:
            yield of_filings(known, Discrepancy.TWICE, group, one_system(systems, group))


def groups(pairs: Iterable[tuple[object, Filed]]) -> list[list[Filed]]:
    found: dict[object, list[Filed]] = defaultdict(list)
    for key, filing in pairs:
        found[key].append(filing)
    return [group for group in found.values() if len(group) > 1]


def alike(group: Sequence[Filed]) -> str:
    number = len({filing.department_id for filing in group})
    if number == 1:
        return "one name in one department"
    return f"one name in {number} departments: it may be one system, or as many of one name"


def one_system(systems: dict[int, Known], group: Sequence[Filed]) -> str:
    system = systems.get(group[0].system_id or 0)
    return f"all for the system {system.name}" if system is not None else "all for one system"


def without_system(known: Ground) -> Iterator[Found]:
    """Machines that belong to no system, by department."""
    loose: dict[int | None, list[Running]] = defaultdict(list)
    for machine in known.machines:
        if machine.system_id is None:
            loose[machine.department_id].append(machine)
    for number, own in loose.items():
        measured = sum(machine.measured for machine in own)
        department = known.departments[number] if number is not None else None
        said = use(own)
        yield Found(
            Discrepancy.NO_SYSTEM, department, some(own), said, number, machines=len(own), measured=measured
        )


def some(machines: Sequence[Running]) -> str:
    more = f", ... ({len(machines) - NAMED} more)" if len(machines) > NAMED else ""
    return ", ".join(machine.name for machine in machines[:NAMED]) + more


def of_other_department(known: Ground) -> Iterator[Found]:
    """Machines of a filed system that the inventory gives to another department than the filing's."""
    machines = known.machines_of()
    for system, filings in known.filings_of().items():
        for filing in filings:
            other = [
                machine
                for machine in machines.get(system, ())
                if filing.standing and machine.department_id not in {None, filing.department_id}
            ]
            if other:
                owners = sorted({known.departments[m.department_id] for m in other if m.department_id})
                said = f"{some(other)}: of {'、'.join(owners)} in the inventory"
                found = of_filings(known, Discrepancy.OTHER_DEPARTMENT, [filing], said)
                yield replaced(found, len(other), sum(machine.measured for machine in other))


def replaced(found: Found, machines: int, measured: int) -> Found:
    return Found(
        found.kind,
        found.department,
        found.name,
        found.note,
        found.department_id,
        filings=found.filings,
        machines=machines,
        measured=measured,
    )
