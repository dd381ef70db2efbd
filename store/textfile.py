"""Text files with columns: which encoding, which separator, and the text in blocks of whole records."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.headings import DEPTH, Layout, locate
from store.sheet_error import file_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from store.cells import Cell
    from store.headings import Column

BLOCK = 8 << 20  # bytes read at once
LONGEST_RECORD = 64 << 20  # characters; more without an end is no table
SEPARATORS = (",", "\t", ";", "|", "，")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file whose encoding, separator and headings are known. `lines`: how many it has."""

    path: Path
    encoding: str
    separator: str
    lines: int
    layout: Layout
    first_line: int  # the first line after the headings, from 1
    heading_line: int


@dataclass(frozen=True, slots=True)
class Block:
    r"""Whole records of a text file, line ends as \n. `line`: the number of its first line, from 1."""

    text: str
    line: int


def open_text(path: Path, wanted: Sequence[Column]) -> TextFile:
    """Raises SheetError when the file is not text."""
    encoding, lines = encoding_of(path)
    head = next(blocks(path, encoding), Block("", 1)).text
    tables = [(separator, *top(head, separator)) for separator in SEPARATORS]
    layouts = [(separator, numbers, locate(rows, wanted)) for separator, rows, numbers in tables]
    best = max(layouts, key=lambda found: (*found[2].score(wanted), len(found[2].headings)))
    separator, numbers, layout = best
    ends = [*numbers, lines]
    first = (ends[layout.first - 1] if layout.first <= len(numbers) else lines) + 1
    before = ends[layout.heading - 1] if layout.heading else 0
    return TextFile(path, encoding, separator, lines, layout, first, before + 1)


def top(text: str, separator: str) -> tuple[list[list[Cell]], list[int]]:
    """The first records and, for each, the number of its last line."""
    reader = csv.reader(io.StringIO(text[: 1 << 20], newline=""), delimiter=separator)
    rows: list[list[Cell]] = []
    numbers: list[int] = []
    try:
        for row in reader:
            rows.append(list(row))
            numbers.append(reader.line_num)
            if len(rows) > DEPTH:
                break
    except csv.Error:  # a field over 128 KiB: not this separator, or no table
        pass
    return rows, numbers


def encoding_of(path: Path) -> tuple[str, int]:
    """The encoding of a text file and its number of lines; UTF-8 is tried before GB18030."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    if marked != "utf-16" and b"\0" in head:
        raise file_error(path, "a binary file", "a table as .csv, .xlsx or .parquet")
    failure: UnicodeDecodeError | None = None
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return encoding, sum(text.count("\n") for text in decoded(path, encoding))
        except UnicodeDecodeError as error:
            failure = failure or error
    bad = failure.object[failure.start : failure.start + 4] if failure else b""
    raise file_error(path, shown_bytes(bad), "text in UTF-8 or GB18030")


def shown_bytes(data: bytes) -> str:
    return "the bytes " + " ".join(f"{byte:02x}" for byte in data)


def decoded(path: Path, encoding: str) -> Iterator[str]:
    r"""The text piece by piece, with \n at the end of every line, also of the last."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    last = "\n"
    with path.open("rb") as file:
        while raw := file.read(BLOCK):
            text = decoder.decode(raw)
            last = text[-1:] or last
            yield text
    tail = decoder.decode(b"", final=True)
    yield tail if (tail or last).endswith("\n") else tail + "\n"


def blocks(path: Path, encoding: str, first: int = 1) -> Iterator[Block]:
    """The records from line `first` on. A block ends where a line ends outside of quotation marks."""
    rest, line = "", 1
    for piece in decoded(path, encoding):
        text = rest + piece
        if line < first:
            text, line = dropped(text, line, first)
        cut = whole(text)
        if cut:
            yield Block(text[:cut], line)
            line += text.count("\n", 0, cut)
        rest = text[cut:]
        if len(rest) > LONGEST_RECORD:
            raise file_error(
                path, f"a quotation mark after line {line} that is never closed", "closed quotation marks"
            )
    if rest:
        yield Block(rest, line)


def dropped(text: str, line: int, first: int) -> tuple[str, int]:
    at = 0
    while line < first:
        end = text.find("\n", at)
        if end < 0:
            break
        at, line = end + 1, line + 1
    return text[at:], line


def whole(text: str) -> int:
    """The length of the whole records in `text`: to the last line end with an even number of quotes."""
    cut = text.rfind("\n") + 1
    odd = text.count('"', 0, cut) % 2 == 1
    while odd and cut:
        start = text.rfind("\n", 0, cut - 1) + 1
        odd ^= text.count('"', start, cut) % 2 == 1
        cut = start
    return cut


def records(file: TextFile) -> Iterator[tuple[int, list[str]]]:
    """Every record after the headings, with the number of its first line. Raises SheetError."""
    for block in blocks(file.path, file.encoding, file.first_line):
        yield from split_block(file, block)


def split_block(file: TextFile, block: Block) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(block.text, newline=""), delimiter=file.separator)
    before = 0
    try:
        for row in reader:
            yield block.line + before, row
            before = reader.line_num
    except csv.Error as error:
        raise file_error(
            file.path, f"line {block.line + before}: {error}", "cells of at most 128 KiB"
        ) from error
