"""`rightsizer department`: who owns machines and receives letters."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.output import Column, count, note, output_option, show
from monitor.cli.session import house, operating, reason_option
from monitor.cli.text import _

COLUMNS = (
    Column("code", _("Code")),
    Column("name", _("Name"), fold=True),
    Column("email", _("E-mail"), fold=True),
    Column("contact", _("Contact"), fold=True),
    Column("phone", _("Phone")),
    Column("machines", _("Machines"), right=True),
)


@click.group("department", help=_("Departments: import, list."))
def command() -> None: ...


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@reason_option
@click.pass_context
def import_file(ctx: click.Context, file: Path, reason: str | None) -> None:
    """Import departments from FILE (csv, xlsx): code, name, email, contact, phone; all rows or none."""
    from store.inventory import import_departments
    from store.inventory_file import read_departments

    rows = read_departments(file)
    installation = house(ctx)
    act = operating(installation, reason)
    with installation.register.write() as db:
        done = import_departments(db, rows, act.actor, act.now, reason)
    said = _("{added} added, {changed} changed, {unchanged} unchanged")
    note(said.format(added=count(done.added, "department"), changed=done.changed, unchanged=done.unchanged))


@command.command("list")
@output_option
@click.pass_context
def list_departments(ctx: click.Context, output: str | None) -> None:
    """List the departments and how many machines each has."""
    from sqlalchemy import func, select

    from store.tables import Department, Machine

    installation = house(ctx)
    counted = (
        select(Department, func.count(Machine.id))
        .outerjoin(Machine, Machine.department_id == Department.id)
        .group_by(Department.id)
        .order_by(Department.name)
    )
    with installation.register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "code": department.code,
                "name": department.name,
                "email": department.email,
                "contact": department.contact,
                "phone": department.phone,
                "machines": count,
            }
            for department, count in db.execute(counted).all()
        ]
    show(rows, COLUMNS, output, _("No department. `rightsizer department import FILE` adds them."))
