"""`rightsizer application submit|approve|return|refuse|withdraw|deliver|deployed|released`: step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import required_reason
from monitor.cli.application_matter import Case, case, kept, number_argument, reason_option, say
from monitor.cli.session import Day, Finite, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from filing.approval import Size

on_option = click.option("--on", type=Day(), help=_("The day of it; default: today."))


@click.command("submit")
@number_argument
@reason_option
@click.pass_context
def submit(ctx: click.Context, number: int, reason: str | None) -> None:
    """Hand application N in: the size that measured use advises today is kept with it."""
    from filing.applications import found
    from filing.approval import submit as hand_in
    from monitor.sizing import advice_for

    installation = house(ctx)
    with installation.register.read() as db:
        advice = advice_for(installation, db, found(db, number), installation.now().today)
    with case(ctx, number, reason) as it:
        hand_in(it.db, it.desk, it.row, advice, it.act)
        say(it.row, _("submitted, waits for the administrative approval; ") + due(it))


def due(it: Case) -> str:
    """The last day of the step that it waits for."""
    from sqlalchemy import select

    from filing.application_clocks import name_of
    from store.deadlines import running
    from store.tables import Deadline

    day = it.db.scalar(select(Deadline.due_on).where(Deadline.subject == name_of(it.row), *running()))
    return _("due on {day}").format(day=day) if day else _("no last day: the calendar ends before it")


@click.command("approve")
@number_argument
@click.option(
    "--advised", is_flag=True, help=_("The advised sizes, where less is advised than is asked for.")
)
@click.option(
    "--line",
    "line",
    type=click.IntRange(1, 2**31 - 1),
    default=1,
    help=_("The line of the sizes; default: 1."),
)
@click.option("--vcpus", type=Finite(0, min_open=True), help=_("Another number of vCPUs."))
@click.option("--memory", type=Finite(0, min_open=True), help=_("Another size of memory, GiB."))
@click.option("--disk", type=Finite(0, min_open=True), help=_("Another size of both disks, GiB."))
@reason_option
@click.pass_context
def approve(
    ctx: click.Context, /, number: int, advised: bool, line: int, reason: str | None, **sizes: float | None
) -> None:
    """Give the approval that application N waits for: the administrative one, then, by another person, the
    technical one. Sizes as asked for, unless --advised or another one is given with a reason.
    """
    from filing.approval import Size
    from filing.approval import approve as agree

    other = Size(sizes["vcpus"], sizes["memory"], sizes["disk"])
    with case(ctx, number, reason) as it:
        tell_advice(it.row.advice)
        wanted = advised_sizes(it) if advised else {}
        if other != Size():
            wanted[line] = other
        agree(it.db, it.desk, it.row, wanted, it.act)
        step = _("both approvals given, to be configured; ") if it.row.technical_on else _("approved; ")
        say(it.row, step + due(it))


def advised_sizes(it: Case) -> dict[int, Size]:
    from filing.approval import Size

    advice = it.row.advice if isinstance(it.row.advice, dict) else {"lines": []}
    found = {line["number"]: Size(**line["advised"]) for line in advice["lines"] if line["advised"]}
    if not found:
        said = _("--advised: nothing smaller is advised for application {number}")
        raise click.UsageError(said.format(number=it.row.id))
    return found


def tell_advice(advice: object) -> None:
    from monitor.cli.application_page import advice_lines

    for text in advice_lines(advice):
        click.echo(text, err=True)


@click.command("return")
@number_argument
@required_reason
@click.pass_context
def give_back(ctx: click.Context, number: int, reason: str) -> None:
    """Send application N back to the department, to be corrected."""
    from filing.approval import give_back as send_back

    with case(ctx, number, reason) as it:
        send_back(it.db, it.desk, it.row, it.act)
        say(it.row, _("returned to the department; ") + due(it))


@click.command("refuse")
@number_argument
@required_reason
@click.pass_context
def refuse(ctx: click.Context, number: int, reason: str) -> None:
    """Refuse application N for good."""
    from filing.approval import refuse as say_no

    with case(ctx, number, reason) as it:
        say_no(it.db, it.desk, it.row, it.act)
        say(it.row, _("refused"))


@click.command("withdraw")
@number_argument
@required_reason
@click.pass_context
def withdraw(ctx: click.Context, number: int, reason: str) -> None:
    """Take application N back, before anything was delivered."""
    from filing.approval import withdraw as take_back

    with case(ctx, number, reason) as it:
        take_back(it.db, it.desk, it.row, it.act)
        say(it.row, _("withdrawn"))


@click.command("deliver")
@number_argument
@on_option
@click.option(
    "--machines", default="", help=_("The new machines' names in the order of the lines: vm-1,vm-2.")
)
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    required=True,
    help=_("The receipt that the department signed; a copy is kept with the data."),
)
@reason_option
@click.pass_context
def deliver(
    ctx: click.Context, number: int, on: date | None, machines: str, receipt: Path, reason: str | None
) -> None:
    """Hand the machines of application N over: they enter the inventory, and their clocks of deployment run
    (交付后10个工作日内).
    """
    from filing.delivery import Handover
    from filing.delivery import deliver as hand_over
    from notifier.deployment import run_clocks

    names = [name for part in machines.replace("，", ",").split(",") if (name := part.strip())]
    paper = kept(house(ctx), receipt)
    with case(ctx, number, reason) as it:
        day = on or it.desk.today
        new = hand_over(it.db, it.desk, it.row, Handover(day, names, paper), it.act)
        clocks = run_clocks(it.db, it.desk.known, it.house.policy, new, it.act)
        last = max((clock.due_on for clock in clocks if clock.due_on), default=None)
        if not new:
            say(it.row, _("changed on {day}, running").format(day=day))
            return
        said = _("delivered on {day}: {machines}; to be deployed by {last}")
        until = last or _("a day that the calendar does not know yet")
        say(it.row, said.format(day=day, machines=", ".join(names), last=until))


@click.command("deployed")
@number_argument
@on_option
@reason_option
@click.pass_context
def deployed(ctx: click.Context, number: int, on: date | None, reason: str | None) -> None:
    """The department says that application N is deployed; else the first real load says it."""
    from filing.delivery import declare
    from notifier.deployment import article_of

    with case(ctx, number, reason) as it:
        day = on or it.desk.today
        declare(it.db, it.desk, it.row, day, article_of(it.house.policy), it.act)
        say(it.row, _("deployed on {day}, running").format(day=day))


@click.command("released")
@number_argument
@on_option
@required_reason
@click.pass_context
def released(ctx: click.Context, number: int, on: date | None, reason: str) -> None:
    """The machines of release N were taken down; refused while one of them serves."""
    from filing.applications import found
    from filing.release import carry_out
    from monitor.serving import uses

    installation = house(ctx)
    with installation.register.read() as db:
        names = [part.machine.name for part in found(db, number).machines]
    seen = uses(installation, names, installation.now().today)
    with case(ctx, number, reason) as it:
        day = on or it.desk.today
        gone = carry_out(it.db, it.desk, it.row, seen, day, it.act)
        said = _("released on {day}: {machines}")
        say(it.row, said.format(day=day, machines=", ".join(machine.name for machine in gone)))
