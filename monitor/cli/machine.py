"""`rightsizer machine`: one machine's verdict, shown so that a department can follow it."""

from __future__ import annotations

import difflib
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.output import output_of
from monitor.cli.session import as_of_option, working
from monitor.cli.text import _

if TYPE_CHECKING:
    from config.policy import Policy
    from monitor.installation import Installation, Now
    from monitor.verdicts import Answer
    from rules.verdict import Evidence, Verdict


@click.group("machine", help=_("Explain a machine's verdict."))
def command() -> None: ...


@command.command("explain")
@click.argument("name")
@as_of_option
@output_of(("table", "json"), _("The page for a person, or JSON; default: the page."))
@click.pass_context
def explain(ctx: click.Context, name: str, as_of: date | None, output: str | None) -> None:
    """Show why the machine NAME has its verdict: figures, witnesses, charts, the words of the article.

    Days that were measured since they were last folded are folded first; findings stay as they are.
    """
    from monitor.pipeline import Run, fold, run_steps
    from monitor.verdicts import judge_all

    installation = working(ctx)
    now = installation.now(as_of)
    run_steps(Run(installation, now), (fold,))
    answers = list(judge_all(installation, now.as_of, only=name))
    if not answers:
        raise click.ClickException(unknown(installation, name))
    if output == "json":
        click.echo(json.dumps(whole(installation, answers[0], now), ensure_ascii=False, indent=2))
        return
    for line in explanation(installation, answers[0], now, terminal_width()):
        click.echo(line)


def whole(installation: Installation, answer: Answer, now: Now) -> dict[str, object]:
    from monitor.verdicts import as_json

    policy = installation.policy
    return {
        **as_json(answer),
        "policy": {"document_number": policy.document_number, "article": policy.article},
        "as_of": now.as_of.isoformat(),
        "warning": policy.validity(now.as_of),
    }


def terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size((120, 40)).columns


def unknown(installation: Installation, name: str) -> str:
    from store.inventory import owners

    with installation.register.read() as db:
        near = difflib.get_close_matches(name, owners(db), 3)
    hint = _(" Near: {names}.").format(names=", ".join(near)) if near else ""
    return _("no machine {name!r} in the inventory.{hint}").format(name=name, hint=hint)


def explanation(installation: Installation, answer: Answer, now: Now, width: int = 80) -> list[str]:
    """The whole page on one machine, line by line; charts fit into `width` columns."""
    return [
        *facts(installation, answer, now),
        *evidence(installation.policy, answer, now),
        *charts(installation, answer, now, width),
    ]


def facts(installation: Installation, answer: Answer, now: Now) -> list[str]:
    from monitor.words import headline, money, size_words

    verdict, policy = answer.verdict, installation.policy
    lines = [
        f"{verdict.machine}  {answer.department or _('no department')}",
        f"{_('Verdict')}: {headline(verdict)}",
        f"{_('As of')}: {now.as_of} ({installation.settings.timezone})",
        f"{_('Policy')}: {policy.title} {policy.document_number} {policy.article}",
    ]
    if (sentence := policy.validity(now.as_of)) is not None:
        lines.append(f"{_('Warning')}: {sentence}")
    lines.append(f"{_('Size')}: {size_words(verdict.current)}")
    if verdict.size is not None:
        lines.append(f"{_('Advised')}: {size_words(verdict.size)}")
    if verdict.saving_yuan_month is not None:
        lines[-1] += f"; {money(verdict.saving_yuan_month)}"
    return lines


def evidence(policy: Policy, answer: Answer, now: Now) -> list[str]:
    from monitor.verdicts import recent_days
    from monitor.words import basis, condition, sufficiency
    from rules.history import HISTORY_DAYS

    lines: list[str] = []
    for enough in answer.verdict.sufficiency:
        lines += ["", enough.rule, *(f"  {line}" for line in sufficiency(enough, now.as_of))]
        for found in answer.verdict.evidence:
            if found.rule == enough.rule:
                lines.append(f"  {'✓' if found.holds else '✗'} {condition(found)}")
                rests = basis(found, recent_days(policy, found), HISTORY_DAYS)
                lines += [f"      {line}" for line in rests]
    return lines


def charts(installation: Installation, answer: Answer, now: Now, width: int) -> list[str]:
    """Cpu, memory and disk, a bar a day, with threshold and witnesses of the rule that decided (else of
    the shrink rule).
    """
    from monitor.chart import LABEL, chart
    from monitor.daily import CHART_DAYS, TITLES, chart_of

    length = min(CHART_DAYS, width - LABEL - 2)
    since = now.as_of - timedelta(days=length)
    days = chart_of(installation, answer.verdict.machine, since, length)
    lines: list[str] = []
    for resource, title in TITLES.items():
        found = drawn(answer.verdict, resource)
        marks = [(day - since).days for day in found.witnesses] if found is not None else []
        lines += ["", f"{title}, {since} .. {now.as_of - timedelta(days=1)}"]
        lines += chart(
            getattr(days, resource), found.threshold if found else None, [mark for mark in marks if mark >= 0]
        )
        if found is not None:
            lines += legend(found, since)
    return lines


def drawn(verdict: Verdict, resource: str) -> Evidence | None:
    """The figure whose threshold the resource's chart shows."""
    shrink = (found for found in verdict.evidence if found.rule == "shrink")
    return next((found for found in (*verdict.deciding(), *shrink) if found.resource == resource), None)


def legend(found: Evidence, since: date) -> list[str]:
    from monitor.words import SIGNS

    lines = [f"┄ {found.rule}: {SIGNS[found.operator]} {found.threshold} %"]
    if found.witnesses:
        older = [str(day) for day in found.witnesses if day < since]
        before = _("; {days}: before this chart").format(days=", ".join(older)) if older else ""
        lines.append(_("▲ days of the periodic peak") + before)
    return [f"      {line}" for line in lines]
