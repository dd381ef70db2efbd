"""`rightsizer project add|edit|import`: what the 审核表 says of a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words
from monitor.cli.output import cell, count, note, spare
from monitor.cli.project_matter import Sum, matter, number_argument, reason_option
from monitor.cli.session import Day, Finite, acting, house, known_department
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from filing.projects import Form
    from store.tables import Department
    from store.workflow import Act

KINDS = ("develop", "maintain", "purchase", "extend")
SIZE = Finite(0, 1e9, max_open=True)
OPTIONS: tuple[tuple[str, Any, str], ...] = (
    ("--basis", Words(), _("What it rests on (立项依据).")),
    ("--goals", Words(), _("What it is for (建设目标).")),
    ("--content", Words(), _("What is built (建设内容).")),
    ("--performance", Words(), _("What it will be measured by (绩效目标).")),
    ("--system", Words(), _("The system that it builds or maintains; default: the project's name.")),
    ("--fund-source", Words(), _("Where the money comes from (资金来源).")),
    ("--budget", Sum(), _("The whole sum: yuan, or such as 128万元.")),
    ("--vcpus", SIZE, _("Cloud need: vCPUs; three zeros: no machines needed.")),
    ("--memory-gib", SIZE, _("Cloud need: memory (GiB).")),
    ("--disk-gib", SIZE, _("Cloud need: disk (GiB).")),
    ("--security-level", click.IntRange(1, 5), _("等保级别, 1 to 5.")),
    ("--contact", Words(), _("Who answers for it.")),
    ("--phone", Words(), _("How that person is reached.")),
    ("--planned-start", Day(), _("When the work is to begin.")),
    ("--planned-end", Day(), _("When it is to end.")),
)


def form_options(function: Callable[..., None]) -> Callable[..., None]:
    for name, type_, words in reversed(OPTIONS):
        function = click.option(name, type=type_, help=words)(function)
    words = _("An investment in fixed assets (固定资产投资): needs its investment paper before the approval.")
    return click.option("--fixed-asset/--no-fixed-asset", default=None, help=words)(function)


def form_of(given: dict[str, Any], **others: Any) -> Form:  # noqa: ANN401  (click's own)
    from filing.projects import Form

    values = {key: value for key, value in given.items() if value is not None}
    renamed = {
        {"system": "system_name", "budget": "budget_fen"}.get(key, key): v for key, v in values.items()
    }
    return Form(**renamed, **others)


@click.command("add")
@click.argument("name", type=Words())
@click.option("--kind", type=click.Choice(KINDS), required=True, help=_("开发, 维护, 购买 or 改扩建."))
@click.option("--department", help=_("Whose it is (name or code); default: that of who acts."))
@click.option(
    "--secret", is_flag=True, help=_("It touches state secrets (涉密): refused, nothing is stored.")
)
@form_options
@reason_option
@click.pass_context
def add_project(ctx: click.Context, /, name: str, kind: str, **given: Any) -> None:  # noqa: ANN401  (click's own)
    """Write the draft of a project.

    Its name and kind, and as much of the form as is known. What is missing may follow by `project edit`,
    until the project is submitted.
    """
    from filing.projects import SecretError, add
    from filing.tables import ProjectKind

    if given.pop("secret"):
        raise SecretError
    department, reason = given.pop("department"), given.pop("reason")
    form = form_of(given, name=name, kind=ProjectKind(kind))
    installation = house(ctx)
    now, act = installation.now(), acting(installation, reason)
    with installation.register.write() as db:
        project = add(db, department_of(db, department, act), form, now.today, act)
        said = _(
            "{number}: draft of {department}: {name}; next: `rightsizer project paper add {number} PART FILE`"
        )
        note(said.format(number=project.id, department=cell(project.department.name), name=cell(name)))


def department_of(db: Session, wanted: str | None, act: Act) -> Department:
    """The department that is named, else that of the one who acts. Raises UsageError, NoDepartmentError."""
    from store.tables import Department

    if wanted is not None:
        return known_department(db, wanted)
    if act.department_id is None:
        raise click.UsageError(_("whose project? --department NAME"))
    return db.get_one(Department, act.department_id)


@click.command("edit")
@number_argument
@click.option("--name", type=Words(), help=_("Another name."))
@click.option("--kind", type=click.Choice(KINDS), help=_("Another kind."))
@form_options
@reason_option
@click.pass_context
def edit_project(ctx: click.Context, /, number: int, kind: str | None, **given: Any) -> None:  # noqa: ANN401
    """Change the form of a draft, or of what was returned."""
    from filing.projects import edit
    from filing.tables import ProjectKind

    reason = given.pop("reason")
    form = form_of(given, kind=ProjectKind(kind) if kind is not None else None)
    with matter(ctx, number, reason) as found:
        changed = edit(found.db, found.project, form, found.desk.act)
        found.say(_("changed") if changed else _("nothing new"))


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help=_("Check only; change nothing."))
@click.option(
    "--annotate",
    type=click.Path(path_type=Path),
    help=_("Where to write a copy of the sheet that names the problems of each row (.xlsx or .csv)."),
)
@reason_option
@click.pass_context
def import_projects(
    ctx: click.Context, file: Path, dry_run: bool, annotate: Path | None, reason: str | None
) -> None:
    """Import drafts from FILE (csv, xlsx), all rows or none.

    A project a row. Columns as the 审核表 names them: 项目名称, 建设单位, 项目类型, 立项依据, 建设目标,
    建设内容, 资金来源, 总投资（万元）, 概算明细, CPU核数, 内存, 存储 and others. A draft that is there is
    changed; the same file again changes nothing. A row that is marked 涉密 refuses the file.
    """
    from filing.project_file import read_projects
    from store.sheets import SheetError
    from store.sheets import annotate as write_copy

    spare(annotate)
    installation = house(ctx)
    now, act = installation.now(), acting(installation, reason)
    try:
        sheet = read_projects(file)
        with installation.register.write() as db:
            done = sheet.take(db, now.today, act)
            if dry_run:
                db.rollback()
    except SheetError as error:
        secret = any(problem.column == "secret" for problem in error.problems)
        if annotate is not None and secret:
            note(_("{file}: no copy was made of a sheet with 涉密 rows").format(file=annotate))
        elif annotate is not None:
            write_copy(file, error.problems, annotate)
            note(_("{file}: the copy with the problems of each row").format(file=annotate))
        raise
    said = _("{added} added, {changed} changed, {unchanged} unchanged{dry}")
    dry = _(" (dry run: nothing was stored)") if dry_run else ""
    added = count(done.added, _("project"))
    note(said.format(added=added, changed=done.changed, unchanged=done.unchanged, dry=dry))
