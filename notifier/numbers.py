"""Numbers of notices: 平数云核减〔2026〕12号, a sequence for each prefix and year without gaps."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifier.tables import Sequence
from store.workflow import OvertakenError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WRITTEN = re.compile(r"(?P<prefix>[^\s〔〕]+)〔(?P<year>[0-9]{4})〕(?P<sequence>[0-9]{1,9})号")


@dataclass(frozen=True, slots=True)
class Number:
    prefix: str
    year: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.prefix}〔{self.year}〕{self.sequence}号"

    def slug(self, kind: str) -> str:
        """The notice's name in ASCII: shrink-2026-12.4f2a; the end stands for the prefix."""
        mark = hashlib.sha256(self.prefix.encode()).hexdigest()[:4]
        return f"{kind}-{self.year}-{self.sequence}.{mark}"


def parse(text: str) -> Number:
    """The number as it is written on a notice. Raises ValueError."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"not the number of a notice: {text!r}")
    return Number(found["prefix"], int(found["year"]), int(found["sequence"]))


def following(db: Session, prefix: str, year: int) -> Number:
    """The number that the next notice will have, if no other takes it first."""
    row = db.get(Sequence, (prefix, year), populate_existing=True)
    return Number(prefix, year, 1 + (row.last if row is not None else 0))


def take(db: Session, number: Number) -> None:
    """Takes the number, in the transaction of its notice. Raises OvertakenError when it is gone."""
    if following(db, number.prefix, number.year) != number:
        raise OvertakenError(f"{number} was taken just now")
    row = db.get(Sequence, (number.prefix, number.year))
    if row is None:
        db.add(Sequence(prefix=number.prefix, year=number.year, last=number.sequence))
    else:
        row.last = number.sequence
    db.flush()
