"""One machine's folded days as series for a person's eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import pyarrow as pa

Series = list[float | None]


def daily_figures(days: pa.Table, since: date, length: int) -> Iterator[tuple[str, str, Series]]:
    """(resource, title, one value a day from `since` on): cpu p95, memory's highest half hour, disk's
    highest.
    """
    rows = {(row["day"] - since).days: row for row in days.to_pylist()}
    cpu: Series = [None] * length
    memory: Series = [None] * length
    disk: Series = [None] * length
    for number, row in rows.items():
        cpu[number] = p95_of(row["cpu_histogram"]) if row["cpu_known"] else None
        memory[number] = row["memory_peak"]
        disk[number] = row["disk_max"]
    yield "cpu", "CPU, p95 of the day (%)", cpu
    yield "memory", "Memory, highest half hour of the day (%)", memory
    yield "disk", "Disk, highest of the day (%)", disk


def p95_of(histogram: list[int]) -> float:
    """The smallest whole percent with at least 95 % of the day's samples at or below."""
    total, below = sum(histogram), 0
    for percent, count in enumerate(histogram):
        below += count
        if 100 * below >= 95 * total:
            return float(percent)
    raise ValueError("a histogram of no samples")
