"""`rightsizer once`: every step of the pipeline, once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from monitor.cli.collect import COLUMNS as FAILURES
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import as_of_option, progress, working
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from monitor.cli.output import Row
    from monitor.pipeline import Run

PAUSE = 5.0  # seconds between two readings of counters
COLUMNS = (Column("step", _("Step")), Column("counts", _("Counts")))
WORDS = {
    "collect": _("{samples:,} samples, {failures:,} failures, {invalid:,} invalid values"),
    "fold": _("{days:,} days"),
    "judge": _("{machines:,} machines, findings: {opened:,} opened, {closed:,} closed"),
    "issue": _("{notices:,} notices about {machines:,} machines, {waiting:,} machines wait"),
    "deliver": _("{sent:,} mails sent, {dead:,} refused, {unknown:,} unknown, {waiting:,} wait"),
    "follow_up": _(
        "{received:,} received, {proven:,} proven, {reminders:,} reminders, {urgings:,} urgings, "
        "{matters_due:,} letters of matters due, {matters_late:,} of matters overdue, "
        "{withdrawn:,} withdrawn, {bounced:,} came back, {failed:,} parts failed"
    ),
}


@click.command("once")
@as_of_option
@output_option
@click.pass_context
def command(ctx: click.Context, as_of: date | None, output: str | None) -> None:
    """Run every step once: collect, fold, judge, issue, deliver, follow up. Safe to run again.

    Failures are listed on stdout as `collect` lists them, the steps on stderr; json has an entry for each
    step, with the failures in that of `collect`.
    """
    from monitor.cli.judge import say_validity
    from monitor.lock import held
    from monitor.pipeline import STEPS, Run, run_steps
    from monitor.sources import first_reading, opened

    installation = working(ctx)
    now = installation.now(as_of)
    say_validity(installation.policy.validity(now.as_of))
    with held(installation.settings.data_dir), opened(installation) as found, progress() as bar:
        first_reading(found, installation.now(), PAUSE)
        run = run_steps(Run(installation, installation.now(as_of), found, bar), STEPS)
    if output in {"json", "jsonl"}:
        show(steps(run), COLUMNS, output)
        return
    if run.failures:
        show(failures(run), FAILURES, output)
    for step, counts in run.counts.items():
        note(f"{step}: {WORDS[step].format_map(Counter(counts))}")


def steps(run: Run) -> list[Row]:
    rows: list[Row] = [{"step": step, "counts": counts} for step, counts in run.counts.items()]
    return [{**row, "failures": failures(run)} if row["step"] == "collect" else row for row in rows]


def failures(run: Run) -> list[Row]:
    return [
        {"source": f.source, "machine": f.machine, "reason": str(f.reason), "detail": f.detail}
        for f in run.failures
    ]
