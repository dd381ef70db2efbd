"""What the commands on one notice share: the notice in a write transaction, their options."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.notice_words import after, names, refusals
from monitor.cli.output import cell, note
from monitor.cli.session import Day, house, operating
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from monitor.installation import Installation, Now
    from notifier.tables import Item, Notice
    from store.workflow import Act

notice_argument = click.argument("wanted", metavar="NOTICE")
machine_option = click.option(
    "--machine",
    "machines",
    multiple=True,
    help=_("Only this machine; several times. Default: all it can be."),
)
reason_option = click.option("-m", "--reason", type=Words(), help=_("Why; kept in the journal."))
proof_option = click.option(
    "--proof", type=click.Path(path_type=Path), help=_("A file that proves it; a copy is kept with the data.")
)
on_option = click.option("--on", type=Day(), help=_("The day that they answered; default: today."))


@dataclass(frozen=True, slots=True)
class Matter:
    """One notice in a write transaction, and who acts on it."""

    house: Installation
    db: Session
    notice: Notice
    known: Calendar
    now: Now
    act: Act
    proof: str | None = None

    @property
    def spared_until(self) -> date:
        """Through this day a machine is left alone after its notice fell."""
        return self.now.today + timedelta(days=self.house.settings.notices.rejected_for)

    def items(self, machines: Sequence[str], event: str | None) -> list[Item]:
        from notifier.responses import chosen

        return chosen(self.db, self.notice, machines, event)

    def say(self, items: Sequence[Item], what: str) -> None:
        """What was recorded, and where these machines stand now."""
        told = after(self.db, self.known, items)
        note(f"{cell(self.notice.number)}: {names(items)}: {what}; {told}")


@contextmanager
def matter(
    ctx: click.Context, wanted: str, reason: str | None, proof: Path | None = None
) -> Iterator[Matter]:
    """The notice, in one transaction: all that is done inside is kept, or nothing. A copy of the proof is
    made before.
    """
    from monitor.proofs import FOLDER, keep
    from notifier.responses import found_notice
    from store.calendar import calendar

    installation = house(ctx)
    now = installation.now()
    act = operating(installation, reason)
    kept = keep(installation.settings.data_dir / FOLDER, proof) if proof is not None else None
    with refusals(), installation.register.write() as db:
        yield Matter(installation, db, found_notice(db, wanted), calendar(db), now, act, kept)


def spared(what: str, until: date) -> str:
    return _("{what}; left alone until {day}").format(what=what, day=until)
