"""What the ticks do, on the node that leads and on the one that follows."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest
from components import wait
from smtpservers import Post, smtpd
from sqlalchemy import select, update
from stage import posted

from config.settings import Settings
from monitor.clock import Watch
from monitor.daemon.health import Health
from monitor.daemon.leading import Leading
from monitor.daemon.limits import expect
from monitor.daemon.seat import Seat
from monitor.daemon.settling import Settling
from monitor.daemon.ticks import noting, rearm, ticks
from monitor.exporter.board import Board
from monitor.exporter.program import Program
from monitor.installation import Installation
from notifier.tables import Delivery
from store.database import open_register, upgrade
from store.lease import DeposedError, Lease, take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store.database import Register

pytest_plugins = ["registers"]


class Node:
    """A node of a register: its seat, ticks and page."""

    def __init__(self, register: Register, folder: Path, port: int) -> None:
        mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "center@city.example"}
        settings = Settings.model_validate({"data_dir": folder, "mail": mail})
        self.house = Installation(settings, None, register)
        self.health, self.program = Health(), Program()
        expect(self.health, settings)
        self.leading = Leading(self.house)
        self.seat = Seat(self.house, self.leading, self.program)
        self.watch = Watch(self.house, self.house.now().moment, time.monotonic())
        self.board = Board(self.program)
        self.settling = Settling(self.seat, Event(), self.watch, self.health, self.board)

    def runs(self, step: str) -> float:
        labels = {"step": step, "outcome": "ok"}
        return self.program.registry.get_sample_value("rightsizer_step_runs_total", labels) or 0.0


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(postgres_database: str) -> Iterator[Register]:
    upgrade(postgres_database)
    register = open_register(postgres_database)
    yield register
    register.close()


@pytest.fixture
def node(server: Register, tmp_path: Path, post: Post) -> Iterator[Node]:
    with smtpd(post) as port:
        yield Node(server, tmp_path, port)


def test_a_node_that_follows_sends_mails_and_judges_nothing(node: Node, server: Register, post: Post) -> None:
    posted(server, 2)
    with server.write() as db:
        take(db, "another", timedelta(hours=1))
    node.leading.renew()

    node.settling.tick()
    node.settling.post()

    assert not node.leading.holds()
    assert node.runs("judge") == 0
    assert len(post.taken) == 2
    with server.read() as db:
        assert set(db.scalars(select(Delivery.state))) == {"sent"}


def test_the_node_that_leads_judges_once_a_day_and_again_after_a_reload(node: Node) -> None:
    node.leading.renew()
    node.settling.tick()
    node.settling.tick()
    assert node.runs("judge") == 1

    node.seat.house = node.house.under(node.house.settings)
    node.seat.leader = node.seat.led(node.seat.house)
    node.settling.tick()

    assert node.runs("judge") == 2


def test_fault_39_a_leader_that_was_succeeded_unawares_writes_nothing(node: Node, server: Register) -> None:
    node.leading.renew()
    with server.write() as db:
        db.execute(update(Lease).values(until=0.0))
        take(db, "another", timedelta(hours=1))
    assert node.leading.holds()  # as far as it knows

    with pytest.raises(DeposedError), node.seat.leader.register.write():
        pytest.fail("it writes")
    node.settling.tick()
    assert "another" in (node.health.unready() or "")
    node.leading.renew()
    node.settling.tick()
    assert node.health.unready() is None


def test_a_clock_that_is_not_believed_stops_judging_and_mails(
    node: Node, server: Register, post: Post
) -> None:
    posted(server, 1)
    node.leading.renew()
    wall, then = node.watch.since
    node.watch.since = (wall - timedelta(hours=1), then)

    node.settling.tick()
    node.settling.post()

    assert node.runs("judge") == 0
    assert post.taken == []


def test_a_fault_of_the_program_in_a_tick_is_said_until_a_tick_has_none() -> None:
    health, faults = Health(), [ZeroDivisionError("by day")]

    def work() -> None:
        if faults:
            raise faults.pop()

    tick = noting("settle", work, health)
    tick()
    assert health.unready() == "settle broken: ZeroDivisionError: by day"
    tick()
    assert health.unready() is None


def test_fault_23_ticks_planned_by_a_clock_that_was_set_back_are_due_now(node: Node) -> None:
    scheduler = ticks(node.house, node.health, node.settling)
    scheduler.start(paused=True)
    try:
        for job in scheduler.get_jobs():
            job.modify(next_run_time=node.house.now().moment + timedelta(hours=1))
        scheduler.resume()
        node.leading.renew()
        rearm(scheduler)
        wait(lambda: node.runs("judge") == 1 and node.runs("deliver") == 1, "both ticks")
    finally:
        scheduler.shutdown()
