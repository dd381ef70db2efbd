"""`rightsizer finding approve|reject|defer|reopen`: answers to many findings, all or none."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.numbers import numbers
from monitor.cli.output import cell, count, note, show, yuan
from monitor.cli.session import Day, house, known_department, operating, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now
    from monitor.reviewing import Told, Wanted
    from store.tables import Finding

KINDS = ("shrink", "expand", "idle", "deploy")
CONFIRMED = 20  # findings that are answered without a question


class Words(click.ParamType[str]):
    """Words of a person: not blank, on one line."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        text = cell(value)
        if not text:
            self.fail(_("some words are wanted"), param, ctx)
        return text


required_reason = click.option(
    "-m", "--reason", type=Words(), required=True, help=_("Why; kept with it and in the journal.")
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One call: the event, on which findings, until when, why, and how carefully."""

    event: str
    words: tuple[str, ...]
    reason: str | None
    dry_run: bool
    sure: bool
    until: date | None = None


def careful(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every answer has, gathered; the command makes an Answer of them."""

    @click.argument("words", nargs=-1, metavar="NUMBERS...")
    @click.option("--dry-run", is_flag=True, help=_("Say what would happen, change nothing."))
    @click.option("--yes", "sure", is_flag=True, help=_("Do not ask, however many they are."))
    @click.pass_context
    def called(ctx: click.Context, /, **given: Any) -> None:  # noqa: ANN401  (click's own)
        kept = {name: given.pop(name) for name in ("words", "reason", "dry_run", "sure")}
        command(ctx, functools.partial(Answer, **kept), **given)

    return functools.update_wrapper(called, command)


@click.command("approve")
@click.option("--kind", type=click.Choice(KINDS), help=_("Every open finding of this kind, without numbers."))
@click.option("--department", help=_("Every open finding of this department (name or code)."))
@click.option("--all", "everything", is_flag=True, help=_("Every open finding."))
@reason_option
@careful
def approve(
    ctx: click.Context,
    made: Callable[..., Answer],
    kind: str | None,
    department: str | None,
    everything: bool,
) -> None:
    """Approve findings: the next run writes notices about them.

    NUMBERS are numbers and ranges such as 12 15-20, or - to read them from standard input, where the output
    of `finding list` does as well. All are approved, or none.
    """
    from monitor.reviewing import Wanted

    answer = made("approve")
    selected = everything or kind is not None or department is not None
    if selected == bool(answer.words):
        raise click.UsageError(_("NUMBERS, or else --kind, --department or --all"), ctx)
    carry_out(ctx, answer, Wanted("open", kind, department) if selected else None)


@click.command("reject")
@click.option("--until", type=Day(), help=_("Silent through this day; default: notices.rejected_for days."))
@required_reason
@careful
def reject(ctx: click.Context, made: Callable[..., Answer], until: date | None) -> None:
    """Reject findings: no notice until a day, then they come back if they still hold.

    NUMBERS as in `finding approve`.
    """
    carry_out(ctx, made("reject", until=until), None)


@click.command("defer")
@click.option("--until", type=Day(), required=True, help=_("Silent through this day."))
@required_reason
@careful
def defer(ctx: click.Context, made: Callable[..., Answer], until: date) -> None:
    """Defer findings: they are to be looked at again after a day.

    NUMBERS as in `finding approve`.
    """
    carry_out(ctx, made("defer", until=until), None)


@click.command("reopen")
@reason_option
@careful
def reopen(ctx: click.Context, made: Callable[..., Answer]) -> None:
    """Take an answer back: approved, rejected and deferred findings are open again.

    NUMBERS as in `finding approve`. What a notice was written about already is answered there.
    """
    carry_out(ctx, made("reopen"), None)


def carry_out(ctx: click.Context, answer: Answer, wanted: Wanted | None) -> None:
    """Looks, asks where many are touched, and answers in one transaction."""
    if wanted is None and not answer.words:
        raise click.UsageError(_("which findings? NUMBERS, or - for standard input"), ctx)
    ids = numbers(answer.words)
    installation = house(ctx)
    now = installation.now()
    until = end_of(installation, answer, now)
    with installation.register.read() as db:
        if wanted is not None:
            ids = selected(db, wanted, now)
        found = looked_at(db, ids, answer, now)
        told = summary(found)
        rows = [shown(finding) for finding in found] if answer.dry_run else []
    if answer.dry_run:
        dry(rows, answer, told)
    elif found and sure(ctx, answer, told):
        commit(installation, ids, answer, until, now)
        note(result(answer.event, told, until))
    elif not found:
        note(_("no finding to {event}: nothing was changed").format(event=answer.event))


def end_of(installation: Installation, answer: Answer, now: Now) -> date | None:
    """The last day of a rejection or deferral. Raises BadParameter for one that is not to come."""
    if answer.event == "reject" and answer.until is None:
        return now.today + timedelta(days=installation.settings.notices.rejected_for)
    if answer.until is not None and answer.until <= now.today:
        said = _("--until {until}: a day after today, {today}")
        raise click.UsageError(said.format(until=answer.until, today=now.today))
    return answer.until


def selected(db: Session, wanted: Wanted, now: Now) -> list[int]:
    """Every open finding that is meant; protected machines are left out, and said so."""
    from monitor.reviewing import kept_safe, numbers
    from store.review import chosen

    if wanted.department is not None:
        known_department(db, wanted.department)
    ids = numbers(db, wanted)
    spared = kept_safe(db, chosen(db, ids), now.today)
    if spared:
        said = _("{findings} of protected machines left out: `rightsizer protection list`")
        note(said.format(findings=count(len(spared), _("finding"))))
    return [number for number in ids if number not in spared]


def looked_at(db: Session, ids: Sequence[int], answer: Answer, now: Now) -> list[Finding]:
    """The findings, all of which can be answered so. Raises NoFindingError, RefusedError."""
    from monitor.reviewing import check
    from store.review import chosen

    found = chosen(db, ids)
    check(db, found, answer.event, now.today)
    return found


def commit(
    installation: Installation, ids: Sequence[int], answer: Answer, until: date | None, now: Now
) -> None:
    """In one transaction, which looks again: somebody may have been faster."""
    from store.review import answer as give

    act = operating(installation, cell(answer.reason) or None)
    with installation.register.write() as db:
        give(db, looked_at(db, ids, answer, now), answer.event, act, until)


def summary(found: Sequence[Finding]) -> Told:
    from monitor.reviewing import told

    return told(found)


def shown(finding: Finding) -> dict[str, object]:
    from monitor.cli.finding import as_row

    machine = finding.machine
    return as_row(finding, machine.name, machine.department.name if machine.department else None)


def dry(rows: Sequence[dict[str, object]], answer: Answer, told: Told) -> None:
    from monitor.cli.finding import COLUMNS

    show(rows, COLUMNS, None, _("No finding."))
    note(_("would {event} {findings}; nothing was changed").format(event=answer.event, findings=many(told)))


def sure(ctx: click.Context, answer: Answer, told: Told) -> bool:
    """Asks a person before many findings are touched; ends the command on no."""
    asked = told.findings > CONFIRMED and not answer.sure and sys.stdin.isatty() and sys.stderr.isatty()
    question = _("{event} {findings}?").format(event=answer.event.capitalize(), findings=many(told))
    if asked and not click.confirm(question, err=True):
        note(_("Nothing was changed."))
        ctx.exit(1)
    return True


def result(event: str, told: Told, until: date | None) -> str:
    from monitor.reviewing import PAST

    text = f"{PAST[event]} {many(told)}"
    if until is not None:
        text += _("; silent through {until}").format(until=until)
    if event == "approve" and told.ownerless:
        said = _("; {machines} without a department: no notice until `inventory import` names it")
        text += said.format(machines=count(told.ownerless, _("machine")))
    return text


def many(told: Told) -> str:
    """Such as 7 findings of 3 departments, 12,345 yuan a month."""
    words = _("{findings} of {departments}, {saving} yuan a month")
    return words.format(
        findings=count(told.findings, _("finding")),
        departments=count(told.departments, _("department")),
        saving=yuan(told.saving),
    )
