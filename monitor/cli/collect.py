"""`rightsizer collect`: one collection from every source."""

from __future__ import annotations

import click

from monitor.cli.errors import EXIT_FAILED
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import progress, working
from monitor.cli.text import _

COLUMNS = (
    Column("source", _("Source")),
    Column("machine", _("Machine")),
    Column("reason", _("Reason")),
    Column("detail", _("Detail"), fold=True),
)


@click.command("collect")
@click.option("--source", "only", multiple=True, help=_("Only this source of the settings."))
@click.option(
    "--over",
    type=click.FloatRange(0, 300),
    default=5.0,
    show_default=True,
    help=_("Seconds between two readings of counters: use of cpu and network is what happened between them."),
)
@output_option
@click.pass_context
def command(ctx: click.Context, only: tuple[str, ...], over: float, output: str | None) -> None:
    """Collect from every source once, now, and say who failed.

    Exporters and this host count since they started, so they are read twice. Failures are listed on stdout;
    exit code 1 when nothing at all was collected.
    """
    from monitor.lock import held
    from monitor.pipeline import Run, collect, run_steps
    from monitor.sources import first_reading, opened

    installation = working(ctx)
    if not installation.settings.sources:
        raise click.ClickException(_("the settings name no source: add one under `sources:`"))
    with (
        held(installation.settings.data_dir),
        opened(installation, only) as found,
        progress() as bar,
    ):
        first_reading(found, installation.now(), over)
        run = run_steps(Run(installation, installation.now(), found, bar), (collect,))
    failures: list[dict[str, object]] = [
        {"source": f.source, "machine": f.machine, "reason": str(f.reason), "detail": f.detail}
        for f in run.failures
    ]
    counts = run.counts["collect"]
    if failures or output is not None:
        show(failures, COLUMNS, output, _("No failure."))
    note(_("{samples} samples, {failures} failures, {invalid} invalid values").format(**counts))
    if failures and not counts["samples"]:
        ctx.exit(EXIT_FAILED)
