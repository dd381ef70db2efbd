"""A register with one filed system, and the people who evaluate it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from config.policy import load_policy
from config.settings import PolicyChoice
from config.workdays import seed
from filing.evaluations import Given, open_year, score
from filing.scoring import Measured
from filing.tables import Filing, FilingState
from store.tables import Department
from store.workflow import Act, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from filing.evaluation_tables import Evaluation

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
KNOWN = seed()
POLICY = load_policy(PolicyChoice())


def person(name: str, role: Role, reason: str | None = "because", department: int | None = None) -> Act:
    return Act(name, role, NOW, reason, department_id=department)


LI, CHEN = person("li", Role.REVIEWER), person("chen", Role.REVIEWER)
FINANCE = person("qian", Role.FINANCE)
FILER = person("sun", Role.FILER, department=1)
OTHER = person("zhou", Role.FILER, department=2)
BY_HAND = ("compliance", "goals", "budget", "activity", "security", "satisfaction")
MOST = {"compliance": 10, "goals": 15, "budget": 10, "activity": 10, "security": 10, "satisfaction": 5}
SILENT = {name: Measured(None, {}) for name in ("use", "deploy", "catalog")}


def filed(db: Session) -> Filing:
    db.add(Department(id=1, code="A", name="市民政局"))
    db.add(Department(id=2, code="B", name="市司法局"))
    db.flush()
    row = Filing(
        department_id=1, name="社会救助系统", state=FilingState.FILED, card={}, filed_on=date(2025, 6, 1)
    )
    db.add(row)
    db.flush()
    return row


def opened(db: Session) -> Evaluation:
    from sqlalchemy import select

    from filing.evaluation_tables import Evaluation

    filed(db)
    open_year(db, 2026, POLICY, LI, DAY)
    return db.scalars(select(Evaluation)).one()


def scored(db: Session, row: Evaluation, percent: float, act: Act = LI, day: date = DAY) -> float:
    """Every item by hand at so many percent of its points; the measured ones left out: 60 points count."""
    given = [Given(key, MOST[key] * percent / 100) for key in BY_HAND]
    given += [Given(key, None, "not measured") for key in ("use", "deployment", "catalog")]
    return score(db, row, given, SILENT, act, day)
