"""The page of an application for a person: what is asked for, what is advised, who decided, what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from monitor.cli.output import Column, cell, show
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LINES = (
    Column("number", _("Line"), right=True),
    Column("role", _("Role"), fold=True),
    Column("count", _("Count"), right=True),
    Column("asked", _("Asked vCPU/GiB/disk")),
    Column("granted", _("Granted")),
    Column("os", _("OS"), fold=True),
    Column("machine", _("For machine"), fold=True),
)
MACHINES = (
    Column("machine", _("Machine"), fold=True),
    Column("role", _("Role"), fold=True),
    Column("size", _("vCPU/GiB/disk")),
    Column("delivered_on", _("Delivered")),
    Column("due_on", _("Deploy by")),
    Column("deployed_on", _("Deployed")),
    Column("released_on", _("Released")),
)
CLOCKS = (
    Column("title", _("To be done"), fold=True),
    Column("started_on", _("Since")),
    Column("due_on", _("Due")),
    Column("met_on", _("Done")),
)
EVENTS = (
    Column("at", _("At (UTC)")),
    Column("actor", _("Who"), fold=True),
    Column("action", _("What")),
    Column("to", _("To"), fold=True),
    Column("reason", _("Why"), fold=True),
)
FACTS = (
    ("description", _("Description")),
    ("zone", _("Zone")),
    ("go_live_on", _("Goes live")),
    ("users", _("Users")),
    ("protection_level", _("Protection level")),
    ("public_ips", _("Public addresses")),
    ("bandwidth_mbps", _("Bandwidth, Mbit/s")),
    ("backup", _("Backup")),
    ("contact", _("Contact")),
    ("phone", _("Phone")),
    ("paper", _("Form")),
    ("receipt", _("Receipt")),
    ("statement", _("Data statement")),
    ("opinion", _("Opinion")),
)


def page(found: Mapping[str, Any]) -> None:
    for text in head(found):
        click.echo(text)
    section(_("Asked for"), [line_row(line) for line in found["lines"]], LINES)
    for text in advice_lines(found["advice"]):
        click.echo(text)
    section(_("Machines"), [{**row, "size": size(row)} for row in found["machines"]], MACHINES)
    section(_("Clocks"), found["deadlines"], CLOCKS)
    section(_("Journal"), [event_row(event) for event in found["journal"]], EVENTS)
    if found["possible"]:
        click.echo(_("\nPossible now: {events}").format(events=", ".join(found["possible"])))


def head(found: Mapping[str, Any]) -> Iterator[str]:
    title = _("Application {id} ({kind})  {department}  {system}")
    yield cell(title.format(**found))
    yield _("State: {state}").format(**found)
    if found["take_back_on"]:
        since = _(
            "收回建议: since {take_back_on} the machines should be taken back; nothing is done by itself"
        )
        yield since.format(**found)
    for noun, text in (("project", _("Project")), ("filing", _("Filing"))):
        if found[noun]:
            yield f"{text}: {found[noun]['id']} {cell(found[noun]['name'])}"
    if found["of"]:
        yield _("Of application: {of}").format(**found)
    if found["linked"]:
        others = ", ".join(f"{other['id']} ({other['kind']}, {other['state']})" for other in found["linked"])
        yield _("Followed by: {others}").format(others=others)
    if found["term_from"]:
        yield _("Term: {term_from} .. {term_to}").format(**found)
    for key, text in FACTS:
        if found[key] not in {None, ""}:
            yield f"{text}: {cell(found[key])}"
    yield from decided(found)


def decided(found: Mapping[str, Any]) -> Iterator[str]:
    for step, text in (
        ("submitted", _("Submitted")),
        ("admin", _("Administrative approval")),
        ("technical", _("Technical approval")),
    ):
        if found[f"{step}_on"]:
            yield f"{text}: {found[f'{step}_on']} {cell(found[f'{step}_by'])}"
    if isinstance(kept := found["retention"], dict):
        words = _("Data {data}, logs {logs}, domains {domains}{declared}")
        declared = _("; not serving by declaration") if kept["declared"] else ""
        yield words.format(**{**kept, "declared": declared})
        for use in kept["use"].values():
            yield f"  {cell(use)}"


def advice_lines(advice: object) -> Iterator[str]:
    """The advised sizes with their reasons; nothing where no machine is asked for."""
    if not isinstance(advice, dict):
        return
    since, until = advice["window"]
    said = _(
        "\nAdvised size of {as_of} ({since} .. {until}, {measured} of {machines} similar machines measured)"
    )
    yield said.format(since=since, until=until, **{k: advice[k] for k in ("as_of", "measured", "machines")})
    for line in advice["lines"]:
        sizes = {**line["asked"], **(line["advised"] or {})}
        smaller = size(sizes) if line["advised"] else _("as asked for")
        yield cell(f"{line['number']} {line['role']}: {size(line['asked'])} -> {smaller}")
        for reason in line["reasons"]:
            yield f"  {cell(reason)}"


def section(title: str, rows: Sequence[dict[str, object]], columns: Sequence[Column]) -> None:
    """A table with its title; nothing where there are no rows. Columns without a value are left out."""
    if rows:
        click.echo(f"\n{title}")
        told = [column for column in columns if any(row.get(column.key) is not None for row in rows)]
        show(rows, told, "table")


def line_row(line: Mapping[str, Any]) -> dict[str, object]:
    disk = line["system_disk_gib"] + line["data_disk_gib"]
    asked, granted = size({**line, "disk_gib": disk}), size(line["granted"])
    os = " ".join(filter(None, (line["os"], "信创" if line["domestic"] else None)))
    return {**line, "asked": asked, "granted": granted if granted != asked else None, "os": os or None}


def size(row: Mapping[str, Any]) -> str:
    names = ("vcpus", "memory_gib", "disk_gib")
    return "/".join(f"{row[name]:g}" if row[name] is not None else "-" for name in names)


def event_row(event: Mapping[str, Any]) -> dict[str, object]:
    to = event["after"] if isinstance(event["after"], str) else None
    return {**event, "at": event["at"][:16].replace("T", " "), "to": to}
