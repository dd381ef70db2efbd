"""`rightsizer policy`: what the policy says, and what another one would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, output_option, show, yuan
from monitor.cli.session import as_of_option, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from config.policy import Policy

SHOWN = (
    Column("rule", _("Rule")),
    Column("combine", _("Combine")),
    Column("resource", _("Resource"), shown=False),
    Column("statistic", _("Statistic"), shown=False),
    Column("operator", _("Operator"), shown=False),
    Column("threshold", _("Threshold"), shown=False),
    Column("condition", _("Condition"), data=False),
    Column("window_days", _("Days"), right=True),
    Column("valid_days", _("Valid"), right=True),
    Column("coverage", _("Cover %"), right=True),
    Column("phrase", _("Words of the article"), fold=True),
)
TRIED = (
    Column("machine", _("Machine")),
    Column("department", _("Department"), fold=True),
    Column("before", _("Verdict now")),
    Column("after", _("Verdict then")),
    Column("saving_before", _("Yuan/month now"), right=True, style=yuan),
    Column("saving_after", _("Yuan/month then"), right=True, style=yuan),
)


@click.group("policy", help=_("Show the policy; try other thresholds on the stored days."))
def command() -> None: ...


@command.command("show")
@output_option
@click.pass_context
def show_policy(ctx: click.Context, output: str | None) -> None:
    """Show the rules in force: conditions, thresholds, and the words of the article behind each."""
    from config.policy import load_policy
    from config.settings import load, settings_file
    from monitor.cli.judge import say_validity
    from monitor.cli.output import note

    policy = load_policy(load(settings_file(ctx.obj["config"])).policy)
    validity = f"{policy.valid_from} .. {policy.valid_to or ''}"
    note(f"{policy.title} {policy.document_number} {policy.article}, {validity}")
    say_validity(policy.validity(today()))
    show(policy_rows(policy), SHOWN, output)


def today() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).astimezone().date()


def policy_rows(policy: Policy) -> list[dict[str, object]]:
    from config.policy import RULES
    from monitor.words import SIGNS

    return [
        {
            "rule": name,
            "combine": rule.combine,
            "resource": condition.resource,
            "statistic": condition.statistic,
            "operator": condition.operator,
            "threshold": condition.threshold,
            "condition": " ".join((condition.resource, condition.statistic, sign, str(condition.threshold))),
            "window_days": condition.recent_days
            if condition.statistic == "periodic_peak"
            else rule.window_days,
            "valid_days": rule.valid_days,
            "coverage": rule.coverage,
            "phrase": condition.phrase,
        }
        for name in RULES
        for rule in [getattr(policy.rules, name)]
        for condition in rule.conditions
        for sign in [SIGNS[condition.operator]]
    ]


@command.command("backtest")
@click.option(
    "--set",
    "changes",
    multiple=True,
    required=True,
    metavar="RULE.RESOURCE=PERCENT",
    help=_("Another threshold: shrink.cpu=20, may be repeated; also shrink.combine=each."),
)
@as_of_option
@click.option("--all", "every", is_flag=True, help=_("Also the machines whose verdict stays."))
@output_option
@click.pass_context
def backtest(
    ctx: click.Context, changes: tuple[str, ...], as_of: date | None, every: bool, output: str | None
) -> None:
    """Say which verdicts another threshold would have changed on the stored days. Changes nothing."""
    from monitor.cli.output import note, records
    from monitor.pipeline import Run, fold, run_steps
    from monitor.summary import compare, totals

    installation = house(ctx)
    other = changed(installation.policy, changes)
    now = installation.now(as_of)
    run_steps(Run(installation, now), (fold,))
    compared = compare(installation, other, now.as_of)
    rows = [row for row in records(compared) if every or row["before"] != row["after"]]
    show(rows, TRIED, output, _("No verdict changes."))
    note(totals(compared))


def changed(policy: Policy, changes: tuple[str, ...]) -> Policy:
    from pydantic import ValidationError

    from config.policy import with_combine, with_threshold

    for change in changes:
        key, _equals, value = change.partition("=")
        rule, _dot, resource = key.partition(".")
        try:
            if key == "shrink.combine" and value in {"all", "each"}:
                policy = with_combine(policy, "each" if value == "each" else "all")
            else:
                policy = with_threshold(policy, rule, resource, int(value))
        except KeyError as error:
            raise click.BadParameter(str(error.args[0]), param_hint="--set") from error
        except (ValueError, ValidationError) as error:
            wanted = _("RULE.RESOURCE=PERCENT with a whole percent such as shrink.cpu=20; read {change!r}")
            raise click.BadParameter(wanted.format(change=change), param_hint="--set") from error
    return policy
