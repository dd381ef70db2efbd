"""`rightsizer rules`: the policy tried on written cases."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.errors import EXIT_FAILED
from monitor.cli.text import _


@click.group("rules", help=_("Test rules on written cases."))
def command() -> None: ...


@command.command("test")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def test(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Judge the written series in FILES and compare with the verdicts that they expect. Exit 1 when one
    differs.
    """
    from config.document import read
    from config.policy import load_policy
    from config.settings import load, settings_file
    from rules.cases import CaseFile, check

    settings = load(settings_file(ctx.obj["config"]))
    policy = load_policy(settings.policy)
    failed = 0
    for file in files:
        for outcome in check(read(file, CaseFile), policy, settings.zone()):
            click.echo(f"{'FAIL' if outcome.mismatches else 'ok  '} {file}: {outcome.name}")
            for mismatch in outcome.mismatches:
                click.echo(f"       {mismatch}")
            failed += bool(outcome.mismatches)
    if failed:
        click.echo(_("{count} cases differ").format(count=failed), err=True)
        ctx.exit(EXIT_FAILED)
