"""`rightsizer catalog add|edit|item|basis|data`: what an editor writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.catalog_matter import Desk, code_argument, desk, tick
from monitor.cli.output import Column, cell, count, note, output_option, show
from monitor.cli.session import Day, house, known_department, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from catalog.metadata import Metadata

ITEMS = (
    Column("name", _("Item"), fold=True),
    Column("data_type", _("Type")),
    Column("length", _("Length"), right=True),
    Column("source", _("Source"), style=tick),
    Column("personal", _("Personal"), style=tick),
)
set_option = click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="KEY=VALUE",
    help=_("A field by its key or Chinese heading; several times. KEY= takes it away."),
)


@click.command("add")
@click.argument("title", type=Words())
@click.option("--department", "owner", required=True, help=_("Whose it is (name or code)."))
@click.option("--class", "class_code", required=True, help=_("The class (目 or 细目) that it stands in."))
@set_option
@reason_option
@click.pass_context
def add(
    ctx: click.Context, title: str, owner: str, class_code: str, pairs: tuple[str, ...], reason: str | None
) -> None:
    """Add an entry as a draft; it is given its code. A draft may be incomplete."""
    from catalog.entries import New
    from catalog.entries import add as make
    from catalog.metadata import Metadata
    from catalog.written import written

    with desk(ctx, reason) as at:
        one = New(known_department(at.db, owner).id, class_code, written(Metadata(title=title), pairs))
        (entry,) = make(at.db, [one], at.today, at.act)
        code, left = entry.resource_code, missing(at, entry.resource_code)
    click.echo(code)
    note(_("{code}: a draft; {left}").format(code=code, left=left))


def missing(at: Desk, code: str) -> str:
    """How much keeps a draft from being submitted."""
    from catalog.entries import found, version_of
    from catalog.knowledge import Knowledge
    from catalog.passage import judge

    entry = found(at.db, code)
    problems = judge(Knowledge(at.db, at.today), entry, version_of(at.db, entry))
    if not problems:
        return _("ready: `rightsizer catalog submit`")
    said = _("{problems} before it can be submitted: `rightsizer catalog check`")
    return said.format(problems=count(len(problems), _("problem")))


@click.command("edit")
@code_argument
@set_option
@reason_option
@click.pass_context
def edit(ctx: click.Context, code: str, pairs: tuple[str, ...], reason: str | None) -> None:
    """Change fields of a draft."""
    from catalog.written import written

    if not pairs:
        raise click.UsageError(_("--set KEY=VALUE: what is to be changed"), ctx)
    change(ctx, code, reason, lambda metadata: written(metadata, pairs))


def change(ctx: click.Context, code: str, reason: str | None, make: Callable[[Metadata], Metadata]) -> None:
    from catalog.content import facts_of
    from catalog.entries import edit as write
    from catalog.entries import found, version_of

    with desk(ctx, reason) as at:
        entry = found(at.db, code)
        changed = write(at.db, entry, make(facts_of(version_of(at.db, entry))), at.act)
        left = missing(at, code)
    what = ", ".join(changed) or _("nothing changed")
    note(f"{code}: {what}; {left}")


@click.group("item", help=_("Items (信息项) of a draft: add, remove, list."))
def item() -> None: ...


@item.command("add")
@code_argument
@click.argument("name", type=Words())
@click.option("--type", "kind", help=_("Data type, such as 字符型C or string."))
@click.option("--length", help=_("Length, such as 18 or 10,2."))
@click.option("--source", is_flag=True, help=_("The department is its source (一数一源)."))
@click.option("--personal/--not-personal", default=None, help=_("Whether it is personal data."))
@reason_option
@click.pass_context
def add_item(
    ctx: click.Context,
    /,
    code: str,
    name: str,
    kind: str | None,
    length: str | None,
    reason: str | None,
    **flags: bool,
) -> None:
    """Add an item, or write the one of that name anew."""
    from catalog.codes import DATA_TYPE
    from catalog.metadata import ItemFacts
    from catalog.written import with_item

    found = DATA_TYPE.find(kind) if kind is not None else None
    if kind is not None and found is None:
        said = _("--type: one of {choices}; read {kind!r}")
        raise click.UsageError(said.format(choices=DATA_TYPE.choices(), kind=kind), ctx)
    made = ItemFacts(name, found, length, flags["source"], flags["personal"])
    change(ctx, code, reason, lambda metadata: with_item(metadata, made))


@item.command("remove")
@code_argument
@click.argument("name", type=Words())
@reason_option
@click.pass_context
def remove_item(ctx: click.Context, code: str, name: str, reason: str | None) -> None:
    """Take an item away."""
    from catalog.written import without_item

    change(ctx, code, reason, lambda metadata: without_item(metadata, name))


@item.command("list")
@code_argument
@output_option
@click.pass_context
def list_items(ctx: click.Context, code: str, output: str | None) -> None:
    """List the items of the newest version."""
    from catalog.codes import DATA_TYPE
    from catalog.entries import found, version_of

    with house(ctx).register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "name": row.name,
                "data_type": row.data_type if output in {"json", "jsonl"} else DATA_TYPE.word(row.data_type),
                "length": row.length,
                "source": row.source,
                "personal": row.personal,
            }
            for row in version_of(db, found(db, code)).items
        ]
    show(rows, ITEMS, output, _("No item. `rightsizer catalog item add` adds one."))


@click.command("basis")
@code_argument
@click.argument("law", type=Words())
@click.argument("article", type=Words())
@reason_option
@click.pass_context
def basis(ctx: click.Context, code: str, law: str, article: str, reason: str | None) -> None:
    """Cite LAW and ARTICLE as the basis of sharing with conditions or none; - - takes all away."""
    from dataclasses import replace

    from catalog.metadata import Basis
    from catalog.written import with_basis

    if (law, article) == ("-", "-"):
        change(ctx, code, reason, lambda metadata: replace(metadata, basis=()))
    else:
        change(ctx, code, reason, lambda metadata: with_basis(metadata, Basis(law, article)))


@click.command("data")
@code_argument
@click.option("--on", type=Day(), required=True, help=_("The newest day of its data."))
@reason_option
@click.pass_context
def data(ctx: click.Context, code: str, on: date, reason: str | None) -> None:
    """Record of which day the newest data of an entry is; whether it is stale is counted from there."""
    from catalog.entries import found, record_data

    with desk(ctx, reason) as at:
        record_data(at.db, found(at.db, code), on, at.today, at.act)
    note(_("{code}: data up to {day}").format(code=cell(code), day=on))
