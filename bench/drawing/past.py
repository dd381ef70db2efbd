"""Weeks of the demo's city as Prometheus would have scraped them: the exporter's pages at simulated times."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from boards.asking import Chosen
from collectors.collector import Batch, Failure, Reason
from monitor.demo.resize import resized
from monitor.demo.stage import build, fill, go_on, past
from monitor.demo.story import ADJUSTED, AGO, Story, adjusting, answered, opening
from monitor.exporter import families
from monitor.exporter.board import Board
from monitor.exporter.program import Program
from monitor.installation import Now
from monitor.issuing import program
from monitor.office import office_day
from monitor.pipeline import Run, deliver, fold, follow_up, issue, judge, run_steps
from notifier.content import Size
from notifier.tables import Delivery, Item, Notice
from notifier.tasks import open_task
from store.lake import SAMPLES
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import TextIO

    from sqlalchemy.orm import Session

    from monitor.demo.stage import Stage

SELDOM, OFTEN = timedelta(hours=2), timedelta(minutes=10)  # between two pages: long ago, and in the last day
SOURCE = "city"
RETURNED = 20  # day of the story on which a mail comes back


class Timed(Board):
    """Its steps end at the simulated moment (Unix seconds)."""

    moment = 0.0

    def stepped(self, step: str, seconds: float, counts: Mapping[str, int] | None) -> None:
        self.program.stepped(step, seconds, counts, self.moment)


@dataclass(slots=True)
class Told:
    """The city, its page, and the machine that is drawn: adjusted in part, its notice still open."""

    stage: Stage
    board: Timed
    chosen: Chosen
    sizes: Mapping[str, Size]


def pages(folder: Path, mail_port: int, file: Path) -> Chosen:
    """Writes the pages of the story's days to `file` as OpenMetrics, and returns what is chosen on them."""
    folder.mkdir()
    stage = build(folder, 24, 240, mail_port)
    story = Story(stage.house, stage.house.now().today - timedelta(days=AGO))
    first = story.at(0)
    fill(stage, first.today, first.moment, silent)
    board = Timed(started())
    for _ in opening(story):
        pass
    told = chosen(stage, board)
    go_on(stage, first.moment, told.sizes, silent)
    run_steps(Run(stage.house, stage.house.now()), (fold,))
    with file.open("w", encoding="utf-8") as page:
        for number in range(AGO + 1):
            live(told, story, number, page)
        page.write("# EOF\n")
    return told.chosen


def silent(_step: str, _done: int, _total: int) -> None: ...


def started() -> Program:
    """What a node says of itself that leads, has read its settings and believes its clock."""
    made = Program()
    made.set(families.BUILD, 1, "0.1.0", "9")
    for family in (families.LEADER, families.RELOADED, families.EPOCH):
        made.set(family, 1)
    return made


def chosen(stage: Stage, board: Timed) -> Told:
    """The second notice's machine gets half of its vCPUs, and keeps its memory."""
    with stage.house.register.read() as db:
        sizes = adjusting(db)
        shrink = select(Item).join(Item.notice).where(Notice.kind == "shrink").order_by(Item.id)
        item = next(item for item in db.scalars(shrink) if item.machine not in sizes and halved(item))
        owner = db.scalar(select(Department.name).where(Department.id == item.notice.department_id))
        before, advised = Size(**item.before), Size(**item.advised)
        partly = {item.machine: before.model_copy(update={"vcpus": advised.vcpus})}
        return Told(stage, board, Chosen(item.machine, str(owner)), {**sizes, **partly})


def halved(item: Item) -> bool:
    return bool(item.advised and item.advised["vcpus"] < item.before["vcpus"])


def live(told: Told, story: Story, number: int, page: TextIO) -> None:
    """One day: judged after midnight, at half past nine what the story brings, pages all the time."""
    house = told.stage.house
    day = story.begin + timedelta(days=number)
    begin = datetime.combine(day, time(), house.settings.zone())
    now, newest = house.now().moment, number >= AGO - 1
    morning = Now(begin + timedelta(minutes=5), day, day)
    told.board.moment = morning.moment.timestamp()
    run_steps(Run(house, morning, meter=told.board), (judge,))
    due = story.at(number) if number else None
    table = samples(told, begin, min(begin + timedelta(days=1), now))
    moments = ticks(begin, min(begin + timedelta(days=1), now), OFTEN if newest else SELDOM)
    for moment in moments:
        if due is not None and moment >= due.moment:
            happen(told, story, number, due)
            due = None
        tick(told, table, Now(moment, day, day))
        write(told.board.page().decode(), moment, page, None if newest else told.chosen.machine)


def ticks(begin: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    moment = begin + step
    while moment <= end:
        yield moment
        moment += step


def happen(told: Told, story: Story, number: int, now: Now) -> None:
    house = told.stage.house
    told.board.moment = now.moment.timestamp()
    with house.register.write() as db:
        answered(db, story, number)
        if number == RETURNED:
            came_back(db, now)
    if office_day(house, now):
        run_steps(Run(house, now, meter=told.board), (issue, deliver, follow_up, deliver))


def came_back(db: Session, now: Now) -> None:
    """The newest mail to a department came back, and the operator has not seen to it yet."""
    mails = select(Delivery).where(Delivery.notice_id.is_not(None)).order_by(Delivery.id.desc())
    mail = db.scalars(mails).first()
    if mail is not None:
        mail.bounced_at = now.moment
        open_task(db, "undelivered", f"{mail.about} {mail.recipient}", "it came back", program(now))


def samples(told: Told, begin: datetime, end: datetime) -> pa.Table:
    """The day's samples, with the sizes that the departments changed."""
    since = datetime.combine(told.stage.house.now().today - timedelta(days=AGO), time(9, 30), begin.tzinfo)
    day = resized(past(told.stage, begin, end), told.sizes, since + timedelta(days=ADJUSTED))
    return pa.concat_tables([SAMPLES.empty_table(), *day])


def tick(told: Told, table: pa.Table, now: Now) -> None:
    """One collection: the samples of the minutes before, and the machines that gave none."""
    draw = random.Random(now.moment.timestamp())
    told.board.moment = now.moment.timestamp()
    since = pa.scalar(now.moment - timedelta(minutes=5), table["time"].type)
    until = pa.scalar(now.moment, table["time"].type)
    window = pc.and_(pc.greater(table["time"], since), pc.less_equal(table["time"], until))
    found = table.filter(window)
    seen = set(found["machine"].to_pylist())
    missing = [machine.name for machine in told.stage.city.machines if machine.name not in seen]
    failures = tuple(
        Failure(SOURCE, name, Reason.TIMEOUT if place % 3 else Reason.CONNECT, "")
        for place, name in enumerate(missing)
    )
    told.board.sampled(SOURCE, Batch(found, failures, 0), now.moment)
    counts = {"samples": found.num_rows, "failures": len(failures), "invalid": 0}
    told.board.stepped("collect", draw.gauss(1.6, 0.15), counts)
    told.board.stepped("deliver", draw.gauss(0.02, 0.004), {})
    told.board.program.set(families.LAG, abs(draw.gauss(0.004, 0.003)))
    told.board.program.set(families.CLOCK_DRIFT, float(np.sin(now.moment.timestamp() / 9000)) * 0.02)
    told.board.program.count(families.REQUESTS, "/metrics", "200", by=4)
    told.board.refresh(told.stage.house, now)


def write(text: str, moment: datetime, page: TextIO, only: str | None) -> None:
    """The page's samples with their time; of long ago, of machines the `only` one."""
    for line in text.splitlines():
        if line.startswith("#") or (only and 'machine="' in line and f'machine="{only}"' not in line):
            continue
        if line.startswith("rightsizer_"):
            page.write(f"{line} {moment.timestamp():.0f}\n")
