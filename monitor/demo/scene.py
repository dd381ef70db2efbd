"""A scene of the demo's registers: the day, who acts, the papers that are handed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing import application_clocks, submitting
from filing.project_papers import File, hand_in
from filing.project_tables import PAPERS
from filing.tables import Project
from monitor.installation import actor
from monitor.people import act_of
from monitor.proofs import FOLDER, keep
from store.calendar import calendar
from store.tables import Department, System

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from filing.project_tables import PaperKind
    from monitor.demo.people import Cast
    from monitor.installation import Installation, Now
    from store.workflow import Act


@dataclass(frozen=True, slots=True)
class Scene:
    """One day; `papers`: the folder where the departments write."""

    house: Installation
    cast: Cast
    now: Now
    papers: Path

    @property
    def today(self) -> date:
        return self.now.today

    def act(self, db: Session, login: str | None, reason: str | None = None) -> Act:
        """Of one of the people; None: of the clerk, who is the login that runs the demo."""
        return act_of(db, self.house.settings.people, login or actor(), None, self.now.moment, reason)

    def desk(self, db: Session, login: str | None, reason: str | None = None) -> submitting.Desk:
        known = calendar(db)
        return submitting.Desk(self.house.policy.project, known, self.today, self.act(db, login, reason))

    def counter(self, db: Session) -> application_clocks.Desk:
        return application_clocks.Desk(calendar(db), self.house.policy.application, self.today)

    def kept(self, name: str, text: str) -> File:
        """A paper, written and kept as the commands keep it."""
        self.papers.mkdir(exist_ok=True)
        path = self.papers / f"{name}.txt"
        path.write_text(text, "utf-8")
        folder = self.house.settings.data_dir / FOLDER
        made = keep(folder, path)
        return File(path.name, made, made.partition("-")[0], (folder / made).stat().st_size)

    def hand_in(self, db: Session, project: Project, kind: PaperKind, login: str | None) -> None:
        text = f"{project.name}\n{PAPERS[kind]}\n{self.today}\n"
        hand_in(db, project, kind, self.kept(PAPERS[kind], text), self.today, self.act(db, login))


def department(db: Session, code: str) -> Department:
    return db.scalars(select(Department).where(Department.code == code)).one()


def system(db: Session, code: str, name: str) -> System:
    own = select(System).join(System.department).where(Department.code == code)
    return db.scalars(own.where(System.name == name)).unique().one()


def project(db: Session, name: str) -> Project:
    return db.scalars(select(Project).where(Project.name == name)).one()
