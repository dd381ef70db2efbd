"""Who may do what: one table for all state machines, for `people roles` and for the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.roles import ROLES, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from store.workflow import Workflow


def powers(workflows: Iterable[Workflow]) -> Iterator[tuple[Role, str, tuple[str, ...]]]:
    """Role, noun, and the events that the role may cause, roles in their order; those that may nothing are
    left out.
    """
    known = tuple(workflows)
    for role in ROLES:
        for workflow in known:
            events = [event for (_state, event), step in workflow.steps.items() if role in step.roles]
            if events:
                yield role, workflow.noun, tuple(dict.fromkeys(events))


def table_of_roles(workflows: Iterable[Workflow]) -> str:
    """As a Markdown table, for the documents."""
    may: dict[Role, list[str]] = {role: [] for role in ROLES}
    for role, noun, events in powers(workflows):
        may[role].append(f"{noun}: {', '.join(events)}")
    lines = ["| role | who | may |", "|---|---|---|"]
    lines += [f"| {role} | {ROLES[role]} | {'<br>'.join(said) or '-'} |" for role, said in may.items()]
    return "\n".join(lines)
