"""Running applications that change, and machines that are given back (art. 13, third paragraph): never while
they serve, never without a word on their data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing import application_clocks as clocks
from filing.application_states import APPLICATION, ENDED, IN_USE
from filing.application_tables import Application, ApplicationKind, ApplicationMachine, ApplicationState
from filing.applications import ApplicationError, owned, written
from filing.delivery import check_in_use
from filing.writers import check_writer
from store.deadlines import meet
from store.release import release_machines
from store.tables import Deadline
from store.workflow import move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.application_clocks import Desk
    from filing.applications import Draft
    from store.tables import Department, Machine
    from store.workflow import Act

KEPT = ("zone", "term_from", "term_to", "description", "contact", "phone", "protection_level")
DATA = ("backed_up", "handed_over", "not_needed")
LOGS = ("kept", "not_needed")
DOMAINS = ("cancelled", "none", "kept")


@dataclass(frozen=True, slots=True)
class Use:
    """What was measured of a machine in the last days, in words; `serving`: above the policy's idle rule.
    None: it was not measured.
    """

    serving: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Retention:
    """The data statement (数据处置说明): the kept file, and what becomes of data, logs and domains.
    `declared`: the department's word for machines that are not measured.
    """

    statement: str
    data: str
    logs: str
    domains: str
    declared: bool = False
    machines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose machines are given back, and the application that brought them, where there was one."""

    department: Department
    application: Application | None = None


def change(db: Session, old: Application, draft: Draft, act: Act) -> Application:
    """A linked draft: other sizes for its machines, or machines besides. Raises RefusedError,
    ApplicationError.
    """
    check_writer(act, old.department_id)
    check_in_use(old, "change")
    row = linked(old, ApplicationKind.CHANGE, draft.today)
    kept = {name: getattr(old, name) for name in KEPT}
    facts = replace(draft.facts, **{**kept, **draft.facts.said()})
    return written(db, row, replace(draft, facts=facts), act)


def release(
    db: Session,
    origin: Origin,
    uses: Mapping[str, Use],
    kept: Retention,
    draft: Draft,
    act: Act,
) -> Application:
    """A draft that gives machines back, linked to the application that brought them. Raises RefusedError,
    ApplicationError.
    """
    old = origin.application
    check_writer(act, origin.department.id)
    if not act.reason:
        raise ApplicationError("a release needs a reason: -m WHY")
    machines = machines_of(db, origin, kept.machines)
    check_idle(machines, uses, declared=kept.declared)
    check_free(db, machines)
    if old is not None:
        row = linked(old, ApplicationKind.RELEASE, draft.today)
    else:
        row = unlinked(origin.department, machines, draft.today)
    row.statement = kept.statement
    row.retention = {
        "data": kept.data,
        "logs": kept.logs,
        "domains": kept.domains,
        "declared": kept.declared,
        "use": {name: use.words for name, use in uses.items()},
    }
    row.machines = [ApplicationMachine(machine=machine) for machine in machines]
    contact = {name: getattr(old, name, None) for name in ("contact", "phone")}
    facts = replace(draft.facts, description=act.reason, **contact)
    return written(db, row, replace(draft, facts=facts), act)


def machines_of(db: Session, origin: Origin, names: Sequence[str]) -> list[Machine]:
    """The named ones, all of the application when none are. Raises RefusedError, ApplicationError."""
    if origin.application is not None:
        check_in_use(origin.application, "release")
        return chosen(db, origin.application, names)
    if not names:
        raise ApplicationError("which machines? --machine NAME, or the number of the application")
    return owned(db, origin.department, names)


def unlinked(department: Department, machines: Sequence[Machine], today: date) -> Application:
    """For machines that no application brought: they were there before."""
    systems = dict.fromkeys(machine.system.name for machine in machines if machine.system is not None)
    return Application(
        department=department,
        kind=ApplicationKind.RELEASE,
        state=ApplicationState.DRAFT,
        system="、".join(systems)[:200] or machines[0].name,
        created_on=today,
    )


def linked(old: Application, kind: ApplicationKind, today: date) -> Application:
    return Application(
        department=old.department,
        project_id=old.project_id,
        filing_id=old.filing_id,
        of=old,
        kind=kind,
        state=ApplicationState.DRAFT,
        system=old.system,
        created_on=today,
    )


def chosen(db: Session, old: Application, names: Sequence[str]) -> list[Machine]:
    """The machines of an application that are still there, or those of them that are named. Raises
    ApplicationError.
    """
    there = {part.machine.name for part in old.machines if part.machine.released_on is None}
    changes = select(ApplicationMachine).join(
        Application, Application.id == ApplicationMachine.application_id
    )
    changes = changes.where(Application.of_id == old.id, Application.state.in_(IN_USE))
    changes = changes.where(Application.kind == ApplicationKind.CHANGE)
    there |= {part.machine.name for part in db.scalars(changes) if part.machine.released_on is None}
    for name in names:
        if name not in there:
            raise ApplicationError(
                f"{name} is no machine of application {old.id}: {', '.join(sorted(there))}"
            )
    if not there:
        raise ApplicationError(f"application {old.id} has no machine any more")
    return owned(db, old.department, list(names) or sorted(there))


def check_idle(machines: Sequence[Machine], uses: Mapping[str, Use], *, declared: bool) -> None:
    """Raises ApplicationError for machines that serve, and for those that nobody measured or declared."""
    serving = [uses[row.name].words for row in machines if row.name in uses and uses[row.name].serving]
    if serving:
        raise ApplicationError(
            f"still serving: {'; '.join(serving)}: stop the system first, nothing is released"
        )
    silent = [row.name for row in machines if row.name not in uses or uses[row.name].serving is None]
    if silent and not declared:
        raise ApplicationError(
            f"{', '.join(silent)}: not measured in the last days, nobody can see whether it serves: "
            "--declared takes the department's word for it"
        )


def check_free(db: Session, machines: Sequence[Machine]) -> None:
    """Raises ApplicationError for a machine that another release gives back already."""
    taken = (
        select(ApplicationMachine)
        .join(ApplicationMachine.application)
        .where(
            Application.kind == ApplicationKind.RELEASE,
            Application.state.not_in(ENDED),
            ApplicationMachine.machine_id.in_([machine.id for machine in machines]),
        )
    )
    for part in db.scalars(taken):
        raise ApplicationError(f"{part.machine.name} is in application {part.application_id} already")


def carry_out(
    db: Session, desk: Desk, row: Application, uses: Mapping[str, Use], on: date, act: Act
) -> list[Machine]:
    """The machines were taken down: they leave the inventory's running ones, their clocks end, and so does
    what has no machine any more. Raises RefusedError, ApplicationError.
    """
    machines = [part.machine for part in row.machines if part.machine.released_on is None]
    declared = bool(isinstance(row.retention, dict) and row.retention.get("declared"))
    check_idle(machines, uses, declared=declared)
    if on > desk.today or (row.technical_on is not None and on < row.technical_on):
        raise ApplicationError(f"released on {on}: between {row.technical_on} and today, {desk.today}")
    move(db, APPLICATION, [(row, str(row.id))], "release", act, ended_on=on)
    release_machines(db, machines, on, act)
    subjects = [f"machine:{machine.id}" for machine in machines]
    running = select(Deadline).where(Deadline.subject.in_(subjects), Deadline.met_on.is_(None))
    meet(db, "release", db.scalars(running).all(), on, act)
    clocks.end(db, row, on, act)
    end_empty(db, [machine.id for machine in machines], on, act)
    return machines


def end_empty(db: Session, released: Sequence[int], on: date, act: Act) -> None:
    """Applications whose last machine was among the released are over."""
    owners = (
        select(Application)
        .join(ApplicationMachine, ApplicationMachine.application_id == Application.id)
        .where(Application.state.in_(IN_USE), ApplicationMachine.machine_id.in_(released))
    )
    for row in db.scalars(owners.distinct()).all():
        if all(part.machine.released_on is not None for part in row.machines):
            move(db, APPLICATION, [(row, str(row.id))], "end", act, ended_on=on, take_back_on=None)
