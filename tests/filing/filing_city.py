"""A city with two departments, a whole card, and people who act."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.workdays import seed
from store.inventory import import_departments, import_machines
from store.inventory_file import DepartmentRow, MachineRow
from store.tables import Department, Machine, System
from store.workflow import Act, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
TODAY = date(2026, 11, 2)
CLERK = Act("li", Role.OPERATOR, NOW, "on paper")
REVIEWER = Act("zhao", Role.REVIEWER, NOW, "looked at")
CALENDAR = seed()
WHOLE: dict[str, object] = {
    "name": "学籍管理系统",
    "purpose": "管理学籍",
    "builder": "市教育局",
    "builder_contact": "王强",
    "builder_phone": "13812345678",
    "built_on": "2021-03",
    "build_cost": 120_500_000,
    "build_source": "市财政",
    "build_mode": "自建",
    "running_cost": 0,
    "running_mode": "自主",
    "category": "应用层",
    "zombie": False,
    "users": "教师",
    "frequency": "每天",
    "location": "青岛政务云",
    "secrecy": "非涉密",
    "level": "二级",
    "network": "政务外网",
}


def people(db: Session) -> tuple[Act, Act]:
    """Filers of the two departments."""
    first, second = (department(db, name).id for name in ("市教育局", "市司法局"))
    return (
        Act("wang", Role.FILER, NOW, "asked", department_id=first),
        Act("sun", Role.FILER, NOW, "asked", department_id=second),
    )


def department(db: Session, name: str) -> Department:
    return db.scalars(select(Department).where(Department.name == name)).one()


def system(db: Session, name: str) -> System:
    return db.scalars(select(System).where(System.name == name)).one()


def furnish(db: Session, machines: dict[str, tuple[str, str | None]], measured: tuple[str, ...] = ()) -> None:
    """Two departments, and machines: name -> (department, system)."""
    named = (("1137028300428301XT", "市教育局"), ("11370283004283028T", "市司法局"))
    rows = [DepartmentRow(code, name, None, None, None, "", 1) for code, name in named]
    import_departments(db, rows, "li", NOW)
    none = dict.fromkeys(("address", "vcpus", "memory_gib", "disk_gib", "delivered_on", "deployed_on"))
    found = [
        MachineRow(machine=name, department=owner, system=of, sheet="", row=1, **none)
        for name, (owner, of) in machines.items()
    ]
    import_machines(db, found, "li", NOW)
    for name in measured:
        db.scalars(select(Machine).where(Machine.name == name)).one().source = "prom"
    db.flush()
