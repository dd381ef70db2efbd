"""Trainings, inspections, findings and awards; the yearly card counts what ended, and accuses nobody else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from evaluated import DAY, FILER, LI, filed

from filing.plan_tables import Supervision
from filing.scorecard import Clock, kept
from filing.supervision import SupervisionError, record, revoke, standing_records
from store.workflow import RefusedError

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]


def made(kind: str = "training", **given: object) -> Supervision:
    values: dict[str, object] = {"kind": kind, "held_on": DAY, "title": "数据安全培训", **given}
    return Supervision(**values)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (made(held_on=date(2026, 3, 3)), "has not come"),
        (made("inspection"), "of which department"),
        (made("award", department_id=1, attended=3, enrolled=4), "only a training"),
        (made(enrolled=4, attended=5), "5 attended, of 4 enrolled"),
        (made(attended=5), "of None enrolled"),
        (made(enrolled=-1), "not negative"),
    ],
)
def test_what_cannot_be_is_refused(sqlite: Register, row: Supervision, said: str) -> None:
    with sqlite.write() as db:
        filed(db)
        with pytest.raises(SupervisionError, match=said):
            record(db, row, LI, DAY)


def test_a_departments_records_are_its_own_and_everybodys(register: Register) -> None:
    with register.write() as db:
        filed(db)
        record(db, made(enrolled=40, attended=38), LI, DAY)
        record(db, made("finding", department_id=1, title="台账缺失"), LI, DAY)
        record(db, made("award", department_id=2, title="先进单位", held_on=date(2025, 12, 1)), LI, DAY)
        with pytest.raises(RefusedError, match="not by sun"):
            record(db, made(), FILER, DAY)

        assert [row.title for row in standing_records(db, 2026, 1)] == ["台账缺失", "数据安全培训"]
        revoke(db, 2, LI, DAY)
        assert [row.title for row in standing_records(db, department=1)] == ["数据安全培训"]
        with pytest.raises(SupervisionError, match="no record 2 that stands"):
            revoke(db, 2, LI, DAY)


def test_only_terms_that_ended_are_in_time_or_late() -> None:
    clocks = [
        Clock(DAY, DAY),  # met on its last day
        Clock(date(2026, 3, 1), DAY),  # a day late
        Clock(date(2026, 3, 1), None),  # over, not met
        Clock(date(2026, 3, 1), None, stands=True),
        Clock(DAY, None),  # ends today
        Clock(None, None),  # provisional
    ]
    found = kept(clocks, DAY)

    assert (found.in_time, found.late, found.open) == (1, 2, 3)
    assert found.share == pytest.approx(1 / 3)
    assert kept([], DAY).share is None
