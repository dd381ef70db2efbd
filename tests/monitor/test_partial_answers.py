"""Fault 18: a server that answers in part makes verdicts of insufficient data, and no finding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from components import Answer, matrix, scripted
from sqlalchemy import select

from config.settings import Settings
from monitor.installation import Installation, Now
from monitor.pipeline import Run, collect, fold, judge, run_steps
from monitor.sources import collectors
from monitor.verdicts import judge_all
from store.inventory import create_machines
from store.tables import Finding

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from store.database import Register

pytest_plugins = ["registers"]

NOON = datetime(2026, 9, 18, 4, tzinfo=UTC)
NOW = Now(NOON, NOON.date(), NOON.date())
DAYS = 40
Script = dict[str, str]


def low(form: Script, **members: object) -> Answer:
    """Every point that is asked for of every resource: 1 percent, 1 cpu, 1 byte."""
    times = range(int(form["start"]), int(form["end"]) + 1, int(form["step"]))
    return matrix(({"instance": "web-1"}, [(time, "1") for time in times]), **members)


PART: dict[str, Callable[[Script], Answer]] = {
    "isPartial": lambda form: low(form, isPartial=True),
    "warnings": lambda form: low(form, warnings=["store 3: no answer"]),
    "503": lambda _: (503, b'{"status":"error","error":"too many outstanding requests"}'),
}


def judged(
    register: Register, folder: Path, script: Callable[[Script], Answer]
) -> list[tuple[str, str | None]]:
    """(verdict, reason) of the machine after its server was asked for 40 days."""
    with scripted(script) as server:
        source = {
            "kind": "prometheus",
            "name": "central",
            "url": server.url,
            "step": "30m",
            "history": timedelta(days=DAYS),
        }
        settings = Settings.model_validate(
            {"data_dir": folder, "sources": [source]}, context={"folder": folder}
        )
        house = Installation(settings, None, register)
        _ = house.lake
        with register.write() as db:
            create_machines(db, ["web-1"], "central", "li", NOON)
        run_steps(Run(house, NOW, collectors(house)), (collect, fold, judge))
    return [(a.verdict.kind, a.verdict.reason) for a in judge_all(house, NOW.as_of)]


def findings(register: Register) -> list[str]:
    with register.read() as db:
        return list(db.scalars(select(Finding.kind)))


@pytest.mark.parametrize("case", PART)
def test_fault_18_partial_answers_are_insufficient_data_and_no_finding(
    case: str, sqlite: Register, tmp_path: Path
) -> None:
    assert judged(sqlite, tmp_path, PART[case]) == [("insufficient", "no_data")]
    assert findings(sqlite) == []


def test_the_same_answers_in_whole_are_a_finding(sqlite: Register, tmp_path: Path) -> None:
    [(verdict, _)] = judged(sqlite, tmp_path, low)

    assert findings(sqlite) == [verdict]
    assert verdict in {"shrink", "idle"}
