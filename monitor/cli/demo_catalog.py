"""What `rightsizer demo` shows of the data catalog: the 总目录, what was asked for, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.catalog_matter import due
from monitor.cli.output import Column, count, said, show
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from monitor.cli.output import Row
    from monitor.demo.stage import Stage
    from store.tables import Deadline

INDENT = "  "
NAMED = 5  # departments that are told one by one
MATTERS = (
    Column("matter", _("Matter")),
    Column("of", _("Of"), fold=True),
    Column("what", _("What"), fold=True),
    Column("state", _("State")),
    Column("due", _("Due")),
    Column("urged", _("Urged"), right=True),
)
WASTED = 3  # items collected twice that are told


def catalogue(stage: Stage) -> None:
    """The whole catalog and its matters, as they stand at the end."""
    from catalog.search import total

    today = stage.house.now().today
    with stage.house.register.read() as db:
        found = total(db, today)
        rows = [*requests(db, today), *applications(db, today), *changes(db, today)]
        twice = list(collected(db))
    said(_("The whole catalog (总目录)"))
    entries, items = count(found.entries, _("entry")), count(found.items, _("item"))
    departments = count(len(found.parts["department"]), _("department"))
    text = _("{entries} of {departments} published with {items}, {work} in work")
    click.echo(
        INDENT + text.format(entries=entries, departments=departments, items=items, work=found.in_work)
    )
    for name, heading in (
        ("share_type", _("sharing")),
        ("open_type", _("opening")),
        ("format_class", _("format")),
        ("freshness", _("freshness")),
        ("department", _("largest")),
    ):
        click.echo(f"{INDENT}{heading}: {told(found.parts[name])}")
    said(_("What was asked of it, and what waits"))
    show(rows, MATTERS, "table")
    said(_("Collected twice (一数一源)"))
    for line in twice:
        click.echo(f"{INDENT}{line}")


def told(parts: Mapping[str, int]) -> str:
    return ", ".join(f"{value} {number}" for value, number in list(parts.items())[:NAMED])


def requests(db: Session, today: date) -> Iterator[Row]:
    from sqlalchemy import select

    from catalog.sharing import clock_of
    from catalog.sharing_tables import ShareRequest

    for row in db.scalars(select(ShareRequest).order_by(ShareRequest.id)):
        yield {
            "matter": f"share {row.id}",
            "of": row.entry.department.name,
            "what": _("{asker}: {purpose}").format(asker=row.asker.name, purpose=row.purpose),
            "state": str(row.state),
            **ended(db, clock_of(db, row), today),
        }


def applications(db: Session, today: date) -> Iterator[Row]:
    from sqlalchemy import select

    from catalog.opening import ANSWER, clock_of, shown_applicant
    from catalog.opening_tables import OpenRequest

    for row in db.scalars(select(OpenRequest).order_by(OpenRequest.id)):
        yield {
            "matter": f"open {row.id}",
            "of": row.entry.department.name,
            "what": _("{asker}: {purpose}").format(asker=shown_applicant(row), purpose=row.purpose),
            "state": str(row.state),
            **ended(db, clock_of(db, row, ANSWER), today),
        }


def changes(db: Session, today: date) -> Iterator[Row]:
    from sqlalchemy import select

    from catalog.matters import ChangeEvent

    for event in db.scalars(select(ChangeEvent).order_by(ChangeEvent.id)):
        for one in event.affected:
            yield {
                "matter": f"event {event.id}",
                "of": one.entry.department.name,
                "what": _("{code} to be updated: {what}").format(
                    code=one.entry.resource_code, what=event.what
                ),
                "state": _("met") if one.met_on else _("running"),
                **ended(db, [one.deadline], today),
            }


def ended(db: Session, clocks: Sequence[Deadline], today: date) -> dict[str, object]:
    """When its clock ends, and how often the notifier urged (催办)."""
    from notifier.stands import told as letters

    if not clocks:
        return {}
    clock = clocks[0]
    late = clock.met_on is None and clock.due_on is not None and clock.due_on < today
    urged = [one.level for one in letters(db, [clock.id]).get((clock.id, clock.due_on), []) if one.level]
    day = due(clock)
    return {"due": _("{day} overdue").format(day=day) if late else day, "urged": max(urged, default=None)}


def collected(db: Session) -> Iterator[str]:
    from catalog.sources import duplicates

    for one in duplicates(db)[:WASTED]:
        source = one.source or _("nobody yet")
        text = _("{names}: {departments}, {entries}; source: {source}")
        yield text.format(
            names="、".join(one.names),
            departments=count(len(one.departments), _("department")),
            entries=count(one.entries, _("entry")),
            source=source,
        )
