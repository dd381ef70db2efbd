"""What the applications of a project ask for together, against the cloud need that was approved (art. 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from filing.application_states import EDITABLE, REFUSED, WITHDRAWN
from filing.application_tables import Application, ApplicationKind, ApplicationMachine
from filing.applications import ApplicationError, granted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from filing.application_tables import ApplicationLine

SIZES = {"vcpus": "vCPU", "memory_gib": "GiB of memory", "disk_gib": "GiB of disk"}


def check(db: Session, row: Application) -> None:
    """Raises ApplicationError, with both numbers, where the project's applications together, without what
    they gave back, are more than its approved need.
    """
    project = row.project
    if project is None or row.kind == ApplicationKind.RELEASE:
        return
    db.refresh(project, with_for_update=True)  # one at a time: two together could ask for more than either
    need = project.cloud_need
    if not isinstance(need, dict):
        raise ApplicationError(
            f"project {project.id} ({project.name}) was approved without a cloud need: its numbers come first"
        )
    asked, before = total(row.lines), used_already(db, row)
    for name, unit in SIZES.items():
        approved = float(need.get(name) or 0)
        if asked[name] > 0 and asked[name] + before[name] > approved:
            others = f" beside the {before[name]:g} of its other applications" if before[name] else ""
            raise ApplicationError(
                f"application {row.id} asks for {asked[name]:g} {unit}{others}; project {project.id} "
                f"({project.name}) has {approved:g} approved: ask for less, or have the project changed first"
            )


def used_already(db: Session, row: Application) -> dict[str, float]:
    """What the project's other applications that were handed in ask for, and the machines of those that were
    delivered, as large as they are now.
    """
    others = select(Application).where(
        Application.project_id == row.project_id,
        Application.id != row.id,
        Application.state.not_in((*EDITABLE, REFUSED, WITHDRAWN)),
        Application.kind != ApplicationKind.RELEASE,
    )
    parts = selectinload(Application.machines).joinedload(ApplicationMachine.machine)
    rows = db.scalars(others.options(selectinload(Application.lines), parts)).all()
    asked = total(line for other in rows if other.delivered_on is None for line in other.lines)
    there = {part.machine.id: part.machine for other in rows for part in other.machines}
    for machine in there.values():
        if machine.released_on is None:
            for name in SIZES:
                asked[name] += getattr(machine, name) or 0.0
    return asked


def total(lines: Iterable[ApplicationLine]) -> dict[str, float]:
    """Of new machines all, of a machine that is to get another size what it grows by."""
    sums = dict.fromkeys(SIZES, 0.0)
    for line in lines:
        for name, size in granted(line).items():
            present = getattr(line.machine, name) or 0.0 if line.machine is not None else 0.0
            sums[name] += line.count * size - present
    return sums
