"""A chart of daily figures in the terminal: fixed scale 0-100 %, a bar a day, the threshold as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EIGHTHS = " ▁▂▃▄▅▆▇█"
HEIGHT = 8  # rows of 12.5 %
ROW = 100 / HEIGHT
LINE, MISSING, LABEL = "┄", "·", 5


def chart(days: Sequence[float | None], threshold: float | None, marks: Sequence[int] = ()) -> list[str]:
    """Lines of text: `days` in percent, oldest first (None: not measured), `marks` the days to point at."""
    line = None if threshold is None else min(int(threshold / ROW), HEIGHT - 1)
    rows = [row(days, number, threshold if number == line else None) for number in reversed(range(HEIGHT))]
    base = "".join(MISSING if value is None else "─" for value in days)
    lines = [*rows, f"{0:>{LABEL - 1}} ┴{base}"]
    if marks:
        pointed = "".join("▲" if number in marks else " " for number in range(len(days)))
        lines.append(f"{'':>{LABEL}} {pointed}".rstrip())
    return lines


def row(days: Sequence[float | None], number: int, threshold: float | None) -> str:
    label = f"{threshold:g}" if threshold is not None else "100" if number == HEIGHT - 1 else ""
    cells = "".join(cell(value, number, crossed=threshold is not None) for value in days)
    return f"{label:>{LABEL - 1}} {'┼' if threshold is not None else '│'}{cells}".rstrip()


def cell(value: float | None, number: int, *, crossed: bool) -> str:
    filled = 0 if value is None else round(8 * (value - number * ROW) / ROW)
    block = EIGHTHS[min(max(filled, 0), 8)]
    if block == " " and value is not None and number == 0:
        block = EIGHTHS[1] if value > 0 else " "
    return LINE if block == " " and crossed else block
