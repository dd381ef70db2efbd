"""`rightsizer notice show`: everything about one matter, on a page or as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from monitor.cli.notice_json import as_json, follower, whole
from monitor.cli.notice_words import KINDS, change, due, ends, local, refusals
from monitor.cli.output import Column, cell, note, output_of, show, yuan
from monitor.cli.session import house
from monitor.cli.text import _

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from config.workdays import Calendar
    from notifier.content import Content, Row
    from notifier.dossier import Event, Matter
    from notifier.listed import Listed
    from notifier.tables import Delivery, Item

ITEMS = (
    Column("machine", _("Machine"), fold=True),
    Column("state", _("State")),
    Column("due", _("Due"), fold=True),
    Column("sizes", _("vCPU/GiB/GiB"), fold=True),
    Column("promised", _("Yuan/mo"), right=True, style=yuan),
    Column("outcome", _("Seen"), fold=True),
    Column("reason", _("Reason"), fold=True),
)
MATTERS = (
    Column("deadline", _("No."), right=True),
    Column("title", _("Matter"), fold=True),
    Column("article", _("Article"), fold=True),
    Column("then", _("Due then")),
    Column("level", _("催办"), right=True),
    Column("now", _("Now"), fold=True),
)
MAILS = (
    Column("id", _("No."), right=True),
    Column("recipient", _("To"), fold=True),
    Column("role", _("Role")),
    Column("state", _("State")),
    Column("attempts", _("Tries"), right=True),
    Column("at", _("At"), fold=True),
    Column("answer", _("Answer"), fold=True),
)
FOLLOWING = (
    Column("id", _("No."), right=True),
    Column("number", _("Number"), fold=True),
    Column("kind", _("Kind")),
    Column("level", _("Level"), right=True),
    Column("issued_on", _("Issued")),
)
TASKS = (Column("id", _("No."), right=True), Column("kind", _("Kind")), Column("text", _("To do"), fold=True))
EVENTS = (
    Column("at", _("At")),
    Column("actor", _("Who"), fold=True),
    Column("action", _("What"), fold=True),
    Column("said", _("From, to, why"), fold=True),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is read: its time zone, and the folder of the proofs."""

    zone: ZoneInfo
    proofs: Path

    def proof(self, name: str) -> str:
        from monitor.proofs import is_kept

        return str(self.proofs / name) if is_kept(name) else cell(name)


RECEIPTS = {
    "accepted": _("accepted by the mail server"),
    "recorded": _("recorded by hand"),
    "answered": _("by its answer"),
}


@click.command("show")
@click.argument("wanted", metavar="NOTICE")
@output_of(("table", "json"), _("The page for a person, or JSON; default: the page."))
@click.pass_context
def show_notice(ctx: click.Context, wanted: str, output: str | None) -> None:
    """Show everything about a notice: NOTICE is its No. or its number.

    What it says with its seal, its machines and clocks, its mails and the answers of the server, what
    followed, open tasks, the journal. Ends with 1 when what it says or a proof was changed.
    """
    from monitor.proofs import FOLDER, fault
    from notifier.dossier import matter
    from notifier.issue import SealError, content_of
    from notifier.responses import found_notice
    from store.calendar import calendar

    installation = house(ctx)
    broken: str | None = None
    with refusals(), installation.register.read() as db:
        notice = found_notice(db, wanted)
        content: Content | None = None
        try:
            content = content_of(notice)
        except SealError as error:
            broken = str(error)
        follows = content is not None and notice.parent_id is not None
        named = [row.machine for row in content.rows] if content is not None and follows else None
        found, known = matter(db, notice, named), calendar(db)
    folder = installation.settings.data_dir / FOLDER
    wrong = [text for text in (broken, *(fault(folder, name) for name in found.proofs())) if text]
    if output == "json":
        as_json(whole(found, content, wrong))
    else:
        page(found, content, known, Place(installation.settings.zone(), folder))
    for text in wrong:
        note(click.style(f"!!! {text}", fg="red", bold=True))
    if wrong:
        ctx.exit(1)


def page(found: Matter, content: Content | None, known: Calendar, place: Place) -> None:
    for line in head(found, content, known, place):
        click.echo(line)
    section(_("Machines"), [item_row(found, item) for item in found.items], ITEMS)
    section(_("Matters"), [matter_row(one) for one in found.listed], MATTERS)
    figures(found, content)
    section(_("Mails"), [mail_row(row, place.zone) for row in found.mails], MAILS)
    section(_("Followed by"), [follower(row) for row in found.following], FOLLOWING)
    section(_("Open tasks"), [{"id": t.id, "kind": t.kind, "text": t.text} for t in found.tasks], TASKS)
    section(_("Journal"), grouped(found.events, place.zone), EVENTS)


def figures(found: Matter, content: Content | None) -> None:
    """What was measured of each machine against what, as the notice says it."""
    rows = [evidence(row) for row in content.rows if row.figures] if content is not None else []
    keys = list(dict.fromkeys(key for row in rows for key in row))
    columns = tuple(
        Column(key, key.replace(" ", "\n") if key != "machine" else _("Machine"), fold=True) for key in keys
    )
    if found.first is None:
        section(_("Evidence"), rows, columns)


def section(title: str, rows: list[dict[str, object]], columns: tuple[Column, ...]) -> None:
    """A table with its title; nothing where there are no rows. Columns without a value are left out."""
    if rows:
        click.echo(f"\n{title}")
        told = [column for column in columns if any(row.get(column.key) is not None for row in rows)]
        show(rows, told, "table")


def head(found: Matter, content: Content | None, known: Calendar, place: Place) -> list[str]:
    from notifier.content import OF_MATTERS

    notice = found.notice
    lines = [f"{cell(notice.number)}  {cell(found.department)}", f"{notice.kind} ({KINDS[notice.kind]})"]
    if notice.level:
        lines[1] += _(", level {level}").format(level=notice.level)
    if found.first is not None:
        said = _("Follows: {number} (No. {id})")
        lines.append(said.format(number=cell(found.first.number), id=found.first.id))
    said = _("Issued: {at} by {actor}")
    lines.append(said.format(at=local(notice.issued_at, place.zone), actor=cell(notice.issued_by)))
    if found.first is None and notice.kind not in OF_MATTERS:
        lines += received(found, known)
    lines += [f"{_('Proof')}: {place.proof(name)}" for name in found.proofs()]
    lines.append(f"{_('Seal')}: {notice.sha256} {_('fits') if content else _('DOES NOT FIT')}")
    return [*lines, *(basis(content) if content is not None else [])]


def received(found: Matter, known: Calendar) -> list[str]:
    notice = found.notice
    if notice.received_on is None:
        return [_("Received: not yet")]
    how = RECEIPTS.get(notice.receipt or "", notice.receipt)
    open_ones = [row for row in found.clocks.values() if row.met_on is None]
    clocks = [f"  {text}" for text in ends(known, open_ones)]
    return [_("Received: {day} ({how})").format(day=notice.received_on, how=how), *clocks]


def basis(content: Content) -> list[str]:
    rule = content.basis
    said = [_("Rests on: {title} {number} {article}").format(
        title=rule.title, number=rule.document_number, article=rule.article
    )]  # fmt: skip
    if rule.expired_on is not None:
        words = _("  its validity ended on {day}; cited in its place: {override}")
        said.append(words.format(day=rule.expired_on, override=cell(rule.override) or _("nothing")))
    if content.matters:
        return said
    window = _(", window {days} days").format(days=content.window_days) if content.window_days else ""
    said.append(_("Judged: as of {day}{window}").format(day=content.as_of, window=window))
    return said


def item_row(found: Matter, item: Item) -> dict[str, object]:
    clock = found.clocks.get(item.id)
    return {
        "machine": item.machine,
        "state": item.state,
        "due": due(clock) if clock is not None or found.notice.received_on is None else None,
        "sizes": sizes(item),
        "promised": item.promised,
        "outcome": " ".join(cell(part) for part in (item.outcome, item.seen_on) if part) or None,
        "reason": item.reason,
    }


def matter_row(one: Listed) -> dict[str, object]:
    return {
        "deadline": one.row.id,
        "title": one.row.title,
        "article": one.row.article,
        "then": one.due_then or _("provisional"),
        "level": one.level,
        "now": due(one.row),
    }


def sizes(item: Item) -> str:
    """As it was, and as advised."""
    shown = ["/".join(figure(part) for part in (item.before or {}).values())]
    if item.advised:
        shown.append("/".join(figure(part) for part in item.advised.values()))
    return " → ".join(shown)


def figure(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def evidence(row: Row) -> dict[str, object]:
    from monitor.words import SIGNS, percent

    said: dict[str, object] = {"machine": row.machine}
    for found in row.figures:
        unit = " B/s" if found.resource == "network" else " %"
        words = f"{percent(found.value)} {SIGNS[found.operator]} {found.threshold}{unit}"
        days = f" ({', '.join(map(str, found.witnesses))})" if found.witnesses else ""
        said[f"{found.resource} {found.statistic}"] = f"{words if found.holds else f'✗ {words}'}{days}"
    if row.coverage is not None:
        said["coverage"] = f"{percent(row.coverage * 100)} %"
    return said


def mail_row(row: Delivery, zone: ZoneInfo) -> dict[str, object]:
    answer = " ".join(str(part) for part in (row.last_code, row.last_text) if part)
    return {
        "id": row.id,
        "recipient": row.recipient,
        "role": row.role if not row.copy else f"{row.role} +{row.copy}",
        "state": row.state,
        "attempts": row.attempts,
        "at": local(row.bounced_at or row.sent_at, zone),
        "answer": answer or None,
    }


def grouped(events: list[Event], zone: ZoneInfo) -> list[dict[str, object]]:
    """The same on many machines is one line."""
    rows: list[dict[str, object]] = []
    same: dict[tuple[str, ...], int] = {}
    last: tuple[str, ...] | None = None
    for event in events:
        at = local(event.at, zone) or ""
        said = change(event.before, event.after)
        said += f": {cell(event.reason)}" if event.reason else ""
        key = (at, event.actor, event.action, said)
        if key != last:
            rows.append({"at": at, "actor": event.actor, "action": event.action, "said": said})
            same[key] = 0
        same[key] += 1
        rows[-1]["action"] = event.action if same[key] == 1 else f"{event.action} × {same[key]}"
        last = key
    return rows
