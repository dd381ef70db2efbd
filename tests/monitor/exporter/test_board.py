"""The page of a small real city: what it shows is what the store knows."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from components import PROMTOOL, program
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from stage import now
from test_notices_end_to_end import approved, day, inventory

from collectors.collector import Batch, Failure, Reason
from monitor.exporter.board import Board
from monitor.exporter.families import CITY, PREFIX, SERVICE, table
from monitor.exporter.machines import newest
from monitor.exporter.program import Program
from monitor.pipeline import Run, collect, deliver, follow_up, issue, judge, run_steps
from store.samples import samples
from store.tables import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.installation import Installation

pytest_plugins = ["test_notices_end_to_end"]

DOCS = Path(__file__).resolve().parents[3] / "docs"
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def shown(board: Board) -> Series:
    families = text_string_to_metric_families(board.page().decode())
    return {
        (sample.name.removeprefix(PREFIX), frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(series: Series, name: str, **labels: str) -> float | None:
    return series.get((name, frozenset(labels.items())))


class Source:
    """One sample of each machine, and one machine that does not answer."""

    name, counts = "exporters", False

    def __init__(self, machines: list[str]) -> None:
        self.machines = machines

    def collect(self, moment: datetime) -> Iterator[Batch]:
        count = len(self.machines)
        columns = {"machine": self.machines, "time": [moment] * count, "step": [300] * count}
        rows, invalid = samples({**columns, "cpu": [12.5] * count, "memory": [400.0] * count})
        yield Batch(rows, (Failure(self.name, "vm-9", Reason.TIMEOUT, "10 s"),), invalid)

    def close(self) -> None: ...


@pytest.fixture
def board(rightsizer: Installation) -> Board:
    """A judged, issued, delivered and sampled city of two machines."""
    inventory(rightsizer, "市民政局", ["vm-1", "vm-2"])
    made = Board(Program())
    moment = now(day("09-18"))
    run_steps(Run(rightsizer, moment, [Source(["vm-1", "vm-2"])], meter=made), (collect, judge))
    approved(rightsizer)
    run_steps(Run(rightsizer, moment, meter=made), (issue, deliver, follow_up))
    made.refresh(rightsizer, moment)
    return made


def test_the_page_shows_the_city(board: Board) -> None:
    series = shown(board)

    assert value(series, "machine_info", machine="vm-1", department="市民政局", system="") == 1
    assert value(series, "machine_cpu_ratio", machine="vm-1") == 0.125
    assert value(series, "machine_memory_ratio", machine="vm-1") is None  # 400 % cannot be
    assert value(series, "machine_vcpus", machine="vm-1") == 16
    assert value(series, "machine_verdict", machine="vm-2", verdict="shrink") == 1
    assert value(series, "verdicts", department="市民政局", verdict="shrink") == 2
    p95 = {"machine": "vm-1", "rule": "shrink", "resource": "cpu", "statistic": "p95"}
    assert value(series, "machine_statistic_ratio", **p95) == 0.05
    assert value(series, "threshold_ratio", rule="shrink", resource="cpu", statistic="p95") == 0.25
    assert value(series, "judged_timestamp_seconds") == datetime(2026, 9, 17, 16, tzinfo=UTC).timestamp()


def test_the_page_shows_where_the_notices_stand(board: Board) -> None:
    series = shown(board)
    number = "平数云核减〔2026〕1号"

    notice = {"notice": number, "department": "市民政局", "kind": "shrink"}
    assert value(series, "notice_items", department="市民政局", kind="shrink", state="received") == 2
    assert value(series, "notice_open_items", **notice) == 2
    # Received on 2026-09-18: the tenth working day is 2026-10-09, which ends at 16:00 UTC.
    ends = datetime(2026, 10, 9, 16, tzinfo=UTC).timestamp()
    assert value(series, "notice_due_timestamp_seconds", **notice) == ends
    place = {"machine": "vm-1", "notice": number, "kind": "shrink", "state": "received"}
    assert value(series, "machine_notice", **place) == 1
    assert value(series, "notices_issued_total", kind="shrink") == 1
    assert value(series, "outbox_mails", state="sent") == 1
    assert value(series, "outbox_channel_state", state="open") == 1
    assert value(series, "policy_bars_issue") == 0
    assert value(series, "breaker_held") == 0
    known_until = datetime(2026, 12, 31, 16, tzinfo=UTC).timestamp()
    assert value(series, "calendar_known_until_timestamp_seconds") == known_until


def test_the_page_shows_what_the_service_did(board: Board) -> None:
    series = shown(board)

    assert value(series, "samples_total", source="exporters") == 2
    assert value(series, "invalid_values_total", source="exporters") == 2
    assert value(series, "collect_failures_total", source="exporters", reason="timeout") == 1
    assert value(series, "step_runs_total", step="judge", outcome="ok") == 1
    assert value(series, "mails_tried_total", outcome="sent") == 1


def test_a_step_that_fails_is_counted_as_failed(rightsizer: Installation) -> None:
    board = Board(Program())

    def torn(_run: Run) -> dict[str, int]:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        run_steps(Run(rightsizer, now(day("09-18")), meter=board), (torn,))

    assert value(shown(board), "step_runs_total", step="torn", outcome="failed") == 1


def test_a_silent_machine_shows_since_when_and_no_use(board: Board, rightsizer: Installation) -> None:
    later = now(day("09-18"), hour=3)
    board.refresh(rightsizer, later)
    series = shown(board)

    assert value(series, "machine_cpu_ratio", machine="vm-1") is None
    sampled = value(series, "machine_sample_timestamp_seconds", machine="vm-1")
    assert sampled == (later.moment - timedelta(hours=1)).timestamp()


def test_a_node_that_does_not_lead_shows_no_machines(board: Board, rightsizer: Installation) -> None:
    board.forget()
    board.refresh(rightsizer, now(day("09-18")))
    names = {name for name, _labels in shown(board)}

    assert "machine_cpu_ratio" not in names
    assert "machine_verdict" not in names
    assert "notice_items" in names


def test_the_newest_sample_of_each_machine_stays_whatever_comes_late() -> None:
    def batch(machine: str, *minutes: int) -> pa.Table:
        times = [datetime(2026, 9, 18, 1, minute, tzinfo=UTC) for minute in minutes]
        count = len(minutes)
        columns = {"machine": [machine] * count, "time": times, "step": [60] * count}
        return samples({**columns, "cpu": [float(minute) for minute in minutes]})[0]

    rows = newest(pa.concat_tables([batch("b", 5), batch("a", 2, 9, 4), batch("b", 3)]))

    assert list(zip(rows["machine"].to_pylist(), rows["cpu"].to_pylist(), strict=True)) == [
        ("a", 9.0),
        ("b", 5.0),
    ]


def sampled(board: Board, house: Installation, hour: int, machines: list[str]) -> None:
    """A round of collection at this hour (UTC) of the day."""
    source = Source(machines)
    run_steps(Run(house, now(day("09-18"), hour=hour), [source], meter=board), (collect,))


def test_fault_22_a_clock_that_was_ahead_leaves_no_use_of_the_future(
    board: Board, rightsizer: Installation
) -> None:
    sampled(board, rightsizer, 5, ["vm-1", "vm-2"])
    sampled(board, rightsizer, 2, ["vm-1"])
    moment = now(day("09-18"), hour=2)
    board.refresh(rightsizer, moment)
    series = shown(board)

    assert value(series, "machine_sample_timestamp_seconds", machine="vm-1") == moment.moment.timestamp()
    assert value(series, "machine_cpu_ratio", machine="vm-1") == 0.125
    assert value(series, "machine_sample_timestamp_seconds", machine="vm-2") is None
    assert value(series, "machine_cpu_ratio", machine="vm-2") is None
    assert value(series, "machine_vcpus", machine="vm-2") == 16


def test_a_machine_that_left_the_inventory_has_no_series(board: Board, rightsizer: Installation) -> None:
    with rightsizer.register.write() as db:
        db.execute(update(Machine).where(Machine.name == "vm-2").values(name="vm-9"))
    board.refresh(rightsizer, now(day("09-18")))

    left = {name for name, labels in shown(board) if ("machine", "vm-2") in labels}
    assert left == {"machine_notice"}  # the notice waits until it is taken back
    assert value(shown(board), "verdicts", department="市民政局", verdict="shrink") == 1
    assert value(shown(board), "machine_verdict", machine="vm-1", verdict="shrink") == 1
    assert board.samples["machine"].to_pylist() == ["vm-1"]


def test_what_is_not_read_any_more_vanishes_from_the_page(rightsizer: Installation) -> None:
    inventory(rightsizer, "市民政局", ["vm-1"])
    clock = [1000.0]
    board = Board(Program(), lambda: clock[0])
    board.refresh(rightsizer, now(day("09-18")))
    clock[0] += 300
    at_most = {name for name, _labels in shown(board)}
    clock[0] += 1
    later = {name for name, _labels in shown(board)}

    assert {"machine_info", "outbox_mails", "lake_files"} <= at_most
    assert later & {family.name for family in CITY} == set()
    assert "snapshot_timestamp_seconds" in later


def test_promtool_finds_no_fault_with_the_page(board: Board) -> None:
    checked = subprocess.run(
        [program(PROMTOOL), "check", "metrics"], input=board.page(), capture_output=True, check=False
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_every_metric_of_the_page_is_declared_and_documented(board: Board) -> None:
    text = (DOCS / "metrics.md").read_text("utf-8")
    declared = {family.name for family in (*CITY, *SERVICE)}
    named = {name for name, _labels in shown(board) if not re.match("python_|process_", name)}

    assert named <= declared
    assert table(CITY) in text
    assert table(SERVICE) in text
