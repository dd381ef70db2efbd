"""Fault 22 and 23: a clock that jumps makes nothing happen until it is right, or an operator says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from config.settings import Settings
from monitor.clock import Watch
from monitor.installation import Installation, Now, assemble
from notifier.tables import Task
from notifier.tasks import closed
from store.journal import Entry, append
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGAN = datetime(2026, 9, 18, 1, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    made = assemble(Settings(data_dir=tmp_path), None)
    yield made
    made.register.close()


def at(moment: datetime) -> Now:
    return Now(moment, moment.date(), moment.date())


def tasks(house: Installation) -> list[Task]:
    with house.register.read() as db:
        return list(db.scalars(select(Task).where(Task.closed_at.is_(None))))


def test_a_clock_that_goes_with_the_monotonic_one_is_believed(house: Installation) -> None:
    watch = Watch(house, BEGAN, 100.0)

    assert watch.believes(at(BEGAN + timedelta(hours=5, seconds=30)), 100.0 + 5 * 3600)
    assert tasks(house) == []


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(days=365), timedelta(hours=-1)], ids=["+1 h", "+1 y", "-1 h"]
)
def test_fault_22_a_clock_that_jumps_is_not_believed_until_it_is_right(
    house: Installation, jump: timedelta
) -> None:
    watch = Watch(house, BEGAN, 0.0)

    assert not watch.believes(at(BEGAN + jump + timedelta(seconds=60)), 60.0)
    (task,) = tasks(house)
    assert "the clock jumped" in task.text
    assert not watch.believes(at(BEGAN + jump + timedelta(seconds=120)), 120.0)
    assert watch.believes(at(BEGAN + timedelta(seconds=180)), 180.0)
    assert tasks(house) == []


def test_fault_22_a_start_does_not_make_a_doubted_clock_right(house: Installation) -> None:
    jump = timedelta(days=365)
    assert not Watch(house, BEGAN, 0.0).believes(at(BEGAN + jump), 60.0)
    again = Watch(house, BEGAN + jump, 0.0)

    assert not again.believes(at(BEGAN + jump), 1.0)
    assert not again.believes(at(BEGAN + jump), 60.0)
    with house.register.write() as db:
        closed(db, tasks(house), Act("li", Role.OPERATOR, BEGAN, "it was late before"))
        for row in db.scalars(select(Task)):
            row.closed_at = BEGAN
    assert again.believes(at(BEGAN + jump), 120.0)
    assert again.believes(at(BEGAN + jump), 180.0)


def test_an_operator_who_closes_the_task_says_that_the_clock_is_right(house: Installation) -> None:
    watch, jump = Watch(house, BEGAN, 0.0), timedelta(hours=1)
    assert not watch.believes(at(BEGAN + jump), 0.0)
    with house.register.write() as db:
        closed(db, tasks(house), Act("li", Role.OPERATOR, BEGAN, "the clock was late before"))
        for row in db.scalars(select(Task)):
            row.closed_at = BEGAN

    assert watch.believes(at(BEGAN + jump + timedelta(seconds=60)), 60.0)
    assert watch.believes(at(BEGAN + jump + timedelta(seconds=120)), 120.0)


def test_fault_23_a_clock_behind_the_journal_is_not_believed_after_a_restart(house: Installation) -> None:
    with house.register.write() as db:
        append(db, BEGAN + timedelta(days=1), Entry("li", "department.added", "C"))
    watch = Watch(house, BEGAN, 0.0)

    assert not watch.believes(at(BEGAN), 0.0)
    assert "after now" in tasks(house)[0].text
