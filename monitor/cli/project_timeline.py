"""What the journal says of a project, in words: an entry a line, its facts beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.cli.notice_words import change, compact
from monitor.cli.output import cell
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.project_page import Row

BESIDE = {"facts", "hinted", "lacks", "panel", "concluded"}  # told with the step that they belong to
LONGEST = 200  # characters of a line


def events(rows: list[Row]) -> list[Row]:
    """The rows of the page: moment, who, what, and what was said."""
    told: list[Row] = []
    for row in rows:
        said = ": ".join(part for part in (words(row), cell(row["reason"])) if part)
        if row["event"] in BESIDE and told:
            told[-1]["said"] = "; ".join(part for part in (str(told[-1]["said"]), said) if part)
        else:
            at = str(row["at"])[:16].replace("T", " ")
            told.append({"at": at, "actor": row["actor"], "event": row["event"], "said": said})
    return [{**row, "said": shortened(str(row["said"]))} for row in told]


def words(row: Row) -> str:
    spoken = WORDS.get(str(row["event"]))
    return spoken(row["after"]) if spoken is not None else change(row["before"], row["after"])


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def paper(after: Any) -> str:  # noqa: ANN401  (JSON)
    return f"{after['kind']} {cell(after['name'])} {after['sha256'][:12]}"


def lines(after: Any) -> str:  # noqa: ANN401  (the same)
    from filing.money import yuan

    return ", ".join(f"{cell(name)} {yuan(fen)}" for name, fen in after.items())


def facts(after: Any) -> str:  # noqa: ANN401  (the same)
    """Days, numbers and sums of a step; fen as yuan."""
    from filing.money import yuan

    given = {key: value for key, value in after.items() if value is not None}
    return ", ".join(
        f"{key.removesuffix('_fen')} {yuan(value) if key.endswith('_fen') else compact(value)}"
        for key, value in given.items()
    )


def hints(after: Any) -> str:  # noqa: ANN401  (the same)
    return _("hints: {kinds}").format(kinds=", ".join(hint["kind"] for hint in after))


def lacks(after: Any) -> str:  # noqa: ANN401  (the same)
    return _("lacks {parts}").format(parts="、".join(after)) if after else ""


def panel(after: Any) -> str:  # noqa: ANN401  (the same)
    said = _("round {round}, meeting on {day}: {experts}")
    day, experts = after.get("meeting_on", "-"), ", ".join(map(cell, after["experts"]))
    return said.format(round=after["round"], day=day, experts=experts)


def declared(after: Any) -> str:  # noqa: ANN401  (the same)
    told = [
        f"{cell(name)} {_('conflict') if which else _('clear')}" for name, which in after["experts"].items()
    ]
    return ", ".join(told)


def scored(after: Any) -> str:  # noqa: ANN401  (the same)
    return f"{cell(after['expert'])} {after['score']:g} {after['vote']}"


def concluded(after: Any) -> str:  # noqa: ANN401  (the same)
    return _("mean score {score:g}, {opinion}").format(
        score=after["score"] or 0, opinion=cell(after["opinion"])
    )


def items(after: Any) -> str:  # noqa: ANN401  (the same)
    return f"{after['direction']} {', '.join(map(cell, after['items']))}"


WORDS: dict[str, Callable[[Any], str]] = {
    "added": facts,
    "edited": facts,
    "paper": paper,
    "budget_lines": lines,
    "facts": facts,
    "hinted": hints,
    "lacks": lacks,
    "panel": panel,
    "declared": declared,
    "scored": scored,
    "concluded": concluded,
    "data": items,
}
