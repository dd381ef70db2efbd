"""`rightsizer backup`: everything that an installation keeps, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.output import note
from monitor.cli.session import progress, working
from monitor.cli.text import _


@click.command("backup")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, folder: Path) -> None:
    """Copy register, measurements, proofs and settings into DIR, which is made, while the daemon works.

    Prints the journal's head: noted elsewhere, it proves later that nothing was cut off
    (audit verify --anchor). Secrets are not in a backup.
    """
    from monitor.backup import back_up

    installation = working(ctx)
    with progress() as advance:
        made = back_up(installation, folder.resolve(), installation.now().moment, advance)
    size = sum(file.bytes for file in made.files)
    said = _("{folder}: schema {schema}, {entries:,} journal entries, {files:,} files, {size:,.1f} MiB")
    note(
        said.format(
            folder=folder,
            schema=made.schema_revision,
            entries=made.journal.entries,
            files=len(made.files),
            size=size / 2**20,
        )
    )
    click.echo(made.journal.head)
