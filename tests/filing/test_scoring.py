"""Points out of our own data: what is known counts, what is not known costs nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.policy import load_policy
from config.settings import PolicyChoice
from filing.scoring import Catalogued, Deployment, MachineUse, catalog, deployment, points, total, use

POLICY = load_policy(PolicyChoice())
RULES = POLICY.rules
assert POLICY.evaluation is not None
GRADES = POLICY.evaluation.grades
WINDOW = (date(2026, 9, 30), date(2026, 12, 31))
DAY = date(2026, 12, 31)


def machine(
    cpu: float | None, memory: float | None = 60.0, disk: float | None = 60.0, coverage: float = 1.0
) -> MachineUse:
    return MachineUse("vm", cpu, memory, disk, coverage)


@pytest.mark.parametrize(
    ("each", "share"),
    [
        pytest.param(machine(40.0), 1.0, id="used"),
        pytest.param(machine(25.0, 30.0, 49.9), 0.5, id="CPU未超过25%, 内存未超过30%, 硬盘不到50%"),
        pytest.param(machine(26.0, 30.0, 49.9), 1.0, id="cpu just over"),
        pytest.param(machine(25.0, 30.1, 49.9), 1.0, id="memory just over"),
        pytest.param(machine(25.0, 30.0, 50.0), 1.0, id="disk at 50 is not 不到50%"),
        pytest.param(machine(3.0), 0.0, id="idle at 3"),
        pytest.param(machine(25.0, None, 49.9), 1.0, id="an unknown memory is not little used"),
        pytest.param(machine(None), None, id="no cpu: not measured"),
        pytest.param(machine(1.0, coverage=0.899), None, id="coverage just under 90 %"),
        pytest.param(machine(1.0, coverage=0.9), 0.0, id="coverage at 90 %"),
    ],
)
def test_a_machine_is_graded_by_the_thresholds_of_article_13(each: MachineUse, share: float | None) -> None:
    assert use([each], RULES, GRADES, WINDOW).share == share


def test_machines_that_were_not_measured_are_named_and_count_for_nothing() -> None:
    found = use([machine(40.0), machine(20.0, 20.0, 20.0), machine(None)], RULES, GRADES, WINDOW)

    assert found.share == 0.75  # (100 + 50) / 2, the third is left out
    assert [row["grade"] for row in found.evidence["machines"]] == ["used", "low", None]  # type: ignore[attr-defined]
    assert found.evidence["since"] == "2026-09-30"


def test_deployments_count_when_their_last_day_is_known_and_over() -> None:
    due = date(2026, 11, 10)
    rows = [
        Deployment("in time on the last day", date(2026, 10, 27), due, due),
        Deployment("a day late", date(2026, 10, 27), due, date(2026, 11, 11)),
        Deployment("never", date(2026, 10, 27), due, None),
        Deployment("provisional", date(2026, 12, 28), None, None),
        Deployment("runs", date(2026, 12, 20), date(2027, 1, 5), None),
        Deployment("met later than asked", date(2026, 12, 20), date(2027, 1, 5), date(2027, 1, 9)),
    ]
    found = deployment(rows, DAY)

    assert found.share == pytest.approx(1 / 3)
    assert [row["in_time"] for row in found.evidence["machines"]] == [True, False, False, None, None, None]  # type: ignore[attr-defined]


def test_nothing_to_measure_is_not_measured() -> None:
    assert use([], RULES, GRADES, WINDOW).share is None
    assert deployment([], DAY).share is None
    assert catalog(None).share is None
    assert catalog(Catalogued(0, 0)).share is None
    assert catalog(Catalogued(4, 3)).share == 0.75


def test_more_published_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="5 of 4"):
        catalog(Catalogued(4, 5))


def lines(*scores: tuple[int, float | None]) -> list[dict[str, object]]:
    return [{"points": most, "score": score} for most, score in scores]


def test_what_is_left_out_scales_the_rest() -> None:
    # 52 of 65 points: 80.00 of 100.
    assert total(lines((35, None), (65, 52.0)), 50) == 80.0
    assert total(lines((20, 13.33), (80, 66.66)), 50) == 79.99
    assert points(2 / 3 * 5) == 3.33
    assert points(1.005) == 1.01  # the half goes up


def test_too_little_scored_is_no_evaluation() -> None:
    with pytest.raises(ValueError, match="only 49 of 100 points"):
        total(lines((51, None), (49, 49.0)), 50)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(machine, st.none() | st.floats(0, 100), coverage=st.floats(0, 1)), max_size=6))
def test_losing_measurements_never_costs_a_point(machines: list[MachineUse]) -> None:
    # A machine's grade is its own: without its data the mean is that of the others, or nothing at all.
    whole = use(machines, RULES, GRADES, WINDOW).share
    lost = use([machine(None, coverage=0.0) for _ in machines], RULES, GRADES, WINDOW).share

    assert lost is None
    assert whole is None or 0.0 <= whole <= 1.0
