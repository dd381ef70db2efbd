"""`rightsizer config`: every mistake in the settings at once, with its place."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.output import note
from monitor.cli.text import _


@click.group("config", help=_("Check the settings."))
def command() -> None: ...


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.pass_context
def check(ctx: click.Context, file: Path | None) -> None:
    """Check FILE (or the settings that count) and the policy that it names: file:line:col for every error at
    once.
    """
    from config.policy import load_policy
    from config.settings import load, settings_file

    found = settings_file(file or ctx.obj["config"])
    settings = load(found)
    policy = load_policy(settings.policy)
    if found is None:
        note(_("no settings file; the defaults are in force"))
    sources = ", ".join(source.name for source in settings.sources) or _("none")
    click.echo(_("{file}: sound").format(file=found or _("defaults")))
    click.echo(_("sources: {sources}").format(sources=sources))
    click.echo(_("policy: {number} {article}").format(number=policy.document_number, article=policy.article))


@command.command("example")
def example() -> None:
    """Print an example of the settings, every key explained."""
    import config

    click.echo((Path(config.__file__).parent / "rightsizer.example.yml").read_text("utf-8"), nl=False)
