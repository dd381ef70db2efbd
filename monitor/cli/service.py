"""`rightsizer service`: the daemon as a service of systemd."""

from __future__ import annotations

import os
from pathlib import Path

import click

from monitor.cli.errors import EXIT_FAILED
from monitor.cli.output import note, output_option, show
from monitor.cli.text import _


@click.group("service", help=_("The daemon as a service of systemd: install, look at, take away."))
def command() -> None: ...


@command.command("install")
@click.option("--enable", is_flag=True, help=_("Start it at every boot."))
@click.option("--now", is_flag=True, help=_("Start it, or start it anew."))
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help=_("For packagers: write into this tree, as a package lays it out; make no user, start nothing."),
)
@click.option("--dry-run", is_flag=True, help=_("Say what would be written, write nothing."))
def install_(*, enable: bool, now: bool, root: Path | None, dry_run: bool) -> None:
    """Write the unit, its user and folders, and example settings where there are none.

    May be repeated: what is there and right stays. Settings that are there are never written over.
    """
    from monitor.service.install import Wish, install, planned

    if root is not None and (enable or now):
        raise click.UsageError(_("--root writes a package's files: nothing is enabled or started"))
    wish = Wish(root, enable, now)
    if root is None and not dry_run:
        as_root(_("install"))
    for line in planned(wish) if dry_run else install(wish):
        click.echo(line)
    if root is None and not (now or dry_run):
        note(_("Next: look through /etc/rightsizer/rightsizer.yml, then: systemctl enable --now rightsizer"))


@command.command("status")
@output_option
@click.pass_context
def status_(ctx: click.Context, output: str | None) -> None:
    """Say how the service stands: files, user, what systemd says.

    Exit code 1 when something is missing or it does not run.
    """
    from monitor.checks import State
    from monitor.cli.doctor import COLUMNS, row
    from monitor.service.status import status

    checks = list(status())
    show([row(check) for check in checks], COLUMNS, output)
    if any(check.state is State.BAD for check in checks):
        ctx.exit(EXIT_FAILED)


@command.command("uninstall")
@click.option("--dry-run", is_flag=True, help=_("Say what would be removed, remove nothing."))
def uninstall_(*, dry_run: bool) -> None:
    """Stop the service and take its files away; data, settings, secrets and the user stay, and are named."""
    from monitor.service.install import uninstall

    if not dry_run:
        as_root(_("uninstall"))
    for line in uninstall(act=not dry_run):
        click.echo(line)


def as_root(verb: str) -> None:
    if os.geteuid() != 0:
        said = _("service {verb} writes into /etc: run it as root (sudo), or look first with --dry-run")
        raise click.ClickException(said.format(verb=verb))
