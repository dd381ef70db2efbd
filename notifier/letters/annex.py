"""The annex as a workbook: every figure of a letter as a number, so that a department can check it.

Sheets: a row a machine; a row a machine and resource with its daily figures; what they rest on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from notifier.letters import figures, matters
from notifier.letters.annex_words import WORDS
from notifier.letters.book import WHOLE, Imprint, writing
from notifier.letters.words import STATES
from notifier.oneline import one_line
from store.sheet_out import Percent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from notifier.content import Basis, Chart, Content, Figure, Row
    from notifier.letters.book import Book
    from notifier.letters.letter import Letter
    from store.cells import Cell

Column = tuple[str, "Callable[[Row], Cell]"]
Key = tuple[str, str, str, int]
RESOURCES = ("cpu", "memory", "disk")


def xlsx(letter: Letter) -> bytes:
    """The file; the same letter is always the same bytes."""
    content = letter.content
    words = WORDS[content.locale]
    title = letter.title.replace("\n", "")
    sha256 = content.sha256()
    imprint = Imprint(title, letter.number, content.office.name, content.issued_on, f"SHA-256 {sha256}")
    with writing(imprint) as book:
        if content.matters:
            book.sheet(words["matters"], matters.sheet(content))
        else:
            book.sheet(words["machines"], machines(content))
        if any(row.chart for row in content.rows):
            daily(book, content)
        book.sheet(words["notes"], [[words["item"], words["said"]], *notes(letter, sha256)], wrap=1)
    return book.data


def machines(content: Content) -> list[list[Cell]]:
    """Headings, then a row a machine; columns in which nothing stands are left out, but its name."""
    words = WORDS[content.locale]
    columns = [*named(words), *sizes(words)]
    for figure in conditions(content):
        columns += measured(figure, content)
    columns += rest(content)
    cells = [[value(row) for row in content.rows] for _, value in columns]
    kept = [
        number for number, column in enumerate(cells) if number == 0 or any(c is not None for c in column)
    ]
    return [
        [columns[number][0] for number in kept],
        *[[cells[number][row] for number in kept] for row in range(len(content.rows))],
    ]


def named(words: Mapping[str, str]) -> list[Column]:
    return [
        (words["machine"], lambda row: row.machine),
        (words["system"], lambda row: row.system),
        (words["address"], lambda row: row.address),
        (words["delivered"], lambda row: row.delivered_on),
    ]


def sizes(words: Mapping[str, str]) -> list[Column]:
    return [
        (words["now_vcpus"], lambda row: row.current.vcpus),
        (words["now_memory"], lambda row: row.current.memory_gib),
        (words["now_disk"], lambda row: row.current.disk_gib),
        (words["advised_vcpus"], lambda row: row.advised and row.advised.vcpus),
        (words["advised_memory"], lambda row: row.advised and row.advised.memory_gib),
        (words["advised_disk"], lambda row: row.advised and row.advised.disk_gib),
    ]


def rest(content: Content) -> list[Column]:
    words, states = WORDS[content.locale], STATES[content.locale]
    return [
        (words["coverage"], lambda row: None if row.coverage is None else Percent(row.coverage)),
        (words["valid_days"], lambda row: row.valid_days),
        (words["window_days"], lambda row: row.window_days),
        (words["saving"], lambda row: row.saving_yuan_month),
        (words["state"], lambda row: row.state and states.get(row.state, row.state)),
        (words["due"], lambda row: row.due),
        (words["note"], lambda row: row.note),
    ]


def conditions(content: Content) -> list[Figure]:
    """The conditions that decide on any machine, each once, in the order in which they come."""
    return list({key(figure): figure for row in content.rows for figure in row.figures}.values())


def key(figure: Figure) -> Key:
    return figure.resource, figure.statistic, figure.operator, figure.threshold


def measured(figure: Figure, content: Content) -> list[Column]:
    """What a condition is decided on: value, threshold, samples, share, days of a peak."""
    words = WORDS[content.locale]
    unit, short = figures.unit(figure, content.locale), words[figure.resource]
    wanted = key(figure)

    def of(value: Callable[[Figure], Cell]) -> Callable[[Row], Cell]:
        def cell(row: Row) -> Cell:
            found = next((each for each in row.figures if key(each) == wanted), None)
            return None if found is None else value(found)

        return cell

    sign = figures.SIGNS[figure.operator]
    name = figures.capital(figures.name(figure, content.locale))
    return [
        (words["value"].format(name, unit), of(lambda each: each.value)),
        (words["threshold"].format(short, sign, unit), of(lambda each: each.threshold)),
        (words["holds"].format(short), of(lambda each: words["yes"] if each.holds else words["no"])),
        (words["known"].format(short), of(lambda each: each.known)),
        (words["expected"].format(short), of(lambda each: each.expected)),
        (words["share"].format(short, figure.threshold), of(share)),
        (words["first_day"].format(short), of(lambda each: nth(each.witnesses, 0))),
        (words["second_day"].format(short), of(lambda each: nth(each.witnesses, 1))),
    ]


def share(figure: Figure) -> Percent | None:
    return None if figure.share is None else Percent(figure.share)


def nth(days: tuple[date, ...], number: int) -> date | None:
    return days[number] if number < len(days) else None


def daily(book: Book, content: Content) -> None:
    """A row a machine and resource, a column a day; the fuller, the darker."""
    words = WORDS[content.locale]
    charted = [(row.machine, row.chart) for row in content.rows if row.chart is not None]
    first = min(chart.since for _, chart in charted)
    days = max((chart.since - first).days + length(chart) for _, chart in charted)
    pen = book.pen(words["daily"], days + 2)
    headings: list[Cell] = [words["machine"], words["figure"], *(first + timedelta(n) for n in range(days))]
    for column, heading in enumerate(headings):
        pen.put(0, column, heading)
    number = pen.sheet.write_number
    line = 0
    for machine, chart in charted:
        name, offset = one_line(machine, WHOLE), 2 + (chart.since - first).days
        for resource in RESOURCES:
            line += 1
            pen.put(line, 0, name)
            pen.put(line, 1, words[f"daily_{resource}"])
            for column, value in enumerate(getattr(chart, resource), offset):
                if value is not None:
                    number(line, column, value)
    pen.sheet.freeze_panes(1, 2)
    pen.sheet.set_column(0, 0, 24)
    pen.sheet.repeat_columns(0, 1)
    pen.sheet.set_column(2, days + 1, 11)
    pen.sheet.autofilter(0, 0, line, days + 1)
    pen.sheet.conditional_format(1, 2, line, days + 1, SHADES)


def length(chart: Chart) -> int:
    """The days that a chart speaks of."""
    return max(len(chart.cpu), len(chart.memory), len(chart.disk))


SHADES = {
    "type": "2_color_scale",
    "min_type": "num",
    "max_type": "num",
    "min_value": 0,
    "max_value": 100,
    "min_color": "#FFFFFF",
    "max_color": "#F4A582",
}


def notes(letter: Letter, sha256: str) -> list[list[Cell]]:
    content = letter.content
    words, locale = WORDS[content.locale], content.locale
    rows: list[list[Cell]] = [
        [words["number"], letter.number],
        [words["title"], letter.title.replace("\n", "")],
        [words["addressee"], content.department],
        [words["office"], content.office.name],
        [words["issued"], content.issued_on],
    ]
    if content.window_days is not None:
        rows.append([words["window"], figures.window(content.as_of, content.window_days, locale)])
    rows += basis(content.basis, words)
    rows += [[words["legend"], text] for text in letter.legend]
    if any(row.chart for row in content.rows):
        rows.append([words["about"], words["daily_says"]])
    rows.append([words["seal"], sha256])
    return rows


def basis(found: Basis, words: Mapping[str, str]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [words["basis"], f"{found.title} {found.document_number} {found.article}"],
        [words["valid_from"], found.valid_from],
    ]
    if found.valid_to is not None:
        rows.append([words["valid_to"], found.valid_to])
    if found.expired_on is not None:
        rows.append([words["expired_on"], found.expired_on])
    if found.override is not None:
        rows.append([words["override"], found.override])
    return rows
