"""`rightsizer once`: every step of the pipeline, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, output_option, show
from monitor.cli.session import as_of_option, house, progress
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

PAUSE = 5.0  # seconds between two readings of counters
COLUMNS = (Column("step", _("Step")), Column("counts", _("Counts")))


@click.command("once")
@as_of_option
@output_option
@click.pass_context
def command(ctx: click.Context, as_of: date | None, output: str | None) -> None:
    """Collect, fold and judge once. Safe to run again after an interruption."""
    from monitor.lock import held
    from monitor.pipeline import STEPS, Run, run_steps
    from monitor.sources import collectors, first_reading

    installation = house(ctx)
    found = collectors(installation)
    with held(installation.settings.data_dir), progress() as bar:
        first_reading(found, installation.now(), PAUSE)
        run = run_steps(Run(installation, installation.now(as_of), found, bar), STEPS)
    show([{"step": step, "counts": counts} for step, counts in run.counts.items()], COLUMNS, output)
