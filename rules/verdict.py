"""What a judgement says of one machine: values that can be stored, printed and defended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Kind(StrEnum):
    SHRINK = "shrink"
    EXPAND = "expand"
    IDLE = "idle"
    KEEP = "keep"
    INSUFFICIENT = "insufficient"


class Lack(StrEnum):
    """Why there is not enough data to judge, the first that fits."""

    NO_DATA = "no_data"
    STALE = "stale"
    METRIC_MISSING = "metric_missing"
    RESIZED = "resized"
    SHORT_HISTORY = "short_history"
    LOW_COVERAGE = "low_coverage"


class Note(StrEnum):
    NO_SAFE_SIZE = "no_safe_size"
    CAPACITY_UNKNOWN = "capacity_unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One condition of one rule. Percents 0..100 (network: bytes/s); value None = unknown.

    known and expected count the samples of the rule's window; share is the part (0..1) of the known samples
    at or below the threshold (p95 only); witnesses are the days on which a periodic peak was reached, the
    earlier one first.
    """

    rule: str
    resource: str
    statistic: str
    operator: str
    threshold: int
    value: float | None
    holds: bool
    known: int
    expected: int
    share: float | None
    witnesses: tuple[date, ...]
    phrase: str


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """How much data a rule had: valid days and coverage (0..1), and what it needs of both."""

    rule: str
    valid_days: int
    needed_days: int
    window_days: int
    coverage: float
    needed_coverage: float


@dataclass(frozen=True, slots=True)
class Size:
    """A machine's size; None = unknown, or not to be changed because unknown."""

    vcpus: float | None
    memory_gib: float | None
    disk_gib: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """saving_yuan_month is what the advised size saves (negative: costs); None without a size or prices."""

    machine: str
    kind: Kind
    reason: Lack | None
    evidence: tuple[Evidence, ...]
    sufficiency: tuple[Sufficiency, ...]
    current: Size
    size: Size | None
    saving_yuan_month: float | None
    note: Note | None

    def deciding(self) -> tuple[Evidence, ...]:
        """The evidence of the rule that decided: expand's, idle's, else shrink's."""
        rule = self.kind if self.kind in {Kind.EXPAND, Kind.IDLE} else Kind.SHRINK
        return tuple(evidence for evidence in self.evidence if evidence.rule == rule)
