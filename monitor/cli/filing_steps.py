"""`rightsizer filing submit|return|accept|amend|deregister|confirm`: the steps of filings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import required_reason
from monitor.cli.filing_matter import given, matter, set_option
from monitor.cli.numbers import numbers
from monitor.cli.output import count, note
from monitor.cli.session import acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.tables import Filing
    from store.workflow import Act

many_argument = click.argument("words", nargs=-1, required=True, metavar="NUMBERS...")
one_argument = click.argument("number", type=click.IntRange(1, 2**31 - 1))


def every(
    ctx: click.Context,
    words: tuple[str, ...],
    reason: str | None,
    step: Callable[[Session, Filing, Act, date], object],
) -> list[object]:
    """Takes the step with each filing, all or none."""
    from filing.filings import found_filing

    wanted = numbers(words)
    installation = house(ctx)
    act, today = acting(installation, reason), installation.now().today
    with installation.register.write() as db:
        return [step(db, found_filing(db, number), act, today) for number in dict.fromkeys(wanted)]


def filings(number: int) -> str:
    return count(number, _("filing"))


@click.command("submit")
@many_argument
@reason_option
@click.pass_context
def submit(ctx: click.Context, words: tuple[str, ...], reason: str | None) -> None:
    """Hand cards in, the first time or again after a return; all of NUMBERS or none.

    NUMBERS are numbers and ranges such as 12 15-20.
    """
    from filing.filings import submit as hand_in

    done = every(ctx, words, reason, hand_in)
    note(_("submitted {filings}: a reviewer accepts or returns them").format(filings=filings(len(done))))


@click.command("return")
@one_argument
@required_reason
@click.pass_context
def send_back(ctx: click.Context, number: int, reason: str) -> None:
    """Return a submitted card with what is wrong; refuse an amendment, the filed card stays."""
    from filing.filings import send_back as back

    with matter(ctx, number, reason) as found:
        back(found.db, found.filing, found.act, found.today)
        state = found.filing.state
    said = _("the amendment is refused, the filed card stays") if state == "filed" else _("returned")
    note(_("filing {number}: {said}").format(number=number, said=said))


@click.command("accept")
@many_argument
@reason_option
@click.pass_context
def accept(ctx: click.Context, words: tuple[str, ...], reason: str | None) -> None:
    """Accept submitted cards and amendments; never one's own. All of NUMBERS or none."""
    from filing.filings import accept as take

    done = every(ctx, words, reason, take)
    first = sum(version == 1 for version in done)
    said = _("{filings} filed, {amended} amended")
    note(said.format(filings=filings(first), amended=len(done) - first))


@click.command("amend")
@one_argument
@set_option
@required_reason
@click.pass_context
def amend(ctx: click.Context, number: int, said: tuple[str, ...], reason: str) -> None:
    """Propose a change of a filed card; the old one holds until a reviewer accepts."""
    from filing.filings import amend as propose

    change = given(said)
    with matter(ctx, number, reason) as found:
        changed = propose(found.db, found.filing, change, found.act, found.today)
    what = ", ".join(changed)
    note(_("filing {number}: to be amended: {what}; a reviewer decides").format(number=number, what=what))


@click.command("deregister")
@one_argument
@required_reason
@click.pass_context
def deregister(ctx: click.Context, number: int, reason: str) -> None:
    """End a filing whose system is gone, or dismiss one that was noted by mistake."""
    from filing.filings import deregister as end

    with matter(ctx, number, reason) as found:
        end(found.db, found.filing, found.act, found.today)
    note(_("filing {number}: deregistered").format(number=number))


@click.command("confirm")
@many_argument
@click.option("--year", type=click.IntRange(2020, 2100), help=_("Of this campaign; default: the newest."))
@reason_option
@click.pass_context
def confirm(ctx: click.Context, words: tuple[str, ...], year: int | None, reason: str | None) -> None:
    """Say for the year's campaign that filed cards still hold; all of NUMBERS or none."""
    from filing.campaigns import campaign_of
    from filing.campaigns import confirm as say

    installation = house(ctx)
    with installation.register.read() as db:
        wanted = campaign_of(db, year).year
    done = every(ctx, words, reason, lambda db, row, act, today: say(db, row, wanted, act, today))
    fresh = sum(bool(one) for one in done)
    said = _("{filings} confirmed for {year}, {before} were already")
    note(said.format(filings=filings(fresh), year=wanted, before=len(done) - fresh))
