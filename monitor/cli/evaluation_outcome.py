"""`rightsizer evaluation confirm|attest|rectify|lapse|appeal|answer|decide|close`: its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import required_reason
from monitor.cli.output import cell, note
from monitor.cli.session import acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from filing.evaluation_tables import Evaluation
    from store.workflow import Act

    Change = Callable[[Session, Evaluation, Calendar, Act, date], str | None]

number_argument = click.argument("number", type=click.IntRange(1, 2**31 - 1))


def carry_out(ctx: click.Context, number: int, reason: str | None, change: Change) -> None:
    """One change of one evaluation in one transaction; says the state that it is in now."""
    from filing.evaluations import found_evaluation
    from store.calendar import calendar

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.write() as db:
        row = found_evaluation(db, number)
        said = change(db, row, calendar(db), act, now.today)
        state = row.state
    note(_("{number}: {state}").format(number=number, state=state))
    if said:
        note(said)


@click.command("confirm")
@number_argument
@reason_option
@click.pass_context
def confirm(ctx: click.Context, number: int, reason: str | None) -> None:
    """Confirm the points: they decide whether it passed, rectifies or failed. Not by who scored."""

    def change(db: Session, row: Evaluation, known: Calendar, act: Act, today: date) -> str | None:
        from filing import outcomes

        event = outcomes.confirm(db, row, known, act, today)
        if event != "rectify":
            return None
        due = outcomes.clocks(db, row)[0].due_on
        return _("to be rectified by {due}").format(due=due or _("a day that is provisional"))

    carry_out(ctx, number, reason, change)


@click.command("attest")
@number_argument
@reason_option
@click.pass_context
def attest(ctx: click.Context, number: int, reason: str | None) -> None:
    """Attest the outcome for the finance bureau."""

    def change(db: Session, row: Evaluation, _known: Calendar, act: Act, today: date) -> None:
        from filing import outcomes

        outcomes.attest(db, row, act, today)

    carry_out(ctx, number, reason, change)


@click.command("rectify")
@number_argument
@required_reason
@click.pass_context
def rectify(ctx: click.Context, number: int, reason: str) -> None:
    """Report for the department what was rectified: the clock ends, it is scored again."""

    def change(db: Session, row: Evaluation, _known: Calendar, act: Act, today: date) -> None:
        from filing import outcomes

        outcomes.report(db, row, act, today)

    carry_out(ctx, number, reason, change)


@click.command("lapse")
@number_argument
@required_reason
@click.pass_context
def lapse(ctx: click.Context, number: int, reason: str) -> None:
    """The term to rectify is over and nothing was reported: it failed."""

    def change(db: Session, row: Evaluation, known: Calendar, act: Act, today: date) -> None:
        from filing import outcomes

        outcomes.lapse(db, row, known, act, today)

    carry_out(ctx, number, reason, change)


@click.command("appeal")
@number_argument
@required_reason
@click.pass_context
def appeal(ctx: click.Context, number: int, reason: str) -> None:
    """Appeal for the department against an outcome, with the grounds; the term to rectify stands still."""

    def change(db: Session, row: Evaluation, known: Calendar, act: Act, today: date) -> None:
        from filing import outcomes

        outcomes.appeal(db, row, known, act, today)

    carry_out(ctx, number, reason, change)


@click.command("answer")
@number_argument
@click.argument("answer", type=click.Choice(["uphold", "reject"]))
@required_reason
@click.pass_context
def answer_appeal(ctx: click.Context, number: int, answer: str, reason: str) -> None:
    """Decide an appeal: upheld, the sheet is scored anew; rejected, it stands. Not by who confirmed."""

    def change(db: Session, row: Evaluation, known: Calendar, act: Act, today: date) -> None:
        from filing import outcomes

        outcomes.answer(db, row, answer, known, act, today)

    carry_out(ctx, number, reason, change)


@click.command("decide")
@number_argument
@click.argument("decision", type=click.Choice(["merge", "cancel"]))
@required_reason
@click.pass_context
def decide(ctx: click.Context, number: int, decision: str, reason: str) -> None:
    """Decide what becomes of a system that failed, once finance attested it: merged or cancelled."""

    def change(db: Session, row: Evaluation, _known: Calendar, act: Act, today: date) -> str:
        from filing import outcomes

        todo = outcomes.decide(db, row, decision, act, today)
        return _("to be done: {todo}; then `rightsizer evaluation close`").format(todo=todo)

    carry_out(ctx, number, reason, change)


@click.command("close")
@number_argument
@reason_option
@click.pass_context
def close(ctx: click.Context, number: int, reason: str | None) -> None:
    """Close the evaluation of a merged or cancelled system, when its filing is deregistered."""

    def change(db: Session, row: Evaluation, _known: Calendar, act: Act, today: date) -> None:
        from filing import outcomes

        outcomes.close(db, row, act, today)

    carry_out(ctx, number, reason, change)


COMMANDS = (confirm, attest, rectify, lapse, appeal, answer_appeal, decide, close)
