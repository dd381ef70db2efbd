"""How a yearly evaluation ends (art. 10): confirmed, rectified, appealed, attested, merged or cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing.evaluation_states import EVALUATION, outcome
from filing.evaluation_tables import EvaluationState
from filing.evaluations import EvaluationError, subject
from filing.tables import FilingState
from store.deadlines import Clock, Term, meet, pause, reopen, resume, standing, start
from store.journal import Entry, append
from store.workflow import RefusedError, move

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from filing.evaluation_tables import Evaluation
    from store.tables import Deadline
    from store.workflow import Act

RECTIFY = "第十条 整改"


def confirm(db: Session, row: Evaluation, known: Calendar, act: Act, today: date) -> str:
    """Another person confirms: the points decide the outcome. Below `passed` a term to rectify starts, the
    first time. Returns the event.
    """
    again = row.state == EvaluationState.RESCORED
    event = outcome(row.total or 0.0, row.rules, again=again)
    concluded(db, row, event, act, today, known)
    if event == "rectify":
        title = f"整改：《{row.filing.name}》{row.year}年度绩效评价未达标事项"
        reopen(db, subject(row), clocks(db, row), act)  # an outcome before this one fell by an appeal
        clock = Clock(subject(row), today, row.department_id, title[:300])
        start(db, known, subject(row), [clock], Term(RECTIFY, row.rules["rectify_days"]), act)
    return event


def concluded(db: Session, row: Evaluation, event: str, act: Act, today: date, known: Calendar) -> None:
    """An outcome is kept for ever; a new one may be appealed and waits for finance."""
    if row.scored_on is not None and today < row.scored_on:
        raise EvaluationError(f"scored on {row.scored_on}: it cannot be confirmed on {today}")
    said = {"on": today.isoformat(), "outcome": event, "total": row.total}
    values = {
        "outcomes": [*row.outcomes, said],
        "confirmed_by": act.actor,
        "confirmed_on": today,
        "attested_by": None,
        "attested_on": None,
        "appealed_on": None,
        "appeal": None,
        "appeal_answer": None,
        "appeal_until": None if event == "pass" else known.add(today, row.rules["appeal_days"]).on,
    }
    move(db, EVALUATION, [(row, subject(row))], event, act, **values)


def clocks(db: Session, row: Evaluation) -> list[Deadline]:
    return list(standing(db, [subject(row)], RECTIFY).values())


def report(db: Session, row: Evaluation, act: Act, today: date) -> None:
    """The department has rectified, and says what: it is evaluated again. Raises RefusedError."""
    if not act.reason:
        raise RefusedError("a report of what was rectified is needed: -m")
    move(db, EVALUATION, [(row, subject(row))], "report", act, report=act.reason)
    meet(db, subject(row), clocks(db, row), today, act)


def lapse(db: Session, row: Evaluation, known: Calendar, act: Act, today: date) -> None:
    """The term to rectify is over, nothing was reported: it failed. Raises RefusedError before that day."""
    due = next((clock.due_on for clock in clocks(db, row)), None)
    if due is None or due >= today:
        until = f"until {due}" if due else "without a last day yet (the calendar of its year is not known)"
        raise RefusedError(f"{subject(row)}: the term to rectify runs {until}: nothing can lapse")
    concluded(db, row, "lapse", act, today, known)
    meet(db, subject(row), clocks(db, row), today, act)


def appeal(db: Session, row: Evaluation, known: Calendar, act: Act, today: date) -> None:
    """The department appeals: its term stands still; a stopped budget stays stopped. Raises RefusedError."""
    if not act.reason:
        raise RefusedError("an appeal needs its grounds: -m")
    if row.appeal_until is not None and today > row.appeal_until:
        raise RefusedError(f"{subject(row)} could be appealed until {row.appeal_until}: it is over")
    move(db, EVALUATION, [(row, subject(row))], "appeal", act, appeal=act.reason, appealed_on=today)
    pause(db, known, subject(row), clocks(db, row), today, act)


def answer(db: Session, row: Evaluation, event: str, known: Calendar, act: Act, today: date) -> None:
    """uphold: the outcome falls, the sheet is scored anew; reject: it stands. Raises RefusedError."""
    if not act.reason:
        raise RefusedError(f"to {event} an appeal takes a reason: -m")
    values: dict[str, object] = {"appeal_answer": act.reason}
    if event == "uphold":
        said = {"on": today.isoformat(), "outcome": "upheld", "total": row.total}
        values["outcomes"] = [*row.outcomes, said]
    move(db, EVALUATION, [(row, subject(row))], event, act, **values)
    if event == "uphold":
        for clock in clocks(db, row):
            clock.paused_on = clock.days_left = None  # else a later term would stand still from its first day
        meet(db, subject(row), clocks(db, row), today, act)
    else:
        resume(db, known, subject(row), clocks(db, row), today, act)


def attest(db: Session, row: Evaluation, act: Act, today: date) -> None:
    """Finance joins the outcome (会同市财政局)."""
    values = {"attested_by": act.actor, "attested_on": today}
    move(db, EVALUATION, [(row, subject(row))], "attest", act, **values)


def decide(db: Session, row: Evaluation, event: str, act: Act, today: date) -> str:
    """Merge (整合) or cancel (取消) a project that failed. Returns what is to be done with its filing."""
    if not act.reason:
        raise RefusedError(f"to {event} a project takes a reason: -m")
    move(db, EVALUATION, [(row, subject(row))], event, act, decided_on=today)
    into = "once it is merged" if event == "merge" else "once it is switched off"
    todo = f"deregister filing {row.filing_id} ({row.filing.name}) {into}"
    said = {"todo": "deregister", "because": subject(row), "decision": event}
    append(db, act.now, Entry(act.actor, "filing.to_deregister", f"filing:{row.filing_id}", None, said))
    return todo


def close(db: Session, row: Evaluation, act: Act, today: date) -> None:
    """It is done. Raises RefusedError as long as the filing stands."""
    if row.filing.state != FilingState.DEREGISTERED:
        raise RefusedError(
            f"{subject(row)}: filing {row.filing_id} is {row.filing.state}: deregister it first, "
            "`rightsizer filing deregister`"
        )
    move(db, EVALUATION, [(row, subject(row))], "close", act, closed_on=today)
