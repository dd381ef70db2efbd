"""`rightsizer audit`: the journal of decisions."""

from __future__ import annotations

import re

import click

from monitor.cli.audit_case import case
from monitor.cli.session import house
from monitor.cli.text import _


@click.group("audit", help=_("The journal of decisions: verify; export a case."))
def command() -> None: ...


def digest(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[0-9a-f]{64}", value.lower()):
        raise click.BadParameter(_("a hash of 64 hexadecimal digits, as `audit verify` prints it"))
    return None if value is None else value.lower()


def there(ctx: click.Context) -> None:
    """Nothing is verified, and nothing made, where there is no register."""
    from config.settings import load, settings_file
    from store.database import StoreError, register_file

    path = register_file(load(settings_file(ctx.obj["config"])).database_url())
    if path is not None and not path.exists():
        raise StoreError(f"there is no register at {path}: check --config and data_dir")


@command.command("verify")
@click.option(
    "--anchor", callback=digest, help=_("A hash noted elsewhere: proves that no entry after it was cut off.")
)
@click.pass_context
def verify(ctx: click.Context, anchor: str | None) -> None:
    """Check that no entry of the journal was changed, removed or cut off."""
    from sqlalchemy import func, select

    from store.journal import head
    from store.journal import verify as verify_chain
    from store.tables import Machine

    there(ctx)
    installation = house(ctx)
    with installation.register.read() as db:
        count, fault = verify_chain(db, anchor)
        newest = head(db)
        known = db.scalar(select(func.count()).select_from(Machine))
    if not count and known:
        fault = _("it is empty, though {known} machines were entered").format(known=known)
    if fault is not None:
        raise click.ClickException(_("the journal is not sound: {fault}").format(fault=fault))
    click.echo(
        _("{count} {entries}, sound; head {head}").format(
            count=count, entries="entry" if count == 1 else "entries", head=newest
        )
    )


command.add_command(case)
