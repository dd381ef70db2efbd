"""`rightsizer project convene|meeting|expert|conclude`: the panel of experts and its conclusion (art. 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.output import count
from monitor.cli.project_matter import Sum, matter, number_argument, pairs, paper_option, reason_option
from monitor.cli.session import Day
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from filing.panel import Member

VOTES = ("pass", "revise", "fail")
EXAMPLE = "张三=青岛大学"
expert_option = click.option(
    "--expert",
    "experts",
    multiple=True,
    required=True,
    metavar="NAME=UNIT",
    help=_("A member; several times."),
)


def members(words: tuple[str, ...]) -> list[Member]:
    from filing.panel import Member

    found = pairs(words, EXAMPLE)
    if any(unit is None for _name, unit in found):
        raise click.UsageError(_("--expert: a name and a unit, such as {example}").format(example=EXAMPLE))
    return [Member(name, unit or "") for name, unit in found]


@click.command("convene")
@number_argument
@click.option("--meeting", type=Day(), required=True, help=_("The day of the meeting."))
@expert_option
@click.option("--fee", type=Sum(), help=_("What the panel costs (评审费用), in yuan."))
@reason_option
@click.pass_context
def convene_panel(
    ctx: click.Context,
    number: int,
    meeting: date,
    experts: tuple[str, ...],
    fee: int | None,
    reason: str | None,
) -> None:
    """Call in the panel (评审委员会) on project N.

    An odd number of experts, none of the department whose project it is.
    """
    from filing.panel import convene

    panel = members(experts)
    with matter(ctx, number, reason) as found:
        row = convene(found.db, found.project, meeting, panel, fee, found.desk)
        said = _(
            "round {round}, {experts}, meeting on {day}; next: `rightsizer project expert declare {number}`"
        )
        told = count(len(panel), _("expert"))
        found.say(said.format(round=row.number, experts=told, day=meeting, number=number))


@click.command("meeting")
@number_argument
@click.argument("day", type=Day())
@reason_option
@click.pass_context
def move_meeting(ctx: click.Context, number: int, day: date, reason: str | None) -> None:
    """Put the meeting on another DAY, before anybody votes."""
    from filing.panel import postpone

    with matter(ctx, number, reason) as found:
        postpone(found.db, found.project, day, found.desk)
        found.say(_("meeting on {day}").format(day=day))


@click.group("expert", help=_("Experts of a panel: add, declare, score."))
def expert() -> None: ...


@expert.command("add")
@number_argument
@expert_option
@reason_option
@click.pass_context
def add_experts(ctx: click.Context, number: int, experts: tuple[str, ...], reason: str | None) -> None:
    """Call further experts into the panel on project N, in the place of those who cannot judge."""
    from filing.panel import join

    panel = members(experts)
    with matter(ctx, number, reason) as found:
        join(found.db, found.project, panel, found.desk.act)
        found.say(_("{experts} called in").format(experts=count(len(panel), _("expert"))))


@expert.command("declare")
@number_argument
@click.option("--clear", multiple=True, metavar="NAME", help=_("Has no interest in it; several times."))
@click.option("--conflict", multiple=True, metavar="NAME=WHICH", help=_("Has one, and does not vote."))
@reason_option
@click.pass_context
def declare_interests(
    ctx: click.Context, number: int, clear: tuple[str, ...], conflict: tuple[str, ...], reason: str | None
) -> None:
    """Record what the experts on project N declared on their interests; a conflict excludes."""
    from filing.panel import declare

    found_conflicts = pairs(conflict, "王五=曾参与方案编制")
    if any(which is None for _name, which in found_conflicts):
        raise click.UsageError(_("--conflict NAME=WHICH: say which interest it is"), ctx)
    conflicts = [(name, which or "") for name, which in found_conflicts]
    with matter(ctx, number, reason) as found:
        declare(found.db, found.project, [name.strip() for name in clear], conflicts, found.desk)
        said = _("{clear} without a conflict of interest, {conflicts} excluded")
        found.say(said.format(clear=count(len(clear), _("expert")), conflicts=len(conflicts)))


@expert.command("score")
@number_argument
@click.argument("name", type=Words())
@click.argument("score", type=float)
@click.argument("vote", type=click.Choice(VOTES))
@click.option("--opinion", type=Words(), help=_("What the expert said."))
@reason_option
@click.pass_context
def record_score(
    ctx: click.Context,
    number: int,
    name: str,
    score: float,
    vote: str,
    opinion: str | None,
    reason: str | None,
) -> None:
    """Record what the expert NAME gave project N: SCORE of 0 to 100, and VOTE.

    The votes: pass 通过, revise 修改后复审, fail 不通过.
    """
    from filing.panel import Ballot
    from filing.panel import score as give
    from filing.project_tables import Conclusion

    with matter(ctx, number, reason) as found:
        give(found.db, found.project, name, Ballot(score, Conclusion(vote), opinion), found.desk)
        found.say(_("{name}: {score:g}, {vote}").format(name=name, score=score, vote=vote))


@click.command("conclude")
@number_argument
@click.option("--opinion", type=Words(), required=True, help=_("The opinion of the panel (评审意见)."))
@paper_option
@reason_option
@click.pass_context
def conclude_review(
    ctx: click.Context, number: int, opinion: str, paper: Path | None, reason: str | None
) -> None:
    """Conclude the review of project N by its votes.

    More than half of them decide: `pass` waits for the centre's opinion, `revise` goes back to the department
    and needs another round, `fail` ends the project. --paper: the minutes of the meeting.
    """
    from filing.panel import average, conclude, rounds
    from filing.project_tables import PaperKind

    with matter(ctx, number, reason, paper) as found:
        result = conclude(found.db, found.project, opinion, found.desk)
        found.keep(PaperKind.MINUTES)
        score = average(rounds(found.db, found.project)[-1])
        found.say(_("{result}, mean score {score:g}").format(result=result, score=score or 0))
