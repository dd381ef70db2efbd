"""The monthly report, gathered from a register and a lake that are filled by hand."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from config.settings import Settings
from monitor.cli import root
from monitor.installation import Installation, Now, assemble
from monitor.month import month_of
from monitor.reporting import FutureMonthError, bucket, month_report
from notifier.reports.values import BUCKETS
from notifier.tables import Item, Notice
from store.lake import DAYS
from store.tables import Deadline, Department, Machine, System

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from notifier.reports.values import Report

OCTOBER, LAST = date(2026, 10, 1), date(2026, 10, 31)
SAMPLES = 288  # of a day, one every five minutes


@pytest.fixture
def house(tmp_path: Path) -> Installation:
    return assemble(Settings(data_dir=tmp_path), None)


def on(today: date) -> Now:
    return Now(datetime(today.year, today.month, today.day, 2, tzinfo=UTC), today, today)


def day_row(machine: str, day: date, level: int, known: int = SAMPLES, **more: Any) -> dict[str, Any]:
    """A day with every sample of cpu in the bin `level`, memory peaking there too."""
    bins = [0] * 101
    bins[level] = known
    facts = {
        "machine": machine,
        "day": day,
        "expected": SAMPLES,
        "known": known,
        "cpu_known": known,
        "memory_known": known,
        "disk_known": known,
        "network_known": 0,
        "cpu_mean": float(level),
        "cpu_peak": float(level),
        "cpu_histogram": bins,
        "memory_mean": float(level),
        "memory_peak": float(level),
        "disk_max": 40.0,
        "disk_last": 40.0,
    }
    return {**dict.fromkeys(DAYS.names), **facts, **more}


def measure(house: Installation, rows: list[dict[str, Any]]) -> None:
    for day in sorted({row["day"] for row in rows}):
        table = pa.Table.from_pylist([row for row in rows if row["day"] == day], DAYS)
        house.lake.replace_day(day, table, "by hand")


def whole_month(machine: str, level: int) -> list[dict[str, Any]]:
    return [day_row(machine, OCTOBER + timedelta(days=n), level) for n in range(31)]


def machine(db: Session, name: str, department: str = "市民政局", **facts: Any) -> Machine:
    owner = db.query(Department).filter_by(name=department).first()
    owner = owner or Department(code=f"D-{department}", name=department)
    row = Machine(name=name, department=owner, **facts)
    db.add(row)
    db.flush()
    return row


def item(db: Session, owner: Machine, state: str, due: date | None = None, **facts: Any) -> Item:
    """A machine in a shrink notice of its own, issued on 18 September unless said otherwise."""
    issued_on = facts.pop("issued_on", date(2026, 9, 18))
    kind = facts.pop("kind", "shrink")
    clock = facts.pop("clock", {})
    notice = Notice(
        kind=kind,
        number=f"平数云〔2026〕{db.query(Notice).count() + 1}号",
        department=owner.department,
        issued_at=datetime(2026, 9, 18, tzinfo=UTC),
        issued_on=issued_on,
        issued_by="li",
        sha256="0" * 64,
        content="{}",
    )
    db.add(notice)
    db.flush()
    row = Item(
        notice=notice,
        machine_id=owner.id,
        machine=owner.name,
        kind=kind,
        state=state,
        before={},
        advised={},
        **facts,
    )
    db.add(row)
    db.flush()
    if due is not None:
        deadline = Deadline(
            subject=f"item:{row.id}", article="第十三条", started_on=issued_on, working_days=10, due_on=due,
            calendar="1", **clock,
        )  # fmt: skip
        db.add(deadline)
    return row


def october(house: Installation, scope: str = "centre", today: date = date(2026, 11, 3)) -> Report:
    return month_report(house, OCTOBER, scope, on(today))


def test_a_months_figures_are_those_of_all_its_samples(house: Installation) -> None:
    bins = [0] * 101
    bins[10], bins[60] = 94, 6
    measure(
        house,
        [
            day_row("a", OCTOBER, 5, known=100, expected=100),
            day_row("a", LAST, 0, known=100, expected=100, cpu_histogram=bins, cpu_mean=13.0,
                    memory_peak=77.5, disk_max=55.5),
        ],
    )  # fmt: skip

    (found,) = month_of(house, {"a": None}, OCTOBER, LAST).to_dict("records")
    # 200 samples: 100 at 5, 94 at 10, 6 at 60; 95 % are 190: reached at 10 (194). Of the second day alone it
    # were 60. Mean: (100 x 5 + 100 x 13) / 200 = 9. Coverage: 200 of 31 x 100.
    assert (found["cpu_p95"], found["cpu_mean"]) == (10, 9)
    assert (found["memory_peak"], found["disk_max"]) == (77.5, 55.5)
    assert found["coverage"] == pytest.approx(200 / 3100)


def test_a_month_agrees_with_plain_counting(house: Installation) -> None:
    dice = random.Random(20261101)
    rows, samples = [], {f"vm-{n}": [] for n in range(30)}  # type: dict[str, list[int]]
    for name in samples:
        for n in range(0, 31, dice.randint(1, 6)):
            values = [dice.randint(0, 100) for _ in range(dice.randint(0, 20))]
            bins = [values.count(percent) for percent in range(101)]
            mean = sum(values) / len(values) if values else None
            facts = {"known": len(values), "cpu_known": len(values), "cpu_histogram": bins, "cpu_mean": mean}
            rows.append(day_row(name, OCTOBER + timedelta(days=n), 0, **facts))
            samples[name] += values
    measure(house, rows)

    found = month_of(house, dict.fromkeys(samples), OCTOBER, LAST)
    for name, values in samples.items():
        expected = next(
            (b for b in range(101) if 100 * sum(v <= b for v in values) >= 95 * len(values)), None
        )
        assert found.loc[name, "cpu_p95"] == (
            expected if values else pytest.approx(float("nan"), nan_ok=True)
        )


def test_samples_are_due_from_the_day_after_the_delivery(house: Installation) -> None:
    measure(house, [day_row("a", LAST, 5)])

    found = month_of(house, {"a": LAST - timedelta(days=2), "b": None}, OCTOBER, LAST)
    assert found["coverage"].tolist() == [0.5, 0.0]  # one of two days; never measured


def test_the_highest_and_the_lowest_are_ranked_and_a_gap_is_no_low_use(house: Installation) -> None:
    with house.register.write() as db:
        for name in ("busy", "calm", "gappy", "dark"):
            machine(db, name, system=System(name=f"S {name}", department=Department(code=name, name=name)))
    gappy = [row for row in whole_month("gappy", 1) if row["day"].day > 4]  # 27 of 31 days: 87 %
    measure(house, [*whole_month("busy", 80), *whole_month("calm", 3), *gappy])

    report = october(house)
    assert [use.machine for use in report.highest] == ["busy", "calm", "gappy"]
    assert [use.machine for use in report.lowest] == ["calm", "busy"]
    assert (report.highest[0].cpu_p95, report.highest[0].system) == (80, "S busy")
    assert [(c.machines, c.measured) for c in report.coverage] == [(4, 3)]
    assert report.measured == 3


def test_twenty_machines_are_listed(house: Installation) -> None:
    with house.register.write() as db:
        for n in range(25):
            machine(db, f"vm-{n:02d}")
    measure(house, [row for n in range(25) for row in whole_month(f"vm-{n:02d}", n)])

    report = october(house)
    assert [use.machine for use in report.highest] == [f"vm-{n:02d}" for n in range(24, 4, -1)]
    assert [use.machine for use in report.lowest] == [f"vm-{n:02d}" for n in range(20)]


@pytest.mark.parametrize(
    ("today", "until", "whole"),
    [
        (date(2026, 11, 1), LAST, True),
        (date(2026, 10, 31), date(2026, 10, 30), False),
        (date(2026, 10, 2), OCTOBER, False),
        (date(2026, 10, 1), date(2026, 9, 30), False),
    ],
    ids=["over", "its last day", "its second day", "its first day: nothing is closed yet"],
)
def test_a_month_counts_up_to_its_last_closed_day(
    house: Installation, today: date, until: date, whole: bool
) -> None:
    report = october(house, today=today)

    assert (report.until, report.whole) == (until, whole)
    assert report.empty


def test_a_month_that_has_not_begun_is_refused(house: Installation) -> None:
    with pytest.raises(FutureMonthError, match="2026-10 has not begun, today is 2026-09-30"):
        october(house, today=date(2026, 9, 30))


@pytest.mark.parametrize(
    ("days", "place"),
    [(-1, 0), (0, 0), (3, 0), (4, 1), (10, 1), (11, 2), (30, 2), (31, 3), (60, 3), (61, 4), (400, 4)],
)
def test_days_fall_into_their_bucket(days: int, place: int) -> None:
    assert bucket(days) == place
    first, last = BUCKETS[place]
    assert max(days, 0) >= first
    assert last is None or days <= last


def test_deployments_of_the_month_and_what_waits_at_its_end_are_counted(house: Installation) -> None:
    with house.register.write() as db:
        machine(db, "in the month", delivered_on=date(2026, 9, 20), deployed_on=date(2026, 10, 1))  # 11 days
        machine(db, "the month before", delivered_on=date(2026, 9, 1), deployed_on=date(2026, 9, 30))
        machine(
            db, "the month after", delivered_on=date(2026, 10, 28), deployed_on=date(2026, 11, 2)
        )  # 3 days
        machine(db, "waiting", delivered_on=date(2026, 9, 1))  # 60 days
        machine(db, "in use", delivered_on=date(2026, 9, 1))
        machine(db, "long ago", delivered_on=date(2026, 1, 1))
        machine(db, "not yet", delivered_on=date(2026, 11, 1))
        machine(db, "unknown")
        loaded = machine(db, "proven", delivered_on=date(2026, 10, 1))
        proof = Deadline(
            subject=f"machine:{loaded.id}", article="第十三条 部署", started_on=date(2026, 10, 1),
            working_days=10, met_on=date(2026, 10, 5), calendar="1",
        )  # fmt: skip
        db.add(proof)
    measure(house, whole_month("in use", 20))

    cycles = october(house).cycles
    assert [(cycle.deployed, cycle.waiting) for cycle in cycles] == [(0, 1), (1, 0), (1, 0), (0, 1), (0, 0)]


def test_overdue_is_what_was_late_when_the_month_ended(house: Installation) -> None:
    def late_one(
        db: Session, name: str, state: str = "overdue", due: date = date(2026, 10, 9), **facts: Any
    ) -> None:
        item(db, machine(db, name), state, due, **facts)

    with house.register.write() as db:
        late_one(db, "late")
        late_one(
            db, "done in November", "done", ended_on=date(2026, 11, 2), clock={"met_on": date(2026, 11, 2)}
        )
        late_one(
            db, "done in October", "done", ended_on=date(2026, 10, 12), clock={"met_on": date(2026, 10, 12)}
        )
        late_one(db, "due on the last day", "received", due=LAST)
        late_one(db, "due the day before", due=LAST - timedelta(days=1))
        late_one(db, "objected", "objected", clock={"paused_on": date(2026, 10, 8)})
        late_one(db, "suggested", "received", kind="expand")
        item(db, machine(db, "provisional"), "received")

    late = october(house).late
    assert [(line.machine, line.days) for line in late] == [
        ("done in November", 22),  # from 9 to 31 October
        ("late", 22),
        ("due the day before", 1),
    ]


def test_notices_of_the_month_are_counted_by_kind_and_state(house: Installation) -> None:
    with house.register.write() as db:
        item(db, machine(db, "a"), "received", issued_on=OCTOBER)
        item(db, machine(db, "b"), "done", issued_on=LAST)
        item(db, machine(db, "c"), "adopted", issued_on=LAST, kind="expand")
        item(db, machine(db, "d"), "received", issued_on=date(2026, 11, 1))

    found = october(house).issued
    assert [(line.kind, line.notices, line.machines, dict(line.states)) for line in found] == [
        ("shrink", 2, 2, {"received": 1, "done": 1}),
        ("expand", 1, 1, {"adopted": 1}),
    ]


def test_savings_are_those_of_the_year_up_to_the_end_of_the_month(house: Installation) -> None:
    with house.register.write() as db:
        proven = {"promised": 628.0, "realised": 600.0, "outcome": "done"}
        item(db, machine(db, "a"), "done", done_on=date(2026, 10, 2), **proven)
        item(db, machine(db, "b"), "done", done_on=date(2026, 11, 2), **proven)
        item(db, machine(db, "c"), "received", promised=99.0, issued_on=date(2026, 11, 1))

    (line,) = october(house).savings
    # Two promises of 628; one realised by then, on 30 days (2 to 31 October): 600 x 30 / (365 / 12).
    assert (line.promised, line.realised) == (1256, 600)
    assert line.so_far == pytest.approx(600 * 30 * 12 / 365, abs=0.01)


def test_a_department_reads_of_its_own_machines_only(house: Installation) -> None:
    with house.register.write() as db:
        for name, department in (("ours", "市民政局"), ("theirs", "市公安局")):
            item(
                db,
                machine(db, name, department),
                "overdue",
                date(2026, 10, 9),
                issued_on=OCTOBER,
                promised=1.0,
            )
    measure(house, [*whole_month("ours", 5), *whole_month("theirs", 6)])

    report = october(house, "市民政局")
    assert (report.scope, report.department, report.machines) == ("department", "市民政局", 1)
    assert [use.machine for use in report.highest] == ["ours"]
    assert [line.machine for line in report.late] == ["ours"]
    assert [line.notices for line in report.issued] == [1]
    assert (
        [line.department for line in report.savings]
        == [line.department for line in report.coverage]
        == ["市民政局"]
    )


@pytest.fixture
def call(house: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command on this installation, in an empty folder."""
    settings = tmp_path / "rightsizer.yml"
    settings.write_text(f"data_dir: {tmp_path}\n", "utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with house.register.write() as db:
        machine(db, "vm-1")
    measure(house, [day_row("vm-1", date(2026, 1, 5), 7)])
    return lambda *words: CliRunner().invoke(root, ["--config", str(settings), "report", "month", *words])


@pytest.mark.parametrize(
    ("words", "name", "begins"),
    [
        ((), "rightsizer-2026-01.docx", b"PK"),
        (("--format", "xlsx"), "rightsizer-2026-01.xlsx", b"PK"),
        (("--format", "html"), "rightsizer-2026-01.html", b"<!DOCTYPE html>"),
        (("--finance",), "rightsizer-2026-01-finance.docx", b"PK"),
        (("--department", "D-市民政局"), "rightsizer-2026-01-市民政局.docx", b"PK"),
        (("--output-file", "page.html"), "page.html", b"<!DOCTYPE html>"),
    ],
)
def test_the_report_is_written_here_and_its_path_printed(
    call: Callable[..., Any], words: tuple[str, ...], name: str, begins: bytes
) -> None:
    result = call("2026-01", *words)

    assert (result.exit_code, result.stdout) == (0, f"{name}\n"), result.output
    assert Path(name).read_bytes().startswith(begins)


def test_an_empty_month_says_so(call: Callable[..., Any]) -> None:
    result = call("2025-12")

    assert result.exit_code == 0
    assert "nothing was measured, sent, late or saved in 2025-12" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2026-13",), "'2026-13' is not a month such as 2026-10"),
        (("2026-1",), "is not a month"),
        (("2026-01", "--finance", "--department", "市民政局"), "--department or --finance, not both"),
        (("2026-01", "--output-file", "report.pdf"), "a name that ends with .docx, .xlsx, .html"),
        (("2026-01", "--department", "市司"), "no department '市司'"),
        (("2999-01",), "2999-01 has not begun"),
    ],
)
def test_a_mistaken_call_is_told_what_is_wrong(
    call: Callable[..., Any], words: tuple[str, ...], said: str
) -> None:
    result = call(*words)

    assert result.exit_code != 0
    assert said in result.output + str(result.exception)
    assert list(Path().iterdir()) == []
