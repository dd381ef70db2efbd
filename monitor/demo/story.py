"""The way of the demo's notices: judged some weeks ago, reviewed, sent, answered, urged, adjusted, proven."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from monitor.installation import Now
from monitor.office import office_day
from monitor.pipeline import Run, deliver, fold, follow_up, issue, judge, run_steps
from notifier.content import Size
from notifier.receipts import RECORDED, Receipt, receive
from notifier.responses import chosen, object_to, uphold
from notifier.tables import Item, Notice
from store.calendar import calendar
from store.review import answer
from store.tables import Finding, FindingState, Machine
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from monitor.installation import Installation

AGO = 24  # days before today that the story begins
HOUR = time(9, 30)
RECEIVED, OBJECTED, DECIDED, ADJUSTED = 1, 3, 5, 6  # days after the issue
BY = "demo"
NAMES = {  # of counts that are not plain words
    "matters_due": "reminders of deadlines",
    "matters_late": "urgings of deadlines",
    "late_applications": "applications overdue",
}


@dataclass(frozen=True, slots=True)
class Event:
    on: date
    what: str


@dataclass(frozen=True, slots=True)
class Story:
    """When it begins, and what is issued then: notices that adjust, that object, that stay silent."""

    house: Installation
    begin: date

    def at(self, days: int) -> Now:
        """Half past nine, so many days after the beginning."""
        day = self.begin + timedelta(days=days)
        return Now(datetime.combine(day, HOUR, self.house.settings.zone()), day, day)

    def act(self, days: int, reason: str) -> Act:
        return Act(BY, Role.OPERATOR, self.at(days).moment, reason)


def opening(story: Story) -> Iterator[Event]:
    """Judged, reviewed, issued and sent on the first day."""
    now = story.at(0)
    run = run_steps(Run(story.house, now), (fold, judge))
    yield Event(now.today, f"judged: {run.counts['judge']['opened']} findings")
    with story.house.register.write() as db:
        yield Event(now.today, review(db, story))
    run = run_steps(Run(story.house, now), (issue, deliver, follow_up, deliver))
    with story.house.register.read() as db:
        for notice in db.scalars(select(Notice).order_by(Notice.id)):
            machines = len(db.scalars(select(Item.id).where(Item.notice_id == notice.id)).all())
            said = f"{notice.number} to {notice.department.name}: {notice.kind}, machines: {machines}"
            yield Event(now.today, said)


def review(db: Session, story: Story) -> str:
    """What an operator would answer: the largest savings are approved, one is rejected, one deferred."""
    found = db.scalars(
        select(Finding)
        .join(Finding.machine)
        .where(Finding.state == FindingState.OPEN, Machine.department_id.is_not(None))
        .order_by(Finding.saving_yuan_month.desc().nulls_last(), Machine.name)
    ).all()
    machines = len(db.scalars(select(Machine.id)).all())
    share = max(3, machines * story.house.settings.notices.max_share // 100 - 1)
    wanted = [finding for finding in found if finding.kind == "shrink"][: min(share - 2, 9)]
    for kind in ("expand", "idle"):
        wanted += [finding for finding in found if finding.kind == kind][:1]
    rest = [finding for finding in found if finding.kind == "shrink" and finding not in wanted][:2]
    answer(db, wanted, "approve", story.act(0, "证据充分"))
    for finding, event, days, reason in zip(
        rest, ("reject", "defer"), (90, 40), ("灾备机，演练时使用", "招生季后再看"), strict=False
    ):
        until = story.begin + timedelta(days=days)
        answer(db, [finding], event, story.act(0, reason), until)
    return f"review: {len(wanted)} approved, {min(len(rest), 1)} rejected, {max(len(rest) - 1, 0)} deferred"


def adjusting(db: Session) -> dict[str, Size]:
    """The machines of the first shrink notice, and the sizes that it asks for: this department does it."""
    first = db.scalars(select(Notice).where(Notice.kind == "shrink").order_by(Notice.id)).first()
    if first is None:
        return {}
    items = db.scalars(select(Item).where(Item.notice_id == first.id, Item.advised.is_not(None)))
    return {item.machine: Size(**item.advised) for item in items if item.advised}


def days(story: Story, registers: Callable[[Story, int], Iterator[Event]]) -> Iterator[Event]:
    """Every day after the first: what the `registers` got, answers that came in, what following up did."""
    for number in range(1, AGO):
        now = story.at(number)
        yield from registers(story, number)
        with story.house.register.write() as db:
            if (said := answered(db, story, number)) is not None:
                yield Event(now.today, said)
        if not office_day(story.house, now):
            continue
        run = run_steps(Run(story.house, now), (issue, deliver, follow_up, deliver))
        told = {name: count for name, count in run.counts["follow_up"].items() if count and name != "told"}
        if told:
            said = ", ".join(f"{NAMES.get(name, name)}: {count}" for name, count in told.items())
            yield Event(now.today, said)


def answered(db: Session, story: Story, number: int) -> str | None:
    """What departments answer: the first signs for its notice, the second objects in vain."""
    notices = db.scalars(select(Notice).where(Notice.kind == "shrink").order_by(Notice.id).limit(2)).all()
    on, known = story.at(number).today, calendar(db)
    if number == RECEIVED and notices:
        act = story.act(number, "回执已签")
        receive(db, known, notices[0], Receipt(on, RECORDED, "回执"), on, act)
        return f"{notices[0].department.name} signed for {notices[0].number}"
    if len(notices) < 2:
        return None
    items = chosen(db, notices[1], [])[:1]
    if number == OBJECTED:
        object_to(db, known, notices[1], items, on, story.act(number, "年底有业务高峰"), stops=True)
        return f"{notices[1].department.name} objects to {notices[1].number} for {items[0].machine}"
    if number == DECIDED:
        uphold(db, known, notices[1], items, on, story.act(number, "监测期已含年底高峰"))
        return f"the objection is decided: {notices[1].number} stands, the clock goes on"
    return None
