"""What is kept for a time only: the bodies of mails, emptied in small transactions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.issuing import program
from notifier.bodies import empty

if TYPE_CHECKING:
    from threading import Event

    from monitor.installation import Installation, Now

AT_ONCE = 100  # mails in a transaction


def empty_bodies(house: Installation, now: Now, stop: Event | None) -> int:
    """Empties the bodies that are older than `retention.mails`; returns how many."""
    days = house.settings.retention.mails
    act = program(now, f"kept for {days} days")
    count, last = 0, AT_ONCE
    while last == AT_ONCE and not (stop is not None and stop.is_set()):
        with house.register.write() as db:
            last = empty(db, now.moment - timedelta(days=days), act, AT_ONCE)
        count += last
    return count
