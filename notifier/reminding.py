"""Reminders and 催办 of the registers' deadlines: every one that has a title and a department, whatever room
wrote it; one letter a department, kind of letter and day.

Level-triggered: asks what is due and not yet written, so that running late or twice does no harm. A deadline
without a last day is mentioned beside others, and never urged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from config.addresses import addresses
from notifier.content import Content, Matter, NoticeKind
from notifier.following import ANSWER
from notifier.issue import Draft
from notifier.letters.figures import by_number
from notifier.numbers import following as next_number
from notifier.stands import Stand, told
from notifier.tables import Notice
from notifier.urging import Letter, Pace, Turn, next_turn, unsupervised
from store.deadlines import near_until, running
from store.journal import Entry, append
from store.parts import parts
from store.tables import Deadline, Department

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, tzinfo

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from config.settings import Notices
    from config.workdays import Calendar
    from notifier.issue import Terms
    from notifier.stands import Told
    from store.workflow import Act

REMIND = Turn(0, last=False)


@dataclass(frozen=True, slots=True)
class Rules:
    """How it is reminded on a day: of ends until `until`, urged by `pace`, an answer asked by `answer_by`."""

    today: date
    until: date
    answer_by: date | None
    pace: Pace


def rules_of(known: Calendar, limits: Notices, today: date, zone: tzinfo) -> Rules:
    return Rules(
        today=today,
        until=near_until(known, today, limits.remind_before),
        answer_by=known.add(today, ANSWER).on,
        pace=Pace(limits.repeat_after, limits.escalate_after, zone),
    )


@dataclass(frozen=True, slots=True)
class Call:
    """A letter that is due: to a department (its id), of a kind, about deadlines (their ids). `last`: those
    at their last 催办, whose letter the supervisor gets too.
    """

    department: int
    kind: NoticeKind
    last: bool
    deadlines: tuple[int, ...]

    @property
    def machines(self) -> int:
        return 0


def calls(db: Session, rules: Rules) -> list[Call]:
    """The letters that are due. To whom one of the kind went today already, the next goes tomorrow, unless a
    last day is today.
    """
    wanted = select(Deadline).where(*of_departments(), Deadline.due_on <= rules.until)
    rows = db.scalars(wanted.order_by(Deadline.department_id, Deadline.due_on, Deadline.id)).all()
    groups: dict[tuple[int, NoticeKind, bool], list[Deadline]] = {}
    for row, turn in turns(db, rows, rules):
        groups.setdefault((row.department_id or 0, kind_of(turn), turn.last), []).append(row)
    today = select(Notice.department_id, Notice.kind).where(Notice.issued_on == rules.today)
    written = {(department, kind) for department, kind in db.execute(today)}
    return [
        Call(*key, tuple(row.id for row in group))
        for key, group in groups.items()
        if key[:2] not in written or any(row.due_on == rules.today for row in group)
    ]


def of_departments() -> tuple[ColumnElement[bool], ...]:
    return (Deadline.title.is_not(None), Deadline.department_id.is_not(None), *running())


def kind_of(turn: Turn) -> NoticeKind:
    return NoticeKind.DUE if turn == REMIND else NoticeKind.LATE


def turns(db: Session, rows: Sequence[Deadline], rules: Rules) -> Iterator[tuple[Deadline, Turn]]:
    """The deadlines that a letter is due about, with what it is."""
    before = told(db, [row.id for row in rows])
    for row in rows:
        turn = turn_of(row, before.get((row.id, row.due_on), []), rules)
        if turn is not None:
            yield row, turn


def turn_of(row: Deadline, before: Sequence[Told], rules: Rules) -> Turn | None:
    """`before`: what was written of this end of the deadline."""
    if row.due_on is None or row.due_on > rules.until:
        return None
    if row.due_on >= rules.today:
        return None if before else REMIND
    levels = [0, *(one.level for one in before)]
    own = [
        Letter(one.on, one.level - earlier, None)
        for one, earlier in zip(before, levels, strict=False)
        if one.level
    ]
    known = row.known_at.astimezone(rules.pace.zone).date() if row.known_at is not None else row.due_on
    return next_turn(own, max(row.due_on, known), rules.pace, rules.today)


def draft(db: Session, call: Call, terms: Terms, supervisor: Sequence[str], rules: Rules) -> Draft | None:
    """The letter as it stands now; None when nothing of it is left: met, moved, stopped, or written of."""
    chosen = pending(db, call, rules)
    if not chosen:
        return None
    before = told(db, [row.id for row, _turn in chosen])
    stands = [stand(row, turn, before.get((row.id, row.due_on), [])) for row, turn in chosen]
    department = db.get_one(Department, call.department)
    number = next_number(db, terms.prefixes[call.kind], rules.today.year)
    good, bad = addresses(department.email)
    matters = tuple(matter(row, one, rules.today) for (row, _), one in zip(chosen, stands, strict=True))
    return Draft(
        number=number,
        content=content(call, department, matters, terms, rules).model_copy(update={"number": str(number)}),
        department=department.id,
        recipients=tuple(good),
        refused=tuple(bad),
        copies=tuple(supervisor) if call.last else (),
        matters=tuple(stands),
    )


def pending(db: Session, call: Call, rules: Rules) -> list[tuple[Deadline, Turn]]:
    """The deadlines of a letter that it is still due about, by their ends; a reminder mentions those of the
    department that have no last day yet.
    """
    owned = select(Deadline).where(*of_departments(), Deadline.department_id == call.department)
    rows = [row for part in parts(call.deadlines) for row in db.scalars(owned.where(Deadline.id.in_(part)))]
    rows.sort(key=lambda row: (row.due_on or rules.today, row.title or "", row.id))
    due = [
        (row, turn)
        for row, turn in turns(db, rows, rules)
        if (kind_of(turn), turn.last) == (call.kind, call.last)
    ]
    if not due or call.kind is not NoticeKind.DUE:
        return due
    undated = db.scalars(owned.where(Deadline.due_on.is_(None)).order_by(Deadline.started_on, Deadline.id))
    return [*due, *((row, REMIND) for row in undated)]


def stand(row: Deadline, turn: Turn, before: Sequence[Told]) -> Stand:
    level = max((one.level for one in before), default=0) + turn.steps
    return Stand(row.id, row.subject, row.due_on, level, turn.steps)


def matter(row: Deadline, one: Stand, today: date) -> Matter:
    late = (today - row.due_on).days if row.due_on is not None else 0
    return Matter(
        article=row.article,
        title=row.title or row.subject,
        started_on=row.started_on,
        working_days=row.working_days,
        due=row.due_on,
        extended=row.extended,
        overdue=max(late, 0),
        level=one.level,
    )


def content(
    call: Call, department: Department, matters: tuple[Matter, ...], terms: Terms, rules: Rules
) -> Content:
    """Rests on the articles of its matters; its number comes later."""
    late, above = call.kind is NoticeKind.LATE, [terms.supervisor] if call.last and terms.supervisor else []
    article = "、".join(by_number(entry.article.split(maxsplit=1)[0] for entry in matters))
    facts = {
        "kind": call.kind,
        "number": "",
        "department": department.name,
        "contact": department.contact,
        "issued_on": rules.today,
        "as_of": rules.today,
        "working_days": ANSWER,
        "answer_by": rules.answer_by if late else min(entry.due for entry in matters if entry.due),
        "rows": (),
        "matters": matters,
        "level": max(entry.level for entry in matters),
        **terms.common(),
        "basis": terms.basis.model_copy(update={"article": article}),
        "copy_to": (*terms.copy_to, *above),
    }
    return Content.model_validate(facts)


def written(db: Session, notice: Notice, ready: Draft, call: Call, act: Act) -> None:
    """What a letter of matters changes beside itself, in its own transaction."""
    if call.last and not ready.copies:
        unsupervised(db, notice.number, act)
    skipped = {
        one.subject: list(range(one.level - one.steps + 1, one.level))
        for one in ready.matters
        if one.steps > 1
    }
    if skipped:
        append(db, act.now, Entry(act.actor, "notice.levels_skipped", notice.number, None, skipped))


def of_the_centre(db: Session, rules: Rules) -> list[Deadline]:
    """The centre's own deadlines, which no letter reminds of: near, over, or without a last day."""
    due = or_(Deadline.due_on <= rules.until, Deadline.due_on.is_(None))
    own = (Deadline.title.is_not(None), Deadline.department_id.is_(None), *running(), due)
    return list(db.scalars(select(Deadline).where(*own).order_by(Deadline.due_on, Deadline.id)))
