"""What the lake and the clocks say about a filed system, handed to its evaluation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from evaluated import POLICY
from sqlalchemy import select

from config.settings import Settings
from filing.evaluation_tables import Evaluation
from filing.evaluations import open_year
from filing.tables import Filing, FilingState
from monitor.installation import Now, assemble
from monitor.measuring import measured
from store.lake import DAYS
from store.tables import Deadline, Department, Machine, System
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor.installation import Installation

TODAY = date(2026, 11, 22)
NOW = Now(datetime(2026, 11, 22, 2, tzinfo=UTC), TODAY, TODAY)
LI = Act("li", Role.REVIEWER, NOW.moment)
FIRST = TODAY - timedelta(days=28)
assert POLICY.evaluation is not None
SHEET = POLICY.evaluation.model_copy(update={"use_days": 28})
SHORT = POLICY.model_copy(update={"evaluation": SHEET})


def day_row(machine: str, day: date, level: int) -> dict[str, Any]:
    bins = [0] * 101
    bins[level] = 288
    facts: dict[str, Any] = dict.fromkeys(DAYS.names)
    known = dict.fromkeys(("expected", "known", "cpu_known", "memory_known", "disk_known"), 288)
    used = dict.fromkeys(
        ("cpu_mean", "cpu_peak", "memory_mean", "memory_peak", "disk_max", "disk_last"), float(level)
    )
    return {
        **facts,
        **known,
        **used,
        "machine": machine,
        "day": day,
        "network_known": 0,
        "cpu_histogram": bins,
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = house_of(tmp_path_factory.mktemp("measured"))
    yield made
    made.register.close()


def house_of(folder: Path) -> Installation:
    """A system of five machines: used, hardly used, idle, measured for nine days only, and never."""
    house = assemble(Settings(data_dir=folder), None)
    levels = {"busy": 60, "low": 20, "idle": 2}
    for n in range(28):
        day = FIRST + timedelta(days=n)
        rows = [day_row(name, day, level) for name, level in levels.items()]
        rows += [day_row("young", day, 1)] if n < 9 else []
        house.lake.replace_day(day, pa.Table.from_pylist(rows, DAYS), "by hand")
    with house.register.write() as db:
        db.add(Department(id=1, code="A", name="市民政局"))
        db.flush()
        db.add(System(id=1, department_id=1, name="社会救助系统"))
        db.flush()
        for n, name in enumerate([*levels, "young", "never"], 1):
            db.add(Machine(id=n, name=name, department_id=1, system_id=1))
        common = {
            "article": "第十三条 部署",
            "started_on": date(2026, 3, 2),
            "working_days": 10,
            "calendar": "c",
        }
        due = date(2026, 3, 16)
        db.add(Deadline(subject="machine:1", due_on=due, met_on=due, **common))
        db.add(Deadline(subject="machine:2", due_on=due, met_on=date(2026, 3, 17), **common))
        db.add(Deadline(subject="machine:99", due_on=due, **common))  # another system's
        filed = {"department_id": 1, "card": {}, "state": FilingState.FILED, "filed_on": date(2025, 1, 6)}
        db.add_all([Filing(name="社会救助系统", system_id=1, **filed), Filing(name="无云主机", **filed)])
        db.flush()
        open_year(db, 2026, SHORT, LI, TODAY)
    return house


def test_use_and_deployment_come_from_our_own_data_with_their_evidence(house: Installation) -> None:
    with house.register.read() as db:
        row = db.scalars(select(Evaluation).order_by(Evaluation.id)).first()
        assert row is not None
        found = measured(house, db, row, NOW)

    machines = {each["machine"]: each["grade"] for each in found["use"].evidence["machines"]}  # type: ignore[attr-defined]
    assert machines == {"busy": "used", "low": "low", "idle": "idle", "young": None, "never": None}
    assert found["use"].share == 0.5  # (100 + 50 + 0) / 3 percent
    assert (found["use"].evidence["since"], found["use"].evidence["until"]) == ("2026-10-25", "2026-11-21")
    assert found["deploy"].share == 0.5
    assert found["catalog"].share is None


def test_of_a_system_without_machines_nothing_is_measured(house: Installation) -> None:
    with house.register.read() as db:
        row = db.scalars(select(Evaluation).order_by(Evaluation.id.desc())).first()
        assert row is not None
        found = measured(house, db, row, NOW)

    assert {name: each.share for name, each in found.items()} == {
        "use": None,
        "deploy": None,
        "catalog": None,
    }
