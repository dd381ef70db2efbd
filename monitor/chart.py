"""A chart of daily figures in the terminal: fixed scale 0-100 %, a bar a day, the threshold as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EIGHTHS = " ▁▂▃▄▅▆▇█"
HEIGHT = 8  # rows of 12.5 %
LINE, MISSING, LABEL = "┄", "·", 5


def chart(
    days: Sequence[float | None], threshold: float | None, marks: Sequence[int] = (), height: int = HEIGHT
) -> list[str]:
    """Lines of text: `days` in percent, oldest first (None: not measured), `marks` the days to point at.
    `height` is how many rows stand for 100 %.
    """
    step = 100 / height
    line = None if threshold is None else min(int(threshold / step), height - 1)
    rows = [
        row(days, (number, height), threshold if number == line else None)
        for number in reversed(range(height))
    ]
    base = "".join(MISSING if value is None else "─" for value in days)
    lines = [*rows, f"{0:>{LABEL - 1}} ┴{base}"]
    if marks:
        pointed = "".join("▲" if number in marks else " " for number in range(len(days)))
        lines.append(f"{'':>{LABEL}} {pointed}".rstrip())
    return lines


def row(days: Sequence[float | None], place: tuple[int, int], threshold: float | None) -> str:
    """`place`: the number of the row, from below, and of how many."""
    number, height = place
    label = f"{threshold:g}" if threshold is not None else "100" if number == height - 1 else ""
    cells = "".join(cell(value, number, 100 / height, crossed=threshold is not None) for value in days)
    return f"{label:>{LABEL - 1}} {'┼' if threshold is not None else '│'}{cells}".rstrip()


def cell(value: float | None, number: int, step: float, *, crossed: bool) -> str:
    filled = 0 if value is None else round(8 * (value - number * step) / step)
    block = EIGHTHS[min(max(filled, 0), 8)]
    if block == " " and value is not None and number == 0:
        block = EIGHTHS[1] if value > 0 else " "
    return LINE if block == " " and crossed else block
