"""`rightsizer outbox`: the mails that wait, those given up, and the channel that they go through."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.notice_json import as_json, delivery_json
from monitor.cli.notice_words import local, refusals
from monitor.cli.numbers import numbers
from monitor.cli.output import Column, cell, count, note, output_of, output_option, person, show
from monitor.cli.session import house, operating
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from notifier.tables import Delivery
    from store.workflow import Act


STATES = ("pending", "leased", "sent", "unknown", "dead", "held")
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("number", _("Notice"), fold=True),
    Column("department", _("Department"), fold=True, shown=False),
    Column("recipient", _("To"), fold=True),
    Column("role", _("Role"), shown=False),
    Column("copy", _("Copy"), right=True, shown=False),
    Column("state", _("State")),
    Column("attempts", _("Tries"), right=True),
    Column("next", _("Next try"), data=False),
    Column("next_at", _("Next try"), shown=False),
    Column("sent_at", _("Sent"), shown=False),
    Column("answer", _("Answer"), fold=True),
)
reason_option = click.option("-m", "--reason", type=Words(), help=_("Why; kept in the journal."))
numbers_argument = click.argument("words", nargs=-1, metavar="NUMBERS...")


@click.group("outbox", help=_("Mails: list, show, try again, hold, go on."))
def command() -> None: ...


@command.command("list")
@click.option(
    "--state", type=click.Choice([*STATES, "all"]), help=_("Only this state; default: all but those sent.")
)
@output_option
@click.pass_context
def list_mails(ctx: click.Context, state: str | None, output: str | None) -> None:
    """List the mails that are not sent: those that wait, those given up, those held."""
    from notifier.dossier import deliveries

    installation = house(ctx)
    zone = installation.settings.zone()
    wanted = {None: [name for name in STATES if name != "sent"], "all": list(STATES)}.get(state, [str(state)])
    with installation.register.read() as db:
        rows = [as_row(*found) for found in deliveries(db, wanted)]
        words = channel(db, zone)
    if output in {None, "table"}:
        rows = [row | {"next": minute(row["next_at"], zone)} for row in rows]
    show(rows, COLUMNS, output, _("No mail in this state.") if state else _("Every mail is sent."))
    if words is not None:
        note(words)


def as_row(row: Delivery, number: str | None, department: str | None) -> dict[str, object]:
    told = delivery_json(row)
    waits = row.state in {"pending", "unknown", "leased"}
    return {
        **told,
        "number": number,
        "department": department,
        "answer": " ".join(str(part) for part in (row.last_code, row.last_text) if part) or None,
        "next_at": told["next_at"] if waits else None,
    }


def minute(moment: object, zone: ZoneInfo) -> str | None:
    return None if moment is None else local(datetime.fromisoformat(str(moment)), zone)


def channel(db: Session, zone: ZoneInfo) -> str | None:
    """What keeps all mails from going out, in words."""
    from notifier.outbox import MAIL
    from notifier.tables import Channel

    row = db.get(Channel, MAIL)
    if row is None or row.state == "open":
        return None
    until = _(" until {at}").format(at=local(row.until, zone)) if row.until else ""
    said = _("no mail goes out: {state} since {since}{until}: {reason}; `rightsizer outbox resume` opens it")
    return said.format(
        state=row.state, since=local(row.since, zone), until=until, reason=cell(row.reason) or "-"
    )


@command.command("show")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option(
    "--eml",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Writes the mail, byte by byte as it is sent, into this file."),
)
@output_of(("table", "json"), _("The page for a person, or JSON; default: the page."))
@click.pass_context
def show_mail(ctx: click.Context, number: int, eml: Path | None, output: str | None) -> None:
    """Show a mail: its tries, what the server answered, its headers."""
    from monitor.cli.notice_preview import written
    from notifier.bodies import gone
    from store.workflow import RefusedError

    installation = house(ctx)
    with refusals(), installation.register.read() as db:
        row = picked(db, [number])[0]
        emptied = gone(db, row)
        told = {
            **delivery_json(row),
            "number": row.notice.number if row.notice is not None else None,
            "bytes": len(row.mime) if emptied is None else emptied.bytes,
            "emptied": None if emptied is None else {"at": emptied.at.isoformat(), "sha256": emptied.sha256},
            "headers": headers(row.mime),
        }
        if eml is not None and emptied is not None:
            raise RefusedError(
                f"mail {number}: its body is kept no longer; `notice preview` makes its papers"
            )
        if eml is not None:
            note(_("written: {path}").format(path=written(eml, row.mime, over=True)))
    if output == "json":
        as_json(told)
    else:
        page(told, row, installation.settings.zone())


def page(told: dict[str, object], row: Delivery, zone: ZoneInfo) -> None:
    moments = {
        name: local(getattr(row, name), zone) for name in ("made_at", "next_at", "sent_at", "bounced_at")
    }
    shown = {**told, **moments}
    if row.state in {"sent", "dead", "held"}:
        del shown["next_at"]
    for name, value in shown.items():
        if name != "headers" and value is not None:
            click.echo(f"{name.replace('_', ' '):<12} {person(value)}")
    click.echo()
    for name, value in told["headers"] if isinstance(told["headers"], list) else ():
        click.echo(f"{name}: {cell(value)}")


def headers(mime: bytes) -> list[tuple[str, str]]:
    """The headers of a mail, decoded."""
    from email import message_from_bytes
    from email.header import decode_header, make_header

    mail = message_from_bytes(mime)
    return [(name, str(make_header(decode_header(str(value))))) for name, value in mail.items()]


def picked(db: Session, ids: list[int]) -> list[Delivery]:
    """The mails of these numbers. Raises LookupError."""
    from sqlalchemy import select

    from notifier.tables import Delivery

    rows = {row.id: row for row in db.scalars(select(Delivery).where(Delivery.id.in_(ids)))}
    missing = [str(number) for number in dict.fromkeys(ids) if number not in rows]
    if missing:
        raise LookupError(f"no mail {', '.join(missing)}; `rightsizer outbox list` shows them")
    return [rows[number] for number in dict.fromkeys(ids)]


@dataclass(frozen=True, slots=True)
class Desk:
    """The mails of one call in a write transaction, and who acts."""

    db: Session
    rows: list[Delivery]
    act: Act
    zone: ZoneInfo


@contextmanager
def desk(ctx: click.Context, words: tuple[str, ...], reason: str | None) -> Iterator[Desk]:

    ids = numbers(words)
    installation = house(ctx)
    act = operating(installation, reason)
    with refusals(), installation.register.write() as db:
        yield Desk(db, picked(db, ids), act, installation.settings.zone())


def say(it: Desk, what: str) -> None:
    told = ", ".join(f"{row.id} {cell(row.recipient)}" for row in it.rows[:5])
    more = ", ..." if len(it.rows) > 5 else ""
    note(f"{count(len(it.rows), _('mail'))} {what}: {told}{more}")
    words = channel(it.db, it.zone)
    if words is not None:
        note(words)


@command.command("retry")
@numbers_argument
@reason_option
@click.pass_context
def retry(ctx: click.Context, words: tuple[str, ...], reason: str | None) -> None:
    """Try mails now that were given up, held, or are waiting; for five days from now on.

    NUMBERS are numbers and ranges such as 12 15-20, or - to read them from standard input. The bytes and the
    Message-ID stay. A mail that came back is written anew by `notice resend`.
    """
    from notifier.outbox import retry as tried

    some(ctx, words)
    with desk(ctx, words, reason) as it:
        tried(it.db, it.rows, it.act)
        say(it, _("tried with the next run"))


@command.command("hold")
@numbers_argument
@click.option("--all", "everything", is_flag=True, help=_("Every mail, those made later too."))
@required_reason
@click.pass_context
def hold(ctx: click.Context, words: tuple[str, ...], everything: bool, reason: str) -> None:
    """Keep mails back until `outbox resume`; with --all no mail goes out any more.

    NUMBERS as in `outbox retry`.
    """
    from notifier.outbox import hold as held
    from notifier.outbox import hold_all

    if everything == bool(words):
        raise click.UsageError(_("NUMBERS, or else --all"), ctx)
    with desk(ctx, words, reason) as it:
        if everything:
            hold_all(it.db, it.act)
            note(channel(it.db, it.zone) or "")
        else:
            held(it.db, it.rows, it.act)
            say(it, _("held"))


@command.command("resume")
@numbers_argument
@reason_option
@click.pass_context
def resume(ctx: click.Context, words: tuple[str, ...], reason: str | None) -> None:
    """Let mails go out again: without NUMBERS all of them, else those that are held by their number."""
    from notifier.dossier import deliveries
    from notifier.outbox import open_again, unhold

    with desk(ctx, words, reason) as it:
        if words:
            unhold(it.db, it.rows, it.act)
            say(it, _("tried with the next run"))
            return
        before = open_again(it.db, it.act)
        note(_("mails go out again (before: {state})").format(state=before))
        held = len(deliveries(it.db, ["held"]))
        if held:
            said = _("{mails} held by their number: `rightsizer outbox list --state held`")
            note(said.format(mails=count(held, _("mail"))))


def some(ctx: click.Context, words: tuple[str, ...]) -> None:
    if not words:
        raise click.UsageError(_("which mails? NUMBERS, or - for standard input"), ctx)
