"""The daemon's wiring, in one straight line: what is opened, which loops run, how they end."""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from monitor.clock import Watch
from monitor.daemon.beat import Beat
from monitor.daemon.health import Health
from monitor.daemon.leading import RENEW, Leading, node
from monitor.daemon.rounds import COLLECT, Rounds
from monitor.daemon.seat import Seat
from monitor.daemon.settling import POST, SETTLE, Settling
from monitor.daemon.systemd import Manager
from monitor.exporter import families
from monitor.exporter.board import Board
from monitor.exporter.program import Program
from monitor.exporter.server import Pages, served
from store.database import revisions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

    from config.settings import Settings
    from monitor.daemon.asked import Asked
    from monitor.installation import Installation
    from monitor.pipeline import Run

log = structlog.get_logger()
LOOK, LEASE = "look", "lease"  # loops' names
POST_EVERY = 60  # seconds between two looks into the outbox
PATIENCE = 60.0  # seconds that what is under way has to come to its end
NOBODY = Manager()


def serve(
    house: Installation,
    spread: float,
    asked: Asked,
    told: Callable[[Run], object] = id,
    manager: Manager = NOBODY,
) -> bool:
    """Collects every interval, settles the day and the outbox, and shows how it goes, until asked to stop.

    `spread`: over which part of an interval the targets of a round are spread; `told` hears of every round.
    Returns whether everything came to its end: False when something was still under way after PATIENCE.
    Raises what opening the lake and serving the page raise.
    """
    program, health, leading = Program(), Health(), Leading(house)
    seat, board, stop = Seat(house, leading, program), Board(program), asked.stop
    watch = Watch(house, house.now().moment, time.monotonic(), node())
    settling = Settling(seat, stop, watch, health, board)
    rounds = Rounds(seat, health, board, spread, told)
    introduce(program, house)
    expect(health, house.settings)
    seat.noted(house)
    with served(house.settings.exporter, Pages(board.page, health.unready), program):
        renew(leading, health)
        scheduler = ticks(house, health, settling)
        loops = [
            every(RENEW, LEASE, lambda: renew(leading, health), asked, health),
            every(refresh(house), LOOK, lambda: look(seat, board, health), asked, health),
            looping(COLLECT, lambda: rounds.run(stop), asked),
        ]
        scheduler.start()
        manager.tell("READY=1", "STATUS=started")
        Beat(seat, health, watch, manager, lambda: rearm(scheduler)).run(asked)
        log.info("stopping")
        manager.tell("STOPPING=1", "STATUS=finishing what is under way")
        ended = wound_down(scheduler, loops)
    with health.overcoming(LEASE):
        leading.release()
    return ended


def introduce(program: Program, house: Installation) -> None:
    from importlib.metadata import version

    program.set(families.BUILD, 1, version("rightsizer"), revisions()[0])
    log.info("started", node=node(), database=house.register.engine.dialect.name, pid=os.getpid())


def expect(health: Health, settings: Settings) -> None:
    """How long each loop may be silent before it counts as hung."""
    talk = settings.mail.deadline.total_seconds() if settings.mail else 0.0
    health.expect(COLLECT, max(3 * settings.collection.interval.total_seconds(), 600.0))
    health.expect(SETTLE, 1800.0)  # three ticks of ten minutes
    health.expect(POST, 3 * POST_EVERY + talk)
    health.expect(LOOK, max(3 * settings.exporter.refresh.total_seconds(), 60.0))
    health.expect(LEASE, 60.0)


def refresh(house: Installation) -> float:
    return house.settings.exporter.refresh.total_seconds()


def ticks(house: Installation, health: Health, settling: Settling) -> BackgroundScheduler:
    """The wall clock's ticks, both due at once."""
    scheduler = BackgroundScheduler(timezone=house.settings.zone())
    options = {
        "misfire_grace_time": None,
        "coalesce": True,
        "max_instances": 1,
        "next_run_time": house.now().moment,
    }
    for name, work, when in (
        (SETTLE, settling.tick, tenth_minutes(house.settings.zone())),
        (POST, settling.post, IntervalTrigger(seconds=POST_EVERY, timezone=house.settings.zone())),
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


def look(seat: Seat, board: Board, health: Health) -> None:
    """The page is brought up to date."""
    with health.overcoming("register"):
        if not seat.leading.holds():
            board.forget()
        board.refresh(seat.house, seat.house.now())


def renew(leading: Leading, health: Health) -> None:
    with health.overcoming(LEASE):
        leading.renew()


def every(
    seconds: float, name: str, work: Callable[[], None], asked: Asked, health: Health
) -> threading.Thread:
    """A thread that works now, and again so many seconds after it has."""

    def run() -> None:
        while not asked.stop.is_set():
            work()
            health.beat(name)
            asked.stop.wait(seconds)

    return looping(name, run, asked)


def looping(name: str, run: Callable[[], None], asked: Asked) -> threading.Thread:
    """A thread that lives as long as the daemon; a fault of the program in it ends the daemon."""

    def live() -> None:
        try:
            run()
        except BaseException:
            log.exception("loop_broken", loop=name)
            asked.to_end(name)
            raise

    thread = threading.Thread(target=live, name=name, daemon=True)
    thread.start()
    return thread


def wound_down(scheduler: BackgroundScheduler, loops: Sequence[threading.Thread]) -> bool:
    """Waits for what is under way. False: some of it was not ended after PATIENCE."""
    closing = threading.Thread(target=scheduler.shutdown, name="ticks", daemon=True)
    closing.start()
    until = time.monotonic() + PATIENCE
    for thread in (closing, *loops):
        thread.join(max(until - time.monotonic(), 0.0))
    left = [thread.name for thread in (closing, *loops) if thread.is_alive()]
    if left:
        log.error("left_under_way", loops=left)
    return not left
