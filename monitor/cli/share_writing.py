"""`rightsizer share draft|edit|forward`: a request is written, and sent to who has the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words
from monitor.cli.asked import at, due, item_option, number_argument
from monitor.cli.output import note
from monitor.cli.session import Day, known_department, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from catalog.sharing import Form

FACTS = (
    ("--purpose", "purpose", Words(), _("What the data is used for; nothing else is allowed.")),
    ("--duty", "duty", Words(), _("The legal duty that it serves, such as 《某办法》第七条 审核申请.")),
    ("--from", "term_from", Day(), _("The first day of use.")),
    ("--to", "term_to", Day(), _("The last day of use.")),
    ("--peak", "peak", click.IntRange(1, 2**31 - 1), _("Of an interface: calls a minute at most.")),
    ("--mean", "mean", click.IntRange(1, 2**31 - 1), _("Of an interface: calls a day on the mean.")),
    ("--hours", "hours", Words(), _("Of an interface: when it is called, such as 09:00-18:00.")),
)


def facts_options(command: Callable[..., None]) -> Callable[..., None]:
    for option, name, kind, words in reversed(FACTS):
        command = click.option(option, name, type=kind, help=words)(command)
    return item_option(command)


def form(given: dict[str, Any]) -> Form:
    from catalog.sharing import Form

    return Form(scope=given["items"], **{name: given[name] for _option, name, _kind, _words in FACTS})


@click.command("draft")
@click.argument("code", metavar="CODE")
@click.option("--department", required=True, help=_("Who asks (name or code)."))
@facts_options
@reason_option
@click.pass_context
def draft(ctx: click.Context, /, code: str, department: str, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Write a request for the data of the entry CODE: purpose, legal duty, items, term.

    What is 无条件共享 needs none: the answer says where to take it.
    """
    from catalog.sharing import draft as write

    with at(ctx, reason) as here:
        row = write(here.db, code, known_department(here.db, department), form(given), here.desk, here.act)
        number = row.id
    note(_("{number}: drafted; `rightsizer share submit {number}` hands it in").format(number=number))


@click.command("edit")
@number_argument
@facts_options
@reason_option
@click.pass_context
def edit(ctx: click.Context, /, number: int, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Change what the draft N says; what is not named stays."""
    from catalog.sharing import edit as change
    from catalog.sharing import found

    with at(ctx, reason) as here:
        change(here.db, found(here.db, number), form(given), here.desk, here.act)
    note(_("{number}: changed").format(number=number))


@click.command("forward")
@number_argument
@click.option("--on", type=Day(), help=_("The day the department received it; default: today."))
@reason_option
@click.pass_context
def forward(ctx: click.Context, number: int, on: date | None, reason: str | None) -> None:
    """The form of request N is right (规范性审核): to the department, whose working days run from receipt."""
    from catalog.sharing import forward as send
    from catalog.sharing import found

    with at(ctx, reason) as here:
        row = found(here.db, number)
        clock = send(here.db, row, here.desk, here.day(on), here.act)
        said = _("{number}: sent to {department}, {due}")
        text = said.format(number=number, department=row.department.name, due=due([clock]))
    note(text)
