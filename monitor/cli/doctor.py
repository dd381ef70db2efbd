"""`rightsizer doctor`: what is missing on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.errors import EXIT_FAILED
from monitor.cli.output import Column, output_option, show
from monitor.cli.text import _

if TYPE_CHECKING:
    from monitor.checks import Check

COLUMNS = (
    Column("check", _("Check")),
    Column("state", _("State")),
    Column("found", _("Found"), fold=True),
    Column("advice", _("What to do"), fold=True),
)


@click.command("doctor")
@output_option
@click.pass_context
def command(ctx: click.Context, output: str | None) -> None:
    """Check settings, register, lake, disk, clock, calendar years, sources, mail server and fonts.

    Exit code 1 when something must be mended.
    """
    from monitor.checks import State
    from monitor.health import examine

    checks = list(examine(ctx.obj["config"]))
    show([row(check) for check in checks], COLUMNS, output)
    if any(check.state is State.BAD for check in checks):
        ctx.exit(EXIT_FAILED)


def row(check: Check) -> dict[str, object]:
    return {"check": check.name, "state": str(check.state), "found": check.found, "advice": check.advice}
