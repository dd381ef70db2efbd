"""Numbers of findings as people and programs give them: 12 15-20, or a list on standard input."""

from __future__ import annotations

import csv
import json
import re
import sys
from typing import Any

import click

from monitor.cli.text import _

MOST = 100_000  # numbers in one call
RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
STDIN = "-"


def numbers(words: tuple[str, ...]) -> list[int]:
    """The numbers that the words name, `-` those on standard input. Raises UsageError."""
    found: list[int] = []
    for word in words:
        if word == STDIN:
            found += of_text(sys.stdin.buffer.read().decode("utf-8", "replace"))
        else:
            parts = [part for part in word.split(",") if part] or [word]
            found += [number for part in parts for number in of_word(part)]
    if len(found) > MOST:
        raise click.UsageError(_("more than {most:,} findings at once").format(most=MOST))
    return found


def of_word(word: str) -> list[int]:
    fits = RANGE.fullmatch(word)
    if fits is None:
        raise click.UsageError(_("{word!r} is no number and no range such as 15-20").format(word=word[:40]))
    first, last = int(fits[1]), int(fits[2] or fits[1])
    if last < first:
        raise click.UsageError(_("{word!r} ends before it begins").format(word=word))
    if last - first >= MOST:
        raise click.UsageError(_("{word!r}: more than {most:,} findings").format(word=word, most=MOST))
    return list(range(first, last + 1))


def of_text(text: str) -> list[int]:
    """One or many a line, or what `finding list` prints: tab-separated, csv, JSON, JSONL."""
    text = text.removeprefix("\ufeff").strip()
    if text.startswith("["):
        return [of_record(entry) for entry in decoded(text)]
    lines = [line for line in text.splitlines() if line.strip()]
    if text.startswith("{"):
        return [of_record(decoded(line)) for line in lines]
    if lines and lines[0].split(",")[0] == "id":
        return [number for row in csv.DictReader(lines) for number in of_word(row["id"])]
    first = (line.split("\t")[:1] if "\t" in line else line.replace(",", " ").split() for line in lines)
    return [number for words in first for word in words for number in of_word(word.strip())]


def decoded(text: str) -> Any:  # noqa: ANN401  (JSON)
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(_("standard input is no JSON: {error}").format(error=error)) from error


def of_record(entry: Any) -> int:  # noqa: ANN401  (JSON)
    number = entry.get("id") if isinstance(entry, dict) else entry
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 10**9:
        raise click.UsageError(_("standard input: an entry without the number of a finding as its id"))
    return number
