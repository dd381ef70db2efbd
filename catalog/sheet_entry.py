"""What one entry of a sheet says, and what a reading of a whole file found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isclose
from typing import TYPE_CHECKING, Any

from catalog.names import item_key
from catalog.template import heading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from catalog.metadata import ItemFacts, Metadata
    from store.cells import Cell
    from store.sheet_error import CellProblem
    from store.sheets import Row, Sheet


@dataclass(slots=True)
class SheetEntry:
    """An entry as the rows of a sheet have it. `said`: values by the keys of Metadata; what an empty cell
    leaves open is not in it, what 无 takes away is None. `items`: each with its facts that empty cells leave
    open. `bad`: a cell of it cannot be used.
    """

    sheet: Sheet
    first: Row
    department: int | None = None
    code: str | None = None
    class_code: str | None = None
    said: dict[str, Any] = field(default_factory=dict)
    items: list[tuple[ItemFacts, frozenset[str]]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: bool = False

    def metadata(self, before: Metadata) -> Metadata:
        """What it becomes of what was known: empty cells leave that as it is."""
        values = {**self.said, "survey": surveyed(before.survey, self.said.get("survey", {}))}
        if self.items:
            known = {item_key(item.name): item for item in before.items}
            known |= {item.name: item for item in before.items}
            values["items"] = tuple(completed(item, empty, known) for item, empty in self.items)
        return replace(before, **values)

    @property
    def place(self) -> str:
        return self.sheet.place(self.first.number, "title")


def completed(item: ItemFacts, empty: frozenset[str], known: Mapping[str, ItemFacts]) -> ItemFacts:
    """The item with what is known of it where the sheet says nothing: that it is personal is not lost."""
    before = known.get(item.name) or known.get(item_key(item.name))
    return item if before is None else replace(item, **{name: getattr(before, name) for name in empty})


def surveyed(before: Mapping[str, float], said: Mapping[str, float | None]) -> dict[str, float]:
    """A workbook keeps 15 or 16 digits of a number: one that was not touched stays as it is known."""
    both: dict[str, float | None] = {**before, **said}
    return {
        key: before[key] if key in before and isclose(value, before[key], rel_tol=1e-13) else value
        for key, value in both.items()
        if value is not None
    }


@dataclass(slots=True)
class Reading:
    """What a file holds. `left_out`: rows that are no entries, each with why; `unread`: headings that are no
    column of the form; `secret`: rows of 涉密 entries by sheet and number, nothing of which is kept.
    """

    path: Path
    entries: list[SheetEntry] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    secret: set[tuple[str, int]] = field(default_factory=set)
    refused: int = 0  # entries that are 涉密

    @property
    def good(self) -> list[SheetEntry]:
        return [entry for entry in self.entries if not entry.bad]

    def refuse(self, entry: SheetEntry, column: str, expected: str, row: Row | None = None) -> None:
        """Notes that a cell of the entry cannot be used."""
        entry.bad = True
        at = row or entry.first
        value: Cell = entry.sheet.cell(at, column)
        found = entry.sheet.problem(at.number, column, value, expected)
        self.problems.append(replace(found, column=heading(column)))

    def refuse_secret(self, entry: SheetEntry) -> None:
        """Nothing of it is told but where it stands."""
        self.refused += 1
        self.secret |= {(entry.sheet.name, number) for number in entry.numbers}
        found = entry.sheet.problem(
            entry.first.number,
            "secret_flag",
            None,
            "涉密: what is secret is not kept in this catalog; take it out of the file",
        )
        self.problems.append(replace(found, column=heading("secret_flag")))
