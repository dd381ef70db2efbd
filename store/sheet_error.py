"""What is wrong with a sheet, cell by cell, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SHOWN = 20  # problems that a message lists
KEPT = 1000  # problems that are remembered one by one; the rest is counted


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One cell that cannot be used. `place`: `Sheet!C7`, `line 7, column cpu`; empty for the whole file."""

    place: str
    column: str
    value: str
    expected: str
    sheet: str = ""
    row: int = 0

    def __str__(self) -> str:
        said = self.place.endswith(f"column {self.column}")
        named = f" ({self.column})" if self.column and not said else ""
        where = f"{self.place}{named}: " if self.place else ""
        read = f"read {self.value}, expected " if self.value else ""
        return f"{where}{read}{self.expected}"


class SheetError(ValueError):
    """A file cannot be used. `problems`: those found (the first thousand); `count`: how many there are."""

    def __init__(self, path: Path, problems: Sequence[CellProblem], count: int | None = None) -> None:
        self.path = path
        self.problems = list(problems)
        self.count = len(self.problems) if count is None else count
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if self.count > len(lines):
            lines.append(f"... and {self.count - len(lines)} more")
        head = f"{path.name}: " if self.count == 1 else f"{path.name}: {self.count} problems\n"
        super().__init__(head + "\n".join(lines))


def file_error(path: Path, value: str, expected: str) -> SheetError:
    return SheetError(path, [CellProblem("", "", value, expected)])


def shown(value: object) -> str:
    """Foreign content in a message: escaped, on one line, at most 60 characters."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


class Problems:
    """The problems of one file as they are found: the first thousand one by one, the rest counted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kept: list[CellProblem] = []
        self.count = 0

    @property
    def full(self) -> bool:
        return len(self.kept) >= KEPT

    def add(self, problem: CellProblem) -> None:
        self.count += 1
        if not self.full:
            self.kept.append(problem)

    def refuse(self) -> None:
        """Raises SheetError when there is any problem."""
        if self.count:
            raise SheetError(self.path, self.kept, self.count)
