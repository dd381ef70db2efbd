"""What our own data say about a filed system in a year: use of machines, deployment, cataloguing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.scoring import Deployment, MachineUse, Measured, catalog, deployment, use
from monitor.cataloguing import catalogued
from store.tables import Deadline, Machine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from filing.evaluation_tables import Evaluation
    from monitor.installation import Installation, Now


def measured(house: Installation, db: Session, row: Evaluation, now: Now) -> dict[str, Measured]:
    """Measure -> its share and evidence. Of a system without machines nothing is measured."""
    machines = machines_of(db, row)
    last = min(date(row.year, 12, 31), now.today - timedelta(days=1))
    return {
        "use": used(house, machines, row, last),
        "deploy": deployment(clocks(db, house, machines, row.year), now.today),
        "catalog": catalog(catalogued(db, row, last)),
    }


def machines_of(db: Session, row: Evaluation) -> list[Machine]:
    if row.filing.system_id is None:
        return []
    wanted = select(Machine).where(Machine.system_id == row.filing.system_id)
    return list(db.scalars(wanted.order_by(Machine.name)))


def used(house: Installation, machines: list[Machine], row: Evaluation, last: date) -> Measured:
    from config.evaluation import Grades
    from monitor.month import month_of

    since = last - timedelta(days=int(row.rules["use_days"]) - 1)
    given = {each.name: each.delivered_on for each in machines}
    found = month_of(house, given, since, last) if given else None
    figures = [] if found is None else [figure(name, found.loc[name].to_dict()) for name in found.index]
    grades = Grades.model_validate(row.rules["grades"])
    return use(figures, house.policy.rules, grades, (since, last))


def figure(name: str, values: dict[str, float]) -> MachineUse:
    cpu, memory, disk = (known(values[key]) for key in ("cpu_p95", "memory_peak", "disk_max"))
    return MachineUse(str(name), cpu, memory, disk, round(float(values["coverage"]), 4))


def known(value: float) -> float | None:
    return None if value != value else round(float(value), 2)  # noqa: PLR0124  (NaN)


def clocks(db: Session, house: Installation, machines: list[Machine], year: int) -> list[Deployment]:
    """Those of machines delivered in the year."""
    names = {f"machine:{each.id}": each.name for each in machines}
    wanted = select(Deadline).where(
        Deadline.article == f"{house.policy.article} 部署",
        Deadline.subject.in_(names),
        Deadline.started_on.between(date(year, 1, 1), date(year, 12, 31)),
    )
    return [
        Deployment(names[row.subject], row.started_on, row.due_on, row.met_on) for row in db.scalars(wanted)
    ]
