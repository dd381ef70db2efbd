"""Fault 26: a year whose holidays are not known is said long before it is needed, and never guessed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.settings import Settings
from monitor.health import Ground, years


@pytest.mark.parametrize(
    ("day", "state"),
    [
        pytest.param("2026-06-01", "good", id="June: the year is known"),
        pytest.param("2026-11-20", "warn", id="November: the next year is announced"),
        pytest.param("2026-12-15", "bad", id="December: a clock of 15 working days would have no end"),
        pytest.param("2027-01-04", "bad", id="the year began, and is not known"),
    ],
)
def test_fault_26_doctor_says_when_the_next_year_is_missing(day: str, state: str) -> None:
    check = years(Ground(Settings(), datetime.fromisoformat(day).replace(hour=4, tzinfo=UTC)))

    assert check.state == state
    assert check.found == "known until 2026-12-31"
    assert ("rightsizer calendar import" in (check.advice or "")) == (state != "good")
