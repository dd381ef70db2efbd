"""Verdicts in words: figures with their window, coverage, threshold, witnesses and the article's phrase."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from rules.verdict import Kind, Lack, Note

if TYPE_CHECKING:
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
    Note.NO_SAFE_SIZE: "no size of the catalogue is smaller and safe",
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


def basis(evidence: Evidence) -> str:
    """What the figure rests on: samples, share, witnesses."""
    said = [f"{evidence.known:,} of {evidence.expected:,} samples known"]
    if evidence.share is not None:
        said.append(f"{evidence.share * 100:.2f} % of them at or below {evidence.threshold} %")
    if evidence.witnesses:
        said.append(f"reached on {' and '.join(str(day) for day in evidence.witnesses)}")
    return ", ".join(said)


def sufficiency(found: Sufficiency, as_of: date) -> str:
    since, until = as_of - timedelta(days=found.window_days), as_of - timedelta(days=1)
    valid = f"{found.valid_days} valid days of {found.window_days} (needs {found.needed_days})"
    return (
        f"{since} .. {until}: {valid}, "
        f"coverage {found.coverage * 100:.1f} % (needs {found.needed_coverage * 100:.0f} %)"
    )


def money(yuan: float) -> str:
    return f"saves {yuan:,.2f} yuan a month" if yuan >= 0 else f"costs {-yuan:,.2f} yuan a month"
