"""`rightsizer share grant|grant-partly|refuse`: the answer of the department that has the data."""

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

GROUNDS = ("law", "not_ours", "not_ready", "other")
conditions_option = click.option(
    "--conditions", type=Words(), required=True, help=_("Under which conditions it may be used.")
)
from_option = click.option("--from", "first", type=Day(), help=_("The first day; default: as asked for."))
to_option = click.option("--to", "last", type=Day(), help=_("The last day; default: as asked for."))
ground_option = click.option(
    "--ground",
    type=click.Choice(GROUNDS),
    required=True,
    help=_("Why: 法律法规不允许, 数据不在本部门, 不具备共享条件, 其他."),
)
text_option = click.option("--text", type=Words(), help=_("The law and article, or the other reason."))


@click.command("grant")
@number_argument
@conditions_option
@from_option
@to_option
@on_option
@reason_option
@click.pass_context
def grant(
    ctx: click.Context,
    number: int,
    conditions: str,
    first: date | None,
    last: date | None,
    on: date | None,
    reason: str | None,
) -> None:
    """Grant request N: every item, for the term or a shorter one."""
    from catalog.sharing import found
    from catalog.sharing_answers import Grant
    from catalog.sharing_answers import grant as agree

    given = Grant(conditions, (), first, last)
    with at(ctx, reason) as here:
        row = found(here.db, number)
        agree(here.db, row, given, here.desk, here.day(on), here.act)
        term = f"{row.granted_from} .. {row.granted_to}"
    note(_("{number}: granted for {term}").format(number=number, term=term))


@click.command("grant-partly")
@number_argument
@click.option("--item", "items", type=Words(), multiple=True, required=True, help=_("A granted item."))
@conditions_option
@ground_option
@text_option
@to_option
@reason_option
@click.pass_context
def grant_partly(ctx: click.Context, /, number: int, reason: str | None, **said: Any) -> None:  # noqa: ANN401  (click's own)
    """Grant some items of request N, and say why not the others."""
    from catalog.refusals import Refusal
    from catalog.sharing import found
    from catalog.sharing_answers import Grant
    from catalog.sharing_answers import grant_partly as agree

    given, rest = (
        Grant(said["conditions"], said["items"], None, said["last"]),
        Refusal(said["ground"], said["text"]),
    )
    with at(ctx, reason) as here:
        row = found(here.db, number)
        agree(here.db, row, given, rest, here.desk, here.desk.today, here.act)
        names, term = ", ".join(row.granted_scope), f"{row.granted_from} .. {row.granted_to}"
    note(_("{number}: granted in part ({names}) for {term}").format(number=number, names=names, term=term))


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
    """Refuse request N, with a reason of the list."""
    from catalog.refusals import Refusal
    from catalog.sharing import found
    from catalog.sharing_answers import REFUSALS
    from catalog.sharing_answers import refuse as decline

    with at(ctx, reason) as here:
        row = found(here.db, number)
        decline(here.db, row, Refusal(ground, text), here.desk, here.day(on), here.act)
    note(_("{number}: refused: {why}").format(number=number, why=REFUSALS.word(ground)))
