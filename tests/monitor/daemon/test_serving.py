"""The daemon: it collects until it is told to stop, and one folder has one daemon."""

from __future__ import annotations

import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest
from components import wait
from daemons import PATIENCE, daemon
from sqlalchemy import select

from collectors.collector import Batch
from config.settings import Settings
from monitor.clock import Watch
from monitor.daemon.health import Health
from monitor.daemon.leading import Leading
from monitor.daemon.limits import SETTLE
from monitor.daemon.seat import Seat
from monitor.daemon.settling import Settling
from monitor.exporter.program import Program
from monitor.gather import gather
from monitor.installation import assemble
from monitor.meter import Silent
from monitor.pipeline import Run, collect, fold, run_steps
from monitor.sources import known_until
from store.database import StoreError
from store.inventory import create_machines
from store.samples import samples
from store.tables import Machine, MachineChange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_the_daemon_collects_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with daemon(tmp_path) as running:
        wait(lambda: running.rounds() > 0, "the first collection", PATIENCE)
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(PATIENCE) == 0
    assert running.named("stopping")
    assert list((tmp_path / "data").glob("lake/samples/day=*/*.parquet"))


def one_sample(now: datetime) -> Batch:
    return Batch(samples({"machine": ["a"], "time": [now], "step": [60], "cpu": [1.0]})[0])


class Broken:
    name, counts = "broken", False

    def collect(self, now: datetime) -> Iterator[Batch]:
        raise ZeroDivisionError(str(now))

    def close(self) -> None: ...


class Sound:
    """Three batches; `stored` counts those whose turn to be stored is over."""

    name, counts, stored = "sound", False, 0

    def collect(self, now: datetime) -> Iterator[Batch]:
        for _batch in range(3):
            yield one_sample(now)
            self.stored += 1

    def close(self) -> None: ...


class Endless(Sound):
    name = "endless"

    def collect(self, now: datetime) -> Iterator[Batch]:
        yield one_sample(now)
        Event().wait()


def test_a_broken_source_is_counted_and_holds_up_nobody_else() -> None:
    found = list(gather([Broken(), Sound()], datetime(2026, 11, 2, tzinfo=UTC)))

    failures = [failure for _source, batch in found for failure in batch.failures]
    assert [(failure.source, str(failure.reason)) for failure in failures] == [("broken", "broken")]
    assert sum(batch.samples.num_rows for _source, batch in found) == 3


def test_a_source_goes_on_only_when_its_batch_is_stored() -> None:
    source = Sound()
    batches = gather([source], datetime(2026, 11, 2, tzinfo=UTC))
    next(batches)

    assert source.stored == 0
    batches.close()  # as when storing fails
    assert source.stored == 0


def test_a_source_without_end_is_left_when_the_daemon_stops() -> None:
    stop = Event()
    batches = gather([Endless()], datetime(2026, 11, 2, tzinfo=UTC), stop)
    next(batches)
    stop.set()

    assert list(batches) == []


def test_the_daemon_judges_once_a_day_also_when_somebody_folded_before(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    house = assemble(settings, None)
    seat, health = Seat(house, Leading(house), Program()), Health()
    health.expect(SETTLE, 60.0)
    watch = Watch(house, house.now().moment, time.monotonic())
    settling = Settling(seat, threading.Event(), watch, health, Silent())
    now = house.now()
    times = [now.moment - timedelta(days=3, minutes=5 * n) for n in range(12)]
    batch = samples({"machine": ["a"] * 12, "time": times, "step": [300] * 12, "network": [1.0] * 12})[0]
    house.lake.append([batch], now.moment)
    with house.register.write() as db:
        create_machines(db, ["a"], "host", "li", now.moment)
    run_steps(Run(house, now), (fold,))

    settling.tick()

    assert settling.judged == (seat.leader, now.as_of, seat.leading.epoch)
    assert house.lake.pending(before=now.as_of) == []


def test_a_source_is_asked_again_from_its_own_newest_sample(tmp_path: Path) -> None:
    house = assemble(Settings(data_dir=tmp_path), None)
    now = house.now()
    run = Run(house, now, [Sound()])
    run_steps(run, (collect,))

    assert known_until(house, "sound") == now.moment
    assert known_until(house, "another") is None


def test_a_machine_that_two_sources_measure_stays_with_the_first(tmp_path: Path) -> None:
    house = assemble(Settings(data_dir=tmp_path), None)
    second = Sound()
    second.name = "second"
    for _round in range(3):
        run_steps(Run(house, house.now(), [Sound(), second]), (collect,))

    with house.register.read() as db:
        machine = db.scalars(select(Machine)).one()
        changes = db.scalars(select(MachineChange)).all()
    assert machine.source in {"sound", "second"}
    assert changes == []


def test_measurements_that_are_gone_are_never_replaced_by_an_empty_lake(tmp_path: Path) -> None:
    house = assemble(Settings(data_dir=tmp_path), None)
    run_steps(Run(house, house.now(), [Sound()]), (collect,))
    (tmp_path / "lake").rename(tmp_path / "elsewhere")
    again = assemble(Settings(data_dir=tmp_path), None)

    with pytest.raises(StoreError, match="a was measured, but there are no measurements in"):
        _ = again.lake
