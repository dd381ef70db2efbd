"""`rightsizer service-item`: which papers are asked for although the catalog can provide them (art. 26)."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.asked import at, number_argument
from monitor.cli.output import Column, count, note, output_option, show
from monitor.cli.session import house, reason_option
from monitor.cli.text import _

COLUMNS = (
    Column("paper_id", _("Paper No."), right=True),
    Column("department", _("Department"), fold=True),
    Column("service", _("Service item"), fold=True),
    Column("paper", _("Paper"), fold=True),
    Column("on_paper", _("On paper"), style=lambda value: _("yes") if value else "-"),
    Column("basis", _("Law"), fold=True),
    Column("code", _("Linked to")),
)
NEEDLESS = (
    Column("paper_id", _("Paper No."), right=True),
    Column("department", _("Department"), fold=True),
    Column("service", _("Service item"), fold=True),
    Column("paper", _("Paper"), fold=True),
    Column("code", _("Provided by")),
    Column("title", _("Title"), fold=True),
    Column("provider", _("Of"), fold=True),
    Column("share_type", _("Sharing")),
    Column("how", _("Known by")),
)
department_option = click.option("--department", help=_("Only those of this department (name or code)."))


@click.group("service-item", help=_("Service items: import, list, link; papers that need not be asked for."))
def command() -> None: ...


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help=_("Check only; change nothing."))
@reason_option
@click.pass_context
def import_file(ctx: click.Context, file: Path, dry_run: bool, reason: str | None) -> None:
    """Import service items and their papers from FILE (csv, xlsx): a row a paper; all rows or none.

    Columns: 事项名称, 单位, 材料名称, 是否纸质, 法律依据, 资源代码.
    """
    from catalog.service_file import read_papers
    from catalog.services import import_papers

    rows = read_papers(file)
    with at(ctx, reason) as here:
        done = import_papers(here.db, rows, here.act)
        if dry_run:
            here.db.rollback()
    dry = _(" (dry run: nothing was stored)") if dry_run else ""
    said = _("{added} added, {changed} changed, {unchanged} unchanged{dry}")
    added = count(done.added, _("service item"))
    note(said.format(added=added, changed=done.changed, unchanged=done.unchanged, dry=dry))


@command.command("list")
@department_option
@output_option
@click.pass_context
def list_papers(ctx: click.Context, department: str | None, output: str | None) -> None:
    """List the papers of the service items."""
    from catalog.services import papers

    with house(ctx).register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "paper_id": paper.id,
                "department": paper.service.department.name,
                "service": paper.service.name,
                "paper": paper.name,
                "on_paper": paper.on_paper,
                "basis": paper.basis,
                "code": paper.entry.resource_code if paper.entry is not None else None,
            }
            for paper in papers(db, department)
        ]
    show(rows, COLUMNS, output, _("No service item. `rightsizer service-item import FILE` adds them."))


@command.command("link")
@number_argument
@click.argument("code", metavar="[CODE]", required=False)
@reason_option
@click.pass_context
def link_paper(ctx: click.Context, number: int, code: str | None, reason: str | None) -> None:
    """Say that the entry CODE provides the paper N; without CODE, that none does by anybody's word."""
    from catalog.services import link

    with at(ctx, reason) as here:
        name = link(here.db, number, code, here.act).name
    if code is None:
        note(_("{number}: {name} is linked to no entry").format(number=number, name=name))
    else:
        note(_("{number}: {name} is provided by {code}").format(number=number, name=name, code=code))


@command.command("report")
@department_option
@output_option
@click.pass_context
def report(ctx: click.Context, department: str | None, output: str | None) -> None:
    """List papers that are still asked for, that no law demands, and that the catalog can provide."""
    from catalog.services import needless
    from monitor.cli.catalog_matter import word

    installation = house(ctx)
    with installation.register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "paper_id": one.paper.id,
                "department": one.paper.service.department.name,
                "service": one.paper.service.name,
                "paper": one.paper.name,
                "code": one.match.provider.code,
                "title": one.match.provider.title,
                "provider": one.match.provider.department,
                "share_type": word("share_type", one.match.provider.share_type),
                "how": one.match.how,
            }
            for one in needless(db, installation.now().today, department)
        ]
    show(rows, NEEDLESS, output, _("No paper is asked for that the catalog can provide."))
