"""The tables of the monthly report in words, for its renderers: report_word, report_book, report_page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from notifier.letters import figures
from notifier.reports.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from notifier.reports.values import Report, Use
    from store.cells import Cell

Kind = Literal["text", "count", "percent", "share", "yuan", "date"]
STATES = (
    *("issued", "received", "objected", "overdue", "escalated"),
    *("adopted", "done", "declined", "withdrawn"),
)


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Section:
    """A table with what is to be known about it; `empty` is said where it has no row."""

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    total: bool = False  # the last row sums the others up

    @property
    def numeric(self) -> tuple[bool, ...]:
        return tuple(column.kind not in {"text", "date"} for column in self.columns)


def title(report: Report) -> str:
    return WORDS[report.locale]["title"]


def period(report: Report) -> str:
    """2026年10月, or 2026年10月（截至10月21日）."""
    words = WORDS[report.locale]
    name = words["months"].split()[report.month.month - 1]
    month = words["month"].format(year=report.month.year, month=report.month.month, name=name)
    if report.whole:
        return month
    return words["so_far"].format(whole=month, month=report.until.month, day=report.until.day, name=name)


def scope(report: Report) -> str:
    return report.department or WORDS[report.locale][report.scope]


def lead(report: Report) -> list[str]:
    """The sentences before the tables."""
    words = WORDS[report.locale]
    if report.empty:
        said = [words["nothing"].format(period(report))]
    else:
        said = [
            words["summary"].format(
                period=period(report),
                scope=scope(report),
                machines=report.machines,
                measured=report.measured,
                notices=sum(line.notices for line in report.issued),
                late=len(report.late),
                realised=shown(sum(line.realised for line in report.savings), "yuan"),
            )
        ]
    if report.ended_on is not None:
        said.append(
            words["ended"].format(basis=report.basis, day=figures.day(report.ended_on, report.locale))
        )
    return said


def sections(report: Report) -> tuple[Section, ...]:
    """What the scope is to read: finance no list of single machines' use."""
    if report.empty:
        return ()
    use = () if report.scope == "finance" else (uses(report, "highest"), uses(report, "lowest"))
    rest = (issued(report), cycles(report), late(report), savings(report))
    return (*use, *rest, *(() if report.scope == "finance" else (coverage(report),)))


def made(
    report: Report,
    name: str,
    columns: Sequence[tuple[str, Kind]],
    rows: Iterable[tuple[Cell, ...]],
    *,
    total: bool = False,
) -> Section:
    words = WORDS[report.locale]
    heads = tuple(Column(words[key], kind) for key, kind in columns)
    return Section(words[name], words[f"about_{name}"], heads, tuple(rows), words[f"no_{name}"], total)


def uses(report: Report, name: Literal["highest", "lowest"]) -> Section:
    columns: list[tuple[str, Kind]] = [
        ("machine", "text"),
        ("department", "text"),
        ("system", "text"),
        ("cpu_p95", "percent"),
        ("cpu_mean", "percent"),
        ("memory_peak", "percent"),
        ("disk_max", "percent"),
        ("coverage_column", "share"),
    ]
    found: tuple[Use, ...] = getattr(report, name)
    rows = (
        (
            *(use.machine, use.department, use.system, use.cpu_p95, use.cpu_mean),
            *(use.memory_peak, use.disk_max, use.coverage),
        )
        for use in found
    )
    return made(report, name, columns, rows)


def issued(report: Report) -> Section:
    """A row a kind; a column each state that any machine is in."""
    words = WORDS[report.locale]
    states = [state for state in STATES if any(line.states.get(state) for line in report.issued)]
    columns: list[tuple[str, Kind]] = [("kind", "text"), ("notices", "count"), ("machines_column", "count")]
    columns += [(f"state_{state}", "count") for state in states]
    rows: list[tuple[Cell, ...]] = [
        (
            words[f"kind_{line.kind}"],
            line.notices,
            line.machines or None,  # a following notice is about machines of a first one
            *(line.states.get(state) for state in states),
        )
        for line in report.issued
    ]
    return summed(report, "issued", columns, rows)


def summed(
    report: Report, name: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]]
) -> Section:
    """With a last row that sums every column up but the first, where there are several."""
    if len(rows) < 2:
        return made(report, name, columns, rows)
    _, *others = map(together, zip(*rows, strict=True))
    last: tuple[Cell, ...] = (WORDS[report.locale]["total"], *others)
    return made(report, name, columns, [*rows, last], total=True)


def together(column: Iterable[Cell]) -> Cell:
    """The sum; None of nothing known."""
    known = [cell for cell in column if isinstance(cell, int | float)]
    return sum(known) if known else None


def cycles(report: Report) -> Section:
    words = WORDS[report.locale]
    rows: list[tuple[Cell, ...]] = [
        (bucket(cycle.days, words), cycle.deployed, cycle.waiting) for cycle in report.cycles
    ]
    columns: list[tuple[str, Kind]] = [("days", "text"), ("deployed", "count"), ("waiting", "count")]
    return summed(report, "cycles", columns, rows)


def bucket(days: tuple[int, int | None], words: Mapping[str, str]) -> str:
    first, last = days
    if last is None:
        return words["more_days"].format(first - 1)
    return words["first_days"].format(last) if first == 0 else words["some_days"].format(first, last)


def late(report: Report) -> Section:
    words = WORDS[report.locale]
    columns: list[tuple[str, Kind]] = [
        ("department", "text"),
        ("number", "text"),
        ("kind", "text"),
        ("machine", "text"),
        ("due", "date"),
        ("days_late", "count"),
        ("state", "text"),
    ]
    rows = (
        (
            *(line.department, line.number, words[f"kind_{line.kind}"], line.machine),
            *(line.due, line.days, words[f"state_{line.state}"]),
        )
        for line in report.late
    )
    return made(report, "late", columns, rows)


def savings(report: Report) -> Section:
    columns: list[tuple[str, Kind]] = [
        ("department", "text"),
        ("promised", "yuan"),
        ("realised", "yuan"),
        ("saved", "yuan"),
    ]
    rows: list[tuple[Cell, ...]] = [
        (line.department, line.promised, line.realised, line.so_far) for line in report.savings
    ]
    return summed(report, "savings", columns, rows)


def coverage(report: Report) -> Section:
    nobody = WORDS[report.locale]["nobody"]
    columns: list[tuple[str, Kind]] = [
        ("department", "text"),
        ("machines_column", "count"),
        ("measured", "count"),
        ("coverage_column", "share"),
    ]
    rows = (
        (line.department or nobody, line.machines, line.measured, line.coverage) for line in report.coverage
    )
    return made(report, "coverage", columns, rows)


FORMS: Mapping[Kind, Callable[[float], str]] = {
    "count": lambda value: f"{value:,.0f}",
    "percent": lambda value: f"{value:.1f}%",
    "share": lambda value: f"{value * 100:.1f}%",
    "yuan": lambda value: f"{value + 0.0:,.2f}",
}


def shown(cell: Cell, kind: Kind) -> str:
    """A cell for a reader: — for what is not known."""
    if cell is None:
        return "—"
    return FORMS[kind](cell) if isinstance(cell, int | float) and kind in FORMS else str(cell)
