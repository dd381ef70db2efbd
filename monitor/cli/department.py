"""`rightsizer department`: who owns machines and receives letters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.department_card import card_of
from monitor.cli.department_contact import contact, parsed
from monitor.cli.output import Column, as_json, cell, count, note, output_of, output_option, show
from monitor.cli.session import house, known_department, operating, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from store.tables import Department

STANDINGS = {"bound": "执行", "by_reference": "参照"}


def standing(value: object) -> str:
    return STANDINGS[str(value)]


def lines(found: object) -> str:
    return "; ".join(found) if isinstance(found, list) and found else "-"


COLUMNS = (
    Column("code", _("Code")),
    Column("name", _("Name"), fold=True),
    Column("standing", _("Standing"), style=standing),
    Column("email", _("E-mail"), fold=True),
    Column("contact", _("Contact"), fold=True),
    Column("phone", _("Phone")),
    Column("look_at", _("To look at"), fold=True, style=lines),
    Column("machines", _("Machines"), right=True),
    Column("no_code_reason", _("Why no code"), shown=False),
)
EMPTY = _("No department. `rightsizer department import FILE` adds them.")


@click.group("department", help=_("Departments: import, list, add, change, show; their contacts."))
def command() -> None: ...


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@reason_option
@click.pass_context
def import_file(ctx: click.Context, file: Path, reason: str | None) -> None:
    """Import departments from FILE (csv, xlsx): code, name, email, contact, phone, standing (执行, 参照),
    no_code_reason; all rows or none.
    """
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
    """List the departments, how many machines each has, and what should be looked at."""
    with house(ctx).register.read() as db:
        rows = counted(db)
    said = {"standing": any(row["standing"] != "bound" for row in rows), "look_at": any(looks(rows))}
    columns = [replace(column, shown=said.get(column.key, column.shown)) for column in COLUMNS]
    show(rows, columns, output, EMPTY)


def looks(rows: Sequence[dict[str, object]]) -> list[object]:
    return [row["look_at"] for row in rows]


def counted(db: Session) -> list[dict[str, object]]:
    from sqlalchemy import func, select

    from store.tables import Department, Machine

    wanted = (
        select(Department, func.count(Machine.id))
        .outerjoin(Machine, Machine.department_id == Department.id)
        .group_by(Department.id)
        .order_by(Department.name)
    )
    return [as_row(department, number) for department, number in db.execute(wanted).all()]


def as_row(department: Department, machines: int) -> dict[str, object]:
    from store.departments import FACTS, to_look_at

    facts = {name: getattr(department, name) for name in FACTS}
    return {**facts, "machines": machines, "look_at": to_look_at(department)}


def facts_options(function: Callable[..., None]) -> Callable[..., None]:
    """What can be said of a department besides its code and name."""
    for name, words in (
        ("--no-code-reason", _("Why it has no 统一社会信用代码, when CODE is an internal one.")),
        ("--phone", _("Telephone number of the office.")),
        ("--contact", _("Whom letters name.")),
        ("--email", _("Where mails go; several with commas between.")),
    ):
        function = click.option(name, help=words)(function)
    told = _("执行 (bound) or 参照 (by reference: utilities), art. 35.")
    return click.option("--standing", type=click.Choice(list(STANDINGS)), help=told)(function)


@command.command("add")
@click.argument("code")
@click.argument("name", type=Words())
@facts_options
@reason_option
@click.pass_context
def add(ctx: click.Context, /, reason: str | None, **given: str | None) -> None:
    """Add the department NAME with its 统一社会信用代码, or an internal CODE and --no-code-reason."""
    from store.departments import add_department, to_look_at

    installation = house(ctx)
    act = operating(installation, reason)
    with installation.register.write() as db:
        row = add_department(db, checked(given), act)
        said, looks = f"{row.name} ({row.code})", to_look_at(row)
    note("; ".join([_("{department}: added").format(department=said), *looks]))


@command.command("change")
@click.argument("department")
@click.option("--code", help=_("Another code: a body that got its 统一社会信用代码."))
@click.option("--name", type=Words(), help=_("Another name."))
@facts_options
@reason_option
@click.pass_context
def change(ctx: click.Context, /, department: str, reason: str | None, **given: str | None) -> None:
    """Change what is known of DEPARTMENT (name or code); an empty text takes a value out."""
    from store.departments import change_department, to_look_at

    installation = house(ctx)
    act = operating(installation, reason)
    with installation.register.write() as db:
        row = known_department(db, department)
        changed = change_department(db, row, checked(given), act)
        said, looks = f"{row.name} ({row.code})", to_look_at(row)
    words = ", ".join(f"{name} {old or '-'} -> {new or '-'}" for name, (old, new) in changed.items())
    note(
        "; ".join(
            [_("{department}: {changes}").format(department=said, changes=words or _("unchanged")), *looks]
        )
    )


def checked(given: dict[str, str | None]) -> dict[str, str | None]:
    """The values in the form that an import gives them."""
    from store.inventory_file import email, phone

    told = {name: cell(value) if value else value for name, value in given.items()}
    return {
        **told,
        "email": parsed("--email", email, given["email"]),
        "phone": parsed("--phone", phone, given["phone"]),
    }


@command.command("show")
@click.argument("department")
@output_of(("text", "json"), _("How to print; default: text."))
@click.pass_context
def show_one(ctx: click.Context, department: str, output: str | None) -> None:
    """Show DEPARTMENT (name or code): its code, standing, contacts, systems, machines and filings."""
    with house(ctx).register.read() as db:
        facts = whole(db, known_department(db, department))
    if output == "json":
        as_json([facts])
        return
    for key, value in facts.items():
        if isinstance(value, list):
            click.echo(f"{key}:" + ("" if value else " -"))
            for one in value:
                click.echo("  " + cell(", ".join(map(str, one.values())) if isinstance(one, dict) else one))
        else:
            click.echo(f"{key}: {cell(STANDINGS.get(str(value), value)) or '-'}")


def whole(db: Session, row: Department) -> dict[str, object]:
    from sqlalchemy import func, select

    from filing.tables import Filing
    from store.departments import contacts
    from store.tables import Machine, System

    number = db.scalar(select(func.count(Machine.id)).where(Machine.department_id == row.id)) or 0
    systems = select(System.name).where(System.department_id == row.id).order_by(System.name)
    filings = select(Filing.id, Filing.name, Filing.state).where(Filing.department_id == row.id)
    people = [
        {key: value for key in ("name", "duty", "phone", "email") if (value := getattr(one, key)) is not None}
        for one in contacts(db, row)
    ]
    return {
        **as_row(row, number),
        "contacts": people,
        "systems": list(db.scalars(systems)),
        "filings": [dict(one._mapping) for one in db.execute(filings.order_by(Filing.id))],  # noqa: SLF001  (the library's way)
    }


command.add_command(contact)
command.add_command(card_of)
