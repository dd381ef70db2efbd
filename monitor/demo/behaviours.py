"""What machines of the simulated city do, and which verdict of art. 13 each behaviour is made for.

A behaviour is a range for every trait that differs from `USUAL`; each machine draws its own value from it.
The shares make a plausible city: near half of the machines too big, few too small, some cannot be judged.
The aims hold for a past of 93 days or more that ends on the city's today.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Range = tuple[float, float]
NEVER = (nan, nan)

# Percents are of the machine's capacity. "Days ago" count back from the city's today; NaN is never.
USUAL: Mapping[str, Range] = {
    "cpu": (2, 5),  # percent at rest
    "office": (4, 13),  # added in office hours
    "night": (0, 0),  # added by the nightly job
    "night_hour": (0.5, 4.5),
    "night_minutes": (20, 40),
    "week": (0, 0),  # cpu added on one morning of the week
    "month": (0, 0),  # cpu added on the last two days of a month
    "weekday": (0, 5),
    "unrest": (0.06, 0.18),  # relative deviation of cpu
    "memory": (10, 20),
    "memory_office": (1, 4),
    "memory_week": (0, 0),
    "memory_month": (0, 0),
    "leak": (0, 0),  # memory gained until the restart
    "leak_days": (9, 13),
    "disk": (12, 42),  # at the start of today
    "growth": (0.005, 0.04),  # disk, a day
    "network": (4e3, 4e4),  # bytes/s at rest
    "traffic": (1e3, 8e3),  # bytes/s for each percent of cpu
    "born": NEVER,  # days ago of the first sample
    "silent": NEVER,  # days ago of the first day without a sample
    "quiet": NEVER,  # days ago of the first day that nobody used the system
    "resized": NEVER,  # days ago of the evening when the capacity changed
    "spike": NEVER,  # days ago of a load that came once
}
WHOLE = ("weekday", "born", "silent", "quiet", "resized", "spike")


class Answer(StrEnum):
    """How the machine's exporter behaves when it is scraped."""

    ALWAYS = "always"
    SLOWLY = "slowly"
    MOSTLY = "mostly"
    HALF = "every other time"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`share` in percent of the city; `verdict`, `reason` and `note` are what the judgement shall come to."""

    name: str
    share: float
    verdict: str
    reason: str | None = None
    note: str | None = None
    answer: Answer = Answer.ALWAYS
    tiny: bool = False
    memory_reported: bool = True
    traits: Mapping[str, Range] = field(default_factory=dict)


CALM: Mapping[str, Range] = {"cpu": (4, 9), "office": (8, 20), "memory": (32, 48), "disk": (30, 60)}
UNUSED: Mapping[str, Range] = {
    "cpu": (0.3, 1.2),
    "office": (0, 0.2),
    "memory": (3, 9),
    "memory_office": (0, 0.1),
    "disk": (4, 14),
    "growth": (0, 0.003),
    "network": (60, 300),
    "traffic": (20, 80),
}

BEHAVIOURS = (
    # 核减
    Behaviour("office", 21, "shrink"),
    Behaviour("nightly", 10, "shrink", traits={"night": (25, 60), "office": (1, 7)}),
    Behaviour("steady", 8, "shrink", traits={"cpu": (3, 12), "office": (0, 2), "memory_office": (0, 1)}),
    Behaviour("one_off_spike", 4, "shrink", traits={"spike": (3, 50)}),
    Behaviour("resized_long_ago", 1.5, "shrink", traits={"resized": (45, 70)}),
    # 扩容
    Behaviour(
        "cpu_short", 1.3, "expand", traits={"cpu": (35, 45), "office": (45, 52), "unrest": (0.02, 0.05)}
    ),
    Behaviour("memory_short", 1.3, "expand", traits={**CALM, "memory": (80, 90)}),
    Behaviour("disk_short", 1, "expand", traits={"disk": (80, 92), "growth": (0.1, 0.25)}),
    Behaviour("leak_to_the_brim", 0.7, "expand", traits={"memory": (26, 31), "leak": (58, 63)}),
    # 释放
    Behaviour("unused", 4, "idle", traits=UNUSED),
    Behaviour("abandoned", 1.5, "idle", traits={"quiet": (45, 60), "disk": (12, 40), "growth": (0, 0.01)}),
    # nothing to do
    Behaviour(
        "busy", 13, "keep", traits={"cpu": (12, 20), "office": (20, 34), "memory": (35, 55), "disk": (30, 62)}
    ),
    Behaviour(
        "database", 9, "keep", traits={**CALM, "memory": (52, 66), "disk": (45, 66), "growth": (0.02, 0.08)}
    ),
    Behaviour("weekly_peak", 5, "keep", traits={"memory_week": (20, 38), "week": (15, 35)}),
    Behaviour("month_end", 4, "keep", traits={"memory_month": (22, 42), "month": (15, 35)}),
    Behaviour("archive", 4, "keep", traits={"disk": (55, 70), "growth": (0.002, 0.02)}),
    Behaviour("leak", 1.5, "keep", traits={"leak": (28, 44)}),
    Behaviour("tiny", 0.7, "keep", note="no_safe_size", tiny=True),
    # not enough data
    Behaviour(
        "unreachable",
        0.8,
        "insufficient",
        "no_data",
        answer=Answer.NEVER,
        traits={**CALM, "silent": (999, 1000)},
    ),
    Behaviour(
        "gone", 0.5, "insufficient", "no_data", answer=Answer.NEVER, traits={**CALM, "silent": (40, 70)}
    ),
    Behaviour(
        "fell_silent", 1, "insufficient", "stale", answer=Answer.NEVER, traits={**CALM, "silent": (4, 16)}
    ),
    Behaviour("no_meminfo", 1, "insufficient", "metric_missing", memory_reported=False),
    Behaviour("just_resized", 1, "insufficient", "resized", traits={**CALM, "resized": (8, 20)}),
    Behaviour("newborn", 1.2, "insufficient", "short_history", traits={**CALM, "born": (8, 22)}),
    Behaviour("half_covered", 1, "insufficient", "short_history", answer=Answer.HALF),
    Behaviour("lossy", 0.8, "insufficient", "low_coverage", answer=Answer.MOSTLY),
)
