"""Data on stdout as table, json, jsonl, csv or, off a terminal, tab-separated and never cut."""

from __future__ import annotations

import csv
import json
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.text import STEERING, _, harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

Row = dict[str, object]
FOLDED = 10  # columns of the terminal that a folded column keeps: a day is not broken
GAP = 2  # spaces between two columns
FORMATS = ("table", "json", "jsonl", "csv")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of the row, its heading, how the value reads to a person.

    `fold`: text that may be broken into lines on a narrow terminal; numbers never are. `shown`: a table for
    a person has it. `data`: csv and tab-separated rows for a program have it.
    """

    key: str
    title: str
    right: bool = False
    style: Callable[[object], str] | None = None
    fold: bool = False
    shown: bool = True
    data: bool = True


Command = Callable[..., Any]


def output_option(command: Command) -> Command:
    return output_of(
        FORMATS, _("How to print; default: a table on a terminal, tab-separated without headings otherwise.")
    )(command)


def output_of(formats: Sequence[str], words: str) -> Callable[[Command], Command]:
    return click.option("-o", "--output", type=click.Choice(formats), help=words)


def show(rows: Iterable[Row], columns: Sequence[Column], output: str | None, empty: str = "") -> None:
    """Prints rows; `empty` is said on stderr when there are none and a person is reading."""
    if output == "json":
        as_json(rows)
    elif output == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif output == "csv":
        as_csv(rows, columns)
    elif output == "table" or sys.stdout.isatty():
        as_table(list(rows), columns, empty)
    else:
        for row in rows:
            click.echo("\t".join(cell(row.get(column.key)) for column in columns if column.data))


def as_json(rows: Iterable[Row]) -> None:
    click.echo("[", nl=False)
    separator = "\n"
    for row in rows:
        click.echo(f"{separator}{json.dumps(row, ensure_ascii=False)}", nl=False)
        separator = ",\n"
    click.echo("\n]" if separator == ",\n" else "]")


def as_csv(rows: Iterable[Row], columns: Sequence[Column]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    keys = [column.key for column in columns if column.data]
    writer.writerow(keys)
    for row in rows:
        writer.writerow([cell(row.get(key)) for key in keys])


def as_table(rows: Sequence[Row], columns: Sequence[Column], empty: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if not rows:
        click.echo(empty or _("Nothing to show."), err=True)
        return
    columns = [column for column in columns if column.shown]
    cells = [[(column.style or person)(row.get(column.key)) for column in columns] for row in rows]
    console = Console()
    wide = widths(columns, cells, console.width)
    table = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, GAP - 1, 0, 0)
    )
    for column, width in zip(columns, wide, strict=True):
        table.add_column(
            column.title, justify="right" if column.right else "left", overflow="fold", width=width
        )
    for texts in cells:
        table.add_row(*[escape(text) for text in texts])
    console.width = max(console.width, taken(wide))
    console.print(table)


def widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Every column as wide as its widest cell; where that is too much, the widest folding one gives way,
    cell by cell. Numbers are never broken: a table that cannot fit is wider than the terminal.
    """
    from rich.cells import cell_len

    heads = [max(map(cell_len, column.title.split("\n"))) for column in columns]
    wide = [
        max(head, *map(cell_len, texts)) for head, texts in zip(heads, zip(*cells, strict=True), strict=True)
    ]
    least = [
        min(width, max(head, FOLDED)) if column.fold else width
        for column, head, width in zip(columns, heads, wide, strict=True)
    ]
    while taken(wide) > room and wide != least:
        widest = max((i for i in range(len(wide)) if wide[i] > least[i]), key=wide.__getitem__)
        wide[widest] -= 1
    return wide


def taken(wide: Sequence[int]) -> int:
    """The columns of the terminal that a table takes."""
    return sum(wide) + GAP * (len(wide) - 1)


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame, with None for what is missing."""
    return [
        {str(key): None if value != value else value for key, value in row.items()}  # noqa: PLR0124  (NaN)
        for row in frame.to_dict("records")
    ]


def cell(value: object) -> str:
    """A value on one line: empty for unknown, nothing that steers a terminal or turns the writing."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in STEERING)


def person(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.10g}" if isinstance(value, float) else cell(value)


def yuan(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else "-"


def count(number: int, noun: str) -> str:
    """Such as 1 machine, 2,000 machines, 3 entries."""
    if number == 1:
        return f"{number:,} {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("try") else f"{number:,} {noun}s"


def said(title: str) -> None:
    """The heading of a part of a long answer."""
    click.secho(f"\n{title}", bold=True)


def spare(path: Path | None, *, force: bool = False) -> None:
    """Refuses, before anything is done, to write over what lies there, or into a folder that is not there."""
    if path is None:
        return
    if not path.absolute().parent.is_dir():
        raise click.ClickException(_("{path}: there is no such folder").format(path=path))
    if path.exists() and not force:
        raise click.ClickException(_("{path} lies there already: name another file").format(path=path))


def note(text: str) -> None:
    """A word to the person; never mixed with data."""
    click.echo(harmless(text), err=True)
