"""One small engine for every state machine: who may do what in which state, and where that leads.

A workflow is a dict {(state, event): Step}. A move is a conditional UPDATE on state and version: of two at
once one wins, the other is told so. Every move is written to the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import update

from store.journal import Entry, append

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session


class Role(StrEnum):
    PROGRAM = "program"
    OPERATOR = "operator"


class Row(Protocol):
    """A table's row with a state of its own."""

    id: Any
    state: Any
    version: Any


Guard = "Callable[[Any], str | None]"


@dataclass(frozen=True, slots=True)
class Step:
    """`guard` says why the row may not go, or None."""

    target: str
    roles: frozenset[Role]
    guard: Callable[[Any], str | None] | None = None


Steps = "Mapping[tuple[str, str], Step]"


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
    """Who acts, as what, when, and why."""

    actor: str
    role: Role
    now: datetime
    reason: str | None = None


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
    entries, until = [], values.get("until")
    for row, subject in rows:
        step = allowed(workflow, row, subject, event, act.role)
        before = row.state
        advance(db, row, subject, step.target, values)
        after = step.target if until is None else {"state": step.target, "until": until}
        entries.append(Entry(act.actor, f"{workflow.noun}.{event}", subject, before, after, act.reason))
    append(db, act.now, *entries)
    return len(entries)


def allowed(workflow: Workflow, row: Row, subject: str, event: str, role: Role) -> Step:
    step = workflow.steps.get((row.state, event))
    if step is None:
        may = ", ".join(workflow.possible(row, role)) or "nothing"
        raise RefusedError(f"{workflow.noun} {subject} is {row.state}: cannot {event}; possible now: {may}")
    if role not in step.roles:
        raise RefusedError(f"{workflow.noun} {subject}: {event} is not for the {role}")
    why = step.guard(row) if step.guard is not None else None
    if why is not None:
        raise RefusedError(f"{workflow.noun} {subject}: cannot {event}: {why}")
    return step


def advance(db: Session, row: Row, subject: str, target: str, values: Mapping[str, object]) -> None:
    table, version = type(row), row.version
    db.flush()
    done: CursorResult[Any] = db.execute(  # type: ignore[assignment]
        update(table)
        .where(table.id == row.id, table.version == version, table.state == row.state)
        .values(state=target, version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:
        raise OvertakenError(f"{subject} was changed by somebody else just now: look again")
    db.refresh(row)


def table_of(workflow: Workflow) -> str:
    """The workflow as a Markdown table, for the documents."""
    lines = ["| state | event | by | leads to |", "|---|---|---|---|"]
    for (state, event), step in workflow.steps.items():
        roles = ", ".join(sorted(step.roles))
        lines.append(f"| {state} | {event} | {roles} | {step.target} |")
    return "\n".join(lines)
