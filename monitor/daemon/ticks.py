"""The wall clock's ticks: when they come, and what becomes of one that has a fault."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from monitor.daemon.limits import POST, POST_EVERY, SETTLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from monitor.daemon.health import Health
    from monitor.daemon.settling import Settling
    from monitor.installation import Installation

log = structlog.get_logger()


def ticks(house: Installation, health: Health, settling: Settling) -> BackgroundScheduler:
    """The wall clock's ticks, both due at once."""
    zone = house.settings.zone()
    scheduler = BackgroundScheduler(timezone=zone)
    options = {
        "misfire_grace_time": None,
        "coalesce": True,
        "max_instances": 1,
        "next_run_time": house.now().moment,
    }
    for name, work, when in (
        (SETTLE, settling.tick, tenth_minutes(zone)),
        (POST, settling.post, IntervalTrigger(seconds=POST_EVERY, timezone=zone)),
    ):
        scheduler.add_job(noting(name, work, health), when, name=name, **options)
    return scheduler


def tenth_minutes(zone: ZoneInfo) -> CronTrigger:
    """Every tenth minute, on days of any length."""
    return CronTrigger(minute="*/10", timezone=zone)


def noting(name: str, work: Callable[[], None], health: Health) -> Callable[[], None]:
    """The work of a tick. A fault of the program is a trouble until the next tick that has none."""

    def noted() -> None:
        try:
            work()
        except Exception as error:  # the ticks go on, the page and the log say what happened
            health.troubles[f"{name} broken"] = f"{type(error).__name__}: {error}"[:300]
            log.exception("tick_broken", tick=name)
        else:
            health.over(f"{name} broken")

    return noted


def rearm(scheduler: BackgroundScheduler) -> None:
    """The ticks are due now, whatever the wall clock was when they were planned."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(scheduler.timezone))
