"""`rightsizer finding`: what the judgement found, and the operator's answers to it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import KINDS, approve, defer, reject, reopen
from monitor.cli.judge import say_validity
from monitor.cli.output import Column, output_of, output_option, show, yuan
from monitor.cli.session import house, known_department
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.case import Case
    from monitor.installation import Installation
    from store.tables import Finding

STATES = ("open", "approved", "rejected", "deferred", "issued", "closed")
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("machine", _("Machine"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("kind", _("Kind")),
    Column("state", _("State")),
    Column("opened_on", _("Since")),
    Column("judged_on", _("Judged"), shown=False),
    Column("saving_yuan_month", _("Yuan/mo"), right=True, style=yuan),
    Column("closed_because", _("Closed because"), fold=True, shown=False),
    Column("until", _("Until"), shown=False),
)
DATED = ("rejected", "deferred")  # states with an end date

kind_option = click.option("--kind", type=click.Choice(KINDS), help=_("Only this kind."))
department_option = click.option("--department", help=_("Only this department (name or code)."))


@click.group("finding", help=_("Findings: list, show, approve, reject, defer, reopen."))
def command() -> None: ...


for verb in (approve, reject, defer, reopen):
    command.add_command(verb)


@command.command("list")
@click.option(
    "--state", type=click.Choice([*STATES, "all"]), help=_("Those in this state; default: the open ones.")
)
@kind_option
@department_option
@click.option("--closed", is_flag=True, help=_("The closed ones instead of the open ones."))
@output_option
@click.pass_context
def list_findings(
    ctx: click.Context,
    state: str | None,
    kind: str | None,
    department: str | None,
    closed: bool,
    output: str | None,
) -> None:
    """List the open findings, largest saving first."""
    from monitor.reviewing import Wanted, listed

    state = state or ("closed" if closed else "open")
    installation = house(ctx)
    with installation.register.read() as db:
        if department is not None:
            known_department(db, department)
        found = listed(db, Wanted(None if state == "all" else state, kind, department))
        rows = [as_row(*each) for each in found]
    empty = _("No finding. `rightsizer judge` opens them.") if state in {"open", "all"} else _("No finding.")
    show(rows, shown(state), output, empty)


def shown(state: str) -> Sequence[Column]:
    """What a person sees of findings in a state: an end date or a reason where there can be one."""
    extra = {"until": state in {*DATED, "all"}, "closed_because": state == "closed"}
    extra["judged_on"] = not any(extra.values())
    return [replace(column, shown=extra.get(column.key, column.shown)) for column in COLUMNS]


def as_row(finding: Finding, machine: str, owner: str | None) -> dict[str, object]:
    return {
        "id": finding.id,
        "machine": machine,
        "department": owner,
        "kind": finding.kind,
        "state": finding.state,
        "opened_on": finding.opened_on.isoformat(),
        "judged_on": finding.judged_on.isoformat(),
        "saving_yuan_month": finding.saving_yuan_month,
        "closed_because": finding.closed_because,
        "until": finding.until.isoformat() if finding.until else None,
    }


@command.command("show")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@output_of(("table", "json"), _("The page for a person, or JSON; default: JSON."))
@click.pass_context
def show_finding(ctx: click.Context, number: int, output: str | None) -> None:
    """Show a finding with its evidence and the answers to it."""
    from monitor.case import case
    from store.tables import Finding

    installation = house(ctx)
    now = installation.now()
    say_validity(installation.policy.validity(now.as_of))
    with installation.register.read() as db:
        seen = case(db, number, installation.settings.zone(), now.today)
        finding = db.get(Finding, number) if seen is not None else None
        if seen is None or finding is None:
            raise click.ClickException(
                _("no finding {number}; `rightsizer finding list --state all` shows them").format(
                    number=number
                )
            )
        whole = as_whole(finding, seen)
    if output == "table":
        page(installation, seen)
    else:
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))


def page(installation: Installation, seen: Case) -> None:
    from monitor.cli.paper import drawings, paper

    drawn = drawings(installation, [seen.machine], installation.now().as_of)
    for line in paper(seen, _("Finding"), drawn[seen.machine]):
        click.echo(line)


def as_whole(finding: Finding, seen: Case) -> dict[str, object]:
    """Stable JSON: the finding, the last answer to it, the machine's past."""
    review = {
        "by": seen.reviewed_by,
        "at": seen.reviewed_at.isoformat() if seen.reviewed_at else None,
        "reason": seen.reason,
        "until": seen.until.isoformat() if seen.until else None,
    }
    return {
        "id": seen.id,
        "version": seen.version,
        "machine": seen.machine,
        "department": seen.department,
        "system": seen.system,
        "kind": seen.kind,
        "state": seen.state,
        "opened_on": seen.opened_on.isoformat(),
        "judged_on": seen.judged_on.isoformat(),
        "closed_on": finding.closed_on.isoformat() if finding.closed_on else None,
        "closed_because": finding.closed_because,
        "policy": finding.policy,
        "saving_yuan_month": seen.saving_yuan_month,
        "standing": seen.standing,
        "review": review if seen.reviewed_by else None,
        "protections": list(seen.protections),
        "past": [{"on": event.on.isoformat(), "what": event.text} for event in seen.past],
        "verdict": seen.verdict,
    }
