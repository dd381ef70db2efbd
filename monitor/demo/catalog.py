"""The data catalog of the demo, by its own people: entered, reviewed and published, then asked for, applied
for, compared, and overtaken by a change of functions (arts. 16 to 25).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from catalog import opening, sharing, sharing_answers, sharing_use
from catalog.entries import New, add, record_data
from catalog.events import Change, Dates, record
from catalog.matters import ChangeKind
from catalog.opening_tables import ApplicantKind, OpenRequest
from catalog.passage import confirm_all, file_all, publish_all, submit_all
from catalog.reference import ClassLine, import_classes, shipped_classes
from catalog.sharing_tables import ShareRequest
from catalog.sources import claim, duplicates
from catalog.tables import Entry, Version, VersionState
from catalog.wanted import Desk
from monitor.demo.catalog_plan import class_of, planned
from monitor.demo.city import BUREAUS
from monitor.demo.offices import SHORT, editor, signer
from monitor.demo.people import REVIEWER
from monitor.demo.story import AGO, Event
from monitor.installation import actor
from monitor.office import office_day
from monitor.people import act_of
from store.calendar import calendar
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from monitor.demo.catalog_plan import Planned
    from monitor.demo.story import Story
    from monitor.installation import Installation, Now
    from store.workflow import Act

AFTER_DRAFT = (
    VersionState.DEPARTMENT_REVIEW,
    VersionState.CENTRE_REVIEW,
    VersionState.FILED,
    VersionState.PUBLISHED,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day at the catalog."""

    house: Installation
    now: Now

    @property
    def today(self) -> date:
        return self.now.today

    def act(self, db: Session, login: str | None, reason: str | None = None) -> Act:
        """Of one of the people; None: of the clerk, who is the login that runs the demo."""
        return act_of(db, self.house.settings.people, login or actor(), None, self.now.moment, reason)

    def desk(self, db: Session) -> Desk:
        return Desk(calendar(db), self.house.policy.catalog, self.today)


@dataclass(frozen=True, slots=True)
class Wish:
    """A request for sharing: who asks, for what, why."""

    asker: str
    title: str
    purpose: str
    duty: str


# Of each the first whose departments the city has.
ANSWERED = (
    Wish("czj", "最低生活保障对象信息", "核对惠民补贴的发放对象", "三定规定：管理市级惠民补贴资金"),
    Wish("fgw", "中小学学籍信息", "测算新建学校项目的学位缺口", "《政府投资条例》第九条"),
)
UNANSWERED = (
    Wish("mzj", "户籍人口信息", "核对特困供养申请人的户籍", "三定规定：审核社会救助申请"),
    Wish("jyj", "节能审查项目信息", "核定学校供暖的能耗基线", "三定规定：指导学校后勤和节能"),
)
SOURCES = (
    ("公民身份号码", "户籍人口信息"),
    ("统一社会信用代码", "市场主体登记信息"),
    ("统一社会信用代码", "重点建设项目信息"),
)
APPLIED, CHANGED = "信用红黑名单信息", "重要商品价格监测信息"


def built(db: Session, day: Day) -> Iterator[str]:
    """The departments enter their parts; editor, signer and reviewer of each are different people."""
    offices = known_offices(db)
    classes = [
        ClassLine(code=class_of(number), name=names[0].removeprefix("市"))
        for number, (short, names) in enumerate(BUREAUS.items())
        if short in offices
    ]
    import_classes(db, [*shipped_classes(), *classes], day.act(db, None))
    ready = [pair for office in offices for pair in entered(db, day, office, offices[office])]
    file_all(db, reached(ready, AFTER_DRAFT[2:]), day.today, day.act(db, REVIEWER))
    public = reached(ready, AFTER_DRAFT[3:])
    publish_all(db, public, day.today, day.act(db, None))
    yield f"catalog: {len(ready)} entries of {len(offices)} departments, {len(public)} published"


def known_offices(db: Session) -> dict[str, int]:
    """Short name -> id, of the departments that have a part of the catalog, in their order."""
    ids = dict(db.execute(select(Department.name, Department.id)).all())
    return {short: ids[name] for name, short in SHORT.items() if name in ids}


def entered(db: Session, day: Day, office: str, department: int) -> list[tuple[Planned, Entry]]:
    """One department's part: drafts by its editor, what is ready confirmed by its signer."""
    plans = [plan for plan in planned() if plan.office == office]
    act = day.act(db, editor(office))
    made = add(db, [New(department, plan.class_code, plan.metadata) for plan in plans], day.today, act)
    ready = list(zip(plans, made, strict=True))
    submit_all(db, reached(ready, AFTER_DRAFT), day.today, act)
    confirm_all(db, reached(ready, AFTER_DRAFT[1:]), day.today, day.act(db, signer(office)))
    return ready


def reached(ready: Sequence[tuple[Planned, Entry]], stages: Sequence[VersionState]) -> list[Entry]:
    return [entry for plan, entry in ready if plan.stage in stages]


def named(db: Session, title: str) -> Entry:
    """The public entry of this title. Raises NoResultFound."""
    wanted = select(Entry).join(Version, Version.entry_id == Entry.id)
    return db.scalars(wanted.where(Version.title == title, Version.state == VersionState.PUBLISHED)).one()


def first_possible(db: Session, wishes: Sequence[Wish]) -> Wish:
    offices, public = known_offices(db), Version.state == VersionState.PUBLISHED
    titles = set(db.scalars(select(Version.title).where(public)))
    return next(wish for wish in wishes if wish.asker in offices and wish.title in titles)


def asked(db: Session, day: Day, wishes: Sequence[Wish]) -> Iterator[str]:
    """A request is written and handed in, the centre checks its form and forwards it."""
    wish, desk = first_possible(db, wishes), day.desk(db)
    asker = db.get_one(Department, known_offices(db)[wish.asker])
    form = sharing.Form(
        wish.purpose,
        wish.duty,
        term_from=day.today,
        term_to=day.today + timedelta(days=365),
        peak=60,
        mean=2000,
        hours="09:00-17:00",
    )
    act = day.act(db, editor(wish.asker))
    row = sharing.draft(db, named(db, wish.title).resource_code, asker, form, desk, act)
    sharing.submit(db, row, desk, act)
    due = sharing.forward(db, row, desk, day.today, day.act(db, REVIEWER)).due_on
    yield f"share {row.id}: {asker.name} asks for {wish.title}; due {due or 'by a day not known yet'}"


def answered(db: Session, day: Day) -> Iterator[str]:
    row = db.get_one(ShareRequest, 1)
    given = sharing_answers.Grant("只用于申请时说明的用途，不得转给第三方，用后删除")
    sharing_answers.grant(db, row, given, day.desk(db), day.today, day.act(db, signer(owner(row.entry))))
    yield f"share {row.id}: granted by {row.entry.department.name} with conditions, in time"


def owner(entry: Entry) -> str:
    return SHORT[entry.department.name]


def used(db: Session, day: Day) -> Iterator[str]:
    row = db.get_one(ShareRequest, 1)
    use = sharing_use.Use(day.today, 1200)
    sharing_use.record(db, row, use, day.desk(db), day.act(db, editor(SHORT[row.asker.name])))
    yield f"share {row.id}: {row.asker.name} used 1,200 records for the declared purpose"


def compared(db: Session, day: Day) -> Iterator[str]:
    """Items that several departments collect; the reviewer says whose the most frequent one is."""
    found = duplicates(db)
    titles = set(db.scalars(select(Version.title).where(Version.state == VersionState.PUBLISHED)))
    item, title = next(pair for pair in SOURCES if pair[1] in titles)
    row = claim(db, item, named(db, title), day.today, day.act(db, REVIEWER, "一数一源"))
    same = next(one for one in found if one.key == row.key)
    yield f"catalog: items that several departments collect: {len(found)} (一数一源)"
    departments = len(same.departments)
    yield f"catalog: {item}: {departments} departments collect it; its source is {row.department.name}"


def applied(db: Session, day: Day) -> Iterator[str]:
    """A company applies for the opening of data."""
    entry = named(db, APPLIED)
    asked_for = opening.Application(
        ApplicantKind.ORGANISATION, "海岸信用服务有限公司", "0532-00001111", "研究企业信用修复的周期"
    )
    act = day.act(db, editor(owner(entry)))
    row = opening.receive(db, entry.resource_code, asked_for, day.desk(db), day.today, act)
    yield f"open {row.id}: a company applies for {APPLIED} of {entry.department.name}"


def in_hand(db: Session, day: Day) -> Iterator[str]:
    row = db.get_one(OpenRequest, 1)
    opening.accept(db, row, day.desk(db), day.act(db, editor(owner(row.entry))))
    yield f"open {row.id}: nothing is missing, it is in hand"


def overtaken(db: Session, day: Day) -> Iterator[str]:
    """Art. 17: fifteen working days to update the catalog."""
    entry = named(db, CHANGED)
    change = Change(ChangeKind.FUNCTION, "价格监测职责划入发展和改革局", day.today)
    dates = Dates(day.today, calendar(db), day.house.policy.catalog.update)
    event = record(db, change, [entry], dates, day.act(db, REVIEWER))
    due = event.affected[0].deadline.due_on
    yield f"catalog: functions changed; {CHANGED} to be updated, due {due or 'by a day not known yet'}"


def renewed(db: Session, day: Day) -> Iterator[str]:
    """At the end the departments say of which day their newest data is; some let it grow old."""
    ids, entries, told = known_offices(db), by_title(db), 0
    for plan in planned():
        entry = entries.get((ids.get(plan.office), plan.metadata.title))
        if entry is not None and plan.age is not None:
            record_data(db, entry, day.today - plan.age, day.today, day.act(db, editor(plan.office)))
            told += 1
    yield f"catalog: the newest data of {told} entries is told"


def by_title(db: Session) -> dict[tuple[int | None, str | None], Entry]:
    wanted = select(Version.department_id, Version.title, Entry).join(Version.entry)
    public = wanted.where(Version.state == VersionState.PUBLISHED)
    return {(department, title): entry for department, title, entry in db.execute(public)}


CHAPTERS: tuple[Callable[[Session, Day], Iterator[str]], ...] = (
    built,
    lambda db, day: asked(db, day, ANSWERED),
    lambda db, day: asked(db, day, UNANSWERED),
    answered,
    compared,
    used,
    applied,
    in_hand,
    overtaken,
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The chapters that are still to come, one a working day; what is left over comes on the last day."""

    left: deque[Callable[[Session, Day], Iterator[str]]] = field(default_factory=lambda: deque(CHAPTERS))

    def on(self, story: Story, number: int) -> Iterator[Event]:
        """What happens so many days after the beginning of the story."""
        now, last = story.at(number), number == AGO - 1
        parts = (
            list(self.left) if last else [self.left[0]] if self.left and office_day(story.house, now) else []
        )
        for part in [*parts, renewed] if last else parts:
            with story.house.register.write() as db:
                said = list(part(db, Day(story.house, now)))
            yield from (Event(now.today, what) for what in said)
        for _part in parts:
            self.left.popleft()
