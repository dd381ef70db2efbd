"""The daemon's wiring, in one straight line: what is opened, which loops run, how they end."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from monitor.clock import Watch
from monitor.daemon.beat import Beat
from monitor.daemon.health import Health
from monitor.daemon.leading import RENEW, Leading, node
from monitor.daemon.limits import COLLECT, LEASE, LOOK, expect
from monitor.daemon.rounds import Rounds
from monitor.daemon.seat import Seat
from monitor.daemon.settling import Settling
from monitor.daemon.systemd import Manager
from monitor.daemon.ticks import rearm, ticks
from monitor.exporter import families
from monitor.exporter.actions import actions
from monitor.exporter.board import Board
from monitor.exporter.program import Program
from monitor.exporter.server import Pages, served
from store.database import revisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from apscheduler.schedulers.background import BackgroundScheduler

    from monitor.daemon.asked import Asked
    from monitor.exporter.actions import Actions
    from monitor.installation import Installation
    from monitor.pipeline import Run

log = structlog.get_logger()
PATIENCE = 60.0  # seconds that what is under way has to come to its end
REGISTER = "register"  # what its trouble is about
NOBODY = Manager()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the loops of a daemon share."""

    seat: Seat
    health: Health
    watch: Watch
    board: Board


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
    parts = shared(house)
    rounds = Rounds(parts.seat, parts.health, parts.watch, parts.board, spread)
    program = parts.seat.program
    with (
        catalogue(house) as opened,
        served(house.settings.exporter, Pages(parts.board.page, parts.health.unready, opened), program),
    ):
        asked.heed(0)
        ended = asked.stop.is_set() or lived(parts, rounds, asked, told, manager)
    with parts.health.overcoming(LEASE):
        parts.seat.leading.release()
    return ended


@contextmanager
def catalogue(house: Installation) -> Iterator[Actions | None]:
    """The public catalog for the page's server, where the settings open it."""
    if not house.settings.exporter.catalog_api:
        yield None
        return
    with actions(house.register) as opened:
        yield opened


def shared(house: Installation) -> Parts:
    program, health, leading = Program(), Health(), Leading(house)
    expect(health, house.settings)
    seat = Seat(house, leading, program)
    seat.noted(house)
    introduce(program, house)
    return Parts(seat, health, Watch(house, house.now().moment, time.monotonic(), node()), Board(program))


def lived(
    parts: Parts, rounds: Rounds, asked: Asked, told: Callable[[Run], object], manager: Manager
) -> bool:
    """The life of the loops; returns whether they came to their end."""
    seat, health = parts.seat, parts.health
    renew(seat.leading, health)
    settling = Settling(seat, asked.stop, parts.watch, health, parts.board)
    scheduler = ticks(seat.house, health, settling)
    pause = seat.house.settings.exporter.refresh.total_seconds()

    def looked() -> None:
        if look(seat, parts.board, health):
            rearm(scheduler)  # what failed meanwhile need not wait for the next tick

    loops = [
        every(RENEW, LEASE, lambda: renew(seat.leading, health), asked, health),
        every(pause, LOOK, looked, asked, health),
        looping(COLLECT, lambda: rounds.run(asked.stop, told), asked),
    ]
    scheduler.start()
    manager.tell("READY=1", "STATUS=started")
    Beat(seat, health, parts.watch, manager, lambda: rearm(scheduler)).run(asked)
    log.info("stopping")
    manager.tell("STOPPING=1", "STATUS=finishing what is under way")
    return wound_down(scheduler, loops)


def introduce(program: Program, house: Installation) -> None:
    from importlib.metadata import version

    program.set(families.BUILD, 1, version("rightsizer"), revisions()[0])
    log.info("started", node=node(), database=house.register.engine.dialect.name, pid=os.getpid())


def look(seat: Seat, board: Board, health: Health) -> bool:
    """The page is brought up to date. Can the register be read again, which could not be read before?"""
    was_away = REGISTER in health.troubles
    with health.overcoming(REGISTER):
        if not seat.leading.epoch:
            board.forget()
        board.refresh(seat.house, seat.house.now())
    return was_away and REGISTER not in health.troubles


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
