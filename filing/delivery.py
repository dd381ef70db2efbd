"""Delivered machines and their deployment (art. 13, second paragraph): who brought what, and does it run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from filing import application_clocks as clocks
from filing.application_states import APPLICATION, DELIVERED, IN_USE, OVERDUE
from filing.application_tables import Application, ApplicationKind, ApplicationMachine
from filing.applications import ApplicationError, granted
from store.deadlines import meet, standing
from store.inventory import import_machines
from store.inventory_file import MachineRow
from store.journal import Entry, append
from store.tables import Machine
from store.workflow import RefusedError, move

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.application_clocks import Desk
    from filing.application_tables import ApplicationLine
    from store.tables import Deadline
    from store.workflow import Act


@dataclass(frozen=True, slots=True)
class Handover:
    """The day, the names of the new machines in the order of the lines, and the kept receipt."""

    on: date
    machines: Sequence[str]
    receipt: str


def deliver(db: Session, desk: Desk, row: Application, made: Handover, act: Act) -> list[Machine]:
    """Puts the machines into the inventory, for the department and its system; a changed one gets its size.
    Returns the new ones, whose clocks of deployment are to run. Raises RefusedError, ApplicationError.
    """
    check(db, row, made, desk.today)
    facts = {"delivered_on": made.on, "receipt": made.receipt}
    move(db, APPLICATION, [(row, str(row.id))], "deliver", act, **facts)
    lines = list(chain.from_iterable(repeat(line, line.count) for line in fresh(row)))
    rows = [as_row(row, line, name, made.on) for line, name in zip(lines, made.machines, strict=True)]
    changed = [line for line in row.lines if line.machine is not None]
    rows += [as_row(row, line, line.machine.name, None) for line in changed if line.machine is not None]
    import_machines(db, rows, act.actor, act.now, act.reason)
    known = {m.name: m for m in db.scalars(select(Machine).where(Machine.name.in_(list(made.machines))))}
    new = [known[name] for name in made.machines]
    for line, machine in zip(lines, new, strict=True):
        row.machines.append(ApplicationMachine(line=line, machine=machine))
    for line in changed:
        row.machines.append(ApplicationMachine(line=line, machine=line.machine))
    db.flush()
    clocks.end(db, row, made.on, act)
    if not new:  # nothing to deploy
        move(db, APPLICATION, [(row, str(row.id))], "deploy", act, running_on=made.on)
    return new


def fresh(row: Application) -> list[ApplicationLine]:
    return [line for line in row.lines if line.machine is None]


def as_row(row: Application, line: ApplicationLine, name: str, on: date | None) -> MachineRow:
    return MachineRow(
        machine=name,
        department=row.department.code,
        system=row.system,
        address=None,
        delivered_on=on,
        deployed_on=None,
        sheet="",
        row=line.number,
        **granted(line),
    )


def check(db: Session, row: Application, made: Handover, today: date) -> None:
    """Raises ApplicationError for days in an impossible order, a wrong number of names, machines in use."""
    if row.technical_on is not None and made.on < row.technical_on:
        approved = f"approved only on {row.technical_on}"
        raise ApplicationError(f"application {row.id} was {approved}: it cannot be delivered on {made.on}")
    if made.on > today:
        raise ApplicationError(f"delivered on {made.on}: that day is not here yet, today is {today}")
    wanted = sum(line.count for line in fresh(row))
    if len(made.machines) != wanted:
        said = f"application {row.id} asks for {wanted} new machines, {len(made.machines)} are named"
        raise ApplicationError(f"{said}: name every one, in the order of the lines")
    twice = [name for name, times in Counter(made.machines).items() if times > 1]
    if twice:
        raise ApplicationError(f"{', '.join(twice)}: named twice")
    for machine in db.scalars(select(Machine).where(Machine.name.in_(list(made.machines)))):
        if machine.released_on is not None:
            said = f"{machine.name} was released on {machine.released_on}"
            raise ApplicationError(f"{said}: its past is kept under its name, give the new machine another")
        if machine.department_id is not None or machine.delivered_on is not None:
            raise ApplicationError(f"{machine.name} is in use already: see `rightsizer inventory list`")


def declare(db: Session, desk: Desk, row: Application, on: date, article: str, act: Act) -> None:
    """Deployed by the department's word. `article`: the clocks of its machines. Raises RefusedError,
    ApplicationError.
    """
    if row.delivered_on is not None and on < row.delivered_on:
        raise ApplicationError(f"deployed on {on}: application {row.id} was delivered on {row.delivered_on}")
    if on > desk.today:
        raise ApplicationError(f"deployed on {on}: that day is not here yet, today is {desk.today}")
    move(db, APPLICATION, [(row, str(row.id))], "deploy", act, running_on=on, take_back_on=None)
    entries, parts = [], list(living(row))
    for machine in (part.machine for part in parts):
        if machine.deployed_on is None:
            machine.deployed_on = on
            entries.append(Entry(act.actor, "machine.changed", machine.name, None, {"deployed_on": on}))
    append(db, act.now, *entries)
    subjects = [f"machine:{part.machine_id}" for part in parts]
    meet(db, "deployment", standing(db, subjects, article).values(), on, act)


def follow(db: Session, desk: Desk, article: str, act: Act) -> dict[str, int]:
    """What the clocks of deployment say of the delivered applications: running when every machine is deployed
    or loaded, overdue when one is late; after a while the advice to take back. Counts what moved.
    """
    counts = {"running": 0, "late_applications": 0}
    parts = selectinload(Application.machines).joinedload(ApplicationMachine.machine)
    waiting = db.scalars(
        select(Application).where(Application.state.in_((DELIVERED, OVERDUE))).options(parts)
    ).all()
    subjects = [f"machine:{part.machine_id}" for row in waiting for part in row.machines]
    deadlines = standing(db, subjects, article)
    for row in waiting:
        moved = followed(db, desk, row, deadlines, act)
        counts["running"] += moved == "deploy"
        counts["late_applications"] += moved == "overdue"
    return counts


def followed(
    db: Session, desk: Desk, row: Application, deadlines: dict[str, Deadline], act: Act
) -> str | None:
    """The event that happened to it, if any."""
    days = [deployed(part.machine, deadlines) for part in living(row)]
    known = [day for day in days if day is not None]
    pair = [(row, str(row.id))]
    if days and len(known) == len(days):
        move(db, APPLICATION, pair, "deploy", act, running_on=max(known), take_back_on=None)
        return "deploy"
    late = [due for part in living(row) if (due := late_since(part.machine, deadlines, desk.today))]
    if late and row.state == DELIVERED:
        move(db, APPLICATION, pair, "overdue", act)
        return "overdue"
    if not late and row.state == OVERDUE:
        move(db, APPLICATION, pair, "in_time", act, take_back_on=None)
        return "in_time"
    if late and row.take_back_on is None:
        advise_taking_back(db, desk, row, min(late), act)
    return None


def living(row: Application) -> Iterator[ApplicationMachine]:
    """Those that it brought and that were not released."""
    return (part for part in row.machines if part.machine.released_on is None and is_new(part))


def is_new(part: ApplicationMachine) -> bool:
    return part.line is None or part.line.machine_id is None


def deployed(machine: Machine, deadlines: dict[str, Deadline]) -> date | None:
    """Declared, or the day of the first load, on which its clock ended."""
    clock = deadlines.get(f"machine:{machine.id}")
    return machine.deployed_on or (clock.met_on if clock is not None else None)


def late_since(machine: Machine, deadlines: dict[str, Deadline], today: date) -> date | None:
    clock = deadlines.get(f"machine:{machine.id}")
    if clock is None or clock.met_on is not None or clock.due_on is None or machine.deployed_on is not None:
        return None
    return clock.due_on if clock.due_on < today else None


def advise_taking_back(db: Session, desk: Desk, row: Application, due: date, act: Act) -> None:
    """收回建议: an advice to the operators, nothing is taken by itself."""
    end = desk.known.add(due, desk.terms.take_back).on
    if end is None or end >= desk.today:
        return
    row.take_back_on = desk.today
    row.version += 1
    after = {"due_on": due, "take_back_on": desk.today}
    append(db, act.now, Entry(act.actor, "application.take_back_advised", str(row.id), None, after))


def check_in_use(row: Application, what: str) -> None:
    """Raises RefusedError unless its machines were delivered."""
    if row.state not in IN_USE or row.kind == ApplicationKind.RELEASE:
        raise RefusedError(f"application {row.id} is {row.state}: there is nothing to {what} yet")
