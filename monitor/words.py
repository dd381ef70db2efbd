"""Verdicts in words: figures with their window, coverage, threshold, witnesses and the article's phrase."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from rules.verdict import Kind, Lack, Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.verdict import Evidence, Size, Sufficiency, Verdict

SIGNS = {"at_most": "≤", "below": "<", "above": ">"}
NAMES = {
    "p95": "95 % of samples at or below",
    "periodic_peak": "periodic peak",
    "mean": "mean",
    "max": "highest",
    "last": "newest",
}
KINDS = {
    Kind.SHRINK: "shrink (核减)",
    Kind.EXPAND: "expand (扩容建议)",
    Kind.IDLE: "idle (停用核实)",
    Kind.KEEP: "keep (保持)",
    Kind.INSUFFICIENT: "insufficient data (数据不足)",
}
LACKS = {
    Lack.NO_DATA: "nothing was measured in the window",
    Lack.STALE: "the newest sample is older than 48 hours before the day",
    Lack.METRIC_MISSING: "a resource was never measured in the window",
    Lack.RESIZED: "the size changed inside the window, and too few days followed",
    Lack.SHORT_HISTORY: "too few valid days in the window",
    Lack.LOW_COVERAGE: "too many samples are missing in the window",
}
NOTES = {
    Note.NO_SAFE_SIZE: "no size of the catalogue is safe for every resource",
    Note.CAPACITY_UNKNOWN: "its size is unknown: import it with the inventory to get an advised size",
}


def percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def size_words(size: Size) -> str:
    parts = ((" vCPU", size.vcpus), (" GiB", size.memory_gib), (" GiB disk", size.disk_gib))
    return ", ".join(f"{value:g}{unit}" for unit, value in parts if value is not None) or "unknown"


def size_figures(size: Size) -> str:
    """vCPU/GiB/GiB of disk, a dash for what is unknown."""
    return "/".join("-" if v is None else f"{v:g}" for v in (size.vcpus, size.memory_gib, size.disk_gib))


def headline(verdict: Verdict) -> str:
    reason = f": {LACKS[verdict.reason]}" if verdict.reason is not None else ""
    note = f" ({NOTES[verdict.note]})" if verdict.note is not None else ""
    return f"{KINDS[verdict.kind]}{reason}{note}"


def condition(evidence: Evidence) -> str:
    """What was measured against what, with the article's phrase."""
    unit = " B/s" if evidence.resource == "network" else " %"
    value = "unknown" if evidence.value is None else f"{percent(evidence.value)}{unit}"
    wanted = f"{SIGNS[evidence.operator]} {evidence.threshold}{unit}"
    return f"{evidence.resource} {NAMES[evidence.statistic]} {value}, wanted {wanted} 「{evidence.phrase}」"


def basis(evidence: Evidence, recent_days: int, history_days: int) -> list[str]:
    """What the figure rests on: samples and their share; a periodic peak on days of a longer past,
    the later one within `recent_days`.
    """
    samples = f"{evidence.known:,} of {evidence.expected:,} samples known"
    if evidence.statistic != "periodic_peak":
        share = evidence.share
        of_them = "" if share is None else f", {share * 100:.2f} % of them at or below {evidence.threshold} %"
        return [samples + of_them]
    return [*reached(evidence.witnesses, recent_days, history_days), f"window: {samples}"]


def reached(days: Sequence[date], recent_days: int, history_days: int) -> list[str]:
    if not days:
        return [f"no daily peak within {recent_days} days"]
    if len(days) == 1:
        return [f"reached on {days[0]} (the highest within {recent_days} days, too short a past for two)"]
    return [
        f"reached on {' and '.join(map(str, days))}",
        f"(daily peaks of up to {history_days} days back, the later within {recent_days} days)",
    ]


def sufficiency(found: Sufficiency, as_of: date) -> list[str]:
    since, until = as_of - timedelta(days=found.window_days), as_of - timedelta(days=1)
    valid = f"{found.valid_days} valid days of {found.window_days} (needs {found.needed_days})"
    coverage = f"coverage {found.coverage * 100:.1f} % (needs {found.needed_coverage * 100:.0f} %)"
    return [f"{since} .. {until}: {valid},", coverage]


def money(yuan: float) -> str:
    return f"saves {yuan:,.2f} yuan a month" if yuan >= 0 else f"costs {-yuan:,.2f} yuan a month"
