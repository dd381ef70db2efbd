"""What the commands on the catalog share: a write transaction with who acts, departments, words of codes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from monitor.cli.session import acting, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.events import Dates
    from monitor.installation import Installation
    from store.tables import Deadline
    from store.workflow import Act

code_argument = click.argument("code", metavar="CODE")
codes_argument = click.argument("codes", nargs=-1, required=True, metavar="CODES...")


@dataclass(frozen=True, slots=True)
class Desk:
    """A write transaction on the catalog, who acts in it, and today."""

    house: Installation
    db: Session
    act: Act
    today: date

    def dates(self, term: str) -> Dates:
        """The calendar, and the working days of a term of the policy."""
        from catalog.events import Dates
        from store.calendar import calendar

        return Dates(self.today, calendar(self.db), getattr(self.house.policy.catalog, term))


@contextmanager
def desk(ctx: click.Context, reason: str | None) -> Iterator[Desk]:
    """All that is done inside is kept, or nothing."""
    installation = house(ctx)
    act, today = acting(installation, reason), installation.now().today
    with installation.register.write() as db:
        yield Desk(installation, db, act, today)


def due(row: Deadline | None) -> str | None:
    """When a clock ends, for a list."""
    if row is None:
        return None
    if row.met_on is not None:
        return _("met {day}").format(day=row.met_on)
    return _("provisional") if row.due_on is None else str(row.due_on)


def tick(value: object) -> str:
    """A claim, for a list."""
    return _("yes") if value else "-"


def word(table: str, key: object) -> str:
    """The Chinese word of a code, as people read it."""
    from catalog.codes import TABLES

    return TABLES[table].word(None if key is None else str(key)) or "-"
