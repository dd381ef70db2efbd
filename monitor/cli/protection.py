"""`rightsizer protection`: machines that may not be shrunk for a time, such as a disaster-recovery standby or
the weeks of an examination.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.output import Column, count, note, output_option, show
from monitor.cli.session import Day, house, operating
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from monitor.installation import Now
    from store.tables import Protection

SCOPES = ("machine", "system", "department")
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("scope", _("Scope")),
    Column("subject", _("Of"), fold=True),
    Column("machines", _("Machines"), right=True),
    Column("since", _("Since")),
    Column("until", _("Until")),
    Column("approver", _("Approver"), fold=True),
    Column("reason", _("Reason"), fold=True),
    Column("ended_on", _("Ended"), shown=False),
    Column("made_by", _("Made by"), shown=False),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be protected, and how its name was given."""

    kind: str
    name: str


@click.group("protection", help=_("Machines that may not be shrunk for a time: add, list, end."))
def command() -> None: ...


def scope_options(function: Callable[..., None]) -> Callable[..., None]:
    for kind, metavar, words in (
        ("department", "NAME", _("Every machine of this department (name or code).")),
        ("system", "DEPARTMENT/SYSTEM", _("Every machine of this system.")),
        ("machine", "NAME", _("This machine.")),
    ):
        function = click.option(f"--{kind}", metavar=metavar, help=words)(function)
    return function


@command.command("add")
@scope_options
@click.option("--until", type=Day(), required=True, help=_("The last protected day."))
@click.option("--since", type=Day(), help=_("The first protected day; default: today."))
@click.option("--approver", type=Words(), required=True, help=_("Who approved it."))
@required_reason
@click.pass_context
def add(ctx: click.Context, /, until: date, since: date | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Protect machines: no shrink, no question whether they are idle.

    Open and approved findings of theirs close at the next judgement; what a notice was written about stays.
    """
    from store.review import protect

    scope = scope_of(ctx, given)
    installation = house(ctx)
    now = installation.now()
    since = since or now.today
    if until < now.today or until < since:
        raise click.UsageError(
            _("--until {until}: today or later, and not before --since").format(until=until)
        )
    act = operating(installation, given["reason"])
    with installation.register.write() as db:
        check(db, scope)
        row = protect(db, scope.kind, scope.name, since, until, given["approver"], act)
        db.flush()
        said = effect(db, row, now)
    note(said)


def scope_of(ctx: click.Context, given: dict[str, str | None]) -> Scope:
    found = [Scope(kind, name) for kind in SCOPES if (name := given[kind]) is not None]
    if len(found) != 1:
        raise click.UsageError(_("one of --machine, --system and --department"), ctx)
    return found[0]


def check(db: Session, scope: Scope) -> None:
    """Refuses a name that nothing has, with those that nearly fit; and one without machines."""
    from store.review import canonical, machines_in

    known = canonical(db, scope.kind, scope.name)
    if known is None:
        near = difflib.get_close_matches(scope.name, names(db, scope.kind), 3, 0.4)
        hint = _(" Near: {names}.").format(names=", ".join(near)) if near else ""
        text = _("no {kind} {name!r} in the inventory.{hint}")
        raise click.ClickException(text.format(kind=scope.kind, name=scope.name, hint=hint))
    if not machines_in(db, scope.kind, known):
        text = _("the {kind} {name!r} has no machine: `rightsizer inventory list`")
        raise click.ClickException(text.format(kind=scope.kind, name=scope.name))


def names(db: Session, kind: str) -> list[str]:
    """What could have been meant."""
    from sqlalchemy import select

    from store.tables import Department, Machine, System

    if kind == "machine":
        return list(db.scalars(select(Machine.name)))
    if kind == "department":
        return [name for pair in db.execute(select(Department.name, Department.code)) for name in pair]
    return list(db.scalars(select(Department.name + "/" + System.name).join(System.department)))


def effect(db: Session, row: Protection, now: Now) -> str:
    """What was protected, and what becomes of the findings that are there."""
    from monitor.reviewing import states_of
    from store.review import PROTECTED, machines_in
    from store.tables import FindingState

    covered = machines_in(db, row.scope, row.subject)
    states = states_of(db, covered, PROTECTED)
    machines = count(len(covered), _("machine"))
    said = _("{number}: {machines} protected, {since} .. {until}")
    lines = [said.format(number=row.id, machines=machines, since=row.since, until=row.until)]
    closing = states[FindingState.OPEN] + states[FindingState.APPROVED]
    if closing and row.since <= now.today:
        lines.append(_("To be closed by the next judgement: {findings}.").format(findings=findings(closing)))
    if issued := states[FindingState.ISSUED]:
        lines.append(_("In a notice already, followed there: {findings}.").format(findings=findings(issued)))
    return "\n".join(lines)


def findings(number: int) -> str:
    return count(number, _("finding"))


@command.command("list")
@click.option("--ended", is_flag=True, help=_("Those that are over instead of those in force and to come."))
@output_option
@click.pass_context
def list_protections(ctx: click.Context, ended: bool, output: str | None) -> None:
    """List the protections, the one that ends first before the others."""
    from sqlalchemy import select

    from store.tables import Protection

    installation = house(ctx)
    today = installation.now().today
    with installation.register.read() as db:
        found = db.scalars(select(Protection).order_by(Protection.until, Protection.id))
        wanted = [row for row in found if ended == (row.ended_on is not None or row.until < today)]
        rows = list(as_rows(db, wanted))
    columns = [
        replace(column, shown=column.shown or (ended and column.key == "ended_on")) for column in COLUMNS
    ]
    show(rows, columns, output, _("No machine is protected.") if not ended else _("No protection is over."))


def as_rows(db: Session, found: Iterable[Protection]) -> Iterable[dict[str, object]]:
    from store.review import machines_in

    for row in found:
        yield {
            "id": row.id,
            "scope": row.scope,
            "subject": readable(db, row),
            "machines": len(machines_in(db, row.scope, row.subject)),
            "since": row.since.isoformat(),
            "until": row.until.isoformat(),
            "approver": row.approver,
            "reason": row.reason,
            "ended_on": row.ended_on.isoformat() if row.ended_on else None,
            "made_by": row.made_by,
        }


def readable(db: Session, row: Protection) -> str:
    """Departments by the names that they have now; they are kept by their codes."""
    from sqlalchemy import select

    from store.tables import Department

    code, slash, system = row.subject.partition("/") if row.scope == "system" else (row.subject, "", "")
    if row.scope == "machine":
        return row.subject
    return (db.scalar(select(Department.name).where(Department.code == code)) or code) + slash + system


@command.command("end")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@required_reason
@click.pass_context
def end(ctx: click.Context, number: int, reason: str) -> None:
    """End the protection NUMBER today: the next judgement finds its machines again."""
    from store.review import unprotect

    installation = house(ctx)
    now, act = installation.now(), operating(installation, reason)
    with installation.register.write() as db:
        row = unprotect(db, number, now.today, act)
        said = readable(db, row)
    note(
        _("{number}: the protection of {scope} {subject} is over").format(
            number=number, scope=row.scope, subject=said
        )
    )
