"""The page of a project on one screen: a label a matter, the steps of its life a line each.

What is many is cut with a word on how much more there is; `--full` and JSON have all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.cli.output import cell
from monitor.cli.project_timeline import BESIDE, words
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from monitor.project_page import Row, Section

LABEL = 11  # columns of the terminal
MOST = 6  # items of a matter
SMALL = {"paper", "budget_lines", "data", "edited", "scored", "declared", "experts"}


def brief(facts: Mapping[str, Any], found: Sequence[Section], width: int) -> Iterator[str]:
    """The lines of the page."""
    from monitor.cli.project_page import KINDS

    rows = {section.key: section.rows for section in found}
    title = (facts["id"], cell(facts["name"]), cell(facts["department"]))
    yield cut("  ".join(map(str, title)), width)
    yield f"{facts['kind']} {KINDS[str(facts['kind'])]}; {facts['state']}"
    yield from block(_("Money"), money(facts, rows["budget_lines"]), width)
    yield from block(_("For"), aims(facts), width)
    if facts["lacks"]:
        yield from block(_("Lacks"), ["、".join(facts["lacks"])], width)
    for key, label, told in MATTERS:
        yield from block(label, [told(row) for row in rows[key]], width)
    if facts["next"]:
        yield from block(_("You may"), [", ".join(facts["next"])], width)
    yield from timeline(rows["timeline"], width)


def money(facts: Mapping[str, Any], lines: Sequence[Row]) -> list[str]:
    from filing.money import yuan

    if facts["budget_fen"] is None:
        return []
    total = _("{sum} yuan").format(sum=yuan(facts["budget_fen"]))
    total += f" ({cell(facts['fund_source'])})" if facts["fund_source"] else ""
    arranged = facts["budgeted_fen"]
    parts = [] if arranged is None else [_("arranged {sum}").format(sum=yuan(arranged))]
    named = [f"{cell(row['name'])} {yuan(row['fen'])}" for row in lines if isinstance(row["fen"], int)]
    return ["; ".join((total, *parts, *named))]


def aims(facts: Mapping[str, Any]) -> list[str]:
    said = [cell(facts[key]) for key in ("goals", "content", "basis", "system_name") if facts[key]]
    need = facts["cloud_need"] if isinstance(facts["cloud_need"], dict) else {}
    if need:
        sizes = " / ".join(f"{value:g}" for value in need.values())
        said.append(_("needs {sizes} (vCPU / GiB / GiB of disk)").format(sizes=sizes))
    return ["; ".join(said)] if said else []


def hint(row: Row) -> str:
    others = row["others"] if isinstance(row["others"], list) else []
    return f"{row['kind']}: {'; '.join(cell(other) for other in others)}: {cell(row['text'])}"


def deadline(row: Row) -> str:
    if row["met_on"]:
        return _("{article}: {due_on}, done {met_on}").format(**shown(row))
    said = _("{article}: {due_on} OVERDUE") if row["overdue"] else _("{article}: {due_on}")
    return said.format(**shown(row))


def paper(row: Row) -> str:
    return f"{row['kind']} {cell(row['name'])}"


def item(row: Row) -> str:
    code = f" ({cell(row['code'])})" if row["code"] else ""
    return f"{row['direction']} {cell(row['name'])}{code}"


def review(row: Row) -> str:
    said = _("round {round}, {meeting_on}: {conclusion}, mean {score}; {opinion}")
    return said.format(**shown(row))


def expert(row: Row) -> str:
    voted = f"{row['score']:g} {row['vote']}" if row["vote"] else cell(row["conflict"]) or "-"
    return f"{cell(row['name'])} {voted}"


def filing(row: Row) -> str:
    said = _("{filing} {name}: {state} {filed_on}") if row["filed_on"] else _("{filing} {name}: {state}")
    parts = [said.format(**shown(row))]
    parts += [_("by {due_on}").format(**shown(row))] if row["due_on"] else []
    return ", ".join(parts)


def application(row: Row) -> str:
    names = row["names"] if isinstance(row["names"], list) else []
    said = _("{application} {kind}: {state}").format(**shown(row))
    day = row["running_on"] or row["delivered_on"]
    parts = [said, *([str(day)] if day else []), *([", ".join(map(cell, names[:MOST]))] if names else [])]
    return ", ".join(parts) + (_("; to be deployed by {due_on}").format(**shown(row)) if open_(row) else "")


def open_(row: Row) -> bool:
    return row["due_on"] is not None and row["delivered_on"] is not None


def machine(row: Row) -> str:
    from monitor.cli.project_page import percent, share

    size = "/".join("-" if row[k] is None else f"{row[k]:g}" for k in ("vcpus", "memory_gib", "disk_gib"))
    if all(row.get(key) is None for key in ("cpu_p95", "memory_peak", "disk_max")):
        return _("{machine} {size}: not measured").format(machine=cell(row["machine"]), size=size)
    figures = (
        f"CPU p95 {percent(row.get('cpu_p95'))}",
        f"{_('memory')} {percent(row.get('memory_peak'))}",
        f"{_('disk')} {percent(row.get('disk_max'))}",
        f"{_('measured')} {share(row.get('coverage'))}",
    )
    return f"{cell(row['machine'])} {size}: {', '.join(figures)}"


def evaluation(row: Row) -> str:
    own = row["measured"] if isinstance(row["measured"], dict) else {}
    points = ", ".join(f"{key} {value:g}" for key, value in own.items())
    total = _("not scored") if row["total"] is None else _("{total:g} of 100").format(total=row["total"])
    said = _("{year}: {total}, {state}").format(**shown(row, total=total))
    return said + (_("; by our own data: {points}").format(points=points) if points else "")


def budget(row: Row) -> str:
    lifts = row["restores"]
    since = _(" since {since}").format(since=row["since"]) if row["since"] else ""
    said = f"{row['subject']} {row['verdict']}{since}: {row['article']} {cell(row['fact'])}"
    lifted = f"; {_('restores')} {lifts['list']} {lifts['row']}" if isinstance(lifts, dict) else ""
    return f"{said} ({cell(row['list'])}{lifted})"


def shown(row: Row, **other: object) -> dict[str, object]:
    """Values for a sentence: a dash where there is none."""
    return {key: "-" if value is None else cell(value) for key, value in {**row, **other}.items()}


MATTERS: tuple[tuple[str, str, Callable[[Row], str]], ...] = (
    ("hints", _("Hints"), hint),
    ("papers", _("Papers"), paper),
    ("data_items", _("Data"), item),
    ("reviews", _("Review"), review),
    ("experts", _("Panel"), expert),
    ("filings", _("Filing"), filing),
    ("applications", _("Cloud"), application),
    ("machines", _("Machines"), machine),
    ("evaluations", _("Score"), evaluation),
    ("budget", _("Budget"), budget),
    ("deadlines", _("Deadlines"), deadline),
)
LISTED = (_("Papers"), _("Data"), _("Panel"), _("Deadlines"))  # many short items on a line


def block(label: str, items: Sequence[str], width: int) -> Iterator[str]:
    """The items under a label: short ones follow each other, others a line each."""
    if not items:
        return
    if label in LISTED:
        lines = filled(items, width - LABEL)
    else:
        more = len(items) - MOST
        lines = list(items[:MOST]) + ([_("... {more} more: --full").format(more=more)] if more > 0 else [])
    for number, line in enumerate(lines):
        yield f"{(label if not number else ''):<{LABEL}}{cut(line, width - LABEL)}"


def filled(items: Sequence[str], room: int) -> list[str]:
    from rich.cells import cell_len

    lines: list[str] = []
    for text in items:
        if lines and cell_len(lines[-1]) + cell_len(text) + 2 <= room:
            lines[-1] += f"; {text}"
        else:
            lines.append(text)
    return lines


def timeline(rows: Sequence[Row], width: int) -> Iterator[str]:
    """A step a line; what was only added to it is counted."""
    steps: list[list[str]] = []
    small = 0
    for row in rows:
        event = str(row["event"])
        if event in BESIDE and steps:
            steps[-1] += [beside(row)]
        elif event in SMALL:
            small += 1
        else:
            state = f" → {row['after']}" if isinstance(row["after"], str) else ""
            steps.append(
                [f"{str(row['at'])[:10]}  {cell(row['actor'])}: {event}{state}", cell(row["reason"])]
            )
    yield ""
    yield _("Timeline") + (_(" (and {small} small entries: --full)").format(small=small) if small else "")
    for parts in steps:
        yield cut("; ".join(filter(None, parts)), width)


def beside(row: Row) -> str:
    """What a step brought: numbers, sums, who sits in the panel; its days are those of the papers."""
    after = row["after"]
    if row["event"] == "facts" and isinstance(after, dict):
        after = {key: value for key, value in after.items() if not key.endswith("_on")}
    return words({**row, "after": after})


def cut(text: str, room: int) -> str:
    """The text in so many columns of the terminal."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 1).rstrip()}…"
