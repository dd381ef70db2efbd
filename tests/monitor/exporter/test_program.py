"""What the process says of itself: series come, and go when there is nothing to say any more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.collector import Batch, Failure, Reason
from monitor.exporter.program import Program
from store.lake import SAMPLES

MOMENT = datetime(2026, 9, 18, 1, tzinfo=UTC)


def value(program: Program, name: str, **labels: str) -> float | None:
    return program.registry.get_sample_value(f"rightsizer_{name}", labels)


def sampled(program: Program, source: str) -> None:
    row = SAMPLES.empty_table().from_pylist(
        [{"machine": "vm-1", "time": MOMENT, "step": 300}], schema=SAMPLES
    )
    program.sampled(source, Batch(row, (Failure(source, "vm-9", Reason.TIMEOUT, "10 s"),), 1), MOMENT)


def test_a_source_that_is_asked_no_more_has_no_series() -> None:
    program = Program()
    sampled(program, "old")
    sampled(program, "new")
    program.sources(["new", "newer"])

    assert b'"old"' not in program.page()
    assert value(program, "source_last_success_timestamp_seconds", source="new") == MOMENT.timestamp()
    assert value(program, "collect_failures_total", source="new", reason="timeout") == 1
    assert value(program, "samples_total", source="new") == 1
    assert value(program, "samples_total", source="newer") == 0
    assert value(program, "source_last_success_timestamp_seconds", source="newer") is None


def test_a_trouble_is_shown_until_it_is_none() -> None:
    program = Program()
    program.troubles({"collect": "OSError: no space left", "lease": "OperationalError: refused"})
    program.troubles({"lease": "OperationalError: refused"})
    unready = value(program, "ready")
    collect, lease = (value(program, "trouble", about=about) for about in ("collect", "lease"))
    program.troubles({})

    assert (collect, lease, unready) == (None, 1, 0)
    assert (value(program, "trouble", about="lease"), value(program, "ready")) == (None, 1)


@pytest.mark.parametrize(("later", "shown"), [(59.9, 7.0), (60.0, 0.5)], ids=["within", "after a minute"])
def test_a_late_beat_is_shown_for_a_minute(later: float, shown: float) -> None:
    program = Program()
    program.lag(7.0, 1000.0)
    program.lag(0.5, 1000.0 + later)

    assert value(program, "loop_lag_seconds") == shown
