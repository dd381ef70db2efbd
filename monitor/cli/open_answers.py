"""`rightsizer open grant|grant-partly|refuse|not-ours`: the answer to an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words
from monitor.cli.asked import at, number_argument, on_option
from monitor.cli.output import note
from monitor.cli.session import Day, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

GROUNDS = ("law", "safety", "third_party", "internal", "repeated", "other")
conditions_option = click.option(
    "--conditions", type=Words(), required=True, help=_("Under which conditions it may be used.")
)
until_option = click.option("--until", type=Day(), help=_("The last day of use; default: no end."))
ground_option = click.option(
    "--ground",
    type=click.Choice(GROUNDS),
    required=True,
    help=_("Why: forbidden by law, safety, third party disagrees, internal, repeated, other."),
)
text_option = click.option("--text", type=Words(), help=_("The words told to the applicant."))


@click.command("grant")
@number_argument
@conditions_option
@until_option
@on_option
@reason_option
@click.pass_context
def grant(
    ctx: click.Context,
    number: int,
    conditions: str,
    until: date | None,
    on: date | None,
    reason: str | None,
) -> None:
    """Open what application N asks for; against the word of a third party with -m: the public interest."""
    from catalog.opening import found
    from catalog.opening_answers import Grant
    from catalog.opening_answers import grant as agree

    with at(ctx, reason) as here:
        agree(
            here.db, found(here.db, number), Grant(conditions, (), until), here.desk, here.day(on), here.act
        )
    note(_("{number}: granted").format(number=number))


@click.command("grant-partly")
@number_argument
@click.option("--item", "items", type=Words(), multiple=True, required=True, help=_("An opened item."))
@conditions_option
@until_option
@ground_option
@text_option
@on_option
@reason_option
@click.pass_context
def grant_partly(
    ctx: click.Context,
    /,
    number: int,
    on: date | None,
    reason: str | None,
    **said: Any,  # noqa: ANN401  (click's own)
) -> None:
    """Open some items of application N, and say why not the others."""
    from catalog.opening import found
    from catalog.opening_answers import Grant
    from catalog.opening_answers import grant_partly as agree
    from catalog.refusals import Refusal

    given = Grant(said["conditions"], said["items"], said["until"])
    rest = Refusal(said["ground"], said["text"])
    with at(ctx, reason) as here:
        row = found(here.db, number)
        agree(here.db, row, given, rest, here.desk, here.day(on), here.act)
        names = ", ".join(row.granted_scope)
    note(_("{number}: granted in part: {names}").format(number=number, names=names))


@click.command("refuse")
@number_argument
@ground_option
@text_option
@on_option
@reason_option
@click.pass_context
def refuse(
    ctx: click.Context, number: int, ground: str, text: str | None, on: date | None, reason: str | None
) -> None:
    """Refuse application N, with a reason of the list."""
    from catalog.opening import found
    from catalog.opening_answers import REFUSALS
    from catalog.opening_answers import refuse as decline
    from catalog.refusals import Refusal

    with at(ctx, reason) as here:
        row = found(here.db, number)
        decline(here.db, row, Refusal(ground, text), here.desk, here.day(on), here.act)
    note(_("{number}: refused: {why}").format(number=number, why=REFUSALS.word(ground)))


@click.command("not-ours")
@number_argument
@click.option("--text", type=Words(), required=True, help=_("Who has the data, as the applicant is told."))
@on_option
@reason_option
@click.pass_context
def not_ours(ctx: click.Context, number: int, text: str, on: date | None, reason: str | None) -> None:
    """Another body has what application N asks for (非本机关)."""
    from catalog.opening import found
    from catalog.opening_answers import not_ours as pass_on

    with at(ctx, reason) as here:
        pass_on(here.db, found(here.db, number), text, here.desk, here.day(on), here.act)
    note(_("{number}: not ours; the applicant is told who has it").format(number=number))


ANSWERS = (grant, grant_partly, refuse, not_ours)
