"""`rightsizer finding`: what the last judgement found and nobody has answered."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.judge import say_validity
from monitor.cli.output import Column, output_option, show, yuan
from monitor.cli.session import house
from monitor.cli.text import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("machine", _("Machine"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("kind", _("Kind")),
    Column("state", _("State"), shown=False),
    Column("opened_on", _("Since")),
    Column("judged_on", _("Judged")),
    Column("saving_yuan_month", _("Yuan/mo"), right=True, style=yuan),
    Column("closed_because", _("Closed because"), fold=True, shown=False),
)


@click.group("finding", help=_("Findings: list, show."))
def command() -> None: ...


@command.command("list")
@click.option("--kind", type=click.Choice(["shrink", "expand", "idle"]), help=_("Only this kind."))
@click.option("--department", help=_("Only this department (name or code)."))
@click.option("--closed", is_flag=True, help=_("The closed ones instead of the open ones."))
@output_option
@click.pass_context
def list_findings(
    ctx: click.Context, kind: str | None, department: str | None, closed: bool, output: str | None
) -> None:
    """List the open findings, largest saving first."""
    installation = house(ctx)
    with installation.register.read() as db:
        if department is not None:
            known_department(db, department)
        rows = found(db, "closed" if closed else "open", kind, department)
    show(
        rows,
        (*COLUMNS[:-1], replace(COLUMNS[-1], shown=closed)),
        output,
        _("No finding. `rightsizer judge` opens them."),
    )


def known_department(db: Session, wanted: str) -> None:
    """Refuses a name or code that no department has: no finding would read as good news."""
    from sqlalchemy import select

    from store.tables import Department

    known = {
        word: name
        for name, code in db.execute(select(Department.name, Department.code))
        for word in (name, code)
    }
    if wanted in known:
        return
    near = list(dict.fromkeys(known[word] for word in difflib.get_close_matches(wanted, known, 3, 0.4)))
    hint = _(" Near: {names}.").format(names=", ".join(near)) if near else ""
    more = _("; `rightsizer department list` shows them.")
    raise click.ClickException(_("no department {wanted!r}").format(wanted=wanted) + more + hint)


def found(db: Session, state: str, kind: str | None, department: str | None) -> list[dict[str, object]]:
    from sqlalchemy import or_, select

    from store.tables import Department, Finding, Machine

    wanted = (
        select(Finding, Machine.name, Department.name)
        .join(Finding.machine)
        .outerjoin(Machine.department)
        .where(Finding.state == state)
        .order_by(Finding.saving_yuan_month.desc().nulls_last(), Machine.name, Finding.id)
    )
    if kind is not None:
        wanted = wanted.where(Finding.kind == kind)
    if department is not None:
        wanted = wanted.where(or_(Department.name == department, Department.code == department))
    return [
        {
            "id": finding.id,
            "machine": machine,
            "department": owner,
            "kind": finding.kind,
            "state": finding.state,
            "opened_on": finding.opened_on.isoformat(),
            "judged_on": finding.judged_on.isoformat(),
            "saving_yuan_month": finding.saving_yuan_month,
            "closed_because": finding.closed_because,
        }
        for finding, machine, owner in db.execute(wanted).all()
    ]


@command.command("show")
@click.argument("number", type=int)
@click.pass_context
def show_finding(ctx: click.Context, number: int) -> None:
    """Show a finding with its evidence, as JSON."""
    from store.tables import Finding

    installation = house(ctx)
    say_validity(installation.policy.validity(installation.now().as_of))
    with installation.register.read() as db:
        finding = db.get(Finding, number)
        if finding is None:
            raise click.ClickException(
                _("no finding {number}; `rightsizer finding list` shows them").format(number=number)
            )
        whole: dict[str, Any] = {
            "id": finding.id,
            "kind": finding.kind,
            "state": finding.state,
            "opened_on": finding.opened_on.isoformat(),
            "judged_on": finding.judged_on.isoformat(),
            "closed_on": finding.closed_on.isoformat() if finding.closed_on else None,
            "closed_because": finding.closed_because,
            "policy": finding.policy,
            "verdict": finding.verdict,
        }
    click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
