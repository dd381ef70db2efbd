"""`rightsizer catalog import|export|template`: the form of the national guide in and out (art. 16)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.errors import EXIT_FAILED
from monitor.cli.output import cell, count, note, spare
from monitor.cli.session import acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.importing import Planned
    from catalog.sheet_entry import Reading
    from store.workflow import Act

PRINTED = 50  # problems that are printed one by one; --annotate has all
WARNED = 20  # incomplete drafts that are named


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be taken."""

    file: Path
    department: str | None
    partial: bool
    dry_run: bool
    annotate: Path | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What the file holds, what that would do, and what the rules find in it."""

    found: Reading
    steps: Sequence[Planned]
    lacking: Sequence[tuple[str, list[str]]]


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--department", help=_("Of the rows that name none (name or code)."))
@click.option("--partial", is_flag=True, help=_("Take the good entries of a file with bad ones."))
@click.option("--dry-run", is_flag=True, help=_("Say what would happen, change nothing."))
@click.option(
    "--annotate", type=click.Path(path_type=Path), help=_("Write a copy of FILE here, with a column 问题.")
)
@reason_option
@click.pass_context
def import_file(ctx: click.Context, /, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Import entries from FILE (xlsx, csv), the form of the national guide; all or none.

    New entries become drafts and are given their codes; drafts change; what is public gets a new version when
    something differs. Empty cells leave what is known, 无 takes it away. Rows of 涉密 entries are refused.
    """
    wish = Wish(**given)
    spare(wish.annotate)
    installation = house(ctx)
    act, today = acting(installation, reason), installation.now().today
    if wish.dry_run:
        with installation.register.read() as db:
            seen = looked(db, wish, act, today)
    else:
        from catalog.importing import carry_out

        with installation.register.write() as db:
            seen = looked(db, wish, act, today)
            if wish.partial or not seen.found.problems:
                carry_out(db, seen.steps, today, act)
    told(seen, wish)
    if seen.found.problems and not wish.partial:
        ctx.exit(EXIT_FAILED)


def looked(db: Session, wish: Wish, act: Act, today: date) -> Looked:
    from sqlalchemy import select

    from catalog.importing import incomplete, plan
    from catalog.sheet_classes import Tree
    from catalog.sheet_rows import Owners, read_entries
    from store.tables import Department

    rows = db.execute(select(Department.id, Department.name, Department.code))
    known = {word: number for number, *words in rows for word in words}
    given = department_id(known, wish.department)
    found = read_entries(wish.file, Owners(known, given), Tree(db))
    steps = plan(db, found, act)
    lacking = [(step.row.place, said) for step, said in incomplete(db, steps, today)]
    return Looked(found, steps, lacking)


def department_id(known: dict[str, int], wanted: str | None) -> int | None:
    if wanted is None:
        return None
    if wanted not in known:
        raise click.UsageError(
            _("no department {name!r}: `rightsizer department list` shows them").format(name=wanted)
        )
    return known[wanted]


def told(seen: Looked, wish: Wish) -> None:
    """What was wrong, what was left out, what is not complete yet, what was done or would be."""
    from catalog.importing import counts

    found = seen.found
    listed([str(problem) for problem in found.problems], PRINTED)
    if wish.annotate is not None and found.problems:
        from store.sheets import annotate

        annotate(wish.file, found.problems, wish.annotate, found.secret)
        note(_("a copy with the problems: {file}").format(file=wish.annotate))
    for said in found.left_out[:PRINTED]:
        note(_("left out: {row}").format(row=cell(said)))
    if found.unread:
        note(_("columns not read: {names}").format(names=cell(", ".join(dict.fromkeys(found.unread)))))
    warned(seen)
    what = ", ".join(f"{number:,} {deed}" for deed, number in counts(seen.steps).items())
    bad = sum(entry.bad for entry in found.entries) + found.refused
    note(ending(what, bad, wish))


def warned(seen: Looked) -> None:
    lines = [
        _("{place}: a draft, {problems} before it can be submitted: {first}").format(
            place=place, problems=count(len(said), _("problem")), first="; ".join(said[:2])
        )
        for place, said in seen.lacking
    ]
    listed(lines, WARNED)


def listed(lines: Sequence[str], most: int) -> None:
    for line in lines[:most]:
        note(cell(line))
    if len(lines) > most:
        note(_("... and {more} more").format(more=f"{len(lines) - most:,}"))


def ending(what: str, bad: int, wish: Wish) -> str:
    if bad:
        what += _("; {number:,} bad").format(number=bad)
    if bad and not wish.partial:
        said = _("nothing was taken: mend the file, or --partial takes the good entries ({what})")
        return said.format(what=what)
    return _("would be: {what}; nothing was changed").format(what=what) if wish.dry_run else what


force_option = click.option("--force", is_flag=True, help=_("Write over a file that lies there."))


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--department", help=_("Only this department (name or code)."))
@click.option("--state", help=_("Only entries whose newest version is in this state, such as draft."))
@click.option("--published", is_flag=True, help=_("What the public catalog has, not the newest versions."))
@force_option
@click.pass_context
def export_file(
    ctx: click.Context, /, file: Path, department: str | None, state: str | None, published: bool, force: bool
) -> None:
    """Write entries to FILE (.xlsx, .csv), the form that `catalog import` reads back."""
    from sqlalchemy import select

    from catalog.sheet_files import Wanted, export
    from catalog.tables import VersionState
    from store.tables import Department

    if state is not None and state not in set(VersionState):
        raise click.UsageError(_("--state is one of {states}").format(states=", ".join(VersionState)))
    spare(file, force=force)
    with house(ctx).register.read() as db:
        rows = db.execute(select(Department.id, Department.name, Department.code))
        known = {word: number for number, *words in rows for word in words}
        done = export(db, file, Wanted(department_id(known, department), state, published))
    note(_("{entries} written to {file}").format(entries=entries_of(done), file=file))


def entries_of(number: int) -> str:
    return f"{number:,} {_('entry') if number == 1 else _('entries')}"


@click.command("template")
@click.argument("file", type=click.Path(path_type=Path))
@force_option
def template(file: Path, force: bool) -> None:
    """Write the empty form to FILE (.xlsx): lists to choose from, code tables, an example."""
    from catalog.sheet_book import write_template

    if file.suffix.lower() != ".xlsx":
        raise click.UsageError(_("{file}: a file that ends with .xlsx").format(file=file))
    spare(file, force=force)
    write_template(file)
    note(_("the empty form: {file}").format(file=file))
