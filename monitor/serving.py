"""Whether machines serve: their use of the last days against the policy's idle rule (art. 13: 不再使用)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from filing.release import Use
from rules.history import history
from rules.statistics import statistic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from config.policy import Condition
    from monitor.installation import Installation

WINDOW = 7  # days
UNIT = {"network": " B/s"}


def uses(house: Installation, names: Sequence[str], today: date) -> dict[str, Use]:
    """Machine -> what it did in the last days. One that was not measured in every resource that the idle rule
    names is not known to be idle.
    """
    names = sorted(names)
    rule = house.policy.rules.idle
    days = house.lake.of_machines(names, today - timedelta(days=WINDOW), today - timedelta(days=1))
    past = history(days, names, today, (WINDOW,))
    found = [(condition, statistic(past, condition, WINDOW)) for condition in rule.conditions]
    told = {}
    for place, name in enumerate(names):
        values = [(condition, float(figures.value[place])) for condition, figures in found]
        holds = [bool(figures.holds[place]) for _condition, figures in found]
        idle = all(holds) if rule.combine == "all" else any(holds)
        measured = [(condition, value) for condition, value in values if value == value]  # noqa: PLR0124  (NaN)
        above = [
            (condition, value)
            for (condition, value), held in zip(values, holds, strict=True)
            if not held and value == value  # noqa: PLR0124  (the same)
        ]
        serving = None if len(measured) < len(values) and not above else not idle
        told[name] = Use(
            serving, f"{name} ({words(above or measured) or 'not measured'}, last {WINDOW} days)"
        )
    return told


def words(values: Sequence[tuple[Condition, float]]) -> str:
    """Such as cpu p95 41 % (idle: 3)."""
    return ", ".join(
        f"{condition.resource} {condition.statistic} {value:.0f}{UNIT.get(condition.resource, ' %')}"
        f" (idle: {condition.threshold})"
        for condition, value in values
    )
