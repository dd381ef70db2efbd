"""Data on stdout as table, json, jsonl, csv or, off a terminal, tab-separated and never cut."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

Row = dict[str, object]
FOLDED = 14  # columns of the terminal that a folded column keeps
FORMATS = ("table", "json", "jsonl", "csv")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of the row, its heading, how the value reads to a person.

    `fold`: may be broken into lines on a narrow terminal. `shown`: a table for a person has it. `data`: csv
    and tab-separated rows for a program have it.
    """

    key: str
    title: str
    right: bool = False
    style: Callable[[object], str] | None = None
    fold: bool = False
    shown: bool = True
    data: bool = True


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "-o",
        "--output",
        type=click.Choice(FORMATS),
        help=_("How to print; default: a table on a terminal, tab-separated otherwise."),
    )(command)


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
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    columns = [column for column in columns if column.shown]
    for column in columns:
        table.add_column(
            column.title,
            justify="right" if column.right else "left",
            overflow="fold",
            no_wrap=not column.fold,
            min_width=FOLDED if column.fold else None,
        )
    for row in rows:
        cells = [(column.style or person)(row.get(column.key)) for column in columns]
        table.add_row(*[escape(text) for text in cells])
    Console().print(table)


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame, with None for what is missing."""
    return [
        {str(key): None if value != value else value for key, value in row.items()}  # noqa: PLR0124  (NaN)
        for row in frame.to_dict("records")
    ]


def cell(value: object) -> str:
    """A value for a program: empty for unknown, no tabs or line ends."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return " ".join(text.split())


def person(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.10g}" if isinstance(value, float) else cell(value)


def yuan(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else "-"


def note(text: str) -> None:
    """A word to the person; never mixed with data."""
    click.echo(text, err=True)
