"""What measured sizes and later verdicts do to a notice: proven, reverted, withdrawn, regretted.

The notice of 2026-09-18 asks vm-00001 to go from 16 vCPU, 32 GiB, 300 GiB to 8, 16 and 150; it was received
that day and is due on 10-09. Faults are numbered as in the catalogue.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from matters import ISSUED, approved, issue_notice, items, operator, owner, program, states
from sqlalchemy import func, select, update
from sqlalchemy.event import listen
from stage import entries, followed, received, tasks, told

from config.policy import Prices
from notifier.adjustment import deployed, regretted, take_back, verify, watched
from notifier.following import mark_overdue
from notifier.issue import waiting
from notifier.responses import object_to, withdraw
from notifier.tables import Item, Notice, Outcome
from notifier.verification import Seen
from store.calendar import calendar
from store.tables import Deadline, Finding, FindingState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from store.database import Register

pytest_plugins = ["registers"]

PRICES = Prices(vcpu=40.0, memory_gib=15.0, disk_gib=0.5)
MACHINE = "vm-00001"
SPARED = date(2026, 12, 31)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def noticed(register: Register, kind: str = "shrink", machines: int = 1) -> Notice:
    notice = issue_notice(register, kind, machines)
    received(register, notice, ISSUED)
    return notice


def seen(first: str, last: str, vcpus: float | None, memory: float | None, disk: float | None) -> list[Seen]:
    since = day(first)
    return [
        Seen(since + timedelta(days=number), vcpus, memory, disk)
        for number in range((day(last) - since).days + 1)
    ]


def looked(register: Register, today: str, found: Iterable[Seen]) -> dict[str, int]:
    with register.write() as db:
        return verify(db, {MACHINE: list(found)}, PRICES, day(today), program(day(today)))


def only(register: Register) -> Item:
    with register.read() as db:
        return db.scalars(select(Item).order_by(Item.id)).one()


def judged(register: Register, standing: str, on: str, kind: str | None = None) -> None:
    """The machine is judged again."""
    with register.write() as db:
        for finding in db.scalars(select(Finding)):
            finding.standing, finding.judged_on = standing, day(on)
            finding.kind = kind or finding.kind


def taken_back(register: Register, today: str, *, measured: bool = True) -> int:
    """`measured`: the old size was seen the day before."""
    with register.write() as db:
        if measured:
            db.execute(update(Item).values(seen_on=day(today) - timedelta(days=1)))
        return take_back(db, day(today), SPARED, program(day(today)))


# ---- what the sizes prove


def test_the_new_size_ends_the_matter(register: Register) -> None:
    notice = noticed(register)
    days = [*seen("09-19", "09-23", 16, 31, 295), *seen("09-24", "09-25", 8, 15.6, 148)]

    assert looked(register, "09-26", days) == {"proven": 1, "reverted": 0}
    item = only(register)
    assert (item.state, item.outcome, item.done_on) == ("done", "done", day("09-24"))
    # 8 * 40 + (32 - 15.6) * 15 + (300 - 148) * 0.5 = 320 + 246 + 76
    assert item.realised == pytest.approx(642.0)
    with register.read() as db:
        assert db.scalars(select(Deadline.met_on)).one() == day("09-24")
        finding = db.scalars(select(Finding)).one()
        assert (finding.state, finding.closed_because) == (FindingState.CLOSED, "done")
        assert [subject for subject, _, _ in told(db, "item.done")] == [f"{notice.number}/{MACHINE}"]
    assert looked(register, "09-27", [*days, *seen("09-26", "09-26", 8, 15.6, 148)])["proven"] == 0


STRANGE = [
    ((8, 31, 295), Outcome.PARTIAL, None, 335.0 + 2.5, "only the vCPU: 8 * 40 + 1 * 15 + 5 * 0.5"),
    ((24, 32, 300), Outcome.WRONG_DIRECTION, "wrong_direction", -320.0, "more vCPU: -8 * 40"),
    ((16, 31, 295), None, None, None, "as it was"),
    ((None, None, None), None, None, None, "not known"),
]


@pytest.mark.parametrize(
    ("size", "outcome", "task", "realised", "_why"), STRANGE, ids=[row[4] for row in STRANGE]
)
def test_what_is_not_what_was_asked_for_leaves_the_matter_open(
    register: Register,
    size: tuple[float | None, ...],
    outcome: Outcome | None,
    task: str | None,
    realised: float | None,
    _why: str,
) -> None:
    noticed(register)
    for today in ("09-26", "09-26", "09-27"):  # looked at again and again
        counts = looked(register, today, seen("09-19", "09-25", *size))

    item = only(register)
    assert counts == {"proven": 0, "reverted": 0}
    assert (item.state, item.outcome) == ("received", outcome)
    assert item.realised == (pytest.approx(realised) if realised is not None else None)
    with register.read() as db:
        assert [found.kind for found in tasks(db)] == ([task] if task else [])
        assert len(told(db, "item.seen")) == (outcome is not None)


def test_a_machine_that_fell_silent_is_a_task_and_not_done(register: Register) -> None:
    noticed(register, "idle")

    assert looked(register, "10-05", seen("09-19", "09-25", 16, 31, 295)) == {"proven": 0, "reverted": 0}
    assert only(register).state == "received"
    with register.read() as db:
        assert [(found.kind, found.subject) for found in tasks(db)] == [
            ("gone", f"平数云核实〔2026〕1号/{MACHINE}")
        ]


def test_an_old_size_that_is_back_within_14_days_opens_the_matter_again(register: Register) -> None:
    noticed(register)
    shrunk = seen("09-19", "09-30", 8, 16, 150)
    looked(register, "10-01", shrunk)
    assert looked(register, "10-03", [*shrunk, *seen("10-01", "10-02", 16, 32, 300)])["reverted"] == 1

    item = only(register)
    assert (item.state, item.outcome, item.done_on) == ("received", "reverted", None)
    with register.read() as db:
        assert db.scalars(select(Deadline.met_on)).one() is None
        assert [found.kind for found in tasks(db)] == ["reverted"]
    assert followed(register, day("10-10")) == [("overdue", 1)]  # its clock runs from the same receipt


def test_an_old_size_that_is_back_later_is_another_matter(register: Register) -> None:
    noticed(register)
    shrunk = seen("09-19", "10-05", 8, 16, 150)
    looked(register, "10-01", shrunk)
    # done since 09-19: 14 days later is 10-03
    counts = looked(register, "10-07", [*shrunk, *seen("10-06", "10-06", 16, 32, 300)])

    assert counts["reverted"] == 0
    assert only(register).state == "done"


@pytest.mark.parametrize(("after", "back"), [(13, 1), (14, 1), (15, 0)])
def test_an_old_size_is_watched_for_until_the_fourteenth_day_is_over(
    sqlite: Register, after: int, back: int
) -> None:
    noticed(sqlite)
    shrunk = seen("09-19", "09-20", 8, 16, 150)
    looked(sqlite, "09-21", shrunk)
    returned = day("09-19") + timedelta(days=after)  # done since 09-19: a day is seen on the one after it
    days = [*shrunk, Seen(returned, 16, 32, 300)]
    counts = [
        looked(sqlite, f"{returned + timedelta(days=more):%m-%d}", days)["reverted"] for more in (0, 1, 2)
    ]

    assert counts == [0, back, 0]
    assert only(sqlite).state == ("received" if back else "done")


def test_what_was_reverted_stays_so_until_it_is_done_again(register: Register) -> None:
    noticed(register)
    shrunk = seen("09-19", "09-22", 8, 16, 150)
    back = seen("09-23", "09-25", 16, 32, 300)
    looked(register, "09-23", shrunk)
    for today in ("09-24", "09-25", "09-26"):
        looked(register, today, [*shrunk, *back])
    item = only(register)
    assert (item.state, item.outcome) == ("received", "reverted")
    again = seen("09-26", "09-27", 8, 16, 150)
    assert looked(register, "09-28", [*shrunk, *back, *again])["proven"] == 1

    item = only(register)
    assert (item.state, item.outcome, item.done_on) == ("done", "done", day("09-26"))
    with register.read() as db:
        assert [(before, after["outcome"]) for _, before, after in told(db, "item.seen")] == [
            (None, "done"),
            ("done", "reverted"),
            ("reverted", "done"),
        ]
        assert db.scalars(select(Finding.state)).all() == ["closed"]
        entries(db)


def reverted(register: Register, newer: str | None = None) -> Notice:
    """Done on 09-19, found again by a judgement of 09-30 in a state, and back to its old size on 10-01."""
    notice = noticed(register)
    shrunk = seen("09-19", "09-30", 8, 16, 150)
    looked(register, "09-30", shrunk)
    if newer is not None:
        with register.write() as db:
            again = approved(db, owner(db, "市民政局"), "shrink", day("09-30"))
            again.machine_id, again.state = items(db, notice)[0].machine_id, newer
            again.until = day("10-20") if newer in {"rejected", "deferred"} else None
    assert looked(register, "10-02", [*shrunk, *seen("10-01", "10-01", 16, 32, 300)])["reverted"] == 1
    return notice


def findings(register: Register) -> list[tuple[str, date | None]]:
    with register.read() as db:
        return [(row.state, row.until) for row in db.scalars(select(Finding).order_by(Finding.id))]


def test_the_finding_of_a_reverted_machine_stands_in_its_notice_again(register: Register) -> None:
    reverted(register)

    with register.read() as db:
        finding = db.scalars(select(Finding)).one()
        assert (finding.state, finding.closed_on, finding.closed_because) == ("issued", None, None)
        assert finding.standing is None  # not judged since


NEWER = [
    ("open", [("issued", None), ("closed", None)], [("rejected", SPARED), ("closed", None)]),
    ("approved", [("issued", None), ("closed", None)], [("rejected", SPARED), ("closed", None)]),
    ("rejected", [("closed", None), ("rejected", day("10-20"))], [("closed", None), ("rejected", SPARED)]),
    ("deferred", [("closed", None), ("deferred", day("10-20"))], [("closed", None), ("rejected", SPARED)]),
]


@pytest.mark.parametrize(("newer", "then", "spared"), NEWER, ids=[row[0] for row in NEWER])
def test_a_reverted_machine_has_one_matter_and_a_withdrawal_spares_it(
    register: Register, newer: str, then: list[object], spared: list[object]
) -> None:
    notice = reverted(register, newer)

    assert findings(register) == then
    with register.read() as db:
        assert waiting(db, day("09-01"), day("10-02")) == ([], [])
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        withdraw(db, row, items(db, row), day("10-03"), SPARED, operator(day("10-03")))
    assert findings(register) == spared


def test_a_withdrawal_spares_whatever_finding_of_the_machine_lives(register: Register) -> None:
    notice = noticed(register)
    with register.write() as db:
        item = items(db, notice)[0]
        own = db.get_one(Finding, item.finding_id)
        own.state, own.closed_on = "closed", day("09-20")  # as a register of an earlier program may have it
        db.flush()
        for kind in ("shrink", "expand"):
            again = approved(db, owner(db, "市民政局"), kind, day("09-21"))
            again.machine_id, again.state = item.machine_id, "open"
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        withdraw(db, row, items(db, row), day("09-24"), SPARED, operator(day("09-24")))

    assert findings(register) == [("closed", None), ("rejected", SPARED), ("open", None)]


def test_a_withdrawal_does_not_shorten_what_the_operator_said(register: Register) -> None:
    later = date(2027, 6, 30)
    notice = reverted(register, "deferred")
    with register.write() as db:
        db.scalars(select(Finding).where(Finding.state == "deferred")).one().until = later
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        withdraw(db, row, items(db, row), day("10-03"), SPARED, operator(day("10-03")))

    assert findings(register) == [("closed", None), ("deferred", later)]


@pytest.mark.parametrize("newer", [None, "open", "rejected"])
def test_a_reverted_machine_whose_use_rose_since_is_taken_back(register: Register, newer: str | None) -> None:
    reverted(register, newer)
    assert taken_back(register, "10-02") == 0
    with register.write() as db:  # judged again
        for finding in db.scalars(select(Finding).where(Finding.state != FindingState.CLOSED)):
            finding.standing, finding.judged_on = "keep", day("10-08")

    assert taken_back(register, "10-08") == 1
    with register.read() as db:
        assert db.scalars(select(Item.state)).all() == ["withdrawn"]


def test_many_machines_are_proven_and_taken_back_in_few_statements(sqlite: Register) -> None:
    noticed(sqlite, machines=60)
    issue_notice(sqlite, "shrink", 60, department="市财政局")
    with sqlite.read() as db:
        names = list(db.scalars(select(Item.machine).order_by(Item.id)))
    sizes = {name: seen("09-19", "09-25", 8, 16, 150) for name in names[:100]}
    sent: list[str] = []
    listen(sqlite.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    with sqlite.write() as db:
        db.execute(update(Item).values(seen_on=day("09-25")))
    judged(sqlite, "keep", "09-26")
    sent.clear()
    with sqlite.write() as db:
        assert verify(db, sizes, PRICES, day("09-26"), program(day("09-26")))["proven"] == 100
        assert take_back(db, day("09-26"), SPARED, program(day("09-26"))) == 20

    besides = [statement for statement in sent if not statement.startswith("INSERT INTO journal")]
    assert len(besides) < 60, besides
    with sqlite.read() as db:
        assert list(db.scalars(select(Item.state))) == ["done"] * 100 + ["withdrawn"] * 20
        assert sorted(db.scalars(select(Finding.state))) == ["closed"] * 100 + ["rejected"] * 20
        assert db.scalars(select(func.count(Deadline.id)).where(Deadline.met_on.is_not(None))).one() == 60
        entries(db)


def test_verification_goes_on_in_parts(register: Register) -> None:
    noticed(register, machines=3)
    today = day("09-26")
    with register.read() as db:
        found = watched(db, today)
        sizes = {item.machine: seen("09-19", "09-25", 8, 16, 150) for item in found}
    counts = []
    for part in (found[:2], found[2:], []):
        with register.write() as db:
            only_ids = [item.id for item in part]
            counts.append(verify(db, sizes, PRICES, today, program(today), only_ids)["proven"])

    assert counts == [2, 1, 0]


def test_machines_of_a_notice_that_were_adjusted_on_different_days_are_done_on_these(
    register: Register,
) -> None:
    noticed(register, machines=3)
    sizes = {
        f"vm-0000{number}": [
            *seen("09-19", f"09-{19 + number}", 16, 32, 300),
            *seen(f"09-{20 + number}", "09-25", 8, 16, 150),
        ]
        for number in (1, 2, 3)
    }
    with register.write() as db:
        assert verify(db, sizes, PRICES, day("09-26"), program(day("09-26")))["proven"] == 3

    with register.read() as db:
        done = [day("09-21"), day("09-22"), day("09-23")]
        assert db.scalars(select(Item.done_on).order_by(Item.machine)).all() == done
        assert db.scalars(select(Deadline.met_on).order_by(Deadline.met_on)).all() == done
        assert db.scalars(select(Finding.closed_on).order_by(Finding.id)).all() == done


def test_a_size_that_is_back_while_a_newer_notice_lives_is_left_to_that(register: Register) -> None:
    noticed(register, "expand")
    grown = seen("09-19", "09-21", 32, 64, 600)
    assert looked(register, "09-22", grown)["proven"] == 1
    issue_notice(register, "expand", 1, on=day("09-29"))
    with register.write() as db:
        first, second = db.scalars(select(Item).order_by(Item.id)).all()
        second.machine_id, second.machine = first.machine_id, first.machine
    back = seen("09-22", "10-01", 8, 16, 150)
    assert looked(register, "10-02", [*grown, *back])["reverted"] == 0

    with register.read() as db:
        assert list(db.scalars(select(Item.state).order_by(Item.id))) == ["done", "issued"]


def test_an_expansion_is_adopted_by_doing_it(register: Register) -> None:
    noticed(register, "expand")

    assert looked(register, "09-26", seen("09-19", "09-25", 16, 32, 300))["proven"] == 1
    # from 8 vCPU, 16 GiB, 150 GiB: it costs 8 * 40 + 16 * 15 + 150 * 0.5
    assert only(register).realised == pytest.approx(-635.0)


def test_a_first_real_load_ends_the_urging_to_deploy(register: Register) -> None:
    noticed(register, "deploy", machines=2)
    with register.write() as db:
        assert deployed(db, {MACHINE: day("09-24")}, program(day("09-25"))) == 1
        assert deployed(db, {MACHINE: day("09-24")}, program(day("09-26"))) == 0

    with register.read() as db:
        assert list(db.scalars(select(Item.state).order_by(Item.machine))) == ["done", "received"]


# ---- use that changed before the end


VERDICTS = [
    ("shrink", "keep", True, "use rose"),
    ("shrink", "expand", True, "use rose far"),
    ("shrink", "shrink", False, "as it was"),
    ("shrink", "idle", False, "even less"),
    ("idle", "shrink", True, "it is used again, a little"),
    ("idle", "keep", True, "it is used again"),
    ("expand", "keep", True, "use fell"),
    ("expand", "expand", False, "as it was"),
    *[
        (kind, f"insufficient: {reason}", False, "fault 19")
        for kind in ("shrink", "idle", "expand")
        for reason in ("no_data", "stale", "metric_missing", "resized", "short_history", "low_coverage")
    ],
    ("shrink", "protected until 2026-12-31", False, "a protection is the operator's word, not use"),
]


@pytest.mark.parametrize(
    ("kind", "standing", "falls", "_why"), VERDICTS, ids=[f"{row[0]} then {row[1]}" for row in VERDICTS]
)
def test_fault_19_a_verdict_takes_a_notice_back_missing_data_never_does(
    sqlite: Register, kind: str, standing: str, falls: bool, _why: str
) -> None:
    noticed(sqlite, kind)
    judged(sqlite, standing, "09-25")

    assert taken_back(sqlite, "09-25") == falls
    assert only(sqlite).state == ("withdrawn" if falls else "received")


def test_use_that_rose_before_the_end_withdraws_with_one_letter_and_spares_the_machine(
    register: Register,
) -> None:
    notice = noticed(register)
    judged(register, "keep", "09-25")

    assert [taken_back(register, "09-25") for _ in range(3)] == [1, 0, 0]
    assert followed(register, day("09-25")) == [("withdrawal", 1)]
    assert [followed(register, day(text)) for text in ("09-25", "09-26", "09-29", "10-10")] == [[]] * 4
    with register.read() as db:
        finding = db.scalars(select(Finding)).one()
        assert (finding.state, finding.until) == (FindingState.REJECTED, SPARED)
        ((subject, before, after),) = told(db, "item.withdraw")
        assert (subject, before, after) == (f"{notice.number}/{MACHINE}", "received", "withdrawn")


@pytest.mark.parametrize(("kind", "falls"), [("shrink", 0), ("idle", 1)])
def test_use_that_seems_to_rise_where_no_size_is_measured_withdraws_no_size(
    register: Register, kind: str, falls: int
) -> None:
    noticed(register, kind)
    judged(register, "keep", "09-25", kind)

    # The department may have done as asked: half of the machine at the same load is twice the use.
    assert taken_back(register, "09-25", measured=False) == falls


@pytest.mark.parametrize(("today", "falls"), [("10-08", True), ("10-09", True), ("10-10", False)])
def test_a_notice_falls_through_its_last_day_and_not_after(
    register: Register, today: str, falls: bool
) -> None:
    noticed(register)
    judged(register, "keep", today)

    assert taken_back(register, today) == falls


def test_after_a_silence_of_30_days_what_is_over_is_overdue_and_not_withdrawn(register: Register) -> None:
    noticed(register)
    judged(register, "keep", "11-08")
    assert taken_back(register, "11-08") == 0
    with register.write() as db:
        mark_overdue(db, day("11-08"), program(day("11-08")))

    assert taken_back(register, "11-08") == 0
    assert only(register).state == "overdue"


def test_while_an_objection_stands_the_last_day_does_not_pass(register: Register) -> None:
    notice = noticed(register)
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        on = day("09-24")
        object_to(db, calendar(db), row, items(db, notice), on, operator(on), stops=True)
    judged(register, "keep", "10-20")

    assert taken_back(register, "10-20") == 1
    with register.read() as db:
        assert states(db, notice) == ["withdrawn"]


def test_a_machine_that_is_being_adjusted_is_not_taken_back(register: Register) -> None:
    noticed(register)
    looked(register, "09-26", seen("09-19", "09-25", 8, 31, 295))
    judged(register, "keep", "09-26")

    assert taken_back(register, "09-26") == 0


# ---- regret


REGRETS = [("10-07", 0), ("10-08", 1), ("10-22", 1), ("10-23", 0)]  # done on 09-24: 14 days later is 10-08


@pytest.mark.parametrize(("today", "count"), REGRETS, ids=[row[0] for row in REGRETS])
def test_a_shrink_that_is_regretted_two_to_four_weeks_later_is_told_to_the_operator_once(
    register: Register, today: str, count: int
) -> None:
    notice = noticed(register)
    looked(register, "09-26", seen("09-24", "09-25", 8, 16, 150))
    with register.write() as db:
        again = approved(db, owner(db, "市民政局"), "expand", day(today))
        again.machine_id = items(db, notice)[0].machine_id
    with register.write() as db:
        counts = [regretted(db, day(today), program(day(today))) for _ in range(2)]

    assert counts == [count, 0]
    with register.read() as db:
        assert [task.kind for task in tasks(db)] == ["regret"] * count
