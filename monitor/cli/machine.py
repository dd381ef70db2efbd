"""`rightsizer machine`: one machine's verdict, shown so that a department can follow it."""

from __future__ import annotations

import difflib
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.output import output_option
from monitor.cli.session import as_of_option, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from monitor.installation import Installation, Now
    from monitor.verdicts import Answer

CHART_DAYS = 93  # as far back as the later witness of a periodic peak may lie


@click.group("machine", help=_("Explain a machine's verdict."))
def command() -> None: ...


@command.command("explain")
@click.argument("name")
@as_of_option
@output_option
@click.pass_context
def explain(ctx: click.Context, name: str, as_of: date | None, output: str | None) -> None:
    """Show why the machine NAME has its verdict: figures, witnesses, charts, the words of the article."""
    from monitor.pipeline import Run, fold, run_steps
    from monitor.verdicts import as_json, judge_all

    installation = house(ctx)
    now = installation.now(as_of)
    run_steps(Run(installation, now), (fold,))
    answers = list(judge_all(installation, now.as_of, only=name))
    if not answers:
        raise click.ClickException(unknown(installation, name))
    if output in {"json", "jsonl"}:
        import json

        click.echo(
            json.dumps(as_json(answers[0]), ensure_ascii=False, indent=2 if output == "json" else None)
        )
        return
    for line in explanation(installation, answers[0], now, terminal_width()):
        click.echo(line)


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
        *evidence(answer, now),
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


def evidence(answer: Answer, now: Now) -> list[str]:
    from monitor.words import basis, condition, sufficiency

    lines: list[str] = []
    for enough in answer.verdict.sufficiency:
        lines += ["", enough.rule, f"  {sufficiency(enough, now.as_of)}"]
        for found in answer.verdict.evidence:
            if found.rule == enough.rule:
                lines += [f"  {'✓' if found.holds else '✗'} {condition(found)}", f"      {basis(found)}"]
    return lines


def charts(installation: Installation, answer: Answer, now: Now, width: int) -> list[str]:
    """Cpu, memory and disk, a bar a day, with the shrink rule's thresholds and witnesses."""
    from monitor.chart import LABEL, chart
    from monitor.daily import daily_figures

    length = min(CHART_DAYS, width - LABEL - 2)
    since = now.as_of - timedelta(days=length)
    days = installation.lake.machine(answer.verdict.machine, since, now.as_of - timedelta(days=1))
    lines: list[str] = []
    for resource, title, values in daily_figures(days, since, length):
        shrink = next(
            (e for e in answer.verdict.evidence if (e.rule, e.resource) == ("shrink", resource)), None
        )
        marks = [(day - since).days for day in shrink.witnesses] if shrink is not None else []
        lines += ["", f"{title}, {since} .. {now.as_of - timedelta(days=1)}"]
        lines += chart(values, shrink.threshold if shrink else None, [mark for mark in marks if mark >= 0])
    return lines
