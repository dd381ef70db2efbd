"""What commands share: opening the installation, the actor, progress bars."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from monitor.installation import Installation
    from store.tables import Department
    from store.workflow import Act

Progress = "Callable[[str, int, int], None]"


FIRST = date(1970, 1, 1)


class Day(click.ParamType[date]):
    """A local day, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            day = date.min
        if day < FIRST:
            self.fail(_("{value!r} is not a day such as 2026-11-02").format(value=value), param, ctx)
        return day


class Finite(click.FloatRange):
    """A number within a range; nan is within every range for the library."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        found = float(super().convert(value, param, ctx))
        if not isfinite(found):
            self.fail(_("{value!r} is no number").format(value=value), param, ctx)
        return found


as_of_option = click.option(
    "--as-of", type=Day(), help=_("The day D; the window is the days before it. Default: today.")
)
reason_option = click.option("-m", "--reason", help=_("Why; kept in the journal."))


def house(ctx: click.Context) -> Installation:
    """The installation that the command works on."""
    from monitor.installation import open_installation

    return open_installation(ctx.obj["config"])


def acting(installation: Installation, reason: str | None = None) -> Act:
    """The act of the person at the command, or of the one for whom it types (--as). Raises RefusedError."""
    from monitor.installation import actor
    from monitor.people import act_of

    people, now = installation.settings.people, installation.now().moment
    other = click.get_current_context().obj["as"]
    with installation.register.read() as db:
        return act_of(db, people, actor(), other, now, reason)


def operating(installation: Installation, reason: str | None = None) -> Act:
    """The same, for what only operators do."""
    from monitor.people import check_operator

    return check_operator(acting(installation, reason))


def known_department(db: Session, wanted: str) -> Department:
    """The department of that name or code; others are refused with those that come near."""
    from store.departments import NoDepartmentError, find_department

    try:
        return find_department(db, wanted)
    except NoDepartmentError as error:
        raise click.ClickException(str(error)) from error


def working(ctx: click.Context) -> Installation:
    """The same for a command that runs steps of the pipeline, which log."""
    from monitor.logs import quiet

    quiet(verbose=ctx.obj["verbose"])
    return house(ctx)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr when a person is looking, gone at the end; silent otherwise. Print nothing inside."""
    if not sys.stderr.isatty():
        yield lambda _step, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                for earlier in tasks.values():
                    bars.update(earlier, visible=False)
                tasks[step] = bars.add_task(step)
            bars.update(tasks[step], completed=done, total=total)

        yield advance
