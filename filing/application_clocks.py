"""The clocks of an application: every step has a limit of its own, and a title in the words of a letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.deadlines import Clock, Term, meet, reopen, standing, start

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from config.registers import Application as Terms
    from config.workdays import Calendar
    from filing.application_tables import Application
    from store.tables import Deadline
    from store.workflow import Act

ADMIN, TECHNICAL = "第十二条 行政审批", "第十二条 技术审批"
CONFIGURE, CORRECT = "第十二条 配置交付", "第十二条 补正"
ARTICLES = (ADMIN, TECHNICAL, CONFIGURE, CORRECT)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a step on an application needs beside the register: the calendar, the terms, the day."""

    known: Calendar
    terms: Terms
    today: date


def name_of(row: Application) -> str:
    return f"application:{row.id}"


def titles(row: Application) -> dict[str, str]:
    named = f"政务云资源申请（{row.id}号，{row.system[:80]}）"
    return {
        ADMIN: f"{named}：作出行政审批意见",
        TECHNICAL: f"{named}：作出技术审批意见",
        CONFIGURE: f"{named}：完成资源配置并交付",
        CORRECT: f"{named}：补正后重新提交",
    }


def run(db: Session, desk: Desk, row: Application, article: str, on: date, act: Act) -> Deadline:
    """Starts the clock of a step, or starts it anew: who sends back begins a new round. A department's own
    goes to the department, the centre's to nobody but the lists.
    """
    days = {
        ADMIN: desk.terms.accept,
        TECHNICAL: desk.terms.opinion,
        CONFIGURE: desk.terms.configure,
        CORRECT: desk.terms.correct,
    }
    whose = row.department_id if article == CORRECT else None
    clock = Clock(name_of(row), on, whose, titles(row)[article])
    reopen(db, matter(row), standing(db, [clock.subject], article).values(), act)
    return start(db, desk.known, matter(row), [clock], Term(article, days[article]), act)[0]


def end(db: Session, row: Application, on: date, act: Act) -> None:
    """Whatever was to be done is done, or is not to be done any more."""
    for article in ARTICLES:
        meet(db, matter(row), standing(db, [name_of(row)], article).values(), on, act)


def matter(row: Application) -> str:
    return f"application {row.id}"
