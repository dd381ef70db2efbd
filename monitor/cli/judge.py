"""`rightsizer judge`: verdicts on every machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from monitor.cli.errors import EXIT_FINDINGS
from monitor.cli.output import Column, note, output_option, show, yuan
from monitor.cli.session import as_of_option, house, progress
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from monitor.verdicts import Answer

COLUMNS = (
    Column("machine", _("Machine")),
    Column("department", _("Department"), fold=True),
    Column("verdict", _("Verdict"), shown=False),
    Column("reason", _("Reason"), shown=False),
    Column("said", _("Verdict"), fold=True, data=False),
    Column("cpu", _("CPU %"), shown=False),
    Column("memory", _("Memory %"), shown=False),
    Column("disk", _("Disk %"), shown=False),
    Column("use", _("CPU/mem/disk %"), right=True, data=False),
    Column("size", _("vCPU/GiB/disk")),
    Column("saving_yuan_month", _("Yuan/month"), right=True, style=yuan),
    Column("note", _("Note"), shown=False),
)


@click.command("judge")
@as_of_option
@output_option
@click.option("--check", is_flag=True, help=_("Exit 3 when there is a finding."))
@click.option("--dry-run", is_flag=True, help=_("Print only; open and close no findings."))
@click.option("--only", "kinds", multiple=True, help=_("Only these verdicts, such as --only shrink."))
@click.pass_context
def command(
    ctx: click.Context,
    as_of: date | None,
    output: str | None,
    check: bool,
    dry_run: bool,
    kinds: tuple[str, ...],
) -> None:
    """Judge every machine by the policy and settle the findings.

    Days that were measured since they were last folded are folded first. JSON keys are stable.
    """
    from monitor.pipeline import Run, fold, run_steps
    from monitor.verdicts import FINDINGS, as_json, judge_all, settle_all
    from rules.verdict import Kind

    wrong = [kind for kind in kinds if kind not in list(Kind)]
    if wrong:
        raise click.BadParameter(f"{wrong[0]}; {', '.join(Kind)}", param_hint="--only")
    installation = house(ctx)
    now = installation.now(as_of)
    say_validity(installation.policy.validity(now.as_of))
    with progress() as bar:
        run_steps(Run(installation, now, progress=bar), (fold,))
    answers = list(judge_all(installation, now.as_of))
    if not dry_run:
        settle_all(installation, answers, now)
    shown = [answer for answer in answers if not kinds or answer.verdict.kind in kinds]
    rows = [as_json(answer) for answer in shown]
    if output not in {"json", "jsonl"}:
        rows = [{**row, **figures(answer)} for row, answer in zip(rows, shown, strict=True)]
    show(
        rows, COLUMNS, output, _("No machine in the inventory: `rightsizer inventory import FILE` adds them.")
    )
    if sys.stdout.isatty() and output is None:
        note(summary(answers))
    if check and any(answer.verdict.kind in FINDINGS for answer in answers):
        ctx.exit(EXIT_FINDINGS)


def figures(answer: Answer) -> dict[str, object]:
    """The three figures of the shrink rule, the advised size in short, and the verdict with its reason or
    note.
    """
    from monitor.verdicts import rounded
    from monitor.words import percent, size_figures

    verdict = answer.verdict
    found = {e.resource: rounded(e.value, 2) for e in verdict.evidence if e.rule == "shrink"}
    use = "/".join(percent(None if e.value is None else round(e.value, 1)) for e in verdict.evidence[:3])
    why = verdict.reason or verdict.note
    return {
        **found,
        "use": use,
        "size": size_figures(verdict.size) if verdict.size is not None else None,
        "said": f"{verdict.kind}: {why}" if why else str(verdict.kind),
    }


def summary(answers: Sequence[Answer]) -> str:
    from collections import Counter

    counts = Counter(str(answer.verdict.kind) for answer in answers)
    saving = sum(a.verdict.saving_yuan_month or 0 for a in answers if a.verdict.kind == "shrink")
    words = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    return _("{count} machines: {words}; shrinking saves {saving:,.0f} yuan a month").format(
        count=len(answers), words=words, saving=saving
    )


def say_validity(sentence: str | None) -> None:
    if sentence is not None:
        note(_("warning: the policy does not cover this day: {sentence}").format(sentence=sentence))
