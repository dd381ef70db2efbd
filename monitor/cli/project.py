"""`rightsizer project`: projects from the draft to the accepted system (arts. 7 to 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli import project_form, project_page, project_panel, project_parts, project_steps
from monitor.cli.output import Column, output_option, show
from monitor.cli.session import house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from monitor.cli.output import Row

STATES = (
    *("draft", "submitted", "incomplete", "accepted", "in_review", "passed", "failed"),
    *("approved_by_centre", "reported", "approved", "budgeted", "running", "completed", "withdrawn"),
)


def wan(value: object) -> str:
    """In 万元: short, for a list."""
    return f"{value / 1_000_000:,.10g}" if isinstance(value, int) else "-"


COLUMNS = (
    Column("id", _("No."), right=True),
    Column("name", _("Project"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("kind", _("Kind")),
    Column("state", _("State")),
    Column("budget_fen", _("万元"), right=True, style=wan),
    Column("parts", _("Parts"), right=True),
    Column("hints", _("Hints"), right=True),
    Column("due_on", _("Due")),
    Column("submitted_on", _("Submitted"), shown=False),
    Column("accepted_on", _("Accepted"), shown=False),
    Column("opinion_on", _("Opinion"), shown=False),
    Column("approved_on", _("Approved"), shown=False),
    Column("budgeted_on", _("Budgeted"), shown=False),
    Column("started_on", _("Begun"), shown=False),
    Column("completed_on", _("Completed"), shown=False),
)
DAYS = tuple(c.key for c in COLUMNS if c.key.endswith("_on") and c.key != "due_on")


@click.group("project", help=_("Projects: from the draft to the accepted system."))
def command() -> None: ...


for part in (
    project_form.add_project,
    project_form.edit_project,
    project_form.import_projects,
    project_page.show_project,
    project_parts.paper,
    project_parts.budget_lines,
    project_parts.data,
    project_steps.submit_project,
    project_steps.return_project,
    project_steps.accept_project,
    project_panel.convene_panel,
    project_panel.move_meeting,
    project_panel.expert,
    project_panel.conclude_review,
    project_steps.issue_opinion,
    project_steps.report_project,
    project_steps.approve_project,
    project_steps.arrange_budget,
    project_steps.start_project,
    project_steps.complete_project,
    project_steps.withdraw_project,
):
    command.add_command(part)


@command.command("list")
@click.option(
    "--state", type=click.Choice(("open", *STATES, "all")), default="open", help=_("Default: those not over.")
)
@click.option("--department", help=_("Only this department's (name or code)."))
@click.option("--search", help=_("Only those with this in the name of the project or its system."))
@output_option
@click.pass_context
def list_projects(
    ctx: click.Context, state: str, department: str | None, search: str | None, output: str | None
) -> None:
    """List the projects, the newest first.

    With how many of the five parts are there, and the open deadline that ends first.
    """
    installation = house(ctx)
    with installation.register.read() as db:
        rows = list(listed(db, state, department, search))
    empty = _("No project. `rightsizer project add NAME` or `rightsizer project import FILE` adds one.")
    show(rows, COLUMNS, output, empty)


def listed(db: Session, state: str, department: str | None, search: str | None) -> Iterator[Row]:
    from filing.names import plain
    from filing.project_list import Wanted, listing

    wanted = Wanted(state, department, plain(search) if search else "")
    for line in listing(db, wanted):
        project = line.project
        yield {
            "id": project.id,
            "name": project.name,
            "department": line.department,
            "kind": str(project.kind),
            "state": str(project.state),
            "budget_fen": project.budget_fen,
            "parts": line.parts,
            "hints": len(project.hints or []),
            "due_on": line.due_on.isoformat() if line.due_on else None,
            **{key: day.isoformat() if (day := getattr(project, key)) else None for key in DAYS},
        }
