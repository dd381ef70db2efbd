"""`rightsizer catalog classes|laws`: the classification tree and the laws that may be cited."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.catalog_matter import desk
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import house, reason_option
from monitor.cli.text import _

CLASSES = (
    Column("code", _("Code")),
    Column("name", _("Name"), fold=True),
    Column("parent", _("Parent"), shown=False),
    Column("entries", _("Entries"), right=True),
)
LAWS = (
    Column("name", _("Law"), fold=True),
    Column("repealed_on", _("Repealed")),
    Column("replaced_by", _("Replaced by"), fold=True),
)
SAID = "{added} added, {changed} changed, {unchanged} unchanged"


@click.group("classes", help=_("The classification (类, 项, 目, 细目): import, list."))
def classes() -> None: ...


@classes.command("import")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@reason_option
@click.pass_context
def import_classes(ctx: click.Context, file: Path | None, reason: str | None) -> None:
    """Import classes from FILE (csv, xlsx: code, name); without FILE the guide's 类 and 项."""
    from catalog.reference import import_classes as take
    from catalog.reference import shipped_classes
    from catalog.reference_file import read_classes
    from monitor.people import check_operator

    lines = read_classes(file) if file is not None else shipped_classes()
    with desk(ctx, reason) as at:
        done = take(at.db, lines, check_operator(at.act))
    note(SAID.format(added=done.added, changed=done.changed, unchanged=done.unchanged))


@classes.command("list")
@output_option
@click.pass_context
def list_classes(ctx: click.Context, output: str | None) -> None:
    """List the classes and how many entries stand in each."""
    from sqlalchemy import func, select

    from catalog.tables import ClassNode, Entry

    asked = (
        select(ClassNode, func.count(Entry.id))
        .outerjoin(Entry, Entry.class_code == ClassNode.code)
        .group_by(ClassNode.code)
        .order_by(ClassNode.code)
    )
    with house(ctx).register.read() as db:
        rows: list[dict[str, object]] = [
            {"code": row.code, "name": row.name, "parent": row.parent, "entries": number}
            for row, number in db.execute(asked).all()
        ]
    show(rows, CLASSES, output, _("No class. `rightsizer catalog classes import` adds those of the guide."))


@click.group("laws", help=_("Laws that may be cited as a basis: import, list."))
def laws() -> None: ...


@laws.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@reason_option
@click.pass_context
def import_laws(ctx: click.Context, file: Path, reason: str | None) -> None:
    """Import laws from FILE (csv, xlsx: name, repealed_on, replaced_by)."""
    from catalog.reference import import_laws as take
    from catalog.reference_file import read_laws
    from monitor.people import check_operator

    lines = read_laws(file)
    with desk(ctx, reason) as at:
        done = take(at.db, lines, check_operator(at.act))
    note(SAID.format(added=done.added, changed=done.changed, unchanged=done.unchanged))


@laws.command("list")
@output_option
@click.pass_context
def list_laws(ctx: click.Context, output: str | None) -> None:
    """List the laws that are known, those that come along and the city's."""
    from catalog.reference import laws as known

    with house(ctx).register.read() as db:
        found = sorted(known(db).values(), key=lambda law: (law.repealed_on is not None, law.name))
    rows: list[dict[str, object]] = [
        {
            "name": law.name,
            "repealed_on": None if law.repealed_on is None else str(law.repealed_on),
            "replaced_by": law.replaced_by,
        }
        for law in found
    ]
    show(rows, LAWS, output)
