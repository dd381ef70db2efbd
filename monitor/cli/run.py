"""`rightsizer run`: the daemon."""

from __future__ import annotations

import os
import sys

import click

from monitor.cli.session import working
from monitor.cli.text import _

SPREAD = 0.8  # part of the interval over which the targets are spread


@click.command("run")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Collect every interval, judge every day, write notices to departments and follow them up in office
    hours of working days, send mails, serve /metrics. SIGTERM and Ctrl-C end it after what it is doing,
    SIGHUP reads the settings anew.
    """
    import faulthandler

    from monitor.daemon.asked import Asked

    asked = Asked()
    asked.by_signals()
    from monitor.daemon.serving import serve
    from monitor.daemon.systemd import manager
    from monitor.lock import held
    from monitor.logs import configure
    from monitor.soundness import check_sound

    faulthandler.enable()  # the watchdog's SIGABRT shows where every thread was
    installation = working(ctx)
    configure()
    if not installation.settings.sources:
        raise click.ClickException(_("the settings name no source: add one under `sources:`"))
    with held(installation.settings.data_dir):
        check_sound(installation.register)
        ended = serve(installation, SPREAD, asked, manager=manager(os.environ))
    if not ended:
        sys.stderr.flush()
        os._exit(0)  # what hangs would keep the process: its lease runs out, and the mail is tried again
    if asked.broken is not None:
        said = _("the loop {loop} has a fault, and was ended with the daemon: the log says where")
        raise click.ClickException(said.format(loop=asked.broken))
