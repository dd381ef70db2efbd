"""`rightsizer people`: which login acts as what, and what each role may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.people import Person

PEOPLE = (
    Column("login", _("Login")),
    Column("name", _("Name"), fold=True),
    Column("roles", _("Roles"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("remark", _("Remark"), fold=True),
)
ROLES = (
    Column("role", _("Role")),
    Column("who", _("Who"), fold=True),
    Column("noun", _("What")),
    Column("events", _("May"), fold=True),
)


@click.group("people", help=_("People and their roles: list, and what each role may do."))
def command() -> None: ...


@command.command("list")
@output_option
@click.pass_context
def list_people(ctx: click.Context, output: str | None) -> None:
    """List the people of the settings (`people`): logins, roles, departments."""
    from sqlalchemy import select

    from store.tables import Department

    installation = house(ctx)
    people = installation.settings.people
    if not people:
        note(nobody())
    with installation.register.read() as db:
        known = {word for row in db.execute(select(Department.name, Department.code)) for word in row}
    show([person_row(person, known) for person in people], PEOPLE, output, _("Add them under `people:`."))


def nobody() -> str:
    from monitor.people import EVERYBODY

    roles = ", ".join(sorted(EVERYBODY))
    return _("The settings name no people: every login that may run this command is {roles}.").format(
        roles=roles
    )


def person_row(person: Person, known: set[str]) -> dict[str, object]:
    strange = person.department is not None and person.department not in known
    return {
        "login": person.login,
        "name": person.name,
        "roles": ", ".join(person.roles),
        "department": person.department,
        "remark": _("no such department: `rightsizer department import`") if strange else None,
    }


@command.command("roles")
@output_option
def list_roles(output: str | None) -> None:
    """Show what each role may do: the events of every state machine, by role."""
    from monitor.roles import powers
    from monitor.workflows import WORKFLOWS

    show(role_rows(list(powers(WORKFLOWS))), ROLES, output)


def role_rows(found: Sequence[tuple[str, str, tuple[str, ...]]]) -> list[dict[str, object]]:
    """A row a role and noun; a role that moves nothing has one row."""
    from config.roles import ROLES as MEANINGS

    rows: list[dict[str, object]] = []
    for role, who in MEANINGS.items():
        own = [(noun, ", ".join(events)) for each, noun, events in found if each == role]
        for noun, events in own:
            rows.append({"role": str(role), "who": who, "noun": noun, "events": events})
        if not own:
            rows.append({"role": str(role), "who": who, "noun": None, "events": None})
    return rows
