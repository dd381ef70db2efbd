"""`rightsizer db`: the register's schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.output import note
from monitor.cli.session import progress
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.settings import Settings


@click.group("db", help=_("Make or upgrade the register."))
def command() -> None: ...


@command.command("upgrade")
@click.option(
    "--backup",
    is_flag=True,
    help=_("Copies the register beside it first, when there is something to upgrade."),
)
@click.option(
    "--new",
    is_flag=True,
    help=_("Makes an empty register although measurements lie there, which it knows nothing of."),
)
@click.pass_context
def upgrade(ctx: click.Context, backup: bool, new: bool) -> None:
    """Bring the register to this program's schema; make it when there is none. Safe to run again.

    Where measurements lie their register is not made anew, unless --new says so: restore it from a backup.
    """
    from config.settings import load, settings_file
    from store.database import upgrade as upgrade_register

    settings = load(settings_file(ctx.obj["config"]))
    before, after = upgrade_register(settings.database_url(), first(settings, backup=backup, new=new))
    if before == after:
        click.echo(_("schema {after}, nothing to do").format(after=after))
    else:
        click.echo(_("schema {before} -> {after}").format(before=before or _("none"), after=after))


def first(settings: Settings, *, backup: bool, new: bool) -> Callable[[str | None], None]:
    """What is done before a register is made (schema None) or changed."""

    def act(schema: str | None) -> None:
        from monitor.installation import refuse_lost_register

        if schema is None and not new:
            refuse_lost_register(settings)
        if schema is not None and backup:
            copy(settings.database_url(), schema)

    return act


def copy(url: str, schema: str) -> None:
    """Copies the register, proves the copy, and says where it lies."""
    from monitor.backup import copy_beside

    with progress() as advance:
        made = copy_beside(url, schema, advance)
    note(_("the register as it was lies in {path}").format(path=made))
