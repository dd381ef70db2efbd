"""`rightsizer filing`: the registration (全口径备案) of every deployed system (art. 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.filing_campaign import campaign
from monitor.cli.filing_matter import (
    given,
    matter,
    project_of,
    set_option,
    system_of,
    system_row,
)
from monitor.cli.filing_page import history, show_one
from monitor.cli.filing_reconcile import reconcile
from monitor.cli.filing_sheets import export_file, import_file
from monitor.cli.filing_steps import accept, amend, confirm, deregister, send_back, submit
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import acting, house, known_department, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

STATES = ("unfiled", "submitted", "returned", "filed", "amending", "deregistered")
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("department", _("Department"), fold=True),
    Column("name", _("System"), fold=True),
    Column("state", _("State")),
    Column("lacks", _("Lacks"), right=True),
    Column("submitted_on", _("Submitted")),
    Column("filed_on", _("Filed")),
    Column("due_on", _("Due")),
    Column("found_on", _("Found"), shown=False),
    Column("ended_on", _("Ended"), shown=False),
    Column("system", _("In the inventory"), shown=False),
)


@click.group(
    "filing", help=_("Filings of systems (备案): list, show, add, edit, submit, accept, reconcile, import.")
)
def command() -> None: ...


@command.command("list")
@click.option(
    "--state", type=click.Choice([*STATES, "all"]), help=_("Only this state; default: all but ended ones.")
)
@click.option("--department", help=_("Only this department (name or code)."))
@output_option
@click.pass_context
def list_filings(ctx: click.Context, state: str | None, department: str | None, output: str | None) -> None:
    """List the filings; LACKS counts what their cards still need before they can be submitted."""
    with house(ctx).register.read() as db:
        number = known_department(db, department).id if department is not None else None
        rows = list(listed(db, state, number))
    show(
        rows, COLUMNS, output, _("No filing. `rightsizer filing import FILE` or `filing reconcile` add them.")
    )


def listed(db: Session, state: str | None, department: int | None) -> Iterator[dict[str, object]]:
    from sqlalchemy import select

    from filing.card_check import lacks
    from filing.clocks import ARTICLE
    from filing.tables import Filing
    from store.tables import Deadline, Department, System

    running = (Deadline.article == ARTICLE) & Deadline.met_on.is_(None) & Deadline.subject.like("filing:%")
    due = {
        row.subject: row.due_on
        for row in db.execute(select(Deadline.subject, Deadline.due_on).where(running))
    }
    wanted = select(Filing, Department.name, System.name)
    wanted = wanted.join(Department, Department.id == Filing.department_id)
    wanted = wanted.outerjoin(System, System.id == Filing.system_id)
    if state != "all":
        wanted = wanted.where(Filing.state == state if state is not None else Filing.state != "deregistered")
    if department is not None:
        wanted = wanted.where(Filing.department_id == department)
    for filing, owner, system in db.execute(wanted.order_by(Department.name, Filing.name, Filing.id)):
        day = due.get(f"filing:{filing.id}")
        yield {
            "id": filing.id,
            "department": owner,
            "name": filing.name,
            "state": filing.state,
            "lacks": len(lacks(filing.card)),
            "submitted_on": filing.submitted_on.isoformat() if filing.submitted_on else None,
            "filed_on": filing.filed_on.isoformat() if filing.filed_on else None,
            "due_on": day.isoformat() if day else None,
            "found_on": filing.found_on.isoformat() if filing.found_on else None,
            "ended_on": filing.ended_on.isoformat() if filing.ended_on else None,
            "system": system,
        }


@command.command("add")
@click.argument("department")
@click.argument("name")
@set_option
@system_of
@project_of
@reason_option
@click.pass_context
def add(
    ctx: click.Context,
    department: str,
    name: str,
    said: tuple[str, ...],
    system: str | None,
    project: int | None,
    reason: str | None,
) -> None:
    """Note a filing of DEPARTMENT (name or code) for the system NAME; its card may lack until submitted."""
    from filing.card_check import lacks, merged
    from filing.filings import add as make
    from filing.origin import built_by

    installation = house(ctx)
    today, change = installation.now().today, given([*said, f"name={name}"])
    act = acting(installation, reason)
    with installation.register.write() as db:
        owner = known_department(db, department)
        named = system_row(db, owner, system) if system is not None else None
        row = make(db, owner, named, merged({}, change), act, today)
        if project is not None:
            built_by(db, row, project, act)
        number, missing = row.id, lacks(row.card)
    note(_("filing {number}: noted, unfiled").format(number=number) + told_lack(missing))


def told_lack(missing: list[str]) -> str:
    if not missing:
        return _("; it can be submitted")
    return _("; it lacks {fields}").format(fields="、".join(missing))


@command.command("edit")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@set_option
@system_of
@project_of
@reason_option
@click.pass_context
def edit(
    ctx: click.Context,
    number: int,
    said: tuple[str, ...],
    system: str | None,
    project: int | None,
    reason: str | None,
) -> None:
    """Change the card of a filing that is not submitted; say which system of the inventory it is about, or
    which project built it.

    A filed card is changed by `filing amend`.
    """
    from filing.card_check import lacks
    from filing.filings import edit as change_card
    from filing.filings import link
    from filing.origin import built_by

    if not said and system is None and project is None:
        raise click.UsageError(_("what? --set FIELD=VALUE, --system NAME or --project N"), ctx)
    change = given(said)
    with matter(ctx, number, reason) as found:
        changed = change_card(found.db, found.filing, change, found.act, found.today) if said else []
        if system is not None:
            link(found.db, found.filing, system_row(found.db, found.filing.department, system), found.act)
            changed.append(_("its system"))
        if project is not None and built_by(found.db, found.filing, project, found.act):
            changed.append(_("its project"))
        missing = lacks(found.filing.card)
    what = ", ".join(changed) or _("nothing")
    note(_("filing {number}: changed {what}").format(number=number, what=what) + told_lack(missing))


for verb in (show_one, submit, send_back, accept, amend, deregister, confirm, history):
    command.add_command(verb)
for verb in (reconcile, import_file, export_file, campaign):
    command.add_command(verb)
