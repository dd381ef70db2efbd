"""`rightsizer run`: the daemon."""

from __future__ import annotations

import click

from monitor.cli.session import working
from monitor.cli.text import _

SPREAD = 0.8  # part of the interval over which the targets are spread


@click.command("run")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Collect every interval, judge every day, write notices to departments and follow them up in office
    hours of working days, and send mails, until it is told to stop.
    """
    import threading

    from monitor.daemon import serve, stop_on_signals
    from monitor.lock import held
    from monitor.logs import configure

    installation = working(ctx)
    configure()
    if not installation.settings.sources:
        raise click.ClickException(_("the settings name no source: add one under `sources:`"))
    stop = threading.Event()
    with held(installation.settings.data_dir):
        stop_on_signals(stop)
        serve(installation, installation.settings.collection.interval * SPREAD, stop)
