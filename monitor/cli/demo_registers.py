"""What `rightsizer demo` shows of the registers at its end: a project, its machines, filing and money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, said, show
from monitor.cli.text import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitor.demo.stage import Stage

INDENT = "  "
DUE = (
    Column("department", _("Department"), fold=True),
    Column("title", _("To do"), fold=True),
    Column("due_on", _("Due")),
    Column("told", _("Letter"), fold=True),
)


def registers(stage: Stage) -> None:
    with stage.house.register.read() as db:
        projects(db)
        page(stage, db)
        application(db)
        unfiled(db)
        campaign(stage, db)
        evaluation(db)
        money(db)


def projects(db: Session) -> None:
    from monitor.cli.project import COLUMNS, listed

    said(_("Projects"))
    wanted = ("id", "name", "department", "state", "hints")
    columns = [column for column in COLUMNS if column.key in wanted]
    show(listed(db, "all", None, None), columns, "table", _("No project."))


def page(stage: Stage, db: Session) -> None:
    """The one that was built, as `project show` prints it."""
    from shutil import get_terminal_size

    from monitor.cli.project_brief import brief
    from monitor.cli.project_page import HIGH, WIDE
    from monitor.demo.people import cast
    from monitor.demo.projects import name_of
    from monitor.demo.scene import project
    from monitor.installation import actor
    from monitor.people import act_of
    from monitor.project_page import Look, head, sections

    now, row = stage.house.now(), project(db, name_of(cast(stage.city)))
    look = Look(stage.house, db, row, now)
    act = act_of(db, stage.house.settings.people, actor(), None, now.moment)
    said(_("One project: rightsizer project show {number}").format(number=row.id))
    width = get_terminal_size((WIDE, HIGH)).columns - len(INDENT)
    for line in brief(head(look, act), sections(look), width):
        click.echo(f"{INDENT}{line}".rstrip())


def application(db: Session) -> None:
    """The newest one: its machines wait for their deployment."""
    from monitor.application_case import whole
    from monitor.cli.application_page import LINES, MACHINES, advice_lines, head, line_row, size
    from monitor.demo.applications import newest

    told = whole(db, newest(db))
    said(_("One application: rightsizer application show {id}").format(**told))
    for text in (*head(told), *advice_lines(told["advice"])):
        click.echo(f"{INDENT}{text.lstrip()}")
    lines, machines = rows(told, "lines"), rows(told, "machines")
    shown = [column for column in LINES if column.key != "machine"]
    show([line_row(line) for line in lines], shown, "table")
    waiting = [column for column in MACHINES if column.key not in {"deployed_on", "released_on"}]
    show([{**row, "size": size(row)} for row in machines], waiting, "table")


def rows(told: dict[str, object], key: str) -> list[dict[str, object]]:
    found = told[key]
    return found if isinstance(found, list) else []


def unfiled(db: Session) -> None:
    """What the reconciliation found, until when it is to be filed, and what was written about it."""
    from sqlalchemy import select

    from notifier.tables import Notice
    from store.deadlines import running
    from store.tables import Deadline, Department

    said(_("Runs unfiled: rightsizer filing reconcile, rightsizer deadline list"))
    wanted = select(Deadline, Department.name).join(Department, Department.id == Deadline.department_id)
    found = db.execute(wanted.where(*running(), Deadline.subject.like("filing:%")))
    letters: dict[int, list[str]] = {}
    for notice in db.scalars(select(Notice).where(Notice.kind.in_(("due", "late"))).order_by(Notice.id)):
        letters.setdefault(notice.department_id, []).append(notice.number)
    shown: list[dict[str, object]] = [
        {
            "department": name,
            "title": row.title,
            "due_on": str(row.due_on),
            "told": "、".join(letters.get(row.department_id or 0, [])) or None,
        }
        for row, name in found
    ]
    show(shown, DUE, "table", _("Everything that runs is filed."))


def campaign(stage: Stage, db: Session) -> None:
    from filing.campaigns import campaign_of, progress

    row = campaign_of(db, None)
    found = progress(db, row, stage.house.now().today)
    done = sum(not one.open for one in found)
    text = _("Campaign of {year}: {done} of {all} departments have confirmed their filings, until {until}")
    said(text.format(year=row.year, done=done, all=len(found), until=row.until))


def evaluation(db: Session) -> None:
    """The sheet of the project's system."""
    from sqlalchemy import select

    from filing.evaluation_tables import Evaluation
    from monitor.cli.evaluation import SHEET, spared

    row = db.scalars(select(Evaluation).where(Evaluation.total.is_not(None))).first()
    if row is None:
        return
    title = _("One evaluation: {system}, {year}: {total:g} of 100, {state}")
    said(title.format(system=row.filing.name, year=row.year, total=row.total, state=row.state))
    lines: list[dict[str, object]] = row.sheet
    show([line | {"score": spared(line)} for line in lines], SHEET, "table")


def money(db: Session) -> None:
    """The newest budget list: what is stopped, refused or restored, and how many may be funded."""
    from sqlalchemy import select

    from filing.budget_tables import BudgetList
    from monitor.cli.budget import COLUMNS

    row = db.scalars(select(BudgetList).order_by(BudgetList.id.desc()).limit(1)).one()
    found: list[dict[str, object]] = row.content["rows"]
    told = [line for line in found if line["verdict"] != "fundable" or line["restores"] is not None]
    rest = len(found) - len(told)
    title = _("The budget list {number}: {rest} more rows may be funded; attested by {who}")
    said(title.format(number=row.number, rest=rest, who=row.attested_by))
    wanted = ("subject", "name", "verdict", "since", "fact", "restores")
    columns = [replace(column, shown=True) for column in COLUMNS if column.key in wanted]
    show(told, columns, "table")
