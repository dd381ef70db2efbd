"""`rightsizer demo`: the whole product on a simulated city, and on this very host."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, note, records, show, yuan
from monitor.cli.session import progress
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.demo.stage import Stage
    from monitor.installation import Now
    from monitor.pipeline import Run
    from monitor.verdicts import Answer

INDENT = "  "
EXPLAINED = ("shrink", "expand", "insufficient")
ON_PURPOSE = _("Failures: some simulated exporters are silent, slow or answer every other time\non purpose.")
PAUSE = 3.0  # seconds between the two readings of counters
KINDS = ("shrink", "expand", "idle", "keep", "insufficient")
STEPS = tuple(
    Column(key, title, right=key != "step")
    for key, title in (
        ("step", _("Step")),
        ("samples", _("Samples")),
        ("failures", _("Failures")),
        ("days", _("Days")),
        ("machines", _("Machines")),
        ("opened", _("Findings opened")),
    )
)
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
    """Show the whole product on a simulated city: 95 days of past, exporters really scraped over HTTP,
    this host.

    Nothing outside the folder is touched; the network is this machine's own.
    """
    import tempfile

    from monitor.demo.exporters import exporters
    from monitor.demo.stage import build, connect, fill
    from monitor.lock import held
    from monitor.logs import quiet

    quiet(verbose=ctx.obj["verbose"])
    place = (folder or Path(tempfile.mkdtemp(prefix="rightsizer-demo-"))).absolute()
    place.mkdir(parents=True, exist_ok=True)
    if (place / "rightsizer.yml").exists():
        raise click.ClickException(_("{place} holds a demo already: name another folder").format(place=place))
    note(
        _("A city of {departments} departments and {machines} machines, 95 days of past, in {place}").format(
            departments=departments, machines=machines, place=place
        )
    )
    stage = build(place, departments, machines)
    with held(stage.house.settings.data_dir):
        with progress() as bar:
            fill(stage, bar)
        clock = stage.house.now
        with exporters(stage.city, lambda: clock().moment, zone=stage.house.lake.zone) as targets:
            stage = connect(stage, targets)
            tour(stage)
            if not leave:
                stay(stage)
    note(_("The files stay in {place}; remove the folder when you are done.").format(place=place))


def tour(stage: Stage) -> None:
    """One run of the pipeline, and what it says."""
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
    show([{"step": step, **counts} for step, counts in run.counts.items()], STEPS, "table")
    click.echo(ON_PURPOSE)
    said(_("Verdicts by department"))
    show(records(by_department(answers)), VERDICTS, "table")
    for answer in telling(answers):
        explain(stage, answer, run.now)
    say_files(stage)


def said(title: str) -> None:
    click.secho(f"\n{title}", bold=True)


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
        ("data/register.db", _("the register: inventory, findings, journal")),
    ):
        click.echo(f"{INDENT}{stage.folder / name}\n{INDENT * 3}{what}")


def stay(stage: Stage) -> None:
    """Collects until Ctrl-C, a line a collection."""
    import threading
    from datetime import timedelta

    from monitor.daemon import serve, stop_on_signals

    note(
        _("\nCollecting every {seconds:g} s until Ctrl-C.").format(
            seconds=stage.house.settings.collection.interval.total_seconds()
        )
    )
    stop = threading.Event()
    stop_on_signals(stop)
    serve(stage.house, timedelta(), stop, told)


def told(run: Run) -> None:
    counts = run.counts["collect"]
    note(
        _("{time:%H:%M:%S} UTC  {samples} samples, {failures} failures; Ctrl-C ends").format(
            time=run.now.moment, samples=counts["samples"], failures=counts["failures"]
        )
    )
