"""What a budget list is made of, read out of the register in a few questions, however large it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import Text, or_, select, type_coerce

from filing.budget_values import Facts, Limit, Outcome, Registered, Reviewed
from filing.evaluation_tables import Evaluation
from filing.tables import Filing, FilingState, Project
from store.tables import Deadline, Department, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session

FILE = "第十条 备案"  # the article of the deadlines to file
NOUNS = ("project", "filing", "evaluation")


def facts_of(db: Session) -> Facts:
    return Facts(
        projects=list(projects(db)),
        filings=list(filings(db)),
        limits=limits(db),
        outcomes=outcomes(db),
        entries=entries(db),
    )


def projects(db: Session) -> Iterator[Reviewed]:
    columns = (
        *(Project.id, Department.name, Project.name, Project.state, Project.created_on),
        *(Project.opinion_on, Project.opinion_number, Project.ended_on, Project.budget_fen),
    )
    for found in db.execute(select(*columns).join(Project.department)):
        yield Reviewed(*found)


def filings(db: Session) -> Iterator[Registered]:
    columns = (
        *(Filing.id, Department.name, Filing.name, Filing.state, Filing.project_id),
        *(Filing.found_on, Filing.submitted_on, Filing.filed_on, Filing.ended_on),
    )
    for found in db.execute(select(*columns).join(Filing.department)):
        yield Registered(*found)


def limits(db: Session) -> dict[str, Limit]:
    found = select(Deadline.subject, Deadline.due_on, Deadline.met_on, Deadline.paused_on)
    return {
        subject: Limit(due_on, met_on, paused_on)
        for subject, due_on, met_on, paused_on in db.execute(found.where(Deadline.article == FILE))
    }


def outcomes(db: Session) -> dict[int, list[Outcome]]:
    from datetime import date as day

    found: dict[int, list[Outcome]] = {}
    columns = (Evaluation.id, Evaluation.filing_id, Evaluation.year, Evaluation.outcomes)
    for number, filing, year, said in db.execute(select(*columns)):
        for each in said:
            on: date = day.fromisoformat(each["on"])
            outcome = Outcome(number, year, on, each["outcome"], each["total"])
            found.setdefault(filing, []).append(outcome)
    return found


def entries(db: Session) -> dict[tuple[str, str], int]:
    """(subject, state that it led to) -> the newest entry, of a filing the first: a later confirmation or
    amendment does not prove that it was filed. See Facts.
    """
    before, after = (type_coerce(column, Text) for column in (JournalEntry.before, JournalEntry.after))
    of_ours = or_(*(JournalEntry.subject.startswith(f"{noun}:") for noun in NOUNS))
    wanted = select(JournalEntry.id, JournalEntry.subject, before, after).where(of_ours)
    found: dict[tuple[str, str], int] = {}
    for number, subject, was, text in db.execute(wanted.order_by(JournalEntry.id)):
        found[subject, ""] = number
        if text is None or not text.startswith('"') or text == was:
            continue
        word = text.strip('"')
        if word != FilingState.FILED or (subject, word) not in found:
            found[subject, word] = number
    return found | clocks(db)


def clocks(db: Session) -> dict[tuple[str, str], int]:
    """The newest entry about the time limit of each; one entry names many."""
    after = type_coerce(JournalEntry.after, Text)
    wanted = (
        select(JournalEntry.id, after)
        .where(JournalEntry.action.startswith("deadline."), after.contains(FILE))
        .order_by(JournalEntry.id)
    )
    return {
        (subject, "limit"): number
        for number, text in db.execute(wanted)
        for subject in json.loads(text)["subjects"]
    }
