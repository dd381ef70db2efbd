"""`rightsizer audit case`: one case as facts, for a body of discipline (arts. 32 to 34)."""

from __future__ import annotations

import hashlib
import pkgutil
from importlib import import_module
from pathlib import Path

import click

from monitor.cli.output import cell, count, note
from monitor.cli.session import acting, house, reason_option
from monitor.cli.text import _

ROOMS = ("store", "notifier", "filing", "catalog")


def every_table() -> None:
    """Loads whatever tables a case may have a part in."""
    for room in ROOMS:
        for module in pkgutil.iter_modules(import_module(room).__path__):
            if module.name.endswith(("tables", "matters")):
                import_module(f"{room}.{module.name}")


@click.command("case")
@click.argument("subject")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@reason_option
@click.pass_context
def case(ctx: click.Context, subject: str, out: Path, reason: str | None) -> None:
    """Export the facts of one case to OUT (a new zip): rows, journal entries, papers, all with SHA-256.

    SUBJECT: project:12, filing:3, evaluation:1, notice:4, or the number of a notice or a list. The export is
    an entry of the journal itself.
    """
    from config.roles import Role
    from monitor.casefile import case_file, manifest, zipped
    from store.journal import Entry, append
    from store.workflow import RefusedError

    every_table()
    installation = house(ctx)
    act = acting(installation, cell(reason) or None)
    if not act.roles & {Role.OPERATOR, Role.REVIEWER, Role.AUDITOR}:
        raise RefusedError(f"a case is exported by operators, reviewers and auditors, not by {act.actor}")
    if out.exists():
        raise click.ClickException(_("{path} lies here already: name another").format(path=out))
    with installation.register.write() as db:
        found = case_file(db, subject, installation.settings.data_dir)
        listed = manifest(db, found, act.actor, act.now)
        digest = hashlib.sha256(listed).hexdigest()
        said = Entry(act.actor, "case.exported", found.subject, None, {"manifest": digest}, act.reason)
        append(db, act.now, said)
        zipped(out, [("manifest.json", listed), *sorted(found.files.items())])
    text = _("{subject}: {files}, {entries} entries of the journal; manifest {digest}")
    files = count(len(found.files), _("file"))
    note(text.format(subject=found.subject, files=files, entries=found.entries, digest=digest))
    for why in found.missing:
        note(_("missing: {why}").format(why=why))
    click.echo(out)
