"""Long lists of numbers or names, asked for in parts: a database takes only so many values in a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
AT_ONCE = 500  # values in one question to the database


def parts(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in their order, at most `AT_ONCE` together."""
    known = list(values)
    for start in range(0, len(known), AT_ONCE):
        yield known[start : start + AT_ONCE]
