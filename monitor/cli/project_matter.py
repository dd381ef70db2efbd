"""What the commands on one project share: the project in a write transaction, who acts, their options."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words
from monitor.cli.output import cell, note
from monitor.cli.session import Day, acting, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from filing.project_papers import File
    from filing.project_tables import PaperKind
    from filing.submitting import Desk
    from filing.tables import Project
    from monitor.installation import Installation, Now
    from store.workflow import Act

number_argument = click.argument("number", metavar="N", type=click.IntRange(1, 2**31 - 1))
reason_option = click.option("-m", "--reason", type=Words(), help=_("Why; kept in the journal."))
on_option = click.option("--on", type=Day(), help=_("The day that it happened; default: today."))
paper_option = click.option(
    "--paper", type=click.Path(path_type=Path), help=_("The paper itself; a copy is kept with the data.")
)


class Sum(click.ParamType[int]):
    """A sum of money, kept in fen."""

    name = "sum"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        from filing.money import fen

        if isinstance(value, int):
            return value
        try:
            return fen(str(value))
        except ValueError as error:
            return self.fail(f"{value!r}: {error}", param, ctx)


@dataclass(frozen=True, slots=True)
class Matter:
    """One project in a write transaction, and how the centre works on it today."""

    db: Session
    project: Project
    desk: Desk
    file: File | None = None

    def keep(self, kind: PaperKind) -> None:
        """Hands in the paper that came with the command."""
        if self.file is not None:
            hand_in_paper(self, kind, self.file)

    def say(self, what: str) -> None:
        """What was done, and where the project stands now."""
        project = self.project
        note(f"{project.id} {cell(project.name)}: {what}; {project.state}")


def hand_in_paper(found: Matter, kind: PaperKind, file: File) -> None:
    from filing.project_papers import hand_in
    from filing.project_tables import PAPERS, PaperKind

    twins = hand_in(found.db, found.project, kind, file, found.desk.today, found.desk.act)
    for twin in twins:
        said = _("look: the same file is {name} already ({kind})")
        note(said.format(name=PAPERS[PaperKind(twin.kind)], kind=twin.kind))


@contextmanager
def matter(
    ctx: click.Context, number: int, reason: str | None, paper: Path | None = None
) -> Iterator[Matter]:
    """The project, in one transaction: all that is done inside is kept, or nothing. A copy of the paper is
    made before.
    """
    from filing.projects import found_project

    installation = house(ctx)
    now, act = installation.now(), acting(installation, reason)
    file = kept(installation, paper) if paper is not None else None
    with installation.register.write() as db:
        yield Matter(db, found_project(db, number), desk_of(installation, db, now, act), file)


def desk_of(installation: Installation, db: Session, now: Now, act: Act) -> Desk:
    from filing.submitting import Desk
    from store.calendar import calendar

    return Desk(installation.policy.project, calendar(db), now.today, act)


def kept(installation: Installation, path: Path) -> File:
    """A copy of the file, under its SHA-256. Raises ProofError, OSError."""
    from filing.project_papers import File
    from monitor.proofs import FOLDER, keep

    folder = installation.settings.data_dir / FOLDER
    name = keep(folder, path)
    return File(cell(path.name)[:255], name, name.partition("-")[0], (folder / name).stat().st_size)


def pairs(words: tuple[str, ...], example: str) -> list[tuple[str, str | None]]:
    """NAME=VALUE or NAME, each in its order. Raises UsageError for one without a name."""
    found = []
    for word in words:
        name, sign, value = cell(word).partition("=")
        if not name.strip() or (sign and not value.strip()):
            raise click.UsageError(_("{word!r}: such as {example}").format(word=word, example=example))
        found.append((name.strip(), value.strip() if sign else None))
    return found
