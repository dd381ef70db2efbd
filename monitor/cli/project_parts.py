"""`rightsizer project paper|budget-lines|data`: what is handed in with a project."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.output import count
from monitor.cli.project_matter import (
    hand_in_paper,
    matter,
    number_argument,
    pairs,
    reason_option,
)
from monitor.cli.text import _

PAPERS = (
    *("feasibility", "sharing", "security", "cloud", "estimate", "form", "investment", "minutes"),
    *("opinion", "approval", "budget", "acceptance", "other"),
)


@click.group("paper", help=_("Papers of a project."))
def paper() -> None: ...


@paper.command("add")
@number_argument
@click.argument("kind", type=click.Choice(PAPERS))
@click.argument("file", type=click.Path(path_type=Path))
@reason_option
@click.pass_context
def add_paper(ctx: click.Context, number: int, kind: str, file: Path, reason: str | None) -> None:
    """Hand in FILE as a paper of project N; an earlier one of its kind is replaced.

    The five parts (art. 8): feasibility 可行性研究, sharing 信息资源共享分析, security 信息安全分析,
    cloud 云平台资源需求分析, estimate 投资概算. Others: form 审核表, investment 投资审批文件, minutes
    评审会议纪要, opinion 审核意见, approval 批准文件, budget 预算安排文件, acceptance 验收文件, other.
    """
    from filing.project_tables import PAPERS as NAMES
    from filing.project_tables import PaperKind

    with matter(ctx, number, reason, file) as found:
        if found.file is not None:
            hand_in_paper(found, PaperKind(kind), found.file)
            said = _("{paper} {name} ({hash}…, {size:,} bytes)")
            found.say(
                said.format(
                    paper=NAMES[PaperKind(kind)],
                    name=found.file.name,
                    hash=found.file.sha256[:8],
                    size=found.file.size,
                )
            )


@click.command("budget-lines")
@number_argument
@click.argument("lines", nargs=-1, required=True, metavar="NAME=SUM...")
@reason_option
@click.pass_context
def budget_lines(ctx: click.Context, number: int, lines: tuple[str, ...], reason: str | None) -> None:
    """Set the lines of the budget of project N.

    All of them, and they make the total. Such as `软件开发=100万元 密码测评=280000`; without a total yet,
    they are the total.
    """
    from filing.money import fen, yuan
    from filing.project_papers import set_lines

    wanted = []
    for name, value in pairs(lines, "软件开发=100万元"):
        try:
            wanted.append((name, fen(value or "")))
        except ValueError as error:
            raise click.UsageError(f"{name}: {error}") from error
    with matter(ctx, number, reason) as found:
        changed = set_lines(found.db, found.project, wanted, found.desk.act)
        told = _("{lines}, {total} yuan") if changed else _("{lines}, {total} yuan: nothing new")
        lines_ = count(len(wanted), _("budget line"))
        found.say(told.format(lines=lines_, total=yuan(found.project.budget_fen)))


@click.group("data", help=_("Data items that a project makes or needs."))
def data() -> None: ...


@data.command("add")
@number_argument
@click.option(
    "--produced", multiple=True, metavar="NAME[=CODE]", help=_("An item that it makes; several times.")
)
@click.option(
    "--needed", multiple=True, metavar="NAME[=CODE]", help=_("An item that it needs; several times.")
)
@reason_option
@click.pass_context
def add_data(
    ctx: click.Context, number: int, produced: tuple[str, ...], needed: tuple[str, ...], reason: str | None
) -> None:
    """Add data items to project N; CODE is that of the catalog entry, where there is one."""
    from filing.project_papers import add_items
    from filing.project_tables import Direction

    if not produced and not needed:
        raise click.UsageError(_("which items? --produced NAME, --needed NAME"), ctx)
    with matter(ctx, number, reason) as found:
        act = found.desk.act
        changed = sum(
            add_items(found.db, found.project, direction, pairs(words, "人口基本信息=306001/000001"), act)
            for direction, words in ((Direction.PRODUCED, produced), (Direction.NEEDED, needed))
        )
        found.say(_("{items} added or changed").format(items=count(changed, _("data item"))))


@data.command("remove")
@number_argument
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@reason_option
@click.pass_context
def remove_data(ctx: click.Context, number: int, names: tuple[str, ...], reason: str | None) -> None:
    """Take data items of project N away."""
    from filing.project_papers import remove_items

    with matter(ctx, number, reason) as found:
        removed = remove_items(found.db, found.project, names, found.desk.act)
        found.say(_("{items} removed").format(items=count(removed, _("data item"))))
