"""What similar machines were seen to use, and the size that it advises for an application (art. 12)."""

from __future__ import annotations

from datetime import timedelta
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from filing.application_tables import ApplicationLine, ApplicationMachine
from rules.advice import Measured, Wanted, advise
from rules.advice_words import reasons
from rules.history import HISTORY_DAYS, history
from rules.size import SIZED, capacities, needs
from rules.statistics import highest
from store.lake import DAYS
from store.tables import Deadline, Machine, System

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.application_tables import Application
    from monitor.installation import Installation
    from rules.fold import Array, Ints
    from rules.history import History

COLUMNS = tuple(name for name in DAYS.names if name != "cpu_histogram")
MOST = 500  # machines of the same size elsewhere; of more, as many, evenly by name


def advice_for(house: Installation, db: Session, row: Application, today: date) -> dict[str, object] | None:
    """The advised sizes of an application's new machines as of today, as JSON; None without such lines."""
    lines = [wanted(line) for line in row.lines if line.machine_id is None]
    if not lines:
        return None
    machines, roles = similar(db, row)
    terms = house.policy.application
    measured = used(house, row, machines, roles, today)
    enough = sum(machine.days >= terms.measured_days for machine in measured)
    return {
        "as_of": today.isoformat(),
        "window": [
            (today - timedelta(days=terms.window_days)).isoformat(),
            (today - timedelta(days=1)).isoformat(),
        ],
        "policy": house.policy.document_number,
        "machines": len(machines),
        "measured": enough,
        "lines": [
            {
                "number": found.wanted.number,
                "role": found.wanted.role,
                "asked": {SIZED[part.resource]: part.asked for part in found.parts},
                "advised": {SIZED[part.resource]: part.advised for part in found.parts if part.advised}
                or None,
                "reasons": reasons(found, house.policy),
            }
            for found in advise(lines, measured, house.policy)
        ],
    }


def wanted(line: ApplicationLine) -> Wanted:
    disk = line.system_disk_gib + line.data_disk_gib
    return Wanted(line.number, line.role, line.vcpus, line.memory_gib, disk)


def similar(db: Session, row: Application) -> tuple[list[Machine], dict[int, str]]:
    """The machines that can be compared, and the roles that machines were delivered for.

    Left out are released ones, and those that still wait for their deployment: they do not work yet.
    """
    lines = [line for line in row.lines if line.machine_id is None]
    delivered = select(ApplicationMachine.machine_id, ApplicationLine.role).join(ApplicationMachine.line)
    wanted_roles = ApplicationLine.role.in_({line.role for line in lines})
    roles = dict(db.execute(delivered.where(wanted_roles)).all())
    there = select(Machine).outerjoin(Machine.system).options(contains_eager(Machine.system))
    there = there.where(Machine.released_on.is_(None))
    close = or_(
        Machine.department_id == row.department_id,
        System.name == row.system,
        Machine.id.in_(list(roles)),
    )
    found = {machine.id: machine for machine in db.scalars(there.where(close))}
    for line in lines:
        same = there.where(Machine.vcpus == line.vcpus, Machine.memory_gib == line.memory_gib)
        found |= {machine.id: machine for machine in spread(db.scalars(same.order_by(Machine.name)).all())}
    waiting = select(Deadline.subject).where(
        Deadline.subject.startswith("machine:"), Deadline.met_on.is_(None)
    )
    idle = set(db.scalars(waiting))
    kept = [
        machine
        for machine in found.values()
        if machine.deployed_on is not None or f"machine:{machine.id}" not in idle
    ]
    return sorted(kept, key=lambda machine: machine.name), roles


def spread(machines: Sequence[Machine]) -> Sequence[Machine]:
    """At most MOST of them, evenly."""
    return machines[:: -(-len(machines) // MOST)] if machines else machines


def used(
    house: Installation, row: Application, machines: Sequence[Machine], roles: Mapping[int, str], today: date
) -> list[Measured]:
    """Each machine as it was measured in the present size."""
    names = [machine.name for machine in machines]
    since = today - timedelta(days=HISTORY_DAYS)
    days = house.lake.of_machines(names, since, today - timedelta(days=1), COLUMNS)
    past = history(days, names, today, ())
    window = house.policy.application.window_days
    disk = highest(np.where(past.window(window), past.grids["disk_max"][:, past.last(window)], np.nan))
    need = needs(past, house.policy.rules.shrink, disk)
    size = capacities(past, ordered(machines))
    good, coverage = days_of(past, window)
    return [
        Measured(
            name=machine.name,
            own=machine.department_id == row.department_id,
            same_system=machine.system is not None and machine.system.name == row.system,
            role=roles.get(machine.id),
            **{name: known(size[name][place]) for name in SIZED.values()},
            **{name: known(need[name][place]) for name in SIZED},
            days=int(good[place]),
            coverage=float(coverage[place]),
        )
        for place, machine in enumerate(machines)
    ]


def ordered(machines: Sequence[Machine]) -> dict[str, Array]:
    """What the inventory says of their sizes; NaN unknown."""
    return {
        name: np.array([getattr(machine, name) for machine in machines], np.float64)
        for name in SIZED.values()
    }


def days_of(past: History, window: int) -> tuple[Ints, Array]:
    """Of each machine the days of the window with 80 % of every resource's samples, and the known part of all
    samples since it was first measured.
    """
    recent, inside = past.last(window), past.window(window)
    usual = np.where(inside, past.expected[:, recent], 0)
    counts = np.minimum.reduce([past.known[name][:, recent] for name in SIZED])
    good = (inside & (usual > 0) & (5 * counts >= 4 * usual)).sum(axis=1)
    since = np.arange(past.width)[recent] >= past.first[:, None]
    expected = np.where(since, usual, 0).sum(axis=1)
    got = np.where(since & inside, np.minimum(counts, usual), 0).sum(axis=1)
    return good, got / np.maximum(expected, 1)


def known(value: float) -> float | None:
    return None if isnan(value) else float(value)
