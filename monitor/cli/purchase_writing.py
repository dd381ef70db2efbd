"""`rightsizer purchase draft|edit`: what a department wants to buy."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words
from monitor.cli.asked import at, number_argument
from monitor.cli.output import note
from monitor.cli.session import known_department, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.buying import Form


class Yuan(click.ParamType[int]):
    """Yuan, kept in fen."""

    name = "yuan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        if isinstance(value, int):
            return value
        try:
            fen = Decimal(str(value).replace(",", "")) * 100
        except InvalidOperation:
            fen = Decimal("NaN")
        if not fen.is_finite() or fen < 0 or fen != int(fen) or fen > 10**14:
            self.fail(_("{value!r} is no amount such as 120000 or 99.50").format(value=value), param, ctx)
        return int(fen)


FACTS = (
    ("--title", "title", Words(), _("The name of the data.")),
    ("--need", "need", Words(), _("What it is needed for.")),
    ("--supplier", "supplier", Words(), _("Who sells it.")),
    ("--price", "price_fen", Yuan(), _("The price in yuan.")),
    ("--licence", "licence", Words(), _("What the licence allows.")),
    (
        "--sharing",
        "licence_sharing",
        click.Choice(["allowed", "limited", "forbidden"]),
        _("What the licence says of sharing with other departments."),
    ),
)


def facts_options(command: Callable[..., None]) -> Callable[..., None]:
    for option, name, kind, words in reversed(FACTS):
        command = click.option(option, name, type=kind, help=words)(command)
    words = _("A data item that it holds; several times.")
    return click.option("--item", "items", type=Words(), multiple=True, help=words)(command)


def form(given: dict[str, Any]) -> Form:
    from catalog.buying import Form
    from catalog.buying_tables import Sharing

    told = {name: given[name] for _option, name, _kind, _words in FACTS}
    sharing = told.pop("licence_sharing")
    return Form(items=given["items"], licence_sharing=Sharing(sharing) if sharing else None, **told)


@click.command("draft")
@click.option("--department", required=True, help=_("Who buys (name or code)."))
@facts_options
@reason_option
@click.pass_context
def draft(ctx: click.Context, /, department: str, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Write down what a department wants to buy."""
    from catalog.buying import draft as write

    with at(ctx, reason) as here:
        number = write(here.db, known_department(here.db, department), form(given), here.desk, here.act).id
    note(_("{number}: drafted; `rightsizer purchase submit {number}` hands it in").format(number=number))


@click.command("edit")
@number_argument
@facts_options
@reason_option
@click.pass_context
def edit(ctx: click.Context, /, number: int, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Change what the draft N says; what is not named stays."""
    from catalog.buying import edit as change
    from catalog.buying import found

    with at(ctx, reason) as here:
        change(here.db, found(here.db, number), form(given), here.act)
    note(_("{number}: changed").format(number=number))
