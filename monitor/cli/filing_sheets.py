"""`rightsizer filing import|export`: the 部门已建政务信息系统调查表 in and out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.errors import EXIT_FAILED
from monitor.cli.output import cell, count, note
from monitor.cli.session import acting, house, known_department, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from filing.importing import Planned
    from filing.sheet_rows import Reading
    from monitor.installation import Installation
    from store.workflow import Act

PROBLEMS = 50  # that are printed one by one; --annotate has all


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be taken."""

    file: Path
    department: str | None
    partial: bool
    dry_run: bool
    annotate: Path | None


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--department", help=_("Of the rows that name none (name or code)."))
@click.option("--partial", is_flag=True, help=_("Take the good rows of a file with bad ones."))
@click.option("--dry-run", is_flag=True, help=_("Say what would happen, change nothing."))
@click.option(
    "--annotate", type=click.Path(path_type=Path), help=_("Write the bad rows here, with a column 问题.")
)
@reason_option
@click.pass_context
def import_file(ctx: click.Context, /, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Import filings from FILE (xlsx, csv), the sheet that departments fill in; all rows or none.

    New systems are noted, unfiled; cards that are not submitted change; a filed card that differs becomes
    an amendment. Empty cells leave what is known. Rows of 涉密 systems are refused, whatever they hold.
    """
    wish = Wish(**given)
    if wish.annotate is not None:
        free(wish.annotate, force=False)
    installation = house(ctx)
    act = acting(installation, reason)
    if wish.dry_run:
        with installation.register.read() as db:
            found, planned = looked(db, installation, wish)
    else:
        with installation.register.write() as db:
            found, planned = looked(db, installation, wish)
            if wish.partial or not found.problems:
                written(db, planned, act, installation)
    told(found, planned, wish)
    if found.problems and not wish.partial:
        ctx.exit(EXIT_FAILED)


def looked(db: Session, installation: Installation, wish: Wish) -> tuple[Reading, list[Planned]]:
    from sqlalchemy import select

    from filing.importing import plan
    from filing.sheet_rows import Owners, read_rows
    from store.tables import Department

    given = known_department(db, wish.department).id if wish.department is not None else None
    rows = db.execute(select(Department.id, Department.name, Department.code))
    known = {word: number for number, *words in rows for word in words}
    found = read_rows(wish.file, Owners(known, given), installation.now().today)
    return found, plan(db, found)


def written(db: Session, planned: Sequence[Planned], act: Act, installation: Installation) -> None:
    from filing.importing import carry_out

    carry_out(db, planned, act, installation.now().today)


def told(found: Reading, planned: Sequence[Planned], wish: Wish) -> None:
    """What was wrong, what was done or would be, which columns were not read."""
    from filing.importing import Deed
    from filing.sheet_files import annotate_bad

    for problem in found.problems[:PROBLEMS]:
        note(cell(str(problem)))
    if len(found.problems) > PROBLEMS:
        note(_("... and {more} more").format(more=len(found.problems) - PROBLEMS))
    if wish.annotate is not None and found.problems:
        annotate_bad(found, wish.annotate)
        note(_("{rows} with their problems: {file}").format(rows=rows_of(len(found.bad)), file=wish.annotate))
    if found.secret:
        note(_("{rows} of 涉密 systems left out").format(rows=rows_of(len(found.secret))))
    if found.unread:
        note(_("columns not read: {names}").format(names=cell(", ".join(dict.fromkeys(found.unread)))))
    deeds = Counter(step.deed for step in planned)
    what = ", ".join(f"{deeds[deed]:,} {deed}" for deed in Deed)
    if found.problems:
        what += _("; {rows} bad").format(rows=rows_of(len(found.bad)))
    if found.problems and not wish.partial:
        what = _("nothing was taken: mend the file, or --partial takes the good rows ({what})").format(
            what=what
        )
    elif wish.dry_run:
        what = _("would be: {what}; nothing was changed").format(what=what)
    note(what)


def free(file: Path, force: bool) -> None:
    """Refuses to write over a file that lies there, and one that is no sheet by its name."""
    from filing.sheet_files import kind

    kind(file)
    if file.exists() and not force:
        raise click.ClickException(_("{file} lies there already: another name").format(file=file))


def rows_of(number: int) -> str:
    return count(number, _("row"))


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--department", help=_("Only this department (name or code)."))
@click.option("--force", is_flag=True, help=_("Write over a file that lies there."))
@click.pass_context
def export_file(ctx: click.Context, file: Path, department: str | None, force: bool) -> None:
    """Write the standing filings to FILE (.xlsx or .csv), as `filing import` reads them back."""
    from filing.sheet_files import export

    free(file, force)
    with house(ctx).register.read() as db:
        number = known_department(db, department).id if department is not None else None
        done = export(db, file, number)
    note(_("{filings} written to {file}").format(filings=count(done, _("filing")), file=file))
