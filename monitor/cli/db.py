"""`rightsizer db`: the register's schema."""

from __future__ import annotations

import click

from monitor.cli.text import _


@click.group("db", help=_("Make or upgrade the register."))
def command() -> None: ...


@command.command("upgrade")
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the register to this program's schema; make it when there is none. Safe to run again."""
    from config.settings import load, settings_file
    from store.database import upgrade as upgrade_register

    settings = load(settings_file(ctx.obj["config"]))
    before, after = upgrade_register(settings.database_url())
    if before == after:
        click.echo(_("schema {after}, nothing to do").format(after=after))
    else:
        click.echo(_("schema {before} -> {after}").format(before=before or _("none"), after=after))
