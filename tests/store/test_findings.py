"""Findings: at most one open a machine and kind, however often machines are judged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from store.findings import Found, Settled, fresh, settle
from store.inventory import create_machines
from store.journal import verify
from store.tables import Finding, FindingState, JournalEntry, Machine

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = date(2026, 11, 22)
SHRINK = Found("shrink", "shrink", {"verdict": "shrink", "evidence": [{"value": 3.5}]}, 120.5)
EXPAND = Found("expand", "expand", {"verdict": "expand"}, None)
KEEP = Found(None, "keep", {"verdict": "keep"}, None)
STALE = Found(None, "insufficient: stale", {"verdict": "insufficient"}, None)


@pytest.fixture
def fleet(register: Register) -> Register:
    with register.write() as db:
        create_machines(db, ["web-1", "web-2"], "file", "li", NOW)
    return register


def judged(register: Register, as_of: date = DAY, **found: Found) -> Settled:
    verdicts = {name.replace("_", "-"): verdict for name, verdict in found.items()}
    with register.write() as db:
        return settle(db, verdicts, "PDDR-2020-0020001", as_of, NOW)


def rows(register: Register) -> list[dict[str, Any]]:
    columns = ("name", "kind", "state", "opened_on", "judged_on", "closed_on", "closed_because")
    with register.read() as db:
        found = db.scalars(select(Finding).join(Machine).order_by(Finding.id)).all()
        return [{c: row.machine.name if c == "name" else getattr(row, c) for c in columns} for row in found]


def actions(register: Register) -> list[tuple[str, str]]:
    with register.read() as db:
        assert verify(db)[1] is None
        found = db.execute(select(JournalEntry.action, JournalEntry.subject).order_by(JournalEntry.id))
        return [(action, subject) for action, subject in found if action.startswith("finding.")]


def test_an_oversized_machine_has_one_finding_however_often_we_judge(fleet: Register) -> None:
    first = judged(fleet, web_1=SHRINK, web_2=KEEP)
    later = [judged(fleet, DAY + timedelta(days=i), web_1=SHRINK, web_2=KEEP) for i in (0, 0, 1, 2)]

    assert (first, later) == (Settled(1, 0, 0), [Settled(0, 1, 0)] * 4)
    (row,) = rows(fleet)
    assert (row["opened_on"], row["judged_on"]) == (DAY, DAY + timedelta(days=2))
    assert actions(fleet) == [("finding.opened", "web-1/shrink")]


def test_a_finding_closes_with_its_reason(fleet: Register) -> None:
    judged(fleet, web_1=SHRINK, web_2=SHRINK)

    assert judged(fleet, DAY + timedelta(days=1), web_1=KEEP, web_2=STALE) == Settled(0, 0, 2)
    assert [(row["state"], row["closed_because"]) for row in rows(fleet)] == [
        ("closed", "keep"),
        ("closed", "insufficient: stale"),
    ]
    assert rows(fleet)[0]["closed_on"] == DAY + timedelta(days=1)


def test_another_kind_closes_the_old_finding_and_opens_its_own(fleet: Register) -> None:
    judged(fleet, web_1=SHRINK)

    assert judged(fleet, DAY + timedelta(days=1), web_1=EXPAND) == Settled(1, 0, 1)
    assert [(row["kind"], row["state"], row["closed_because"]) for row in rows(fleet)] == [
        ("shrink", "closed", "expand"),
        ("expand", "open", None),
    ]
    assert actions(fleet)[1:] == [("finding.close", "web-1/shrink"), ("finding.opened", "web-1/expand")]


def test_a_finding_that_comes_back_is_a_new_one(fleet: Register) -> None:
    for day, verdict in enumerate((SHRINK, KEEP, SHRINK)):
        judged(fleet, DAY + timedelta(days=day), web_1=verdict)

    assert [(row["state"], row["opened_on"]) for row in rows(fleet)] == [
        ("closed", DAY),
        ("open", DAY + timedelta(days=2)),
    ]


@pytest.mark.parametrize("last", [SHRINK, KEEP], ids=["refreshed later", "closed later"])
def test_a_judgement_of_an_earlier_day_changes_nothing(fleet: Register, last: Found) -> None:
    judged(fleet, web_1=SHRINK)
    judged(fleet, DAY + timedelta(days=5), web_1=last)
    before, said = rows(fleet), actions(fleet)

    for verdict in (KEEP, EXPAND, SHRINK):
        assert judged(fleet, DAY + timedelta(days=4), web_1=verdict, web_2=SHRINK) == Settled(
            0, 0, 0, held_back=True
        )
    assert (rows(fleet), actions(fleet)) == (before, said)


def test_a_machine_that_was_not_judged_keeps_its_finding(fleet: Register) -> None:
    judged(fleet, web_1=SHRINK)

    assert judged(fleet, DAY + timedelta(days=1), web_2=KEEP) == Settled(0, 0, 0)
    assert rows(fleet)[0]["state"] == "open"


def test_the_database_itself_refuses_a_second_open_finding(fleet: Register) -> None:
    judged(fleet, web_1=SHRINK)

    with pytest.raises(IntegrityError), fleet.write() as db:
        db.add(fresh(db.scalars(select(Machine.id).where(Machine.name == "web-1")).one(), SHRINK, "p", DAY))


def test_a_verdict_is_kept_as_it_was_given(fleet: Register) -> None:
    judged(fleet, web_1=SHRINK)

    with fleet.read() as db:
        row = db.scalars(select(Finding)).one()
    assert (row.verdict, row.saving_yuan_month, row.policy) == (SHRINK.verdict, 120.5, "PDDR-2020-0020001")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[st.sampled_from([None, SHRINK, EXPAND, KEEP, STALE])] * 2), max_size=8))
def test_open_findings_are_always_the_last_verdicts(
    sqlite_fleet: Register, verdicts: list[tuple[Found | None, Found | None]]
) -> None:
    with sqlite_fleet.write() as db:
        db.execute(delete(Finding))
    last: dict[str, Found] = {}
    for day, pair in enumerate(verdicts):
        said = {name: verdict for name, verdict in zip(("web_1", "web_2"), pair, strict=True) if verdict}
        judged(sqlite_fleet, DAY + timedelta(days=day), **said)
        last.update(said)

    found = {(row["name"], row["kind"]) for row in rows(sqlite_fleet) if row["state"] == FindingState.OPEN}
    assert found == {(name.replace("_", "-"), v.kind) for name, v in last.items() if v.kind}


@pytest.fixture
def sqlite_fleet(sqlite: Register) -> Register:
    with sqlite.write() as db:
        create_machines(db, ["web-1", "web-2"], "file", "li", NOW)
    return sqlite
