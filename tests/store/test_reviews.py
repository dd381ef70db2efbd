"""Answers of an operator, verdicts of every day, and protections: what becomes of a finding."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.event import listen

from store.findings import Found, Settled, settle
from store.inventory import create_machines, import_departments, import_machines
from store.inventory_file import DepartmentRow, MachineRow
from store.journal import verify
from store.review import (
    FINDING,
    NoFindingError,
    answer,
    canonical,
    chosen,
    machines_in,
    protect,
    protected,
    protections_of,
    unprotect,
)
from store.tables import Finding, FindingState, JournalEntry, Machine, Protection
from store.workflow import Act, RefusedError, Role, move

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
DAY = date(2026, 11, 22)
CLERK = Act("li", Role.OPERATOR, NOW, "because")
DAEMON = Act("rightsizer", Role.PROGRAM, NOW)
SHRINK = Found("shrink", "shrink", {"cpu": 3.5}, 120.0)
WORSE = Found("shrink", "shrink", {"cpu": 4.5}, 90.0)
IDLE = Found("idle", "idle", {"cpu": 1}, 500.0)
EXPAND = Found("expand", "expand", {"cpu": 90}, -40.0)
KEEP = Found(None, "keep", {"cpu": 40}, None)
MACHINES = (  # machine, department, system
    ("web-1", "justice", "portal"),
    ("web-2", "justice", "portal"),
    ("law-1", "justice", "court/records"),
    ("tax-1", "finance", "portal"),
)


def fill(register: Register) -> Register:
    with register.write() as db:
        offices = [
            DepartmentRow(code=code, name=name, sheet="", row=1, email=None, contact=None, phone=None)
            for code, name in (("J1", "justice"), ("F1", "finance"), ("E1", "empty"))
        ]
        import_departments(db, offices, "li", NOW)
        empty = dict.fromkeys(
            ("address", "vcpus", "memory_gib", "disk_gib", "delivered_on", "deployed_on"), None
        )
        rows = [
            MachineRow(machine=name, department=office, system=system, sheet="", row=1, **empty)
            for name, office, system in MACHINES
        ]
        import_machines(db, rows, "li", NOW)
    return register


@pytest.fixture
def fleet(register: Register) -> Register:
    return fill(register)


@pytest.fixture
def sqlite_fleet(sqlite: Register) -> Register:
    return fill(sqlite)


def judged(register: Register, days: int, **found: Found) -> Settled:
    """Verdicts as of so many days after DAY; web_1 stands for web-1."""
    with register.write() as db:
        verdicts = {name.replace("_", "-"): verdict for name, verdict in found.items()}
        return settle(db, verdicts, "p", DAY + timedelta(days=days), NOW + timedelta(days=days))


def answered(register: Register, event: str, days: int | None = None, act: Act = CLERK) -> int:
    """Every living finding, until so many days after DAY."""
    until = None if days is None else DAY + timedelta(days=days)
    with register.write() as db:
        rows = db.scalars(select(Finding).where(Finding.state != FindingState.CLOSED)).all()
        return answer(db, rows, event, act, until)


def issued(register: Register) -> None:
    with register.write() as db:
        rows = db.scalars(select(Finding).where(Finding.state == FindingState.APPROVED)).all()
        move(db, FINDING, [(row, "x") for row in rows], "issue", DAEMON)


def seen(register: Register) -> list[tuple[Any, ...]]:
    """(kind, state) of every finding, the oldest first."""
    with register.read() as db:
        return [(row.kind, row.state) for row in db.scalars(select(Finding).order_by(Finding.id))]


def only(register: Register) -> Finding:
    with register.read() as db:
        return db.scalars(select(Finding)).one()


@pytest.mark.parametrize(("event", "state"), [("reject", "rejected"), ("defer", "deferred")])
def test_a_silenced_finding_comes_back_on_the_day_after_its_end(
    fleet: Register, event: str, state: str
) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, event, days=10)

    for day in (1, 9, 10):  # silent through the end date
        judged(fleet, day, web_1=WORSE)
        assert seen(fleet) == [("shrink", state)]
    judged(fleet, 11, web_1=WORSE)
    row = only(fleet)
    assert (row.state, row.until, row.verdict, row.reason) == ("open", None, WORSE.verdict, "because")


def test_a_rejected_machine_whose_verdict_changed_stays_silent_until_its_end(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, "reject", days=10)

    judged(fleet, 5, web_1=KEEP)
    assert (only(fleet).state, only(fleet).standing) == ("rejected", "keep")
    judged(fleet, 10, web_1=KEEP)
    assert only(fleet).state == "rejected"
    judged(fleet, 11, web_1=KEEP)
    assert (only(fleet).state, only(fleet).closed_because) == ("closed", "keep")


def test_a_rejected_shrink_does_not_come_back_because_the_verdict_went_away_and_returned(
    fleet: Register,
) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, "reject", days=10)
    for day, verdict in ((1, KEEP), (2, SHRINK), (3, KEEP), (4, SHRINK)):
        judged(fleet, day, web_1=verdict)

    assert seen(fleet) == [("shrink", "rejected")]


def test_a_rejected_shrink_does_not_silence_an_expansion(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, "reject", days=10)
    judged(fleet, 1, web_1=EXPAND)

    assert seen(fleet) == [("shrink", "rejected"), ("expand", "open")]


def test_an_approved_finding_survives_a_refreshed_verdict_and_closes_with_another(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, "approve")

    judged(fleet, 1, web_1=WORSE)
    row = only(fleet)
    # opened 1, approved 2, refreshed 3
    assert (row.state, row.verdict, row.version, row.saving_yuan_month) == (
        "approved",
        WORSE.verdict,
        3,
        90.0,
    )
    assert judged(fleet, 2, web_1=KEEP).closed == 1
    assert only(fleet).state == "closed"


def sized(vcpus: float, p95: float = 3.5) -> Found:
    size = {"vcpus": vcpus, "memory_gib": 16.0, "disk_gib": None}
    return Found("shrink", "shrink", {"cpu": p95, "size": size}, 120.0)


def test_an_approved_finding_whose_advised_size_changes_is_open_again(fleet: Register) -> None:
    judged(fleet, 0, web_1=sized(8), web_2=sized(8))
    answered(fleet, "approve")

    judged(fleet, 1, web_1=sized(4), web_2=sized(8, p95=3.6))
    judged(fleet, 2, web_1=sized(4), web_2=sized(8, p95=3.6))
    with fleet.read() as db:
        rows = {row.machine.name: row for row in db.scalars(select(Finding))}
        # opened 1, approved 2, refreshed 3; what was reopened: 4
        assert [(rows[name].state, rows[name].version) for name in ("web-1", "web-2")] == [
            ("open", 4),
            ("approved", 3),
        ]
        assert rows["web-1"].verdict["size"]["vcpus"] == 4
        again = db.scalars(select(JournalEntry).where(JournalEntry.action == "finding.reopen")).one()
        assert (again.subject, again.actor, again.before, again.after) == (
            "web-1/shrink",
            "rightsizer",
            "approved",
            "open",
        )
        assert again.reason == (
            "the advised size changed: from vcpus 8, memory_gib 16 to vcpus 4, memory_gib 16"
        )


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [({"vcpus": 8.0}, None, "open"), (None, {"vcpus": 8.0}, "open"), (None, None, "approved")],
    ids=["no size any more", "a size at last", "never one"],
)
def test_a_size_that_comes_or_goes_is_a_changed_one(
    fleet: Register, before: object, after: object, state: str
) -> None:
    judged(fleet, 0, web_1=Found("shrink", "shrink", {"size": before}, 1.0))
    answered(fleet, "approve")
    judged(fleet, 1, web_1=Found("shrink", "shrink", {"size": after, "cpu": 2}, 1.0))

    assert only(fleet).state == state


def test_an_issued_finding_whose_advised_size_changes_is_left_to_its_notice(fleet: Register) -> None:
    judged(fleet, 0, web_1=sized(8))
    answered(fleet, "approve")
    issued(fleet)
    judged(fleet, 1, web_1=sized(4))

    assert only(fleet).state == "issued"


def test_many_verdicts_that_changed_are_settled_in_a_few_statements(sqlite_fleet: Register) -> None:
    names = [f"vm-{number:03d}" for number in range(200)]
    with sqlite_fleet.write() as db:
        create_machines(db, names, "file", "li", NOW)
    judged(sqlite_fleet, 0, **dict.fromkeys(names, SHRINK))
    answered(sqlite_fleet, "approve")
    sent: list[str] = []
    listen(sqlite_fleet.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    sent.clear()
    assert judged(sqlite_fleet, 1, **dict.fromkeys(names, KEEP)).closed == 200

    besides = [statement for statement in sent if not statement.startswith("INSERT INTO journal")]
    assert len(besides) < 20, besides


def test_an_issued_finding_is_left_to_its_notice(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, "approve")
    issued(fleet)
    judged(fleet, 1, web_1=KEEP)

    assert (only(fleet).state, only(fleet).standing) == ("issued", "keep")


def test_what_was_answered_can_be_taken_back(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK)
    for event, days in (("approve", None), ("reject", 5), ("defer", 5)):
        answered(fleet, event, days)
        answered(fleet, "reopen")
    row = only(fleet)

    assert (row.state, row.until, row.reviewed_by) == ("open", None, "li")


def test_the_journal_tells_every_answer_with_its_end(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, "reject", days=8)
    judged(fleet, 9, web_1=SHRINK)

    with fleet.read() as db:
        assert verify(db)[1] is None
        said = select(JournalEntry.action, JournalEntry.actor, JournalEntry.after, JournalEntry.reason)
        found = db.execute(said.where(JournalEntry.subject == "web-1/shrink").order_by(JournalEntry.id)).all()
    assert [tuple(row) for row in found[1:]] == [
        ("finding.reject", "li", {"state": "rejected", "until": "2026-11-30"}, "because"),
        ("finding.reopen", "rightsizer", "open", None),
    ]


@pytest.mark.parametrize(
    ("event", "days", "reason"),
    [("reject", None, "x"), ("reject", 5, None), ("defer", None, "x"), ("defer", 5, "")],
)
def test_silence_takes_a_reason_and_an_end(
    fleet: Register, event: str, days: int | None, reason: str | None
) -> None:
    judged(fleet, 0, web_1=SHRINK)

    with pytest.raises(RefusedError, match="takes a reason and an end date"):
        answered(fleet, event, days, Act("li", Role.OPERATOR, NOW, reason))
    assert seen(fleet) == [("shrink", "open")]


def test_the_program_cannot_reject(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK)

    with pytest.raises(RefusedError, match="cannot reject: it is not for the program"):
        answered(fleet, "reject", 5, Act("rightsizer", Role.PROGRAM, NOW, "x"))


def test_a_late_deployment_that_was_deferred_comes_back_too(fleet: Register) -> None:
    judged(fleet, 0, web_1=KEEP)
    with fleet.write() as db:
        machine = db.scalars(select(Machine.id).where(Machine.name == "web-1")).one()
        days = {"opened_on": DAY, "judged_on": DAY, "policy": "p", "verdict": {}}
        db.add(Finding(machine_id=machine, kind="deploy", state=FindingState.OPEN, **days))
    answered(fleet, "defer", days=3)

    judged(fleet, 3, web_1=KEEP)
    assert seen(fleet) == [("deploy", "deferred")]
    judged(fleet, 4, web_1=KEEP)
    assert seen(fleet) == [("deploy", "open")]


def test_numbers_that_do_not_exist_are_named(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK, web_2=SHRINK)

    with fleet.read() as db:
        assert [row.id for row in chosen(db, [2, 1, 2])] == [1, 2]
        with pytest.raises(NoFindingError, match="no finding 3, 9;"):
            chosen(db, [1, 3, 9])
        with pytest.raises(NoFindingError, match=r"no finding 3, .*, 12 and 39,988 more;"):
            chosen(db, range(1, 40_001))


def protection(
    register: Register, scope: str, name: str, since: int = 0, until: int = 10, act: Act = CLERK
) -> int:
    with register.write() as db:
        first, last = DAY + timedelta(days=since), DAY + timedelta(days=until)
        row = protect(db, scope, name, first, last, "director", act)
        db.flush()
        return row.id


@pytest.mark.parametrize(
    ("scope", "name", "covered"),
    [
        ("machine", "web-1", ["web-1"]),
        ("system", "justice/portal", ["web-1", "web-2"]),
        ("system", "J1/portal", ["web-1", "web-2"]),
        ("system", "justice/court/records", ["law-1"]),
        ("department", "justice", ["law-1", "web-1", "web-2"]),
        ("department", "J1", ["law-1", "web-1", "web-2"]),
    ],
)
def test_a_protection_covers_its_machines_and_no_others(
    fleet: Register, scope: str, name: str, covered: list[str]
) -> None:
    protection(fleet, scope, name)

    with fleet.read() as db:
        assert sorted(protected(db, DAY)) == covered
        assert machines_in(db, scope, canonical(db, scope, name) or "") == covered
        machines = {row.name: row for row in db.scalars(select(Machine))}
        assert sorted(name for name, row in machines.items() if protections_of(db, row)) == covered


@pytest.mark.parametrize(
    ("days", "holds"),
    [(-1, False), (0, True), (10, True), (11, False)],
    ids=["before", "first", "last", "after"],
)
def test_a_protection_holds_from_its_first_day_through_its_last(
    fleet: Register, days: int, holds: bool
) -> None:
    protection(fleet, "machine", "web-1", 0, 10)

    with fleet.read() as db:
        assert bool(protected(db, DAY + timedelta(days=days))) is holds


def test_a_protection_of_a_department_outlives_its_name(fleet: Register) -> None:
    protection(fleet, "department", "justice")
    with fleet.write() as db:
        renamed = DepartmentRow(code="J1", name="law", sheet="", row=1, email=None, contact=None, phone=None)
        import_departments(db, [renamed], "li", NOW)

    with fleet.read() as db:
        assert sorted(protected(db, DAY)) == ["law-1", "web-1", "web-2"]


def test_the_next_judgement_closes_what_a_protection_covers_and_leaves_what_was_issued(
    fleet: Register,
) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, "approve")
    issued(fleet)
    judged(fleet, 0, web_1=SHRINK, web_2=IDLE, law_1=EXPAND, tax_1=SHRINK)
    protection(fleet, "department", "justice", until=10)

    verdicts = {"web_1": SHRINK, "web_2": IDLE, "law_1": EXPAND, "tax_1": SHRINK}
    assert judged(fleet, 1, **verdicts).closed == 1
    assert seen(fleet) == [("shrink", "issued"), ("idle", "closed"), ("expand", "open"), ("shrink", "open")]
    with fleet.read() as db:
        closed = db.scalars(select(Finding).where(Finding.state == "closed")).one()
        assert closed.closed_because == "protected until 2026-12-02"
    assert judged(fleet, 11, **verdicts).opened == 1  # the day after: web-2 again
    assert seen(fleet)[-1] == ("idle", "open")


def test_an_approved_finding_of_a_protected_machine_is_closed_too(fleet: Register) -> None:
    judged(fleet, 0, web_1=SHRINK)
    answered(fleet, "approve")
    protection(fleet, "machine", "web-1")
    judged(fleet, 1, web_1=SHRINK)

    assert only(fleet).state == "closed"


def test_a_protection_that_was_ended_protects_no_more(fleet: Register) -> None:
    number = protection(fleet, "machine", "web-1")
    with fleet.write() as db:
        unprotect(db, number, DAY, CLERK)

    judged(fleet, 0, web_1=SHRINK)
    assert seen(fleet) == [("shrink", "open")]
    with pytest.raises(LookupError, match=f"no protection {number} in force"), fleet.write() as db:
        unprotect(db, number, DAY, CLERK)


@pytest.mark.parametrize(
    ("scope", "name", "until", "reason", "said"),
    [
        ("machine", "web-9", 5, "x", "no machine 'web-9'"),
        ("system", "portal", 5, "x", "no system 'portal'"),
        ("department", "empty", 5, "x", "no department 'empty' with machines"),
        ("machine", "web-1", -1, "x", "ends before it begins"),
        ("machine", "web-1", 5, None, "needs its reason"),
    ],
)
def test_a_protection_that_cannot_be_is_refused(
    fleet: Register, scope: str, name: str, until: int, reason: str | None, said: str
) -> None:
    with pytest.raises((LookupError, ValueError), match=said):
        protection(fleet, scope, name, 0, until, Act("li", Role.OPERATOR, NOW, reason))
    with fleet.read() as db:
        assert db.scalar(select(func.count()).select_from(Protection)) == 0


VERDICTS = st.sampled_from([SHRINK, WORSE, IDLE, EXPAND, KEEP])
STEPS = st.one_of(
    st.tuples(st.just("judge"), st.tuples(VERDICTS, VERDICTS)),
    st.tuples(st.sampled_from(["approve", "reject", "defer", "reopen"]), st.integers(1, 4)),
    st.tuples(st.sampled_from(["issue", "protect", "unprotect"]), st.just(3)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=14))
def test_a_machine_has_one_living_finding_a_kind_whatever_is_judged_and_answered(
    sqlite_fleet: Register, steps: list[tuple[str, Any]]
) -> None:
    register = sqlite_fleet
    with register.write() as db:
        db.execute(delete(Finding))
        db.execute(delete(Protection))
    for day, (step, value) in enumerate(steps):
        taken(register, step, value, day)

        with register.read() as db:
            living = select(Finding.machine_id, Finding.kind).where(Finding.state != FindingState.CLOSED)
            pairs = [tuple(row) for row in db.execute(living)]
            rows = db.scalars(select(Finding)).all()
            assert verify(db)[1] is None
        assert len(pairs) == len(set(pairs))
        assert all((row.state == FindingState.CLOSED) == (row.closed_on is not None) for row in rows)
        silent = {FindingState.REJECTED, FindingState.DEFERRED}
        assert all((row.state in silent) == (row.until is not None) for row in rows if row.closed_on is None)


def taken(register: Register, step: str, value: Any, day: int) -> None:
    """One step of the sequence, as of so many days after DAY; a finding that cannot go is left as it is."""
    if step == "judge":
        judged(register, day, web_1=value[0], tax_1=value[1])
    elif step == "issue":
        issued(register)
    elif step == "protect":
        protection(register, "department", "justice", day, day + value)
    elif step == "unprotect":
        with register.write() as db:
            for row in db.scalars(select(Protection).where(Protection.ended_on.is_(None))).all():
                unprotect(db, row.id, DAY + timedelta(days=day), CLERK)
    else:
        until = DAY + timedelta(days=day + value) if step in {"reject", "defer"} else None
        with register.write() as db:
            may = [state for (state, event) in FINDING.steps if event == step]
            answer(db, db.scalars(select(Finding).where(Finding.state.in_(may))).all(), step, CLERK, until)
