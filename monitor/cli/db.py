"""`rightsizer db`: the register's schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.output import note
from monitor.cli.session import progress
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group("db", help=_("Make or upgrade the register."))
def command() -> None: ...


@command.command("upgrade")
@click.option(
    "--backup",
    is_flag=True,
    help=_("Copies the register beside it first, when there is something to upgrade."),
)
@click.pass_context
def upgrade(ctx: click.Context, backup: bool) -> None:
    """Bring the register to this program's schema; make it when there is none. Safe to run again."""
    from config.settings import load, settings_file
    from store.database import upgrade as upgrade_register

    url = load(settings_file(ctx.obj["config"])).database_url()
    before, after = upgrade_register(url, copying(url) if backup else None)
    if before == after:
        click.echo(_("schema {after}, nothing to do").format(after=after))
    else:
        click.echo(_("schema {before} -> {after}").format(before=before or _("none"), after=after))


def copying(url: str) -> Callable[[str], None]:
    """Copies the register, proves the copy, and says where it lies."""

    def copy(schema: str) -> None:
        from monitor.backup import copy_beside

        with progress() as advance:
            made = copy_beside(url, schema, advance)
        note(_("the register as it was lies in {path}").format(path=made))

    return copy
