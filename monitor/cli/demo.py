"""`rightsizer demo`: the whole product on a simulated city, and on this very host."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.once import WORDS
from monitor.cli.output import Column, note, records, said, show, yuan
from monitor.cli.session import progress
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.cli.output import Row
    from monitor.demo.stage import Stage
    from monitor.demo.story import Event
    from monitor.installation import Now
    from monitor.pipeline import Run
    from monitor.verdicts import Answer

INDENT = "  "
MATTERS = (
    Column("notice", _("Notice"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("machine", _("Machine"), fold=True),
    Column("state", _("State")),
    Column("outcome", _("Seen")),
    Column("realised", _("Yuan/mo saved"), right=True, style=yuan),
)
EXPLAINED = ("shrink", "expand", "insufficient")
ON_PURPOSE = _("Failures: some simulated exporters are silent, slow or answer every other time\non purpose.")
PAUSE = 3.0  # seconds between the two readings of counters
KINDS = ("shrink", "expand", "idle", "keep", "insufficient")
VERDICTS = (
    Column("department", _("Department"), fold=True),
    *(Column(kind, kind, right=True) for kind in KINDS),
    Column("saving", _("Yuan/mo"), right=True, style=yuan),
)


@click.command("demo")
@click.option(
    "--exit", "leave", is_flag=True, help=_("End after the tour instead of collecting until Ctrl-C.")
)
@click.option("--folder", type=click.Path(path_type=Path), help=_("Where the files go; default: a new one."))
@click.option(
    "--machines", type=click.IntRange(20, 5000), default=300, show_default=True, help=_("How large a city.")
)
@click.option(
    "--departments", type=click.IntRange(2, 300), default=30, show_default=True, help=_("Of how many.")
)
@click.pass_context
def command(ctx: click.Context, leave: bool, folder: Path | None, machines: int, departments: int) -> None:
    """Show the whole product on a simulated city: four months of past, notices on their way through review,
    mail, objection and proof; a project from draft to filed, its machines, evaluation and budget list; a data
    catalog and what is asked of it; exporters really scraped over HTTP, this host.

    Nothing outside the folder is touched; the network is this machine's own.
    """
    import tempfile

    from monitor.demo.sink import sink
    from monitor.demo.stage import PAST, build
    from monitor.demo.story import AGO
    from monitor.lock import held
    from monitor.logs import quiet

    quiet(verbose=ctx.obj["verbose"])
    place = (folder or Path(tempfile.mkdtemp(prefix="rightsizer-demo-"))).absolute()
    place.mkdir(parents=True, exist_ok=True)
    if (place / "rightsizer.yml").exists():
        raise click.ClickException(_("{place} holds a demo already: name another folder").format(place=place))
    note(
        _(
            "A city of {departments} departments and {machines} machines, {days} days of past, in {place}"
        ).format(departments=departments, machines=machines, days=PAST + AGO, place=place)
    )
    with sink(place / "mail") as port:
        stage = build(place, departments, machines, port)
        with held(stage.house.settings.data_dir):
            play(stage, leave=leave)
    note(_("The files stay in {place}; remove the folder when you are done.").format(place=place))


def play(stage: Stage, *, leave: bool) -> None:
    """The way of some notices in the past weeks, then one run of today, then on and on."""
    from monitor.cli.demo_catalog import catalogue
    from monitor.cli.demo_registers import registers
    from monitor.demo.exporters import exporters
    from monitor.demo.stage import connect

    tell(stage)
    clock = stage.house.now
    with exporters(stage.city, lambda: clock().moment, zone=stage.house.lake.zone) as targets:
        stage = connect(stage, targets)
        tour(stage)
        outcome(stage)
        registers(stage)
        catalogue(stage)
        say_files(stage)
        if not leave:
            stay(stage)


def tell(stage: Stage) -> None:
    """The story, day by day."""
    from datetime import timedelta

    from monitor.demo.catalog import Catalogue
    from monitor.demo.chapters import Registers
    from monitor.demo.people import cast
    from monitor.demo.stage import fill, go_on
    from monitor.demo.story import AGO, Story, adjusting, days, opening

    story = Story(stage.house, stage.house.now().today - timedelta(days=AGO))
    first = story.at(0)
    with progress() as bar:
        fill(stage, first.today, first.moment, bar)
    said(_("{days} days ago: judged, reviewed, issued, sent").format(days=AGO))
    for event in opening(story):
        happened(event)
    with stage.house.register.read() as db:
        sizes = adjusting(db)
    with progress() as bar:
        go_on(stage, first.moment, sizes, bar)
        fold_all(stage, bar)
    said(_("Since then, a day after the other"))
    parts = Registers(cast(stage.city), stage.folder / "papers").on, Catalogue().on
    for event in days(story, lambda story, number: chain(*(part(story, number) for part in parts))):
        happened(event)


def happened(event: Event) -> None:
    from monitor.cli.machine import terminal_width
    from monitor.cli.project_brief import cut

    click.echo(cut(f"{INDENT}{event.on}  {event.what}", terminal_width()))


def fold_all(stage: Stage, bar: Callable[[str, int, int], None]) -> None:
    from monitor.pipeline import Run, fold, run_steps

    run_steps(Run(stage.house, stage.house.now(), progress=bar), (fold,))


def outcome(stage: Stage) -> None:
    """Where every machine of every notice stands now."""
    from sqlalchemy import select

    from notifier.tables import Item

    with stage.house.register.read() as db:
        items = db.scalars(select(Item).order_by(Item.notice_id, Item.machine)).all()
        rows: list[Row] = [
            {
                "notice": item.notice.number,
                "department": item.notice.department.name,
                "machine": item.machine,
                "state": item.state,
                "outcome": item.outcome,
                "realised": item.realised if item.state == "done" else None,
            }
            for item in items
        ]
    said(_("Where the notices stand"))
    show(rows, MATTERS, "table", _("No notice was issued."))


def tour(stage: Stage) -> None:
    """One run of the pipeline, and what it says."""
    from textwrap import fill

    from monitor.cli.machine import terminal_width
    from monitor.pipeline import Run, run_steps
    from monitor.sources import first_reading, opened
    from monitor.summary import by_department
    from monitor.verdicts import judge_all

    with opened(stage.house) as found:
        first_reading(found, stage.house.now(), PAUSE)
        with progress() as bar:
            run = run_steps(Run(stage.house, stage.house.now(), found, bar))
            answers = list(judge_all(stage.house, run.now.as_of))
    said(_("What happened"))
    for step, counts in run.counts.items():
        told = f"{step}: {WORDS[step].format_map(Counter(counts))}"
        click.echo(fill(told, terminal_width(), initial_indent=INDENT, subsequent_indent=INDENT * 2))
    click.echo(ON_PURPOSE)
    said(_("Verdicts by department"))
    show(records(by_department(answers)), VERDICTS, "table")
    for answer in telling(answers):
        explain(stage, answer, run.now)


def telling(answers: Sequence[Answer]) -> list[Answer]:
    """Three cases: the largest saving, the first expansion, the machine without verdict that has most
    samples.
    """

    def weight(answer: Answer) -> tuple[float, int]:
        return answer.verdict.saving_yuan_month or 0.0, answer.verdict.evidence[0].known

    of_kind = ([a for a in answers if a.verdict.kind == kind] for kind in EXPLAINED)
    return [max(found, key=weight) for found in of_kind if found]


def explain(stage: Stage, answer: Answer, now: Now) -> None:
    from monitor.cli.machine import explanation, terminal_width

    said(_("Explained: {machine}").format(machine=answer.verdict.machine))
    for line in explanation(stage.house, answer, now, terminal_width() - len(INDENT)):
        click.echo(f"{INDENT}{line}".rstrip())


def say_files(stage: Stage) -> None:
    said(_("Where things lie"))
    for name, what in (
        ("rightsizer.yml", _("settings, for `rightsizer --config FILE judge` and the like")),
        ("departments.csv", _("departments as imported")),
        ("inventory.csv", _("machines as imported")),
        ("data/lake", _("measurements: two Delta Lake tables, samples and days")),
        ("data/register.db", _("the register: inventory, findings, notices, journal")),
        ("papers", _("what the departments wrote; kept copies: data/proofs")),
        ("mail", _("what the departments got: every mail as .eml, its letter as .pdf beside it")),
    ):
        click.echo(f"{INDENT}{stage.folder / name}\n{INDENT * 3}{what}")


def stay(stage: Stage) -> None:
    """Collects until Ctrl-C, a line a collection."""
    from monitor.daemon.asked import Asked
    from monitor.daemon.serving import serve

    note(
        _("\nCollecting every {seconds:g} s until Ctrl-C; metrics: http://127.0.0.1:{port}/metrics").format(
            seconds=stage.house.settings.collection.interval.total_seconds(),
            port=stage.house.settings.exporter.port,
        )
    )
    asked = Asked()
    asked.by_signals()
    serve(stage.house, 0.0, asked, told)


def told(run: Run) -> None:
    counts = run.counts["collect"]
    note(
        _("{time:%H:%M:%S} UTC  {samples} samples, {failures} failures; Ctrl-C ends").format(
            time=run.now.moment, samples=counts["samples"], failures=counts["failures"]
        )
    )
