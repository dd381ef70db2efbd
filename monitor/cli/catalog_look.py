"""`rightsizer catalog list|search|show|history|check|total|stale`: looking at the catalog."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.catalog_matter import code_argument, word
from monitor.cli.errors import EXIT_FINDINGS
from monitor.cli.output import Column, count, note, output_of, output_option, person, show
from monitor.cli.session import house, known_department
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from catalog.search import Line, Wanted

STATES = (
    "draft",
    "department_review",
    "centre_review",
    "filed",
    "published",
    "offline",
    "superseded",
    "discarded",
)


def brief(value: object) -> str:
    """Of changed fields their headings: their values are in the JSON."""
    from catalog.fields import BY_KEY

    if not isinstance(value, dict):
        return person(value)
    return "、".join(BY_KEY[name].heading if name in BY_KEY else str(name) for name in value)


COLUMNS = (
    Column("code", _("Code")),
    Column("title", _("Title"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("state", _("State")),
    Column("version", _("Version"), right=True),
    Column("published", _("Public"), right=True),
    Column("share_type", _("Sharing"), style=lambda key: word("share_type", key)),
    Column("open_type", _("Opening"), style=lambda key: word("open_type", key)),
    Column("update_period", _("Updated"), style=lambda key: word("update_period", key), shown=False),
    Column("last_data_on", _("Data of")),
    Column("freshness", _("Fresh"), shown=False),
    Column("published_on", _("Published"), shown=False),
    Column("format_class", _("Format"), shown=False),
)
HISTORY = (
    Column("at", _("At")),
    Column("action", _("What")),
    Column("actor", _("Who"), fold=True),
    Column("subject", _("Version")),
    Column("before", _("Before"), fold=True, shown=False),
    Column("after", _("After"), fold=True, style=brief),
    Column("reason", _("Why"), fold=True),
)
PROBLEMS = (
    Column("code", _("Code")),
    Column("field", _("Field"), shown=False),
    Column("problem", _("Problem"), fold=True),
)
PARTS = (
    Column("by", _("By")),
    Column("value", _("Value"), fold=True),
    Column("entries", _("Entries"), right=True),
)
SHOWN = 100  # lines of a search for a person
limit_option = click.option(
    "--limit", type=click.IntRange(1, 2**31 - 1), help=_("At most so many; `search`: 100 unless told.")
)


def as_row(line: Line, today: date) -> dict[str, object]:
    from catalog.freshness import freshness

    facts = asdict(line)
    facts["code"], facts["version"] = facts.pop("resource_code"), facts.pop("number")
    for name in ("last_data_on", "published_on"):
        facts[name] = str(facts[name]) if facts[name] is not None else None
    return {**facts, "freshness": str(freshness(line.update_period, line.last_data_on, today))}


def found_rows(ctx: click.Context, wanted: Wanted, limit: int | None) -> tuple[list[dict[str, object]], int]:
    """The entries, and how many there are in all."""
    from catalog.search import first
    from catalog.search import search as look

    installation = house(ctx)
    today = installation.now().today
    with installation.register.read() as db:
        if wanted.department is not None:
            known_department(db, wanted.department)
        if limit is None:
            lines = look(db, wanted)
            every = len(lines)
        else:
            lines, every = first(db, wanted, limit)
    return [as_row(line, today) for line in lines], every


@click.command("list")
@click.option("--department", help=_("Only of this department (name or code)."))
@click.option("--state", type=click.Choice(STATES), help=_("Only entries whose newest version is so."))
@click.option("--class", "class_code", help=_("Only of this class and those below it."))
@click.option("--public", is_flag=True, help=_("The public catalog: published versions only."))
@limit_option
@output_option
@click.pass_context
def list_entries(ctx: click.Context, /, limit: int | None, output: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """List entries with their newest versions."""
    from catalog.search import Wanted

    rows, _every = found_rows(ctx, Wanted(**given), limit)
    show(rows, COLUMNS, output, _("No entry. `rightsizer catalog add` adds one."))


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--department", help=_("Only of this department (name or code)."))
@click.option("--public", is_flag=True, help=_("The public catalog: published versions only."))
@limit_option
@output_option
@click.pass_context
def search(
    ctx: click.Context,
    words: tuple[str, ...],
    department: str | None,
    public: bool,
    limit: int | None,
    output: str | None,
) -> None:
    """Search codes, titles, departments, abstracts and items; all WORDS occur, however they are written."""
    from catalog.search import Wanted

    rows, every = found_rows(ctx, Wanted(" ".join(words), department, public=public), limit or SHOWN)
    show(rows, COLUMNS, output, _("Nothing found."))
    if every > len(rows):
        note(_("{shown} of {every}; --limit shows more").format(shown=len(rows), every=every))


@click.command("show")
@code_argument
@click.option(
    "--version", "number", type=click.IntRange(1, 2**31 - 1), help=_("This version; default: the newest.")
)
@output_of(("table", "json"), _("How to print; default: a page."))
@click.pass_context
def show_entry(ctx: click.Context, code: str, number: int | None, output: str | None) -> None:
    """Show one entry: its metadata, items, basis, quality and what keeps it from the public."""
    from monitor.cli.catalog_page import page, seen

    installation = house(ctx)
    with installation.register.read() as db:
        found = seen(db, code, number, installation.now().today)
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(page(found)))


@click.command("history")
@code_argument
@output_option
@click.pass_context
def history(ctx: click.Context, code: str, output: str | None) -> None:
    """Show what happened to an entry: who, when, what, why."""
    from sqlalchemy import or_, select

    from catalog.entries import found
    from store.tables import JournalEntry

    installation = house(ctx)
    with installation.register.read() as db:
        entry = found(db, code)
        same = JournalEntry.subject == entry.resource_code
        versions = JournalEntry.subject.startswith(f"{entry.resource_code} v", autoescape=True)
        asked = select(JournalEntry).where(or_(same, versions)).order_by(JournalEntry.id)
        rows: list[dict[str, object]] = [
            {
                "at": f"{row.at.astimezone(installation.settings.zone()):%Y-%m-%d %H:%M}",
                "action": row.action,
                "actor": row.actor,
                "subject": row.subject,
                "before": row.before,
                "after": row.after,
                "reason": row.reason,
            }
            for row in db.scalars(asked)
        ]
    show(rows, HISTORY, output)


@click.command("check")
@click.argument("codes", nargs=-1, metavar="[CODES...]")
@click.option("--department", help=_("Every entry of this department (name or code)."))
@output_option
@click.pass_context
def check(ctx: click.Context, codes: tuple[str, ...], department: str | None, output: str | None) -> None:
    """Say what keeps entries from being submitted or published; exit 3 when something does."""
    from catalog.entries import found, version_of
    from catalog.knowledge import Knowledge
    from catalog.passage import judge
    from catalog.search import Wanted

    if bool(codes) == (department is not None):
        raise click.UsageError(_("CODES, or else --department"), ctx)
    if department is not None:
        listed, _every = found_rows(ctx, Wanted(department=department), None)
        codes = tuple(str(row["code"]) for row in listed if row["state"] not in {"superseded", "discarded"})
    installation = house(ctx)
    rows: list[dict[str, object]] = []
    with installation.register.read() as db:
        known = Knowledge(db, installation.now().today)
        for code in codes:
            entry = found(db, code)
            problems = judge(known, entry, version_of(db, entry))
            rows += [{"code": code, "field": one.field, "problem": str(one)} for one in problems]
    show(rows, PROBLEMS, output, _("{entries}: no problem.").format(entries=count(len(codes), _("entry"))))
    ctx.exit(EXIT_FINDINGS if rows else 0)


@click.command("total")
@output_option
@click.pass_context
def total(ctx: click.Context, output: str | None) -> None:
    """Count the whole catalog (总目录): the published entries of all departments."""
    from catalog.search import total as counted

    installation = house(ctx)
    with installation.register.read() as db:
        found = counted(db, installation.now().today)
    if output == "json":
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    rows: list[dict[str, object]] = [
        {"by": by, "value": value, "entries": number}
        for by, parts in found.parts.items()
        for value, number in parts.items()
    ]
    show(rows, PARTS, output, _("Nothing is published."))
    said = _("{entries} published with {items}, {work} in work")
    entries, items = count(found.entries, _("entry")), count(found.items, _("item"))
    note(said.format(entries=entries, items=items, work=found.in_work))


@click.command("stale")
@output_option
@click.pass_context
def stale(ctx: click.Context, output: str | None) -> None:
    """List published entries whose data is older than their period promises (过期)."""
    from catalog.search import stale as aged

    installation = house(ctx)
    today = installation.now().today
    with installation.register.read() as db:
        rows = [as_row(line, today) for line in aged(db, today)]
    columns = [
        replace(column, shown=column.key in {"code", "title", "department", "update_period", "last_data_on"})
        for column in COLUMNS
    ]
    show(rows, columns, output, _("No published entry is known to be stale."))
