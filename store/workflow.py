"""One small engine for every state machine: who may do what in which state, and where that leads.

A workflow is a dict {(state, event): Step}. A move is a conditional UPDATE on state and version, one for all
of its rows: of two at once one wins, the other is told so. Every move is written to the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from config.roles import OF_DEPARTMENTS, Role, same_person
from store.journal import Entry, append

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Table
    from sqlalchemy.orm import Session


__all__ = ["Act", "OvertakenError", "RefusedError", "Role", "Row", "Step", "Workflow", "move", "table_of"]


class Row(Protocol):
    """A table's row with a state of its own."""

    id: Any
    state: Any
    version: Any


@dataclass(frozen=True, slots=True)
class Step:
    """`guard` says why the row may not go, or None. `apart` is the row's attribute that holds who must not
    take the step: nobody approves what he submitted. `of`: the attribute that holds the department whose
    people take it, where two departments share a matter.
    """

    target: str
    roles: frozenset[Role]
    guard: Callable[[Any], str | None] | None = None
    apart: str | None = None
    of: str = "department_id"


@dataclass(frozen=True, slots=True)
class Workflow:
    """`noun` names its rows in the journal: finding.approve."""

    noun: str
    steps: Mapping[tuple[str, str], Step]

    def events(self, state: str, role: Role) -> list[str]:
        """What `role` may do in `state`."""
        return [event for (now, event), step in self.steps.items() if now == state and role in step.roles]

    def possible(self, row: Row, role: Role) -> list[str]:
        """What `role` may do with the row now: its guards agree."""
        steps = [(event, self.steps[row.state, event]) for event in self.events(row.state, role)]
        return [event for event, step in steps if step.guard is None or step.guard(row) is None]


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, as what, when, and why. `also`: the person's other roles; `department_id`: the department
    whose filer, signer or editor it is.
    """

    actor: str
    role: Role
    now: datetime
    reason: str | None = None
    also: frozenset[Role] = frozenset()
    department_id: int | None = None

    @property
    def roles(self) -> frozenset[Role]:
        return self.also | {self.role}


class RefusedError(ValueError):
    """The state, the role or a guard does not allow the event."""


class OvertakenError(RuntimeError):
    """Somebody else changed the row since it was read; `temporary`: looking again helps."""

    temporary = True


def move(
    db: Session,
    workflow: Workflow,
    rows: Iterable[tuple[Row, str]],
    event: str,
    act: Act,
    **values: object,
) -> int:
    """Moves rows (each with its subject for the journal) by `event`, setting `values`; all or none.

    The journal keeps an end date (`until`) beside the new state. Raises RefusedError, OvertakenError.
    Returns how many.
    """
    pairs, until = list(rows), values.get("until")
    targets = [allowed(workflow, row, subject, event, act).target for row, subject in pairs]
    if not pairs:
        return 0
    before = [row.state for row, _subject in pairs]
    advance(db, pairs, targets, values)
    entries = [
        Entry(
            act.actor,
            f"{workflow.noun}.{event}",
            subject,
            was,
            target if until is None else {"state": target, "until": until},
            act.reason,
        )
        for (_row, subject), was, target in zip(pairs, before, targets, strict=True)
    ]
    append(db, act.now, *entries)
    return len(entries)


def allowed(workflow: Workflow, row: Row, subject: str, event: str, act: Act) -> Step:
    """The step that the actor may take with the row now. Raises RefusedError."""
    step = workflow.steps.get((row.state, event))
    if step is None:
        may = ", ".join(workflow.possible(row, act.role)) or "nothing"
        said = f"{called(workflow, subject)} is {row.state}: cannot {event}; possible now: {may}"
        raise RefusedError(said)
    why = barred(step, row, act) or (step.guard(row) if step.guard is not None else None)
    if why is not None:
        raise RefusedError(f"{called(workflow, subject)}: cannot {event}: {why}")
    return step


def called(workflow: Workflow, subject: str) -> str:
    """How a message names a row: finding a/shrink, project 12 (of project:12), share 3."""
    for prefix in (f"{workflow.noun}:", f"{workflow.noun} "):
        subject = subject.removeprefix(prefix)
    return f"{workflow.noun} {subject}"


def barred(step: Step, row: Row, act: Act) -> str | None:
    """Why this person may not take the step: another's role, another's department, one's own work."""
    roles = step.roles & act.roles
    if not roles:
        return f"it is not for the {act.role}, but for: {', '.join(sorted(step.roles))}"
    if roles <= OF_DEPARTMENTS and getattr(row, step.of, None) != act.department_id:
        return f"{act.actor} acts for another department"
    before = getattr(row, step.apart) if step.apart is not None else None
    if before is not None and same_person(before, act.actor):
        return f"{before} did the step before it: another person must decide"
    return None


def advance(
    db: Session, pairs: Sequence[tuple[Row, str]], targets: Sequence[str], values: Mapping[str, object]
) -> None:
    """One conditional UPDATE for all rows, which are of one table; the loaded ones follow it. Raises
    OvertakenError, with nothing changed.
    """
    db.flush()
    table: Table = type(pairs[0][0]).__table__  # type: ignore[attr-defined]
    wanted = [
        {"id_": row.id, "version_": row.version, "state_": row.state, "target_": target}
        for (row, _subject), target in zip(pairs, targets, strict=True)
    ]
    same = [table.c[name] == bindparam(f"{name}_") for name in ("id", "version", "state")]
    change = update(table).where(*same)
    change = change.values(state=bindparam("target_"), version=table.c.version + 1, **values)
    connection = db.connection()
    part = connection.begin_nested()
    if connection.execute(change, wanted).rowcount != len(wanted):  # that of all of them together
        part.rollback()
        raise OvertakenError(f"{changed(db, table, pairs)} was changed by somebody else just now: look again")
    part.commit()
    for (row, _subject), target in zip(pairs, targets, strict=True):
        for name, value in {**values, "state": str(target), "version": row.version + 1}.items():
            set_committed_value(row, name, value)


def changed(db: Session, table: Table, pairs: Sequence[tuple[Row, str]]) -> str:
    """The subject of the first row that is not as it was read, or is named twice."""
    seen = set()
    for row, subject in pairs:
        now = select(table.c.state, table.c.version).where(table.c.id == row.id)
        if row.id in seen or db.execute(now).one_or_none() != (row.state, row.version):
            return subject
        seen.add(row.id)
    return pairs[0][1]


def table_of(workflow: Workflow) -> str:
    """The workflow as a Markdown table, for the documents."""
    lines = ["| state | event | by | leads to |", "|---|---|---|---|"]
    for (state, event), step in workflow.steps.items():
        roles = ", ".join(sorted(step.roles))
        lines.append(f"| {state} | {event} | {roles} | {step.target} |")
    return "\n".join(lines)
