"""`rightsizer department contact`: the people of departments, by what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import house, known_department, operating, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = (
    Column("department", _("Department"), fold=True),
    Column("name", _("Name"), fold=True),
    Column("duty", _("Duty")),
    Column("phone", _("Phone")),
    Column("email", _("E-mail"), fold=True),
)
department_argument = click.argument("department")
name_argument = click.argument("name", type=Words())
duty_option = click.option(
    "--duty", type=Words(), required=True, help=_("What for: filer, signer, editor, technician, ...")
)


@click.group("contact", help=_("People of departments: add, remove, list."))
def contact() -> None: ...


@contact.command("add")
@department_argument
@name_argument
@duty_option
@click.option("--phone", help=_("A telephone number."))
@click.option("--email", help=_("An e-mail address."))
@reason_option
@click.pass_context
def add(ctx: click.Context, /, department: str, name: str, duty: str, **given: str | None) -> None:
    """Add the person NAME of DEPARTMENT (name or code) for a duty, or bring number and address up to date."""
    from store.departments import add_contact
    from store.inventory_file import email, phone

    reach = {"phone": parsed("--phone", phone, given["phone"])}
    reach["email"] = parsed("--email", email, given["email"])
    installation = house(ctx)
    act = operating(installation, given["reason"])
    with installation.register.write() as db:
        owner = known_department(db, department)
        new = add_contact(db, owner, name, duty, reach, act)
        said = (
            _("{name}, {duty} of {department}: added") if new else _("{name}, {duty} of {department}: kept")
        )
        text = said.format(name=name, duty=duty, department=owner.name)
    note(text)


def parsed(option: str, parse: Callable[[str], str], value: str | None) -> str | None:
    if not value:
        return value
    try:
        return parse(value)
    except ValueError as error:
        said = _("{option} {value!r}: expected {error}")
        raise click.UsageError(said.format(option=option, value=value, error=error)) from error


@contact.command("remove")
@department_argument
@name_argument
@duty_option
@reason_option
@click.pass_context
def remove(ctx: click.Context, department: str, name: str, duty: str, reason: str | None) -> None:
    """Remove the person NAME of DEPARTMENT from a duty; the journal keeps who it was."""
    from store.departments import remove_contact

    installation = house(ctx)
    act = operating(installation, reason)
    with installation.register.write() as db:
        owner = known_department(db, department)
        remove_contact(db, owner, name, duty, act)
        text = _("{name}, {duty} of {department}: removed").format(
            name=name, duty=duty, department=owner.name
        )
    note(text)


@contact.command("list")
@click.argument("department", required=False)
@output_option
@click.pass_context
def list_contacts(ctx: click.Context, department: str | None, output: str | None) -> None:
    """List the people of DEPARTMENT (name or code), or of all."""
    from store.departments import contacts

    with house(ctx).register.read() as db:
        owner = known_department(db, department) if department is not None else None
        rows: list[dict[str, object]] = [
            {
                "department": row.department.name,
                "name": row.name,
                "duty": row.duty,
                "phone": row.phone,
                "email": row.email,
            }
            for row in contacts(db, owner)
        ]
    show(rows, COLUMNS, output, _("No contact. `rightsizer department contact add` adds one."))
