"""A project and the people around it, for the tests of its life."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from config.registers import Projects
from config.roles import Role
from filing.panel import Ballot, Member, convene, declare, score
from filing.project_papers import File, add_items, hand_in, set_lines
from filing.project_tables import DESIGN, Conclusion, Direction
from filing.projects import Form, add
from filing.submitting import Desk, accept, submit
from filing.tables import Project, ProjectKind
from store.calendar import calendar
from store.tables import Department
from store.workflow import Act

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MONDAY = date(2026, 11, 2)
POLICY = Projects(common_words=["平台", "系统", "项目", "建设", "平度市"])
FORM = Form(
    name="智慧城管平台",
    kind=ProjectKind.DEVELOP,
    basis="平政发〔2026〕1号",
    goals="一网统管",
    content="事件受理",
    fund_source="市级财政",
    budget_fen=128_000_000,
    vcpus=8,
    memory_gib=32,
    disk_gib=500,
    contact="王工",
    phone="0532-88888888",
)
PANEL = (Member("张三", "青岛大学"), Member("李四", "市财政局"), Member("王五", "海信集团"))


@dataclass(frozen=True, slots=True)
class Person:
    login: str
    role: Role
    department: int | None = None


FILER = Person("li", Role.FILER, 1)
OTHER_FILER = Person("zhou", Role.FILER, 2)
OPERATOR = Person("wang", Role.OPERATOR)
REVIEWER = Person("chen", Role.REVIEWER)
FINANCE = Person("qian", Role.FINANCE)
AUDITOR = Person("zhao", Role.AUDITOR)
EDITOR = Person("sun", Role.EDITOR, 1)
EVERYBODY = (FILER, OTHER_FILER, OPERATOR, REVIEWER, FINANCE, AUDITOR, EDITOR)


def desk(db: Session, person: Person, today: date = MONDAY, reason: str | None = None) -> Desk:
    now = datetime.combine(today, time(9), UTC)
    act = Act(person.login, person.role, now, reason, department_id=person.department)
    return Desk(POLICY, calendar(db), today, act)


def departments(db: Session) -> tuple[Department, Department]:
    """The first is 市城管局 (number 1), the second 市民政局 (2)."""
    rows = (Department(code="D1", name="市城管局"), Department(code="D2", name="市民政局"))
    for row in rows:
        db.add(row)
        db.flush()
    return rows


def drafted(db: Session, form: Form = FORM, person: Person = FILER) -> Project:
    """A draft of the person's department."""
    department = db.get_one(Department, person.department or 1)
    return add(db, department, form, MONDAY, desk(db, person).act)


def paper(name: str = "方案.docx", content: bytes | None = None) -> File:
    digest = hashlib.sha256(name.encode() if content is None else content).hexdigest()
    return File(name, f"{digest}-{name}", digest, 7)


def completed(db: Session, project: Project, person: Person = FILER) -> Project:
    """A draft with all that is asked for."""
    act = desk(db, person).act
    for kind in DESIGN:
        hand_in(db, project, kind, paper(f"{project.id}-{kind}.docx"), MONDAY, act)
    set_lines(db, project, [("软件开发", 100_000_000), ("密码测评", 28_000_000)], act)
    add_items(db, project, Direction.PRODUCED, [("案件编号", None)], act)
    return project


def accepted(db: Session) -> Project:
    project = completed(db, drafted(db))
    submit(db, project, MONDAY, desk(db, FILER))
    accept(db, project, desk(db, REVIEWER))
    return project


def in_review(db: Session, votes: tuple[Conclusion, ...] = ()) -> Project:
    project = accepted(db)
    convene(db, project, MONDAY, PANEL, 300_000, desk(db, OPERATOR))
    voted(db, project, votes)
    return project


def voted(db: Session, project: Project, votes: tuple[Conclusion, ...]) -> None:
    """The experts of the panel declare no conflict and vote, one after the other."""
    if votes:
        declare(db, project, [member.name for member in PANEL], (), desk(db, OPERATOR))
    for member, vote in zip(PANEL, votes, strict=False):
        score(db, project, member.name, Ballot(80, vote), desk(db, OPERATOR))
