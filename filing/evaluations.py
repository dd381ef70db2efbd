"""The yearly evaluation (art. 10, second paragraph): opened for every filed system, and scored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from filing.evaluation_states import EVALUATION
from filing.evaluation_tables import Evaluation, EvaluationState
from filing.scoring import points, total
from filing.tables import Filing, FilingState
from store.journal import Entry, append
from store.workflow import RefusedError, Role, move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from config.policy import Policy
    from filing.scoring import Measured
    from store.workflow import Act

FILED = (FilingState.FILED, FilingState.AMENDING)
OPENERS = frozenset({Role.REVIEWER, Role.OPERATOR})


class EvaluationError(ValueError, LookupError):
    """An evaluation that cannot be found, opened or scored, and why."""


@dataclass(frozen=True, slots=True)
class Given:
    """A person's score of an item; `score` None leaves it out. `reason` why, where our own data say otherwise
    or nothing.
    """

    key: str
    score: float | None
    reason: str | None = None


def subject(row: Evaluation) -> str:
    return f"evaluation:{row.id}"


def found_evaluation(db: Session, number: int) -> Evaluation:
    """Raises EvaluationError."""
    row = db.scalar(select(Evaluation).where(Evaluation.id == number).options(joinedload(Evaluation.filing)))
    if row is None:
        raise EvaluationError(f"no evaluation {number}: `rightsizer evaluation list` shows them")
    return row


def open_year(db: Session, year: int, policy: Policy, act: Act, today: date) -> int:
    """A sheet for every system that was filed by the end of the year and has none yet. Returns how many.

    Raises EvaluationError without a sheet in the policy or for a year to come, RefusedError.
    """
    if policy.evaluation is None:
        raise EvaluationError(f"{policy.document_number} has no evaluation sheet: add `evaluation:` to it")
    if year > today.year:
        raise EvaluationError(f"{year} has not begun, today is {today}")
    if not OPENERS & act.roles:
        raise RefusedError(f"to open a year is for {', '.join(sorted(OPENERS))}; {act.actor} is neither")
    rules = policy.evaluation.model_dump(exclude={"items"}) | {"policy": policy.document_number}
    lines = [{**item.model_dump(), **blank()} for item in policy.evaluation.items]
    had = select(Evaluation.filing_id).where(Evaluation.year == year)
    wanted = select(Filing).where(
        Filing.state.in_(FILED), Filing.filed_on <= date(year, 12, 31), Filing.id.not_in(had)
    )
    rows = [
        Evaluation(
            filing_id=filing.id,
            department_id=filing.department_id,
            year=year,
            state=EvaluationState.DUE,
            rules=rules,
            sheet=lines,
            outcomes=[],
            opened_on=today,
        )
        for filing in db.scalars(wanted.order_by(Filing.id))
    ]
    db.add_all(rows)
    db.flush()
    said = [
        Entry(act.actor, "evaluation.open", subject(row), None, {"filing": row.filing_id, "year": year})
        for row in rows
    ]
    if said:
        append(db, act.now, *said)
    return len(rows)


def blank() -> dict[str, object]:
    return {"score": None, "measured": None, "evidence": None, "by": None, "reason": None}


def score(
    db: Session,
    row: Evaluation,
    given: Sequence[Given],
    measured: Mapping[str, Measured],
    act: Act,
    today: date,
) -> float:
    """Fills the sheet: by our own data, by what is given, and by what was given before. Returns the total.

    Raises EvaluationError, naming every item that is missing or cannot be scored so; RefusedError.
    """
    known = {each.key: each for each in given}
    titles = [line["key"] for line in row.sheet]
    if odd := sorted(set(known) - set(titles)):
        raise EvaluationError(f"no item {', '.join(odd)} on the sheet; its items: {', '.join(titles)}")
    lines, faults = [], []
    for line in row.sheet:
        filled, fault = fill(line, known.get(line["key"]), measured.get(line["measure"] or ""), act.actor)
        lines.append(filled)
        faults += [fault] if fault else []
    if faults:
        raise EvaluationError(f"{subject(row)} cannot be scored: {'; '.join(faults)}")
    found = total(lines, row.rules["least"])
    values = {"sheet": lines, "total": found, "scored_by": act.actor, "scored_on": today}
    move(db, EVALUATION, [(row, subject(row))], "score", act, **values)
    scores = {line["key"]: line["score"] for line in lines}
    append(db, act.now, Entry(act.actor, "evaluation.scored", subject(row), None, {"total": found, **scores}))
    return found


def fill(
    line: Mapping[str, object], given: Given | None, measured: Measured | None, actor: str
) -> tuple[dict[str, object], str | None]:
    """The line with its score, and what is wrong with it. Our own figure stays beside a person's."""
    most = float(str(line["points"]))
    own = None if measured is None or measured.share is None else points(measured.share * most)
    fresh = {} if measured is None else {"measured": own, "evidence": dict(measured.evidence)}
    filled = {**line, **fresh}
    if given is not None:
        return {**filled, "score": given.score, "by": actor, "reason": given.reason}, wrong(given, line, most)
    if line["by"] is not None:  # of an earlier scoring, which a person did
        return filled, None
    if own is not None:
        return {**filled, "score": own}, None
    why = "not measured: score it by hand with a reason, or leave it out" if line["measure"] else "no score"
    return filled, f"{line['key']} ({line['title']}): {why}"


def wrong(given: Given, line: Mapping[str, object], most: float) -> str | None:
    if given.score is not None and not 0 <= given.score <= most:
        return f"{given.key}: 0 to {most:g} points, not {given.score:g}"
    if (given.score is None or line["measure"]) and not given.reason:
        return f"{given.key}: a reason is needed to leave it out or to score it by hand"
    return None
