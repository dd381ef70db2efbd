"""Whether the wall clock is to be believed: a day that jumps would drop measurements and urge for nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from monitor.issuing import program
from notifier.tables import Task
from notifier.tasks import close_tasks, open_task
from store.tables import JournalEntry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now

log = structlog.get_logger()
SLACK = timedelta(seconds=60)
KIND = "clock"


class Watch:
    """Compares the wall clock of the machine `node` with the monotonic one (s) since it was last believed.

    A jump of more than SLACK since the last look, or a now before the journal's newest entry, opens a task;
    until the clock is right again or an operator closes the task, the clock is not believed.
    """

    def __init__(self, house: Installation, wall: datetime, monotonic: float, node: str = "here") -> None:
        self.house = house
        self.task = (KIND, f"suspect on {node}")
        self.suspect = False
        self.since = (wall, monotonic)  # when it was last believed, by both
        self.asked = False
        self.inherited: bool | None = None  # the doubt of an earlier start; None: not looked for yet
        self.confirmed = False  # by an operator: the clock may stay behind the journal
        self.lock = Lock()

    def believes(self, now: Now, monotonic: float) -> bool:
        """May anything be done that hangs on the day?"""
        with self.lock, self.house.register.write() as db:
            if self.inherited is None:
                self.inherited = self.waiting(db)
            why = self.doubt(db, now.moment, monotonic)
            self.suspect = why is not None
            if why is None:
                close_tasks(db, *self.task, program(now, "the clock is right again"))
                self.since, self.asked = (now.moment, monotonic), False
                return True
            if self.asked and not self.waiting(db):
                self.believe(now.moment, monotonic)
                return True
            self.asked = True
            log.warning("clock_suspect", reason=why)
            text = f"{why}: nothing is judged, issued or sent. Is it right? Then `rightsizer task close`"
            open_task(db, *self.task, text, replace(program(now), now=self.expected(monotonic)))
            return False

    def doubt(self, db: Session, moment: datetime, monotonic: float) -> str | None:
        """Why the clock is not to be believed, or None. A new start alone does not make it right."""
        if self.inherited and self.waiting(db):
            return "the clock was doubted before the program started, and nobody said since that it is right"
        jumped = moment - self.expected(monotonic)
        if abs(jumped) > SLACK:
            return f"the clock jumped by {jumped.total_seconds():+.0f} s to {moment:%Y-%m-%d %H:%M} UTC"
        newest = db.scalar(select(JournalEntry.at).order_by(JournalEntry.id.desc()).limit(1))
        if newest is not None and newest - moment > SLACK and not self.confirmed:
            return f"the journal's newest entry is of {newest:%Y-%m-%d %H:%M} UTC, after now"
        return None

    def expected(self, monotonic: float) -> datetime:
        """What a clock would say that never jumped; a doubted moment never gets into the journal."""
        wall, then = self.since
        return wall + timedelta(seconds=monotonic - then)

    def believe(self, moment: datetime, monotonic: float) -> None:
        """An operator's word: the clock is right from here on."""
        self.since, self.asked, self.confirmed = (moment, monotonic), False, True
        self.suspect = self.inherited = False

    def steady(self, moment: datetime, monotonic: float) -> datetime:
        """The moment, or what it would be by the monotonic clock where the wall clock jumped."""
        expected = self.expected(monotonic)
        return moment if abs(moment - expected) <= SLACK else expected

    def drift(self, moment: datetime, monotonic: float) -> float:
        """Seconds by which the wall clock left the monotonic one since it was last believed."""
        return (moment - self.expected(monotonic)).total_seconds()

    def waiting(self, db: Session) -> bool:
        """Has nobody closed the task yet?"""
        kind, subject = self.task
        found = select(Task.id).where(Task.kind == kind, Task.subject == subject, Task.closed_at.is_(None))
        return db.scalar(found.limit(1)) is not None
