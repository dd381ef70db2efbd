"""`rightsizer application add|edit|change|release`: what a department writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.application_matter import (
    asked,
    case,
    facts_of,
    facts_options,
    kept,
    number_argument,
    reason_option,
    say,
)
from monitor.cli.output import note
from monitor.cli.session import acting, house, known_department
from monitor.cli.text import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from filing.applications import Draft
    from filing.release import Origin
    from monitor.installation import Installation


def draft_of(installation: Installation, given: dict[str, Any]) -> Draft:
    from filing.applications import Draft

    facts = facts_of(installation, given)
    return Draft(installation.now().today, facts, [asked(line) for line in given["lines"]])


@click.command("add")
@click.option("--department", type=Words(), required=True, help=_("Whose it is: name or code."))
@click.option("--system", type=Words(), required=True, help=_("The name of the system."))
@facts_options
@reason_option
@click.pass_context
def add(ctx: click.Context, /, department: str, system: str, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Write a draft for new machines; it may be incomplete until `application submit`."""
    from filing.applications import add as write

    installation = house(ctx)
    act, draft = acting(installation, reason), draft_of(installation, given)
    with installation.register.write() as db:
        row = write(db, known_department(db, department), system, draft, act)
        number = row.id
    said = _("application {number}: draft written; `rightsizer application submit {number}` hands it in")
    note(said.format(number=number))


@click.command("edit")
@number_argument
@facts_options
@reason_option
@click.pass_context
def edit(ctx: click.Context, /, number: int, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Correct draft N, or one that was returned. Lines, where any are given, replace those there."""
    from filing.applications import edit as correct

    draft = draft_of(house(ctx), given)
    with case(ctx, number, reason) as it:
        changed = correct(it.db, it.row, draft, it.act)
        say(it.row, _("corrected") if changed else _("nothing to change"))


@click.command("change")
@number_argument
@facts_options
@reason_option
@click.pass_context
def change(ctx: click.Context, /, number: int, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Write a draft that changes application N: other sizes (--line with machine=) or machines besides."""
    from filing.release import change as write

    draft = draft_of(house(ctx), given)
    with case(ctx, number, reason) as it:
        row = write(it.db, it.row, draft, it.act)
        said = _("draft written, it changes application {number}; hand it in with `application submit`")
        say(row, said.format(number=number))


@click.command("release")
@click.argument("number", metavar="[N]", required=False, type=click.IntRange(1, 2**31 - 1))
@click.option(
    "--department", type=Words(), help=_("Instead of N: whose machines; no application brought them.")
)
@click.option(
    "--machine", "machines", multiple=True, help=_("Only this machine; several times. Default: all.")
)
@click.option(
    "--data-statement",
    "statement",
    type=click.Path(path_type=Path),
    required=True,
    help=_("The signed statement on the data (数据处置说明); a copy is kept with the data."),
)
@click.option(
    "--data",
    type=click.Choice(["backed_up", "handed_over", "not_needed"]),
    required=True,
    help=_("What becomes of the data."),
)
@click.option(
    "--logs", type=click.Choice(["kept", "not_needed"]), required=True, help=_("What becomes of the logs.")
)
@click.option(
    "--domains",
    type=click.Choice(["cancelled", "kept", "none"]),
    required=True,
    help=_("What becomes of domains and network policies."),
)
@click.option("--declared", is_flag=True, help=_("Take the word for machines that nobody measures."))
@required_reason
@click.pass_context
def release(
    ctx: click.Context,
    /,
    number: int | None,
    department: str | None,
    machines: tuple[str, ...],
    statement: Path,
    reason: str,
    **given: Any,  # noqa: ANN401  (click's own)
) -> None:
    """Write a draft that gives machines of application N back: refused while one of them serves.

    It takes the same approvals; nothing is taken down before them.
    """
    from filing.applications import Draft, Facts
    from filing.release import Retention, machines_of
    from filing.release import release as write
    from monitor.serving import uses

    if (number is None) == (department is None):
        raise click.UsageError(_("N, or else --department with --machine"), ctx)

    installation = house(ctx)
    today = installation.now().today
    with installation.register.read() as db:
        names = [machine.name for machine in machines_of(db, origin(db, number, department), machines)]
    seen = uses(installation, names, today)
    said = Retention(kept(installation, statement), machines=names, **given)
    act = acting(installation, reason)
    with installation.register.write() as db:
        row = write(db, origin(db, number, department), seen, said, Draft(today, Facts()), act)
        told = _("draft written, it gives back {machines}; hand it in with `application submit`")
        say(row, told.format(machines=", ".join(names)))


def origin(db: Session, number: int | None, department: str | None) -> Origin:
    from filing.applications import found
    from filing.release import Origin

    if number is not None:
        row = found(db, number)
        return Origin(row.department, row)
    return Origin(known_department(db, department or ""))
