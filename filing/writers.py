"""Who writes for a department in these registers: its own people, and who types what comes in on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.roles import OF_DEPARTMENTS, Role
from store.workflow import RefusedError

if TYPE_CHECKING:
    from store.workflow import Act

WRITERS = frozenset({Role.FILER, Role.SIGNER, Role.OPERATOR})


def check_writer(act: Act, department_id: int) -> None:
    """Raises RefusedError for who may not write for the department."""
    roles = act.roles & WRITERS
    if not roles:
        raise RefusedError(f"that is for {', '.join(sorted(WRITERS))}; {act.actor} is {act.role}")
    if roles <= OF_DEPARTMENTS and act.department_id != department_id:
        raise RefusedError(f"{act.actor} acts for another department")
