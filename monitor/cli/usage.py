"""`rightsizer usage`: histories of measurements from files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.output import count, note
from monitor.cli.session import house, operating, progress, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collectors.usage import UsageFile
    from monitor.installation import Installation

SOURCE = "file"
SHOWN = 20


class Step(click.ParamType[timedelta]):
    """A sampling step such as 5m."""

    name = "step"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:  # noqa: ANN401
        from config.document import seconds

        try:
            found = seconds(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)
        if not isinstance(found, timedelta) or not timedelta(seconds=1) <= found <= timedelta(days=1):
            self.fail(_("{value!r} is not a step such as 5m, at most 1d").format(value=value), param, ctx)
        return found


@click.group("usage", help=_("Import a history of measurements."))
def command() -> None: ...


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--step", type=Step(), help=_("Time between two samples; default: the median gap of each machine.")
)
@click.option("--create", is_flag=True, help=_("Add machines that the inventory does not have."))
@click.option("--partial", is_flag=True, help=_("Take the good rows of a file that has bad ones."))
@click.option(
    "--unit", type=click.Choice(["percent", "ratio"]), help=_("What 0.125 means: 0.125 % or 12.5 %.")
)
@click.option("--dry-run", is_flag=True, help=_("Check only; store nothing."))
@reason_option
@click.pass_context
def import_file(  # noqa: PLR0913, PLR0917  (an option each)
    ctx: click.Context,
    file: Path,
    step: timedelta | None,
    create: bool,
    partial: bool,
    unit: str | None,
    dry_run: bool,
    reason: str | None,
) -> None:
    """Import measurements from FILE (csv, parquet, xlsx). The same file twice changes nothing.

    Columns: machine, time, cpu, memory, disk and, when known, network, vcpus, memory_gib, disk_gib. Time in
    ISO 8601 or epoch seconds; percents 0..100. Chinese headings of cloud operators' sheets are understood.
    """
    from collectors.usage import read_usage

    installation = house(ctx)
    ratio = None if unit is None else unit == "ratio"
    with progress() as bar:
        usage = read_usage(
            file,
            installation.settings.zone(),
            step,
            installation.now().moment,
            partial=partial,
            ratio=ratio,
            progress=lambda done, total: bar("read", done, total),
        )
        known_machines(installation, usage, create=create)
        if not dry_run:
            store(installation, usage, file, reason)
    report(usage, dry_run=dry_run)


def known_machines(installation: Installation, usage: UsageFile, *, create: bool) -> None:
    """Refuses a file with machines that the inventory does not have, unless they may be made."""
    from store.inventory import unknown_machines

    with installation.register.read() as db:
        unknown = unknown_machines(db, usage.machines)
    if unknown and not create:
        for name in unknown[:SHOWN]:
            click.echo(name)
        more = _(" (the first {shown} above)").format(shown=SHOWN) if len(unknown) > SHOWN else ""
        said = _(
            "{count} machines are not in the inventory{more}: import it, or say --create; nothing was stored"
        )
        raise click.ClickException(said.format(count=len(unknown), more=more))


def store(installation: Installation, usage: UsageFile, file: Path, reason: str | None) -> None:
    """Measurements first, all in one commit; then the register. Killed in between, the same command finishes
    it.
    """
    from store.inventory import create_machines, note_source
    from store.journal import Entry, append

    act = operating(installation, reason)
    now = act.now
    installation.lake.append(usage.batches(), now)
    with installation.register.write() as db:
        create_machines(db, usage.machines, SOURCE, act.actor, now)
        note_source(db, usage.machines, SOURCE, now)
        append(
            db,
            now,
            Entry(
                act.actor,
                "usage.imported",
                printable(file.name),
                None,
                {"machines": len(usage.machines)},
                printable(reason) if reason else None,
            ),
        )


def printable(text: str) -> str:
    """Text that a register can hold: bytes of a file's name that are no UTF-8 are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def report(usage: UsageFile, *, dry_run: bool) -> None:
    for warning in usage.warnings:
        note(_("warning: {warning}").format(warning=warning))
    for problem in usage.problems[:SHOWN]:
        note(f"{problem}")
    if usage.problem_count:
        more = _(" (the first {shown} above)").format(shown=SHOWN) if usage.problem_count > SHOWN else ""
        said = _("rows left out for {cells}{more}")
        note(said.format(cells=count(usage.problem_count, _("bad cell")), more=more))
    if usage.skipped:
        note(_("{rows} skipped").format(rows=count(usage.skipped, _("sum row"))))
    steps = sorted(set(usage.steps.values()))
    dry = _(" (dry run: nothing was stored)") if dry_run else ""
    said = _(
        "{rows:,} samples of {machines:,} machines, step {steps}, {invalid:,} invalid values left out{dry}"
    )
    step = f"{steps[0]} s" if len(steps) == 1 else f"{steps[0]}-{steps[-1]} s" if steps else "-"
    note(
        said.format(rows=usage.rows, machines=len(usage.machines), steps=step, invalid=usage.invalid, dry=dry)
    )
