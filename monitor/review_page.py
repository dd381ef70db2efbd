"""The page of a finding in the review: what was found, on what evidence, and what happened before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from monitor.chart import HEIGHT, LABEL, chart
from monitor.daily import TITLES
from monitor.words import KINDS, SIGNS, condition, money, reached, size_words
from rules.history import HISTORY_DAYS
from rules.verdict import Evidence, Kind, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitor.case import Case
    from notifier.content import Chart

LEAST_WIDTH = 40  # columns of a page
HEIGHTS = (HEIGHT, 4, 3)  # rows of a chart, by the room that is left; quarters fit the thresholds
LEAST_PAST = 4  # rows of the machine's past
WHOLE = ("deploy", "idle")  # kinds whose page shows every resource
NO_ROOM = "No room for charts here: `rightsizer machine explain {machine}` shows them"
DEPLOY = "deploy (部署催办)"
BOLD = (1, 2)  # the lines of the heading that name the machine and what was found
MARK = "▲ periodic peak"


@dataclass(frozen=True, slots=True)
class Room:
    """The page's columns and rows, and how it makes a line bold and a word harmless."""

    columns: int
    rows: int
    bold: Callable[[str], str]
    clean: Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart of a resource's days under its title, which says what its line and marks are."""

    case: Case
    resource: str
    drawn: Chart
    columns: int

    def title(self) -> list[str]:
        found, text = figure_on(self.case, self.resource), TITLES[self.resource]
        if found is not None:
            mark = f"   {MARK}" if self.marks() else ""
            text += f"   ┄ {SIGNS[found.operator]} {found.threshold} %{mark}"
        return wrapped(text, self.columns)

    def marks(self) -> list[int]:
        """The places of the witnesses that the chart reaches."""
        found = figure_on(self.case, self.resource)
        places = [(day - self.drawn.since).days for day in found.witnesses] if found is not None else []
        return [place for place in places if 0 <= place < len(self.drawn.cpu)]

    def lines(self, height: int) -> list[str]:
        found, days = figure_on(self.case, self.resource), getattr(self.drawn, self.resource)
        return [*self.title(), *chart(days, found.threshold if found else None, self.marks(), height)]


def page(case: Case, place: str, drawn: Chart, room: Room) -> list[str]:
    """The lines of the page, which fit into its rows: the past is cut short and the charts are as high as
    there is room for; where there is none, they are left out.
    """
    above = [*heading(case, place, room), *evidence(case, room)]
    shown = [name for name in TITLES if case.kind in WHOLE or figure_on(case, name)]
    plots = [Plot(case, name, drawn, room.columns) for name in shown]
    grounds = sum(len(plot.title()) + 1 + bool(plot.marks()) for plot in plots) + 1  # ground, marks; the days
    above += past(case, room, max(room.rows - len(above) - grounds - HEIGHTS[1] * len(plots), LEAST_PAST))
    left = room.rows - len(above) - grounds
    height = next((rows for rows in HEIGHTS if rows * len(plots) <= left), None)
    if height is None:
        return [*above, *wrapped(NO_ROOM.format(machine=room.clean(case.machine)), room.columns)]
    return [*above, *(line for plot in plots for line in plot.lines(height)), axis(drawn)]


def axis(drawn: Chart) -> str:
    """The first and the last day, under their bars."""
    length = len(drawn.cpu)
    first, last = drawn.since.isoformat(), (drawn.since + timedelta(days=length - 1)).isoformat()
    return f"{'':>{LABEL}} {first}{last:>{length - len(first)}}" if length > 2 * len(first) else ""


def heading(case: Case, place: str, room: Room) -> list[str]:
    clean = room.clean
    owner = clean(case.department) or "no department: no notice can go out"
    names = f"{clean(case.machine)}  {owner}{f' / {clean(case.system)}' if case.system else ''}"
    lines = [f"{place}  finding {case.id}, {status(case, clean)}", names]
    verdict = case.verdict
    sizes = size_words(size(verdict.get("current")))
    if verdict.get("size"):
        sizes += f" -> {size_words(size(verdict['size']))}"
    worth = "" if case.saving_yuan_month is None else f"; {money(case.saving_yuan_month)}"
    lines.append(f"{kind_words(case.kind)}: {sizes}{worth}")
    if case.standing and case.standing != case.kind:
        lines.append(f"Judged {clean(case.standing)} on {case.judged_on}; the figures are older")
    lines += [f"Protected {clean(text)}" for text in case.protections]
    folded = [wrapped(line, room.columns) for line in lines]
    return [
        room.bold(line) if number in BOLD else line for number, part in enumerate(folded) for line in part
    ]


def status(case: Case, clean: Callable[[object], str]) -> str:
    """Its state, and what was answered to it last."""
    words = [f"{case.state} since {case.opened_on}" if case.state == "open" else case.state]
    if case.reviewed_by and case.state != "open":
        words.append(f"by {clean(case.reviewed_by)}")
    if case.until is not None:
        words.append(f"until {case.until}")
    return " ".join(words) + (f": {clean(case.reason)}" if case.reason and case.state != "open" else "")


def kind_words(kind: str) -> str:
    return KINDS[Kind(kind)] if kind in list(Kind) else DEPLOY if kind == "deploy" else kind


def evidence(case: Case, room: Room) -> list[str]:
    """The window and every condition of the rule that decided, or of the late deployment."""
    if case.kind == "deploy":
        return wrapped(deployment(case.verdict), room.columns)
    found = figures(case)
    counts = {(figure.known, figure.expected) for figure in found}
    alike = len(counts) == 1
    lines = wrapped(window(case, samples(found[0]) if alike else None), room.columns, 2)
    for figure, said in zip(found, case.verdict.get("evidence") or (), strict=True):
        lines += wrapped(f"{'✓' if figure.holds else '✗'} {condition(figure)}", room.columns, 2)
        rests = [] if alike else [samples(figure)]
        rests += basis(figure, said.get("recent_days") or HISTORY_DAYS)
        lines += [f"  {line}" for line in wrapped("; ".join(rests), room.columns - 2) if line]
    return lines


def samples(found: Evidence) -> str:
    return f"{found.known:,} of {found.expected:,} samples"


def basis(found: Evidence, recent_days: int) -> list[str]:
    """What the figure rests on beside its samples."""
    if found.statistic == "periodic_peak":
        said = reached(found.witnesses, recent_days, HISTORY_DAYS)
        looked = f" (of {HISTORY_DAYS} days, the later within {recent_days})"
        return [said[0] + (looked if len(said) > 1 else "")]
    if found.share is None:
        return []
    return [f"{found.share * 100:.2f} % of the samples at or below {found.threshold} %"]


def deployment(verdict: Mapping[str, Any]) -> str:
    return (
        f"Delivered on {verdict.get('delivered_on')}, to be deployed by {verdict.get('due')}; "
        f"measured on {verdict.get('days_without_load')} days since, always without load"
    )


def window(case: Case, known: str | None) -> str:
    """The days that were looked at, and how much is known of them; `known`: samples, where all are alike."""
    verdict = case.verdict
    days, valid, coverage = (verdict.get(name) for name in ("window_days", "valid_days", "coverage"))
    as_of = date.fromisoformat(verdict.get("as_of") or case.judged_on.isoformat())
    if days is None or coverage is None:
        return f"Judged as of {as_of}"
    since, until = as_of - timedelta(days=days), as_of - timedelta(days=1)
    share = f"{known} ({coverage * 100:.1f} %)" if known else f"coverage {coverage * 100:.1f} %"
    return f"{since} .. {until}: {valid} of {days} days valid, {share}"


def figures(case: Case) -> list[Evidence]:
    """The evidence as it was stored."""
    return [
        Evidence(
            rule=found["rule"],
            resource=found["resource"],
            statistic=found["statistic"],
            operator=found["operator"],
            threshold=found["threshold"],
            value=found["value"],
            holds=found["holds"],
            known=found["known"],
            expected=found["expected"],
            share=found.get("share_at_or_below_threshold"),
            witnesses=tuple(date.fromisoformat(day) for day in found["witnesses"]),
            phrase=found.get("phrase") or "",
        )
        for found in case.verdict.get("evidence") or ()
    ]


def figure_on(case: Case, resource: str) -> Evidence | None:
    """The figure on a resource; of several the one that holds."""
    of_resource = [found for found in figures(case) if found.resource == resource]
    return next((found for found in of_resource if found.holds), of_resource[0] if of_resource else None)


def past(case: Case, room: Room, rows: int) -> list[str]:
    """What happened to the machine before, the newest first, in at most so many rows."""
    before = [event for event in case.past if not (event.on == case.opened_on and first(event.text, case))]
    if not before:
        return ["Before: nothing is known of this machine"]
    lines, shown = ["Before:"], 0
    for event in before:
        text = wrapped(f"{event.on}  {room.clean(event.text)}", room.columns - 2, 12)
        if shown and len(lines) + len(text) + 1 > rows:
            break
        lines += [f"  {line}" for line in text]
        shown += 1
    if shown < len(before):
        more = f"and {len(before) - shown} earlier: `rightsizer finding show {case.id}`"
        lines += [f"  {line}" for line in wrapped(more, room.columns - 2)]
    return lines


def first(text: str, case: Case) -> bool:
    """The entry that opened this very finding."""
    return text == f"{case.kind} found"


def size(value: Mapping[str, float | None] | None) -> Size:
    found = value or {}
    return Size(found.get("vcpus"), found.get("memory_gib"), found.get("disk_gib"))


def wrapped(text: str, columns: int, indent: int = 0) -> list[str]:
    """Lines of at most `columns` cells, broken between words where there are any; further ones indented."""
    from rich.cells import cell_len

    columns, lines, line = max(columns, LEAST_WIDTH - 2), [], ""
    for piece in pieces(text):
        if line.strip() and cell_len(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = " " * indent + piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def pieces(text: str) -> Sequence[str]:
    """Where a line may be broken: after spaces, and beside every wide character; a long word is cut."""
    from rich.cells import cell_len

    found, word = [], ""
    for letter in text:
        word += letter
        if letter == " " or cell_len(letter) > 1 or len(word) >= LEAST_WIDTH // 2:
            found.append(word)
            word = ""
    return [*found, word]
