"""`rightsizer restore`: a backup put back in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.output import note
from monitor.cli.session import progress, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from monitor.restore import Restored


@click.command("restore")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help=_("Move what is there aside first; nothing is deleted."))
@click.option("--dry-run", is_flag=True, help=_("Only check the backup."))
@reason_option
@click.pass_context
def command(ctx: click.Context, folder: Path, replace: bool, dry_run: bool, reason: str | None) -> None:
    """Check the backup in DIR, file by file, and put it where the settings say.

    The daemon has to be stopped. Mails wait afterwards for `outbox resume`: what was sent since the backup
    would be sent again.
    """
    from datetime import UTC, datetime

    from config.settings import load, settings_file
    from monitor.installation import actor
    from monitor.restore import checked, restore
    from store.workflow import Act, Role

    settings = load(settings_file(ctx.obj["config"]))
    backup = folder.resolve()
    if dry_run:
        with progress() as advance:
            found = checked(settings, backup, advance)
        said = _("{folder} is sound: schema {schema}, {entries:,} journal entries, head {head}")
        journal = found.journal.model_dump()
        click.echo(said.format(folder=folder, schema=found.schema_revision, **journal))
        return
    act = Act(actor(), Role.OPERATOR, datetime.now(UTC), reason or _("restored from a backup"))
    with progress() as advance:
        done = restore(settings, backup, act, advance, replace=replace)
    say(done)
    said = _("restored {folder} of {at:%Y-%m-%d %H:%M} UTC into {data_dir}")
    click.echo(said.format(folder=folder, at=done.manifest.made_at, data_dir=settings.data_dir))


def say(done: Restored) -> None:
    """What the operator has to know and to do now."""
    if done.moved is not None:
        note(_("what was there lies in {folder}").format(folder=done.moved))
    note(_("no mail goes out before `rightsizer outbox resume`: look at `outbox list` first"))
