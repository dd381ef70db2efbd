"""`rightsizer open`: applications of citizens and organisations for data (依申请开放, arts. 24 to 27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.asked import dues, iso, late, number_argument, page, when
from monitor.cli.open_answers import ANSWERS
from monitor.cli.open_steps import STEPS
from monitor.cli.open_use import list_reports, use_report
from monitor.cli.output import Column, output_option, show
from monitor.cli.session import acting, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.opening_tables import OpenRequest

STATES = (
    *("received", "awaiting_correction", "in_hand", "consulting", "granted", "partly_granted", "refused"),
    *("not_ours", "withdrawn"),
)
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("applicant", _("Applicant"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("code", _("Entry")),
    Column("state", _("State")),
    Column("received_on", _("Received")),
    Column("due_on", _("Due")),
    Column("overdue", _("Late"), style=late),
    Column("answered_on", _("Answered"), shown=False),
)


@click.group("open", help=_("Opening on request: receive, correct, consult, answer; reports of use."))
def command() -> None: ...


for step in (*STEPS, *ANSWERS, use_report, list_reports):
    command.add_command(step)


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help=_("Only those in this state."))
@click.option("--overdue", is_flag=True, help=_("Only those whose answer is overdue."))
@output_option
@click.pass_context
def list_applications(ctx: click.Context, state: str | None, overdue: bool, output: str | None) -> None:
    """List the applications, the newest first; of citizens the family name only."""
    installation = house(ctx)
    with installation.register.read() as db:
        rows = [row for row in lines(db, installation.now().today, state) if row["overdue"] or not overdue]
    show(rows, COLUMNS, output, _("No application. `rightsizer open receive CODE` adds one."))


def lines(db: Session, today: date, state: str | None) -> Iterable[dict[str, object]]:
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    from catalog.opening import ANSWER
    from catalog.opening_tables import OpenRequest

    wanted = select(OpenRequest).options(joinedload(OpenRequest.department), joinedload(OpenRequest.entry))
    if state is not None:
        wanted = wanted.where(OpenRequest.state == state)
    clocks = dues(db, "catalog_open", [ANSWER])
    for row in db.scalars(wanted.order_by(OpenRequest.id.desc())):
        yield {**as_row(row), **when(clocks.get(row.id), today)}


def as_row(row: OpenRequest) -> dict[str, object]:
    from catalog.opening import shown_applicant

    return {
        "id": row.id,
        "applicant": shown_applicant(row),
        "department": row.department.name,
        "code": row.entry.resource_code,
        "state": row.state,
        "received_on": iso(row.received_on),
        "answered_on": iso(row.answered_on),
    }


@command.command("show")
@number_argument
@click.option("--contact", is_flag=True, help=_("Name the applicant, and how to reach them."))
@output_option
@click.pass_context
def show_application(ctx: click.Context, number: int, contact: bool, output: str | None) -> None:
    """Show everything about application N; the applicant's name and contact only with --contact."""
    from catalog.opening import ANSWER, check_reader, clock_of, found
    from catalog.opening_answers import REFUSALS
    from catalog.opening_use import reports

    installation = house(ctx)
    act = acting(installation) if contact else None
    with installation.register.read() as db:
        row = found(db, number)
        if act is not None:
            check_reader(row, act)
        clock = next(iter(clock_of(db, row, ANSWER)), None)
        facts = {
            **as_row(row),
            **({"applicant": row.applicant, "contact": row.contact} if contact else {}),
            "kind": row.applicant_kind,
            "purpose": row.purpose,
            "items": row.scope,
            "personal": row.personal,
            "due_on": iso(clock.due_on) if clock else None,
            "correction": row.correction,
            "corrected_on": iso(row.corrected_on),
            "third_party": row.third_party,
            "consent": row.consent,
            "extended_until": iso(row.extended_until),
            "extension_reason": row.extension_reason,
            "told_on": iso(row.told_on),
            "answered_by": row.answered_by,
            "refusal": REFUSALS.word(row.refusal),
            "answer": row.answer,
            "conditions": row.conditions,
            "granted_items": row.granted_scope,
            "granted_to": iso(row.granted_to),
            "reports": len(log := reports(db, number)),
            "violations": [f"{line.used_on}: {line.violation}" for line in log if line.violation],
        }
    page(facts, output)
