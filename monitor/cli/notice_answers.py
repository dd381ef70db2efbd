"""`rightsizer notice receipt|object|decide|adopt|decline|done|extend|withdraw`: what departments answer,
recorded by an operator; each for all machines named, or for none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import required_reason
from monitor.cli.notice_matter import (
    machine_option,
    matter,
    notice_argument,
    on_option,
    proof_option,
    reason_option,
    spared,
)
from monitor.cli.notice_words import after
from monitor.cli.output import cell, note
from monitor.cli.session import Day
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from notifier.tables import Item


@click.command("receipt")
@notice_argument
@click.option("--on", type=Day(), required=True, help=_("The day that the department received it."))
@proof_option
@reason_option
@click.pass_context
def receipt(ctx: click.Context, wanted: str, on: date, proof: Path | None, reason: str | None) -> None:
    """Record or correct the day that a notice was received: its clocks run from there.

    NOTICE is its No. or its number. A recorded day counts before that on which the mail server took it; the
    old last day stays in the journal.
    """
    from notifier.receipts import RECORDED, Receipt, living, receive
    from notifier.responses import check_first

    with matter(ctx, wanted, reason, proof) as it:
        check_first(it.db, it.notice)
        was = it.notice.received_on
        receive(it.db, it.known, it.notice, Receipt(on, RECORDED, it.proof), it.now.today, it.act)
        before = _(" (before: {day})").format(day=was) if was not in {None, on} else ""
        items = living(it.db, it.notice)
        where = after(it.db, it.known, items) if items else _("every machine is at its end already")
        said = _("{number}: received on {day}{before}; {where}")
        note(said.format(number=cell(it.notice.number), day=on, before=before, where=where))


@click.command("object")
@notice_argument
@machine_option
@on_option
@required_reason
@click.pass_context
def object_to(
    ctx: click.Context, wanted: str, machines: tuple[str, ...], on: date | None, reason: str
) -> None:
    """Record an objection; by notices.objection the clock stands until it is decided, or runs."""
    from notifier.responses import check_day
    from notifier.responses import object_to as objected

    with matter(ctx, wanted, reason) as it:
        day, items = on or it.now.today, it.items(machines, "object")
        check_day(it.notice, day, it.now.today)
        stops = it.house.settings.notices.objection == "stops"
        objected(it.db, it.known, it.notice, items, day, it.act, stops=stops)
        it.say(items, _("objection of {day}").format(day=day))


@click.command("decide")
@notice_argument
@click.argument("verdict", type=click.Choice(["upheld", "withdrawn"]))
@machine_option
@required_reason
@click.pass_context
def decide(ctx: click.Context, wanted: str, verdict: str, machines: tuple[str, ...], reason: str) -> None:
    """Decide an objection: the notice is upheld and its clock goes on, or withdrawn for these machines."""
    from notifier.responses import uphold
    from notifier.responses import withdraw as taken_back

    with matter(ctx, wanted, reason) as it:
        items = it.items(machines, "uphold")
        objected_only(items, verdict)
        if verdict == "upheld":
            uphold(it.db, it.known, it.notice, items, it.now.today, it.act)
            it.say(items, _("the notice is upheld"))
        else:
            taken_back(it.db, it.notice, items, it.now.today, it.spared_until, it.act)
            it.say(items, spared(_("withdrawn"), it.spared_until))


def objected_only(items: Sequence[Item], verdict: str) -> None:
    """Refuses to decide what nobody objected to."""
    from notifier.states import ITEM, label
    from store.workflow import RefusedError, Role

    for item in items:
        if item.state != "objected":
            may = ", ".join(ITEM.possible(item, Role.OPERATOR)) or "nothing"
            raise RefusedError(
                f"item {label(item)} is {item.state}: no objection is to be decided as {verdict}; "
                f"possible now: {may}"
            )


@click.command("adopt")
@notice_argument
@machine_option
@reason_option
@click.pass_context
def adopt(ctx: click.Context, wanted: str, machines: tuple[str, ...], reason: str | None) -> None:
    """Record that a department will do as suggested: expand, or release what is idle."""
    from notifier.responses import adopt as adopted

    with matter(ctx, wanted, reason) as it:
        items = it.items(machines, "adopt")
        adopted(it.db, it.known, it.notice, items, it.now.today, it.act)
        it.say(items, _("adopted"))


@click.command("decline")
@notice_argument
@machine_option
@required_reason
@click.pass_context
def decline(ctx: click.Context, wanted: str, machines: tuple[str, ...], reason: str) -> None:
    """Record that a department keeps its machines as they are: no expansion, no release."""
    from notifier.responses import decline as declined

    with matter(ctx, wanted, reason) as it:
        items = it.items(machines, "decline")
        declined(it.db, it.known, it.notice, items, it.now.today, it.spared_until, it.act)
        it.say(items, spared(_("declined"), it.spared_until))


@click.command("done")
@notice_argument
@machine_option
@click.option(
    "--proof",
    type=click.Path(path_type=Path),
    required=True,
    help=_("A file that proves it; a copy is kept with the data."),
)
@required_reason
@click.pass_context
def done(ctx: click.Context, wanted: str, machines: tuple[str, ...], proof: Path, reason: str) -> None:
    """Record by proof that machines were adjusted, where no collector can see it."""
    from notifier.responses import done as proved

    with matter(ctx, wanted, reason, proof) as it:
        items = it.items(machines, "done")
        proved(it.db, it.notice, items, it.now.today, str(it.proof), it.act, it.spared_until)
        it.say(items, _("done by proof {proof}").format(proof=it.proof))


@click.command("extend")
@notice_argument
@machine_option
@click.option("--until", type=Day(), required=True, help=_("The new last day."))
@required_reason
@click.pass_context
def extend(ctx: click.Context, wanted: str, machines: tuple[str, ...], until: date, reason: str) -> None:
    """Give more time; overdue machines are just received again."""
    from notifier.responses import EXTENDABLE
    from notifier.responses import extend as extended

    with matter(ctx, wanted, reason) as it:
        living = it.items(machines, None)
        able = living if machines else [item for item in living if item.state in EXTENDABLE]
        items = able or living
        extended(it.db, it.notice, items, until, it.now.today, it.act)
        it.say(items, _("more time"))


@click.command("withdraw")
@notice_argument
@machine_option
@required_reason
@click.pass_context
def withdraw(ctx: click.Context, wanted: str, machines: tuple[str, ...], reason: str) -> None:
    """Take a notice back; the next run tells the department by a letter of withdrawal."""
    from notifier.responses import withdraw as taken_back

    with matter(ctx, wanted, reason) as it:
        items = it.items(machines, "withdraw")
        taken_back(it.db, it.notice, items, it.now.today, it.spared_until, it.act)
        it.say(items, spared(_("withdrawn"), it.spared_until))
