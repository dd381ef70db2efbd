"""`rightsizer purchase submit|approve|reject|return|withdraw|buy|catalogue|share|close`: step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.asked import At, Plain, at, due, number_argument, on_option, plain
from monitor.cli.output import note
from monitor.cli.session import reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date


def submit(here: At, number: int) -> str | None:
    from catalog.buying import found
    from catalog.buying import submit as hand_in

    there = hand_in(here.db, found(here.db, number), here.desk, here.act)
    if not there:
        return _("the catalog holds nothing like it")
    lines = [f"  {one.code}  {one.title}  {one.department}  ({one.why})" for one in there]
    return "\n".join([_("the catalog holds the like already (已有同类):"), *lines])


def approve(here: At, number: int) -> str | None:
    from catalog.buying import approve as agree
    from catalog.buying import found

    return "; ".join(agree(here.db, found(here.db, number), here.desk, here.act)) or None


def reject(here: At, number: int) -> None:
    from catalog.buying import found
    from catalog.buying import reject as decline

    decline(here.db, found(here.db, number), here.desk, here.act)


def give_back(here: At, number: int) -> None:
    from catalog.buying import found
    from catalog.buying import give_back as send_back

    send_back(here.db, found(here.db, number), here.act)


def withdraw(here: At, number: int) -> None:
    from catalog.buying import found
    from catalog.buying import withdraw as give_up

    give_up(here.db, found(here.db, number), here.desk, here.act)


def share(here: At, number: int) -> None:
    from catalog.buying import found
    from catalog.buying import share as put_up

    put_up(here.db, found(here.db, number), here.desk, here.act)


def close(here: At, number: int) -> None:
    from catalog.buying import close as finish
    from catalog.buying import found

    finish(here.db, found(here.db, number), here.desk, here.act)


@click.command("buy")
@number_argument
@click.option("--contract", type=Words(), help=_("The number of the contract."))
@on_option
@reason_option
@click.pass_context
def buy(ctx: click.Context, number: int, contract: str | None, on: date | None, reason: str | None) -> None:
    """Purchase N was made: the working days to its entry in the catalog begin."""
    from catalog.buying import buy as record
    from catalog.buying import found

    with at(ctx, reason) as here:
        clock = record(here.db, found(here.db, number), contract, here.desk, here.day(on), here.act)
        ends = due([clock])
    note(_("{number}: bought; its entry in the catalog is {due}").format(number=number, due=ends))


@click.command("catalogue")
@number_argument
@click.argument("code", metavar="CODE")
@reason_option
@click.pass_context
def catalogue(ctx: click.Context, number: int, code: str, reason: str | None) -> None:
    """The data of purchase N is in the department's catalog, published, as the entry CODE."""
    from catalog.buying import catalogue as link
    from catalog.buying import found

    with at(ctx, reason) as here:
        link(here.db, found(here.db, number), code, here.desk, here.act)
    note(_("{number}: in the catalog as {code}").format(number=number, code=code))


STEPS = (
    plain(
        Plain("submit", _("Hand purchase N in; the like in the catalog is named."), _("submitted")), submit
    ),
    plain(
        Plain("approve", _("Approve purchase N; with -m in spite of what speaks against it."), _("approved")),
        approve,
    ),
    plain(Plain("reject", _("Reject purchase N."), _("rejected"), why=True), reject),
    plain(Plain("return", _("Send purchase N back to be corrected."), _("returned"), why=True), give_back),
    plain(Plain("withdraw", _("Purchase N is not made."), _("withdrawn"), why=True), withdraw),
    buy,
    catalogue,
    plain(Plain("share", _("The data of purchase N can be shared."), _("shared")), share),
    plain(Plain("close", _("Close purchase N; only with an entry of the catalog."), _("closed")), close),
)
