"""The panel of experts (评审委员会) and its conclusion (art. 9)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.names import same_unit
from filing.project_states import CENTRE
from filing.project_tables import Conclusion, Expert, ReviewRound
from filing.projects import ProjectError, subject, touched
from filing.submitting import called, may, step, to_supply
from filing.tables import ProjectState
from store.journal import Entry
from store.workflow import RefusedError, Step, barred

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.submitting import Desk
    from filing.tables import Project
    from store.workflow import Act

RECORDS = Step("", CENTRE)


@dataclass(frozen=True, slots=True)
class Member:
    """An expert and the unit that he is of."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one expert gave: a score of 0 to 100, his vote, his opinion."""

    score: float
    vote: Conclusion
    opinion: str | None = None


def rounds(db: Session, project: Project) -> list[ReviewRound]:
    wanted = select(ReviewRound).where(ReviewRound.project_id == project.id)
    return list(db.scalars(wanted.order_by(ReviewRound.number)))


def convene(
    db: Session, project: Project, meeting_on: date, panel: Sequence[Member], fee_fen: int | None, desk: Desk
) -> ReviewRound:
    """Calls the panel in. The meeting may be to come, but not before the acceptance. Raises ProjectError for
    a panel that cannot judge, RefusedError.
    """
    may(project, "convene", desk.act)
    check_panel(project, panel, desk.policy.experts_at_least)
    if project.accepted_on is not None and meeting_on < project.accepted_on:
        raise ProjectError(
            f"the meeting on {meeting_on} is before the acceptance of project {project.id} on "
            f"{project.accepted_on}"
        )
    step(db, project, "convene", desk.act)
    row = ReviewRound(
        project_id=project.id,
        number=len(rounds(db, project)) + 1,
        meeting_on=meeting_on,
        fee_fen=fee_fen,
        experts=[Expert(name=member.name, unit=member.unit) for member in panel],
    )
    db.add(row)
    said = {"round": row.number, "meeting_on": meeting_on, "fee_fen": fee_fen, "experts": listed(panel)}
    record(db, project, "project.panel", said, desk.act)
    return row


def postpone(db: Session, project: Project, meeting_on: date, desk: Desk) -> None:
    """Another day of the meeting, as long as nobody has voted. Raises ProjectError, RefusedError."""
    row = going(db, project, desk.act)
    if any(expert.vote is not None for expert in row.experts):
        raise ProjectError(f"project {project.id}: the panel has met and voted on {row.meeting_on}")
    if project.accepted_on is not None and meeting_on < project.accepted_on:
        raise ProjectError(f"the meeting on {meeting_on} is before the acceptance on {project.accepted_on}")
    said = {"round": row.number, "meeting_on": meeting_on, "before": row.meeting_on}
    row.meeting_on = meeting_on
    record(db, project, "project.meeting", said, desk.act)


def check_panel(project: Project, panel: Sequence[Member], least: int) -> None:
    if len(panel) < least or len(panel) % 2 == 0:
        raise ProjectError(
            f"a panel of {len(panel)}: an odd number of experts, at least {least}, so that they can decide"
        )
    check_members(project, panel, ())


def check_members(project: Project, panel: Sequence[Member], known: Iterable[str]) -> None:
    """Nobody of the unit whose project it is, nobody twice."""
    own = (project.department.name, project.department.code)
    for member in panel:
        if same_unit(member.unit, own):
            raise ProjectError(
                f"{member.name} is of {project.department.name}, whose project it is: call another in"
            )
    names = [*known, *(member.name for member in panel)]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise ProjectError(f"{', '.join(twice)}: every expert once; two of one name are told apart by it")


def listed(panel: Iterable[Member]) -> list[str]:
    return [f"{member.name} ({member.unit})" for member in panel]


def record(db: Session, project: Project, action: str, said: object, act: Act) -> None:
    touched(db, project, Entry(act.actor, action, subject(project), None, said, act.reason), act)


def going(db: Session, project: Project, act: Act) -> ReviewRound:
    """The round that goes on, for one who may record what the panel does. Raises RefusedError."""
    if (why := barred(RECORDS, project, act)) is not None:
        raise RefusedError(f"project {project.id}: {why}")
    if project.state != ProjectState.IN_REVIEW:
        raise RefusedError(f"project {project.id} is {project.state}: no panel is at work on it")
    return rounds(db, project)[-1]


def join(db: Session, project: Project, panel: Sequence[Member], act: Act) -> None:
    """Experts in the place of those who cannot judge. Raises ProjectError, RefusedError."""
    row = going(db, project, act)
    check_members(project, panel, [expert.name for expert in row.experts])
    row.experts.extend(Expert(name=member.name, unit=member.unit) for member in panel)
    record(db, project, "project.experts", {"round": row.number, "experts": listed(panel)}, act)


def declare(
    db: Session, project: Project, clear: Sequence[str], conflicts: Sequence[tuple[str, str]], desk: Desk
) -> None:
    """What the experts said on their interests: `clear` have none; a conflict (name, which) excludes, and
    takes back the expert's vote. Raises ProjectError, RefusedError.
    """
    row = going(db, project, desk.act)
    said: dict[str, str | None] = {**dict.fromkeys(clear), **dict(conflicts)}
    if len(said) < len(clear) + len(conflicts) or not said:
        raise ProjectError("every expert declares once: --clear NAME or --conflict NAME=WHICH")
    for name, conflict in said.items():
        expert = member(row, name)
        expert.declared_on, expert.conflict = desk.today, conflict
        if conflict is not None:
            expert.score = expert.vote = expert.opinion = None
    record(db, project, "project.declared", {"round": row.number, "experts": said}, desk.act)


def member(row: ReviewRound, name: str) -> Expert:
    for expert in row.experts:
        if expert.name == name:
            return expert
    names = ", ".join(expert.name for expert in row.experts)
    raise ProjectError(f"no expert {name!r} in round {row.number}: {names}")


def score(db: Session, project: Project, name: str, ballot: Ballot, desk: Desk) -> None:
    """What an expert gave at the meeting. Raises ProjectError for one who has not declared, or a conflict,
    and before the meeting; RefusedError.
    """
    row = going(db, project, desk.act)
    expert = member(row, name)
    if not 0 <= ballot.score <= 100:
        raise ProjectError(f"score {ballot.score:g}: 0 to 100")
    if desk.today < row.meeting_on:
        raise ProjectError(f"the meeting is on {row.meeting_on}: nobody gives a score before")
    if expert.declared_on is None:
        raise ProjectError(
            f"{name} has not declared whether there is a conflict of interest: `expert declare`"
        )
    if expert.conflict is not None:
        raise ProjectError(f"{name} declared a conflict of interest and does not vote: {expert.conflict}")
    expert.score, expert.vote, expert.opinion = ballot.score, ballot.vote, ballot.opinion
    said = {"round": row.number, "expert": name, "score": ballot.score, "vote": str(ballot.vote)}
    record(db, project, "project.scored", said, desk.act)


def conclude(db: Session, project: Project, opinion: str, desk: Desk) -> Conclusion:
    """What more than half of the panel voted for. A revision goes back to the department with its clock, and
    needs another round. Raises ProjectError where the votes decide nothing, RefusedError.
    """
    row = going(db, project, desk.act)
    may(project, Conclusion.PASS, desk.act)  # all conclusions are for the same people
    result = decided(row, desk.policy.experts_at_least)
    ending = {"ended_on": desk.today} if result == Conclusion.FAIL else {}
    step(db, project, result, desk.act, **ending)
    row.conclusion, row.opinion, row.concluded_on = result, opinion, desk.today
    said = {"round": row.number, "conclusion": str(result), "opinion": opinion, "score": average(row)}
    record(db, project, "project.concluded", said, desk.act)
    if result == Conclusion.REVISE:
        to_supply(db, project, desk, f"按评审意见修改{called(project)}并重新报审：{opinion}")
    return result


def decided(row: ReviewRound, least: int) -> Conclusion:
    """Raises ProjectError unless enough voted, and more than half of those who may judge agree, silent ones
    counted.
    """
    silent = [e.name for e in row.experts if e.declared_on is None]
    if silent:
        raise ProjectError(f"not declared yet whether there is a conflict of interest: {', '.join(silent)}")
    votes = Counter(expert.vote for expert in row.experts if expert.vote is not None)
    if votes.total() < least:
        raise ProjectError(
            f"{votes.total()} of {len(row.experts)} experts voted: at least {least}; `expert score` records "
            "a vote, `expert add` calls in another"
        )
    vote, most = votes.most_common(1)[0]
    absent = sum(expert.conflict is None and expert.vote is None for expert in row.experts)
    if 2 * most <= votes.total() + absent:
        told = ", ".join(f"{count} {name}" for name, count in votes.items())
        told += f", {absent} did not vote" if absent else ""
        raise ProjectError(f"the votes decide nothing ({told}): let the panel vote again, or call in another")
    return Conclusion(vote)


def average(row: ReviewRound) -> float | None:
    """The mean score of those who voted, to a tenth."""
    scores = [expert.score for expert in row.experts if expert.score is not None]
    return round(sum(scores) / len(scores), 1) if scores else None
