"""What `doctor` says of letters and notices: fonts, templates, open tasks, the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from monitor.checks import Check, State
from notifier.letters.fonts import FontError, faces
from notifier.letters.wording import mistakes
from notifier.outbox import MAIL, is_open
from notifier.tables import Channel, Delivery, DeliveryState, Task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from config.settings import Letters


def fonts(letters: Letters) -> Check:
    """A Chinese font, without which no letter can be printed."""
    try:
        found = faces(letters.fonts_dir)
    except FontError as error:
        return Check("fonts", State.WARN, str(error), "apt-get install fonts-noto-cjk, or letters.fonts_dir")
    return Check("fonts", State.GOOD, ", ".join(dict.fromkeys((found.title[0], found.fang[0], found.hei[0]))))


def templates(letters: Letters) -> Iterator[Check]:
    """The operator's own templates, where there are any."""
    folder = letters.templates_dir
    if folder is None:
        return
    wrong = mistakes(folder)
    for mistake in wrong:
        yield Check("templates", State.BAD, str(mistake), "mend the template; notices that need it wait")
    if not wrong:
        yield Check("templates", State.GOOD, str(folder))


def tasks(db: Session) -> Check:
    waiting = db.scalar(select(func.count(Task.id)).where(Task.closed_at.is_(None))) or 0
    if waiting:
        return Check("tasks", State.WARN, f"{waiting} open", "rightsizer task list")
    return Check("tasks", State.GOOD, "none open")


def outbox(db: Session, moment: datetime) -> Check:
    """Mails by state, and whether the channel is open."""
    counted = select(Delivery.state, func.count(Delivery.id)).group_by(Delivery.state)
    found: dict[str, int] = dict(db.execute(counted).all())
    text = ", ".join(f"{number} {state}" for state, number in sorted(found.items())) or "empty"
    if not is_open(db, moment):
        channel = db.get_one(Channel, MAIL)
        return Check(
            "outbox", State.BAD, f"{text}; {channel.state}: {channel.reason}", "rightsizer outbox list"
        )
    if found.get(DeliveryState.DEAD) or found.get(DeliveryState.HELD):
        return Check("outbox", State.WARN, text, "rightsizer outbox list")
    return Check("outbox", State.GOOD, text)
