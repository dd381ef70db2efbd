"""`rightsizer catalog ticket`: who uses data asks its source to verify or correct it (art. 18)."""

from __future__ import annotations

from typing import Any

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.catalog_matter import desk, due
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import house, reason_option
from monitor.cli.text import _

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("kind", _("Kind")),
    Column("code", _("Entry")),
    Column("item", _("Item"), fold=True),
    Column("department", _("Source"), fold=True),
    Column("state", _("State")),
    Column("due", _("Due")),
    Column("text", _("Asked"), fold=True),
    Column("answer", _("Answer"), fold=True),
    Column("evidence", _("Evidence"), shown=False),
    Column("raised_by", _("By"), shown=False),
    Column("raised_on", _("On"), shown=False),
)
ENDED = ("closed", "withdrawn")


@click.group("ticket", help=_("Verification and correction (校核, 纠错): open, answer, close, list."))
def ticket() -> None: ...


@ticket.command("open")
@click.argument("code", metavar="CODE")
@click.option("--kind", type=click.Choice(["verify", "correct"]), required=True, help=_("校核 or 纠错."))
@click.option("--item", type=Words(), help=_("The item that is doubtful."))
@click.option("--text", type=Words(), required=True, help=_("What is doubtful."))
@click.option("--evidence", type=Words(), required=True, help=_("What shows it, such as a paper's number."))
@reason_option
@click.pass_context
def open_ticket(ctx: click.Context, /, code: str, kind: str, reason: str | None, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Ask the source of an entry; it answers within the policy's working days."""
    from catalog.entries import found
    from catalog.matters import TicketKind
    from catalog.tickets import Question, ask, clocks

    question = Question(TicketKind(kind), given["text"], given["evidence"], given["item"])
    with desk(ctx, reason) as at:
        row = ask(at.db, found(at.db, code), question, at.dates(kind), at.act)
        ends = due(next(iter(clocks(at.db, row).values())))
        number = row.id
    note(_("{number}: open, due {day}").format(number=number, day=ends))


@ticket.command("answer")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option("--text", type=Words(), required=True, help=_("What was found or mended."))
@reason_option
@click.pass_context
def answer_ticket(ctx: click.Context, number: int, text: str, reason: str | None) -> None:
    """The source's answer."""
    from catalog.tickets import answer, ticket

    with desk(ctx, reason) as at:
        answer(at.db, ticket(at.db, number), text, at.dates("verify"), at.act)
    note(_("{number}: answered").format(number=number))


def ending(name: str, past: str, words: str, *, why: bool) -> click.Command:
    @click.command(name, help=words)
    @click.argument("number", type=click.IntRange(1, 2**31 - 1))
    @(required_reason if why else reason_option)
    @click.pass_context
    def ended(ctx: click.Context, number: int, reason: str | None) -> None:
        from catalog.tickets import end, ticket

        with desk(ctx, reason) as at:
            end(at.db, ticket(at.db, number), name, at.dates("verify"), at.act)
        note(f"{number}: {past}")

    return ended


for made in (
    ending("close", _("closed"), _("Close an answered ticket."), why=False),
    ending("reopen", _("open again"), _("The answer does not do: open it again."), why=True),
    ending("withdraw", _("withdrawn"), _("Take a question back."), why=True),
):
    ticket.add_command(made)


@ticket.command("list")
@click.option("--all", "every", is_flag=True, help=_("With those that are closed or withdrawn."))
@output_option
@click.pass_context
def list_tickets(ctx: click.Context, every: bool, output: str | None) -> None:
    """List the tickets that are open or answered."""
    from sqlalchemy import select

    from catalog.matters import Ticket
    from store.tables import Deadline

    with house(ctx).register.read() as db:
        asked = select(Ticket).order_by(Ticket.id)
        found = db.scalars(asked if every else asked.where(Ticket.state.not_in(ENDED))).all()
        clocks = {
            row.subject: row
            for row in db.scalars(select(Deadline).where(Deadline.subject.like("catalog_ticket:%")))
        }
        rows: list[dict[str, object]] = [
            {
                **{name: getattr(row, name) for name in ("id", "kind", "item", "state", "text", "answer")},
                "code": row.entry.resource_code,
                "department": row.department.name,
                "due": due(clocks.get(f"catalog_ticket:{row.id}")),
                "evidence": row.evidence,
                "raised_by": row.raised_by,
                "raised_on": str(row.raised_on),
            }
            for row in found
        ]
    show(rows, COLUMNS, output, _("No ticket. `rightsizer catalog ticket open` asks a source."))
