"""What doctor finds in the registers that an operator should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from monitor.checks import Check, State
from store.departments import to_look_at
from store.tables import Department

if TYPE_CHECKING:
    from store.database import Register

NAMED = 3


def departments(register: Register | None) -> list[Check]:
    """Departments whose code or standing needs a look; none when there is no register."""
    if register is None:
        return []
    with register.read() as db:
        rows = list(db.scalars(select(Department).order_by(Department.name)))
        odd = [row.name for row in rows if to_look_at(row)]
    if not odd:
        return [Check("departments", State.GOOD, f"{len(rows)} known")]
    more = f", ... ({len(odd) - NAMED} more)" if len(odd) > NAMED else ""
    found = f"{len(odd)} of {len(rows)} to look at: {', '.join(odd[:NAMED])}{more}"
    return [Check("departments", State.WARN, found, "`rightsizer department list` says what")]
