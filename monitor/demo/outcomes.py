"""Evaluation and budget list in the demo (arts. 9 and 10): scored by our own data, two lists for finance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from filing import budget_lists
from filing.budget_tables import BudgetList
from filing.evaluation_tables import Evaluation
from filing.evaluations import Given, open_year, score
from filing.outcomes import confirm
from monitor.budgeting import issue_of
from monitor.demo.filings import of_system
from monitor.demo.people import FINANCE, REVIEWER, SECOND
from monitor.measuring import measured
from store.calendar import calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from monitor.demo.scene import Scene

POINTS = {"compliance": 9, "goals": 13, "budget": 9, "activity": 9, "security": 9, "satisfaction": 4}
LEFT = {"use": "云主机监测不足", "deployment": "当年无交付", "catalog": "目录未核对"}


def of_project(db: Session, scene: Scene) -> Evaluation:
    """The evaluation of the system that the project extended."""
    filing = of_system(db, scene.cast.first.code, scene.cast.extended)
    return db.scalars(select(Evaluation).where(Evaluation.filing_id == filing.id)).one()


def scored(scene: Scene) -> Iterator[str]:
    """Opened for every filed system; what is measured scores itself."""
    year = scene.today.year
    with scene.house.register.write() as db:
        opened = open_year(db, year, scene.house.policy, scene.act(db, None, "年度绩效评价"), scene.today)
        yield f"evaluation {year}: {opened} sheets opened"
    with scene.house.register.read() as db:
        row = of_project(db, scene)
        own = measured(scene.house, db, row, scene.now)
        lines = {line["key"]: line for line in row.sheet}
        given = [Given(key, points) for key, points in POINTS.items() if key in lines]
        unknown = [key for key in LEFT if key in lines and own[lines[key]["measure"]].share is None]
        given += [Given(key, None, LEFT[key]) for key in unknown]
    with scene.house.register.write() as db:
        row = of_project(db, scene)
        total = score(db, row, given, own, scene.act(db, REVIEWER), scene.today)
        found = [line for line in row.sheet if line["by"] is None]
        told = ", ".join(f"{line['title']} {line['score']:g} of {line['points']:g}" for line in found)
        yield f"evaluation {row.id}: {total:g} of 100; by our own data: {told or 'nothing'}"


def confirmed(scene: Scene) -> Iterator[str]:
    with scene.house.register.write() as db:
        row = of_project(db, scene)
        event = confirm(db, row, calendar(db), scene.act(db, SECOND), scene.today)
        yield f"evaluation {row.id}: confirmed by another reviewer: {event}"


def listed(scene: Scene) -> Iterator[str]:
    """The budget list of the next year, issued."""
    year = scene.today.year + 1
    what = issue_of(scene.house, year, scene.today, scene.today)
    with scene.house.register.write() as db:
        row = budget_lists.issue(db, what, scene.act(db, REVIEWER, "年度预算编制"), scene.today)
        rows = row.content["rows"]
        stopped = sum(line["verdict"] == "stopped" for line in rows)
        restored = sum(line["restores"] is not None for line in rows)
        yield f"{row.number}: {len(rows)} rows, {stopped} stopped, {restored} restored"


def attested(scene: Scene) -> Iterator[str]:
    with scene.house.register.write() as db:
        row = db.scalars(select(BudgetList).order_by(BudgetList.id.desc()).limit(1)).one()
        budget_lists.attest(db, row, scene.act(db, FINANCE), scene.today)
        yield f"{row.number}: attested by the finance bureau"
