"""`rightsizer catalog`: the data catalog of the departments (arts. 16 to 19)."""

from __future__ import annotations

import click

from monitor.cli import (
    catalog_entry,
    catalog_export,
    catalog_look,
    catalog_sheets,
    catalog_source,
    catalog_steps,
    catalog_tables,
    catalog_ticket,
)
from monitor.cli.catalog_event import event
from monitor.cli.catalog_objection import objection
from monitor.cli.text import _


@click.group("catalog", help=_("The data catalog: entries, their way to the public, changes, sources."))
def command() -> None: ...


for part in (
    catalog_entry.add,
    catalog_entry.edit,
    catalog_entry.item,
    catalog_entry.basis,
    catalog_entry.data,
    catalog_look.list_entries,
    catalog_look.search,
    catalog_look.show_entry,
    catalog_look.history,
    catalog_look.check,
    catalog_look.total,
    catalog_look.stale,
    *catalog_steps.STEPS,
    catalog_source.duplicates,
    catalog_source.source,
    catalog_ticket.ticket,
    catalog_export.export_dcat,
    catalog_export.export_csv,
    catalog_tables.classes,
    catalog_tables.laws,
    catalog_sheets.import_file,
    catalog_sheets.export_file,
    catalog_sheets.template,
    event,
    objection,
):
    command.add_command(part)
