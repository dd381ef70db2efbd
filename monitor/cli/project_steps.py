"""`rightsizer project submit|return|accept|withdraw|opinion|report|approve|budget|start|complete`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.output import cell, note
from monitor.cli.project_matter import Sum, matter, number_argument, on_option, paper_option, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from filing.tables import Project
    from monitor.cli.project_matter import Matter

document_option = click.option(
    "--number", "document", type=Words(), required=True, help=_("Its number (文号).")
)


def dated(function: Callable[..., None]) -> Callable[..., None]:
    """A step of a day, with its paper."""
    for option in (reason_option, paper_option, on_option, number_argument):
        function = option(function)
    return function


@click.command("submit")
@number_argument
@on_option
@reason_option
@click.pass_context
def submit_project(ctx: click.Context, number: int, on: date | None, reason: str | None) -> None:
    """Submit project N to the centre, or again after a supplement.

    Says what it lacks, and what is pointed out on it. The centre's clock starts on the day that it came in.
    """
    from filing.completeness import listed
    from filing.submitting import submit
    from monitor.cataloguing import existing

    with matter(ctx, number, reason) as found:
        by = replace(found.desk, held=existing(found.db, found.project))
        lacks = submit(found.db, found.project, on or by.today, by)
        found.say(clock_words(found))
        say_hints(found.project)
    if lacks:
        note(_("look: it lacks {parts}; without them it will be returned").format(parts=listed(lacks)))


def clock_words(found: Matter) -> str:
    """When the newest clock of the project is due."""
    from filing.submitting import clocks

    (*_others, clock) = clocks(found.db, found.project)
    due = clock.due_on or _("provisional, the calendar of its year is not known")
    return _("{article}, due {day}").format(article=clock.article, day=due)


def say_hints(project: Project) -> None:
    from filing.submitting import hint_line

    for hint in project.hints or []:
        note(_("look: {hint}").format(hint=cell(hint_line(hint))))


@click.command("return")
@number_argument
@reason_option
@click.pass_context
def return_project(ctx: click.Context, number: int, reason: str | None) -> None:
    """Return project N for a supplement (补正).

    The list of what is missing goes along, and the clock of the department starts.
    """
    from filing.completeness import listed
    from filing.submitting import send_back

    with matter(ctx, number, reason) as found:
        lacks = send_back(found.db, found.project, found.desk)
        missing = _("lacks {parts}; ").format(parts=listed(lacks)) if lacks else ""
        found.say(missing + clock_words(found))


@click.command("accept")
@number_argument
@reason_option
@click.pass_context
def accept_project(ctx: click.Context, number: int, reason: str | None) -> None:
    """Accept project N for the review (受理).

    Nothing may be missing. Where something is pointed out, -m says what the reviewer found on it.
    """
    from filing.submitting import accept

    with matter(ctx, number, reason) as found:
        accept(found.db, found.project, found.desk)
        found.say(_("accepted; next: `rightsizer project convene {number}`").format(number=number))
        say_hints(found.project)


@click.command("withdraw")
@number_argument
@reason_option
@click.pass_context
def withdraw_project(ctx: click.Context, number: int, reason: str | None) -> None:
    """Take project N back, a draft too.

    As long as its work has not begun; its name is free again.
    """
    from filing.submitting import withdraw

    with matter(ctx, number, reason) as found:
        withdraw(found.db, found.project, found.desk)
        found.say(_("taken back"))


@click.command("opinion")
@document_option
@dated
@click.pass_context
def issue_opinion(
    ctx: click.Context, number: int, document: str, on: date | None, paper: Path | None, reason: str | None
) -> None:
    """Record the centre's opinion (审核意见) on project N.

    On a project that its panel passed; without it there is no budget (art. 9).
    """
    from filing.approvals import issue_opinion as issue
    from filing.project_tables import PaperKind

    with matter(ctx, number, reason, paper) as found:
        issue(found.db, found.project, on or found.desk.today, document, found.desk)
        found.keep(PaperKind.OPINION)
        found.say(_("opinion {document} of {day}").format(document=document, day=found.project.opinion_on))


@click.command("report")
@dated
@click.pass_context
def report_project(
    ctx: click.Context, number: int, on: date | None, paper: Path | None, reason: str | None
) -> None:
    """Record the report to the city government (报市政府)."""
    from filing.approvals import report
    from filing.project_tables import PaperKind

    with matter(ctx, number, reason, paper) as found:
        report(found.db, found.project, on or found.desk.today, found.desk)
        found.keep(PaperKind.OTHER)
        found.say(_("reported on {day}").format(day=found.project.reported_on))


@click.command("approve")
@document_option
@dated
@click.pass_context
def approve_project(
    ctx: click.Context, number: int, document: str, on: date | None, paper: Path | None, reason: str | None
) -> None:
    """Record the city government's approval (批准文号).

    An investment in fixed assets needs its investment paper before.
    """
    from filing.approvals import approve
    from filing.project_tables import PaperKind

    with matter(ctx, number, reason, paper) as found:
        approve(found.db, found.project, on or found.desk.today, document, found.desk)
        found.keep(PaperKind.APPROVAL)
        found.say(_("approval {document} of {day}").format(document=document, day=found.project.approved_on))


@click.command("budget")
@click.option("--sum", "sum_", type=Sum(), help=_("What was arranged; default: the whole estimate."))
@dated
@click.pass_context
def arrange_budget(
    ctx: click.Context, number: int, sum_: int | None, on: date | None, paper: Path | None, reason: str | None
) -> None:
    """Record the budget that finance arranged (预算安排)."""
    from filing.approvals import budget
    from filing.money import yuan
    from filing.project_tables import PaperKind

    with matter(ctx, number, reason, paper) as found:
        budget(found.db, found.project, on or found.desk.today, sum_, found.desk)
        found.keep(PaperKind.BUDGET)
        found.say(_("{sum} yuan arranged").format(sum=yuan(found.project.budgeted_fen)))


@click.command("start")
@dated
@click.pass_context
def start_project(
    ctx: click.Context, number: int, on: date | None, paper: Path | None, reason: str | None
) -> None:
    """Record that the work begins (实施).

    Never before the opinion of the centre, the approval of the city government and the budget (art. 7).
    """
    from filing.approvals import start
    from filing.project_tables import PaperKind

    with matter(ctx, number, reason, paper) as found:
        start(found.db, found.project, on or found.desk.today, found.desk)
        found.keep(PaperKind.OTHER)
        found.say(_("begun on {day}").format(day=found.project.started_on))


@click.command("complete")
@dated
@click.pass_context
def complete_project(
    ctx: click.Context, number: int, on: date | None, paper: Path | None, reason: str | None
) -> None:
    """Record that the work is done and accepted (验收).

    The system that it made is to be filed next (art. 10).
    """
    from filing.approvals import complete
    from filing.project_tables import PaperKind

    with matter(ctx, number, reason, paper) as found:
        complete(found.db, found.project, on or found.desk.today, found.desk)
        found.keep(PaperKind.ACCEPTANCE)
        found.say(_("accepted on {day}").format(day=found.project.completed_on))
