"""`rightsizer inventory`: which machines there are, whose they are, and how large."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.output import Column, count, note, output_option, person, show
from monitor.cli.session import house, operating, reason_option
from monitor.cli.text import _

COLUMNS = (
    Column("machine", _("Machine"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("system", _("System"), fold=True),
    Column("address", _("Address"), shown=False),
    Column("vcpus", _("vCPU"), right=True, shown=False),
    Column("memory_gib", _("GiB"), right=True, shown=False),
    Column("disk_gib", _("GiB disk"), right=True, shown=False),
    Column("size", _("vCPU/GiB/disk"), right=True, data=False),
    Column("delivered_on", _("Delivered"), shown=False),
    Column("deployed_on", _("Deployed")),
    Column("source", _("Measured by"), fold=True),
    Column("released_on", _("Released"), shown=False),
)


@click.group("inventory", help=_("Machines: import, list."))
def command() -> None: ...


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help=_("Check only; change nothing."))
@reason_option
@click.pass_context
def import_file(ctx: click.Context, file: Path, dry_run: bool, reason: str | None) -> None:
    """Import machines from FILE (csv, xlsx): all rows or none.

    Columns: machine, department, system, address, vcpus, memory_gib, disk_gib, delivered_on, deployed_on. An
    empty cell leaves what is known. Changes of size and owner are kept as history.
    """
    from store.inventory import import_machines
    from store.inventory_file import read_inventory

    rows = read_inventory(file)
    installation = house(ctx)
    act = operating(installation, reason)
    with installation.register.write() as db:
        done = import_machines(db, rows, act.actor, act.now, reason)
        if dry_run:
            db.rollback()
    said = _("{added} added, {changed} changed, {unchanged} unchanged{dry}")
    dry = _(" (dry run: nothing was stored)") if dry_run else ""
    note(
        said.format(
            added=count(done.added, "machine"), changed=done.changed, unchanged=done.unchanged, dry=dry
        )
    )


@command.command("list")
@output_option
@click.pass_context
def list_machines(ctx: click.Context, output: str | None) -> None:
    """List the machines."""
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    from store.tables import Machine

    installation = house(ctx)
    whole = select(Machine).options(joinedload(Machine.department), joinedload(Machine.system))
    with installation.register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "machine": machine.name,
                "department": machine.department.name if machine.department else None,
                "system": machine.system.name if machine.system else None,
                "address": machine.address,
                "vcpus": machine.vcpus,
                "memory_gib": machine.memory_gib,
                "disk_gib": machine.disk_gib,
                "size": "/".join(
                    person(value) for value in (machine.vcpus, machine.memory_gib, machine.disk_gib)
                ),
                "delivered_on": machine.delivered_on.isoformat() if machine.delivered_on else None,
                "deployed_on": machine.deployed_on.isoformat() if machine.deployed_on else None,
                "source": machine.source,
                "released_on": machine.released_on.isoformat() if machine.released_on else None,
            }
            for machine in db.scalars(whole.order_by(Machine.name))
        ]
    show(rows, COLUMNS, output, _("No machine. `rightsizer inventory import FILE` adds them."))
