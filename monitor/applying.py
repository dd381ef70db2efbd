"""Applications followed to their deployment: what the clocks and the collectors say of their machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.application_clocks import Desk, matter
from filing.application_states import OVERDUE
from filing.application_tables import Application
from filing.delivery import follow
from monitor.issuing import program
from notifier.deployment import article_of
from notifier.tables import Task
from notifier.tasks import close_tasks, open_task
from store.calendar import calendar

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now

KIND = "take_back"


def applications(house: Installation, now: Now) -> dict[str, int]:
    """After the clocks of deployment: applications run, or are late; the advice to take back is a task."""
    with house.register.write() as db:
        desk = Desk(calendar(db), house.policy.application, now.today)
        counts = follow(db, desk, article_of(house.policy), program(now))
        advice(db, now)
    return counts


def advice(db: Session, now: Now) -> None:
    """收回建议: a person decides; the task closes when the machines are deployed, released, or in time."""
    late = select(Application).where(Application.state == OVERDUE, Application.take_back_on.is_not(None))
    rows = {matter(row): row for row in db.scalars(late)}
    for subject, row in rows.items():
        text = (
            f"{row.department.name}: {row.system}: overdue for long, not deployed (收回建议): ask the "
            f"department, then `rightsizer application release {row.id}`, or give it more time"
        )
        open_task(db, KIND, subject, text, program(now))
    open_ones = select(Task.subject).where(Task.kind == KIND, Task.closed_at.is_(None))
    for subject in db.scalars(open_ones).all():
        if subject not in rows:
            close_tasks(db, KIND, subject, program(now, "deployed, released or in time"))
