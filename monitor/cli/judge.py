"""`rightsizer judge`: verdicts on every machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from monitor.cli.errors import EXIT_FINDINGS
from monitor.cli.output import Column, count, note, output_option, show, yuan
from monitor.cli.session import as_of_option, progress, working
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from monitor.verdicts import Answer
    from rules.verdict import Verdict

COLUMNS = (
    Column("machine", _("Machine"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("verdict", _("Verdict"), shown=False),
    Column("reason", _("Reason"), shown=False),
    Column("said", _("Verdict"), fold=True, data=False),
    Column("cpu", _("CPU %"), shown=False),
    Column("memory", _("Memory %"), shown=False),
    Column("disk", _("Disk %"), shown=False),
    Column("use", _("CPU/mem/disk"), right=True, data=False),
    Column("size", _("vCPU/GiB/disk"), right=True),
    Column("saving_yuan_month", _("Yuan/mo"), right=True, style=yuan),
    Column("note", _("Note"), shown=False),
)


@click.command("judge")
@as_of_option
@output_option
@click.option("--check", is_flag=True, help=_("Exit 3 when there is a finding."))
@click.option(
    "--dry-run", is_flag=True, help=_("Open and close no findings (days not folded yet are still folded).")
)
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
    installation = working(ctx)
    now = installation.now(as_of)
    say_validity(installation.policy.validity(now.as_of))
    with progress() as bar:
        run_steps(Run(installation, now, progress=bar), (fold,))
    answers = list(judge_all(installation, now.as_of))
    if not dry_run:
        settled = settle_all(installation, answers, now)
        if settled.held_back:
            note(_("findings were judged as of a later day already: they stay as they are"))
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
    """Use of the three resources, the advised size in short, and the verdict with its reason or note."""
    from monitor.verdicts import rounded
    from monitor.words import percent, size_figures

    verdict = answer.verdict
    used = use(verdict)
    why = verdict.reason or verdict.note
    return {
        **{resource: rounded(value, 2) for resource, value in used.items()},
        "use": "/".join(percent(rounded(value, 1)) for value in used.values()),
        "size": size_figures(verdict.size) if verdict.size is not None else None,
        "said": f"{verdict.kind}: {why}" if why else str(verdict.kind),
    }


def use(verdict: Verdict) -> dict[str, float | None]:
    """Percent of cpu, memory and disk: by the rule that decided, else by the shrink rule."""
    shrink = (evidence for evidence in verdict.evidence if evidence.rule == "shrink")
    found: dict[str, float] = {}
    for evidence in (*verdict.deciding(), *shrink):
        if evidence.value is not None:
            found.setdefault(evidence.resource, evidence.value)
    return {resource: found.get(resource) for resource in ("cpu", "memory", "disk")}


def summary(answers: Sequence[Answer]) -> str:
    from collections import Counter

    counts = Counter(str(answer.verdict.kind) for answer in answers)
    saving = sum(a.verdict.saving_yuan_month or 0 for a in answers if a.verdict.kind == "shrink")
    words = ", ".join(f"{number} {kind}" for kind, number in counts.most_common())
    return _("{machines}: {words}; shrinking saves {saving:,.0f} yuan a month").format(
        machines=count(len(answers), "machine"), words=words, saving=saving
    )


def say_validity(sentence: str | None) -> None:
    if sentence is not None:
        note(_("warning: the policy does not cover this day: {sentence}").format(sentence=sentence))
