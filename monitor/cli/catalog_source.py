"""`rightsizer catalog duplicates|source`: one number, one source (art. 18)."""

from __future__ import annotations

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.catalog_matter import desk, tick, word
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import house, reason_option
from monitor.cli.text import _

DUPLICATES = (
    Column("item", _("Item"), fold=True),
    Column("names", _("Written"), fold=True),
    Column("types", _("Types"), fold=True),
    Column("departments", _("Departments"), fold=True),
    Column("entries", _("Entries"), right=True),
    Column("source", _("Source"), fold=True),
)
CLAIMS = (
    Column("item", _("Item"), fold=True),
    Column("department", _("Source"), fold=True),
    Column("code", _("Entry")),
    Column("since", _("Since")),
    Column("set_by", _("Set by"), shown=False),
)


PLACES = (
    Column("department", _("Department"), fold=True),
    Column("code", _("Entry")),
    Column("title", _("Title"), fold=True),
    Column("name", _("Item"), fold=True),
    Column("data_type", _("Type"), style=lambda key: word("data_type", key)),
    Column("source", _("Says it is the source"), style=tick),
)


@click.command("duplicates")
@click.argument("item", required=False)
@click.option("--unsettled", is_flag=True, help=_("Only items without a source."))
@output_option
@click.pass_context
def duplicates(ctx: click.Context, item: str | None, unsettled: bool, output: str | None) -> None:
    """List items that several departments collect, by name and synonyms; with ITEM the entries that do."""
    from catalog.sources import duplicates as collected

    if item is not None:
        list_places(ctx, item, output)
        return
    with house(ctx).register.read() as db:
        found = [one for one in collected(db) if one.source is None or not unsettled]
    as_data = output in {"json", "jsonl"}
    rows: list[dict[str, object]] = []
    for one in found:
        types = list(one.types) if as_data else [word("data_type", kind) for kind in one.types]
        lists = {"names": list(one.names), "types": types, "departments": list(one.departments)}
        texts = lists if as_data else {name: "、".join(values) for name, values in lists.items()}
        rows.append({"item": one.key, **texts, "entries": one.entries, "source": one.source})
    show(rows, DUPLICATES, output, _("No item is collected by two departments."))


def list_places(ctx: click.Context, item: str, output: str | None) -> None:
    from catalog.sources import places

    with house(ctx).register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "department": place.department,
                "code": place.resource_code,
                "title": place.title,
                "name": place.name,
                "data_type": place.data_type,
                "source": place.source,
            }
            for place in places(db, item)
        ]
    show(rows, PLACES, output, _("No filed or published entry has this item."))


@click.group("source", help=_("Sources of items (一数一源): set, end, list."))
def source() -> None: ...


@source.command("set")
@click.argument("item", type=Words())
@click.option("--entry", "code", required=True, help=_("The entry of the department that is its source."))
@reason_option
@click.pass_context
def set_source(ctx: click.Context, item: str, code: str, reason: str | None) -> None:
    """Say which entry, and so which department, is the source of ITEM and its synonyms."""
    from catalog.entries import found
    from catalog.sources import claim

    with desk(ctx, reason) as at:
        entry = found(at.db, code)
        claim(at.db, item, entry, at.today, at.act)
        name = entry.department.name
    note(_("{item}: {name} is its source ({code})").format(item=item, name=name, code=code))


@source.command("end")
@click.argument("item", type=Words())
@required_reason
@click.pass_context
def end_source(ctx: click.Context, item: str, reason: str) -> None:
    """Nobody is the source of ITEM any more."""
    from catalog.sources import unclaim

    with desk(ctx, reason) as at:
        name = unclaim(at.db, item, at.act).name
    note(_("{item}: without a source now").format(item=name))


@source.command("list")
@output_option
@click.pass_context
def list_sources(ctx: click.Context, output: str | None) -> None:
    """List the items that have a source."""
    from sqlalchemy import select

    from catalog.matters import SourceClaim

    with house(ctx).register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "item": row.name,
                "department": row.department.name,
                "code": row.entry.resource_code,
                "since": str(row.set_on),
                "set_by": row.set_by,
            }
            for row in db.scalars(select(SourceClaim).order_by(SourceClaim.key))
        ]
    show(rows, CLAIMS, output, _("No item has a source. `rightsizer catalog source set` says whose it is."))
