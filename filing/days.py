"""Days in their order: nothing is recorded of a day to come, nor before what must come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing.projects import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


def in_order(what: str, on: date, today: date, before: Iterable[tuple[str, date | None]]) -> None:
    """Raises ProjectError."""
    if on > today:
        raise ProjectError(f"{what} on {on} is to come, today is {today}: record it when it has happened")
    for name, day in before:
        if day is not None and on < day:
            raise ProjectError(f"{what} on {on} is before {name} on {day}: correct the day")
