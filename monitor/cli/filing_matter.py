"""What the commands on filings share: one filing in a write transaction, departments, values of the card."""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from monitor.cli.session import acting, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.tables import Filing
    from store.tables import Department, System
    from store.workflow import Act

set_option = click.option(
    "--set",
    "said",
    metavar="FIELD=VALUE",
    multiple=True,
    help=_("A value of the card, by key or heading (建成时间=2021-03); several times; empty takes it out."),
)
system_of = click.option("--system", metavar="NAME", help=_("The system of the inventory that it is about."))
project_of = click.option(
    "--project", type=click.IntRange(1, 2**31 - 1), metavar="N", help=_("The project that built it.")
)

project_of = click.option(
    "--project",
    "project",
    metavar="N",
    type=click.IntRange(1, 2**31 - 1),
    help=_("The project that built it."),
)


@dataclass(frozen=True, slots=True)
class Matter:
    """One filing in a write transaction, and who acts on it."""

    db: Session
    filing: Filing
    act: Act
    today: date


@contextmanager
def matter(ctx: click.Context, number: int, reason: str | None) -> Iterator[Matter]:
    """The filing, in one transaction: all that is done inside is kept, or nothing."""
    from filing.filings import found_filing

    installation = house(ctx)
    act, today = acting(installation, reason), installation.now().today
    with installation.register.write() as db:
        yield Matter(db, found_filing(db, number), act, today)


def given(said: Iterable[str]) -> dict[str, object]:
    """The values of --set. What a 涉密 field says is shown nowhere."""
    from filing.card_check import parsed

    pairs: dict[str, str] = {}
    for text in said:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(_("--set FIELD=VALUE, not {text!r}").format(text=name))
        pairs[name.strip()] = value
    return parsed(pairs)


def system_row(db: Session, department: Department, wanted: str) -> System:
    from sqlalchemy import select

    from store.tables import System

    own = select(System).where(System.department_id == department.id)
    found = db.scalar(own.where(System.name == wanted))
    if found is None:
        raise click.ClickException(unknown(_("system"), wanted, [row.name for row in db.scalars(own)]))
    return found


def unknown(noun: str, wanted: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(wanted, list(known), 3, 0.4)
    hint = _(" Near: {names}.").format(names=", ".join(near)) if near else ""
    return _("no {noun} {name!r}.{hint}").format(noun=noun, name=wanted, hint=hint)
