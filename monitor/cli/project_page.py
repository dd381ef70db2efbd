"""`rightsizer project show`: the life of one project on one screen, in tables, or as JSON."""

from __future__ import annotations

import json
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, cell, note, output_of, show
from monitor.cli.project_matter import number_argument
from monitor.cli.project_timeline import events
from monitor.cli.session import acting, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from monitor.project_page import Row, Section

WIDE, HIGH = 100, 45  # where no terminal says
KINDS = {"develop": "开发", "maintain": "维护", "purchase": "购买", "extend": "改扩建"}


def percent(value: object) -> str:
    return f"{value:.0f} %" if isinstance(value, float) else "-"


def share(value: object) -> str:
    return f"{value * 100:.0f} %" if isinstance(value, float) else "-"


def sum_(value: object) -> str:
    from filing.money import yuan

    return (yuan(value) or "-") if isinstance(value, int) else "-"


def prefix(value: object) -> str:
    return str(value)[:12]


def joined(value: object) -> str:
    return "; ".join(cell(part) for part in value) if isinstance(value, list) else "-"


COLUMNS: dict[str, tuple[Column, ...]] = {
    "hints": (
        Column("kind", _("Kind")),
        Column("text", _("Pointed out"), fold=True),
        Column("others", _("On"), fold=True, style=joined),
    ),
    "deadlines": (
        Column("article", _("Article")),
        Column("title", _("To do"), fold=True),
        Column("started_on", _("Since")),
        Column("working_days", _("Days"), right=True),
        Column("due_on", _("Due")),
        Column("met_on", _("Done")),
    ),
    "papers": (
        Column("kind", _("Kind")),
        Column("title", _("Paper"), fold=True),
        Column("name", _("File"), fold=True),
        Column("sha256", _("SHA-256"), style=prefix),
        Column("size", _("Bytes"), right=True),
        Column("added_on", _("Handed in")),
    ),
    "budget_lines": (Column("name", _("Line"), fold=True), Column("fen", _("Yuan"), right=True, style=sum_)),
    "data_items": (
        Column("direction", _("Direction")),
        Column("name", _("Item"), fold=True),
        Column("code", _("Catalog code"), fold=True),
    ),
    "reviews": (
        Column("round", _("Round"), right=True),
        Column("meeting_on", _("Meeting")),
        Column("conclusion", _("Conclusion")),
        Column("score", _("Mean"), right=True),
        Column("fee_fen", _("Fee, yuan"), right=True, style=sum_),
        Column("opinion", _("Opinion"), fold=True),
    ),
    "experts": (
        Column("round", _("Round"), right=True),
        Column("name", _("Expert"), fold=True),
        Column("unit", _("Unit"), fold=True),
        Column("declared_on", _("Declared")),
        Column("conflict", _("Conflict"), fold=True),
        Column("score", _("Score"), right=True),
        Column("vote", _("Vote")),
        Column("opinion", _("Opinion"), fold=True),
    ),
    "machines": (
        Column("machine", _("Machine"), fold=True),
        Column("system", _("System"), fold=True),
        Column("vcpus", _("vCPU"), right=True),
        Column("memory_gib", _("GiB"), right=True),
        Column("disk_gib", _("Disk"), right=True),
        Column("deployed_on", _("Deployed")),
        Column("cpu_p95", _("CPU p95"), right=True, style=percent),
        Column("memory_peak", _("Mem peak"), right=True, style=percent),
        Column("disk_max", _("Disk max"), right=True, style=percent),
        Column("coverage", _("Measured"), right=True, style=share),
    ),
    "filings": (
        Column("filing", _("No."), right=True),
        Column("name", _("System"), fold=True),
        Column("state", _("State")),
        Column("level", _("等保级别")),
        Column("submitted_on", _("Submitted")),
        Column("filed_on", _("Filed")),
        Column("due_on", _("Due")),
        Column("ended_on", _("Ended")),
    ),
    "applications": (
        Column("application", _("No."), right=True),
        Column("kind", _("Kind")),
        Column("state", _("State")),
        Column("machines", _("Machines"), right=True),
        Column("submitted_on", _("Submitted")),
        Column("delivered_on", _("Delivered")),
        Column("running_on", _("Running")),
        Column("due_on", _("Due")),
        Column("names", _("Which"), fold=True, style=joined),
    ),
    "evaluations": (
        Column("evaluation", _("No."), right=True),
        Column("year", _("Year"), right=True),
        Column("state", _("State")),
        Column("total", _("Points"), right=True),
        Column("measured", _("By our own data"), fold=True),
        Column("confirmed_on", _("Confirmed")),
        Column("attested_on", _("Attested")),
    ),
    "budget": (
        Column("list", _("List")),
        Column("subject", _("Of")),
        Column("verdict", _("Verdict")),
        Column("since", _("Since")),
        Column("article", _("Article")),
        Column("fact", _("Fact"), fold=True),
        Column("restores", _("Restores"), fold=True),
    ),
    "timeline": (
        Column("at", _("At")),
        Column("actor", _("Who"), fold=True),
        Column("event", _("What")),
        Column("said", _("From, to, why"), fold=True),
    ),
}


@click.command("show")
@number_argument
@click.option("--full", is_flag=True, help=_("Everything in tables, however long."))
@output_of(("table", "json"), _("The page for a person, or JSON; default: the page."))
@click.pass_context
def show_project(ctx: click.Context, number: int, full: bool, output: str | None) -> None:
    """Show the life of project N on one screen.

    Money, hints, papers, panel, filing, cloud applications, machines and their use, evaluation, budget list,
    deadlines, timeline; --full leaves nothing out. Ends with 1 when the copy of a paper was changed.
    """
    from filing.projects import found_project
    from monitor.cli.project_brief import brief
    from monitor.project_page import Look, faults, head, sections

    installation = house(ctx)
    now, act = installation.now(), acting(installation)
    with installation.register.read() as db:
        look = Look(installation, db, found_project(db, number), now)
        facts, found, wrong = head(look, act), sections(look), faults(look)
    if output == "json":
        whole = {**facts, **{section.key: section.rows for section in found}, "wrong": wrong}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    elif full:
        for line in head_lines(facts):
            click.echo(line)
        for section in found:
            page(section)
    else:
        for line in brief(facts, found, get_terminal_size((WIDE, HIGH)).columns):
            click.echo(line)
    for text in wrong:
        note(click.style(f"!!! {text}", fg="red", bold=True))
    if wrong:
        ctx.exit(1)


def page(section: Section) -> None:
    """A table with its title; nothing where there are no rows. Columns without a value are left out."""
    if not section.rows:
        return
    rows = TOLD[section.key](section.rows) if section.key in TOLD else section.rows
    click.echo(f"\n{_(section.title)}")
    columns = COLUMNS.get(section.key) or tuple(Column(key, key, fold=True) for key in rows[0])
    show(rows, [c for c in columns if any(row.get(c.key) is not None for row in rows)], "table")


def clocks(rows: list[Row]) -> list[Row]:
    """Deadlines that are overdue say so; those of a year that is not known yet have no day."""
    told = []
    for row in rows:
        due = row["due_on"] or (None if row["met_on"] else _("provisional"))
        told.append({**row, "due_on": f"{due} {_('OVERDUE')}" if row["overdue"] else due})
    return told


def head_lines(facts: Row) -> list[str]:
    from filing.money import yuan

    fen, arranged = facts["budget_fen"], facts["budgeted_fen"]
    lines = [
        f"{facts['id']}  {cell(facts['name'])}  {cell(facts['department'])}",
        _("{kind} {word}; state: {state}").format(
            kind=facts["kind"], word=KINDS[str(facts["kind"])], state=facts["state"]
        ),
    ]
    if isinstance(fen, int):
        lines.append(_("Budget: {sum} yuan").format(sum=yuan(fen)))
        lines[-1] += f" ({cell(facts['fund_source'])})" if facts["fund_source"] else ""
        lines[-1] += (
            _("; arranged: {sum} yuan").format(sum=yuan(arranged)) if isinstance(arranged, int) else ""
        )
    lines += [f"{title}: {cell(facts[key])}" for key, title in TEXTS.items() if facts[key] not in {None, ""}]
    lines += [_("Fixed-asset investment (固定资产投资)")] if facts["fixed_asset"] else []
    need = facts["cloud_need"]
    if isinstance(need, dict) and need:
        lines.append(
            f"{_('Cloud need')}: {' / '.join(f'{value:g}' for value in need.values())} (vCPU / GiB / GiB)"
        )
    lines += [papered(facts, *spec) for spec in PAPERED if facts[spec[1]] is not None]
    lacks, following = facts["lacks"], facts["next"]
    lines += [f"{_('Lacks')}: {joined(lacks)}"] if lacks else []
    lines += (
        [f"{_('You may')}: {', '.join(map(str, following))}"]
        if isinstance(following, list) and following
        else []
    )
    return lines


TOLD = {"deadlines": clocks, "timeline": events}
TEXTS = {
    "basis": _("Basis"),
    "goals": _("Goals"),
    "content": _("Content"),
    "performance": _("Performance goals"),
    "system_name": _("System"),
    "security_level": _("等保级别"),
    "contact": _("Contact"),
    "phone": _("Phone"),
    "planned_start": _("Planned start"),
    "planned_end": _("Planned end"),
}
PAPERED = (
    (_("Submitted"), "submitted_on", "submitted_by"),
    (_("Opinion"), "opinion_on", "opinion_number"),
    (_("Reported"), "reported_on", None),
    (_("Approval"), "approved_on", "approval_number"),
    (_("Begun"), "started_on", None),
    (_("Completed"), "completed_on", None),
)


def papered(facts: Row, title: str, day: str, what: str | None) -> str:
    """Such as Opinion: 2026-11-03 平数审〔2026〕1号."""
    return " ".join(cell(part) for part in (f"{title}:", facts[day], facts[what] if what else None) if part)
