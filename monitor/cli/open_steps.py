"""`rightsizer open receive|accept|ask-correction|correct|consult|consent|extend|withdraw`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.asked import At, Plain, at, due, item_option, number_argument, on_option, plain
from monitor.cli.output import note
from monitor.cli.session import Day, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

KINDS = ("citizen", "company", "organisation")
SAID = ("agreed", "disagreed", "silent")


@click.command("receive")
@click.argument("code", metavar="CODE")
@click.option("--kind", type=click.Choice(KINDS), required=True, help=_("公民, 法人, 其他组织."))
@click.option("--applicant", type=Words(), required=True, help=_("Who applies."))
@click.option("--contact", type=Words(), required=True, help=_("How to reach them; in no log, no export."))
@click.option("--purpose", type=Words(), required=True, help=_("What the data is used for."))
@item_option
@click.option("--on", type=Day(), help=_("The day it came in; default: today."))
@reason_option
@click.pass_context
def receive(ctx: click.Context, /, code: str, on: date | None, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Record an application for the entry CODE: the working days run from the day it came in.

    What is 无条件开放 needs none: the answer says where to take it.
    """
    from catalog.opening import ANSWER, Application, clock_of
    from catalog.opening import receive as take_in
    from catalog.opening_tables import ApplicantKind

    asked = Application(
        ApplicantKind(given["kind"]), given["applicant"], given["contact"], given["purpose"], given["items"]
    )
    with at(ctx, reason) as here:
        row = take_in(here.db, code, asked, here.desk, here.day(on), here.act)
        number, ends = row.id, due(clock_of(here.db, row, ANSWER))
        personal = ", ".join(row.personal)
    note(_("{number}: received, {due}").format(number=number, due=ends))
    if personal:
        note(_("personal data, which needs the consent of the third party: {names}").format(names=personal))


@click.command("ask-correction")
@number_argument
@click.option("--text", type=Words(), required=True, help=_("What is missing, all at once."))
@on_option
@reason_option
@click.pass_context
def ask_correction(ctx: click.Context, number: int, text: str, on: date | None, reason: str | None) -> None:
    """Tell the applicant of N once what is to be corrected."""
    from catalog.opening import ask_correction as demand
    from catalog.opening import found

    with at(ctx, reason) as here:
        demand(here.db, found(here.db, number), text, here.desk, here.day(on), here.act)
    note(_("{number}: waits for the correction").format(number=number))


@click.command("correct")
@number_argument
@click.option("--purpose", type=Words(), help=_("The corrected purpose."))
@on_option
@reason_option
@click.pass_context
def correct(
    ctx: click.Context, number: int, purpose: str | None, on: date | None, reason: str | None
) -> None:
    """The correction of N came in: the working days of the answer begin anew."""
    from catalog.opening import correct as take_in
    from catalog.opening import found

    with at(ctx, reason) as here:
        clock = take_in(here.db, found(here.db, number), purpose, here.desk, here.day(on), here.act)
        ends = due([clock])
    note(_("{number}: corrected, {due}").format(number=number, due=ends))


@click.command("consult")
@number_argument
@click.option("--whom", type=Words(), required=True, help=_("The third party whose rights are touched."))
@on_option
@reason_option
@click.pass_context
def consult(ctx: click.Context, number: int, whom: str, on: date | None, reason: str | None) -> None:
    """Ask a third party about N; the clock stands meanwhile, unless the policy lets it run."""
    from catalog.opening import found
    from catalog.opening_answers import consult as ask

    with at(ctx, reason) as here:
        clock = ask(here.db, found(here.db, number), whom, here.desk, here.day(on), here.act)
        ends = due([clock])
    note(_("{number}: the third party is asked, {due}").format(number=number, due=ends))


@click.command("consent")
@number_argument
@click.argument("said", type=click.Choice(SAID))
@on_option
@reason_option
@click.pass_context
def consent(ctx: click.Context, number: int, said: str, on: date | None, reason: str | None) -> None:
    """Record what the third party of N said: agreed, disagreed, or silent after its term."""
    from catalog.opening import ANSWER, clock_of, found
    from catalog.opening_answers import consent as record
    from catalog.opening_tables import Consent

    with at(ctx, reason) as here:
        row = found(here.db, number)
        record(here.db, row, Consent(said), here.desk, here.day(on), here.act)
        ends = due(clock_of(here.db, row, ANSWER))
    note(_("{number}: the third party {said}; in hand, {due}").format(number=number, said=said, due=ends))


@click.command("extend")
@number_argument
@click.option("--days", type=click.IntRange(1, 400), required=True, help=_("Working days more."))
@click.option("--told-on", type=Day(), help=_("The day the applicant was told; default: today."))
@required_reason
@click.pass_context
def extend(ctx: click.Context, number: int, days: int, told_on: date | None, reason: str) -> None:
    """Put the answer to N off, once, with a reason that the applicant is told in time."""
    from catalog.opening import found
    from catalog.opening_answers import extend as put_off

    with at(ctx, reason) as here:
        until = put_off(here.db, found(here.db, number), days, here.desk, here.day(told_on), here.act)
    note(_("{number}: extended until {day}").format(number=number, day=until))


def take(here: At, number: int) -> str:
    from catalog.opening import ANSWER, accept, clock_of, found

    row = found(here.db, number)
    accept(here.db, row, here.desk, here.act)
    return due(clock_of(here.db, row, ANSWER))


def give_up(here: At, number: int) -> None:
    from catalog.opening import found, withdraw

    withdraw(here.db, found(here.db, number), here.desk.today, here.act)


STEPS = (
    receive,
    plain(Plain("accept", _("Nothing is missing in application N."), _("in hand")), take),
    ask_correction,
    correct,
    consult,
    consent,
    extend,
    plain(
        Plain(
            "withdraw",
            _("The applicant takes N back, or did not correct it in time."),
            _("withdrawn"),
            why=True,
        ),
        give_up,
    ),
)
