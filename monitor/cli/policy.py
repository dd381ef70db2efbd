"""`rightsizer policy`: what the policy says, and what another one would have done."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, output_option, show, yuan
from monitor.cli.session import as_of_option, working
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from config.policy import Policy
    from config.settings import Settings

SHOWN = (
    Column("rule", _("Rule")),
    Column("combine", _("All/\nany")),
    Column("resource", _("Resource"), shown=False),
    Column("statistic", _("Statistic"), shown=False),
    Column("operator", _("Operator"), shown=False),
    Column("threshold", _("Threshold"), shown=False),
    Column("condition", _("Condition"), fold=True, data=False),
    Column("window_days", _("Days"), right=True),
    Column("valid_days", _("Valid"), right=True),
    Column("coverage", _("Cover\n%"), right=True),
    Column("recent_days", _("Peak\nwithin"), right=True),
    Column("phrase", _("Words of\nthe article"), fold=True),
)
TRIED = (
    Column("machine", _("Machine"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("before", _("Now")),
    Column("after", _("Then")),
    Column("saving_before", _("Yuan/mo now"), right=True, style=yuan),
    Column("saving_after", _("Yuan/mo then"), right=True, style=yuan),
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

    settings = load(settings_file(ctx.obj["config"]))
    policy = load_policy(settings.policy)
    validity = f"{policy.valid_from} .. {policy.valid_to or ''}"
    note(f"{policy.title} {policy.document_number} {policy.article}, {validity}")
    say_validity(policy.validity(today(settings)))
    show(policy_rows(policy), SHOWN, output)


def today(settings: Settings) -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).astimezone(settings.zone()).date()


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
            "window_days": rule.window_days,
            "valid_days": rule.valid_days,
            "coverage": rule.coverage,
            "recent_days": condition.recent_days if condition.statistic == "periodic_peak" else None,
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
    """Say which verdicts another threshold would have changed on the stored days.

    Days that were measured since they were last folded are folded first; findings stay as they are.
    """
    from monitor.cli.judge import say_validity
    from monitor.cli.output import note, records
    from monitor.pipeline import Run, fold, run_steps
    from monitor.summary import compare, totals

    installation = working(ctx)
    other = changed(installation.policy, changes)
    now = installation.now(as_of)
    say_validity(installation.policy.validity(now.as_of))
    run_steps(Run(installation, now), (fold,))
    compared = compare(installation, other, now.as_of)
    rows = [row for row in records(compared) if every or row["before"] != row["after"]]
    show(rows, TRIED, output, _("No verdict changes."))
    note(totals(compared))


def changed(policy: Policy, changes: tuple[str, ...]) -> Policy:
    from pydantic import ValidationError

    for change in changes:
        key, _equals, value = change.partition("=")
        try:
            policy = combined(policy, value) if key == "shrink.combine" else moved(policy, key, value)
        except KeyError as error:
            raise click.BadParameter(str(error.args[0]), param_hint="--set") from error
        except (ValueError, ValidationError) as error:
            wanted = _("RULE.RESOURCE=PERCENT with a whole percent such as shrink.cpu=20; read {change!r}")
            raise click.BadParameter(wanted.format(change=change), param_hint="--set") from error
    return policy


def combined(policy: Policy, value: str) -> Policy:
    from config.policy import with_combine

    if value not in {"all", "each"}:
        raise KeyError(_("shrink.combine=all or shrink.combine=each; read {value!r}").format(value=value))
    return with_combine(policy, "each" if value == "each" else "all")


def moved(policy: Policy, key: str, value: str) -> Policy:
    """The policy with another threshold. Raises KeyError naming the near key, ValueError."""
    from config.policy import RULES, with_threshold

    known = [f"{rule}.{resource}" for rule in RULES for resource in getattr(policy.rules, rule).resources]
    near = difflib.get_close_matches(key, [*known, "shrink.combine"], 1)
    if "." in key and key not in known and near:
        raise KeyError(_("{key} is not a condition, did you mean {near}?").format(key=key, near=near[0]))
    rule, _dot, resource = key.partition(".")
    return with_threshold(policy, rule, resource, int(value))
