"""`rightsizer catalog objection`: 数据异议 against an entry, an answer, or the service."""

from __future__ import annotations

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.catalog_matter import desk, due
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import house, reason_option
from monitor.cli.text import _

KINDS = ("catalog", "delay", "opinion", "service", "quality")
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("kind", _("Kind")),
    Column("code", _("Entry")),
    Column("department", _("Department"), fold=True),
    Column("state", _("State")),
    Column("due", _("Due")),
    Column("text", _("Objection"), fold=True),
    Column("answer", _("Answer"), fold=True),
    Column("score", _("Score"), right=True),
    Column("solved", _("Solved")),
    Column("subject", _("About"), shown=False),
    Column("raised_by", _("By"), shown=False),
    Column("raised_on", _("On"), shown=False),
)
ENDED = ("rated", "refused")


@click.group("objection", help=_("Objections (数据异议): add, take, refuse, handle, reopen, rate, list."))
def objection() -> None: ...


@objection.command("add")
@click.argument("code", metavar="CODE")
@click.option("--kind", type=click.Choice(KINDS), required=True, help=_("目录, 时长, 意见, 服务 or 质量."))
@click.option("--text", type=Words(), required=True, help=_("What is objected to."))
@click.option("--about", type=Words(), help=_("The matter, such as the number of a request."))
@reason_option
@click.pass_context
def add(ctx: click.Context, code: str, kind: str, text: str, about: str | None, reason: str | None) -> None:
    """Object; it is dealt with within the policy's working days."""
    from catalog.entries import found
    from catalog.matters import ObjectionKind
    from catalog.tickets import Complaint, clocks, object_to

    with desk(ctx, reason) as at:
        complaint = Complaint(ObjectionKind(kind), text, about)
        row = object_to(at.db, found(at.db, code), complaint, at.dates("objection"), at.act)
        ends, number = due(next(iter(clocks(at.db, row).values()))), row.id
    note(_("{number}: pending, due {day}").format(number=number, day=ends))


def dealing(name: str, words: str, *, why: bool) -> click.Command:
    @click.command(name, help=words)
    @click.argument("number", type=click.IntRange(1, 2**31 - 1))
    @(required_reason if why else reason_option)
    @click.pass_context
    def dealt(ctx: click.Context, number: int, reason: str | None) -> None:
        from catalog.tickets import deal, objection

        with desk(ctx, reason) as at:
            row = objection(at.db, number)
            deal(at.db, row, name, at.dates("objection"), at.act)
            state = row.state
        note(f"{number}: {state}")

    return dealt


for made in (
    dealing("take", _("Take an objection in hand."), why=False),
    dealing("refuse", _("Refuse it; -m says why."), why=True),
    dealing("handle", _("It was dealt with; -m is the answer."), why=True),
    dealing("reopen", _("The answer does not do: in hand again."), why=True),
):
    objection.add_command(made)


@objection.command("rate")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option("--score", type=click.IntRange(1, 5), required=True, help=_("1 (poor) to 5 (good)."))
@click.option("--solved/--unsolved", required=True, help=_("As the one who objected sees it."))
@reason_option
@click.pass_context
def rate_it(ctx: click.Context, number: int, score: int, solved: bool, reason: str | None) -> None:
    """Record what the one who objected says of the answer."""
    from catalog.tickets import objection, rate

    with desk(ctx, reason) as at:
        rate(at.db, objection(at.db, number), score, at.dates("objection"), at.act, solved=solved)
    note(_("{number}: rated {score}").format(number=number, score=score))


@objection.command("list")
@click.option("--all", "every", is_flag=True, help=_("With those that are rated or refused."))
@output_option
@click.pass_context
def list_objections(ctx: click.Context, every: bool, output: str | None) -> None:
    """List the objections that are not at their end."""
    from sqlalchemy import select

    from catalog.matters import Objection
    from store.tables import Deadline

    names = ("id", "kind", "state", "text", "answer", "score", "solved", "subject", "raised_by")
    with house(ctx).register.read() as db:
        asked = select(Objection).order_by(Objection.id)
        found = db.scalars(asked if every else asked.where(Objection.state.not_in(ENDED))).all()
        ours = select(Deadline).where(Deadline.subject.like("catalog_objection:%"))
        clocks = {row.subject: row for row in db.scalars(ours)}
        rows: list[dict[str, object]] = [
            {
                **{name: getattr(row, name) for name in names},
                "code": row.entry.resource_code,
                "department": row.department.name,
                "due": due(clocks.get(f"catalog_objection:{row.id}")),
                "raised_on": str(row.raised_on),
            }
            for row in found
        ]
    show(rows, COLUMNS, output, _("No objection. `rightsizer catalog objection add` records one."))
