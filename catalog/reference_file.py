"""The files of classes and laws, csv or xlsx: read whole and refused whole, every wrong cell by its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.reference import CLASS, ClassLine, LawLine
from store import cells
from store.headings import Column
from store.inventory_file import Reader
from store.sheet_error import Problems
from store.sheets import read_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store.cells import Cell

CLASSES = (
    Column("code", ("代码", "类目代码", "分类代码", "目录代码"), required=True),
    Column("name", ("名称", "类目名称", "分类名称", "目录名称"), required=True),
)
LAWS = (
    Column("name", ("名称", "法律", "法律名称", "法律法规名称", "法规名称"), required=True),
    Column("repealed_on", ("废止日期", "失效日期")),
    Column("replaced_by", ("替代", "替代法律", "现行法律")),
)


def class_code(value: Cell) -> str:
    text = cells.folded(value)
    if CLASS.fullmatch(text) is None:
        raise ValueError(
            "a class such as 307003: 类 (1 digit, 1-3), 项 (2), 目 (3), 细目 (the rest), as text"
        )
    return text


def read_classes(path: Path) -> list[ClassLine]:
    """Raises SheetError, OSError."""
    problems = Problems(path)
    lines = [
        ClassLine(code=reader.need("code", class_code), name=reader.need("name", cells.name))
        for reader in readers(path, CLASSES, problems)
    ]
    problems.refuse()
    return lines


def read_laws(path: Path) -> list[LawLine]:
    """Raises SheetError, OSError."""
    problems = Problems(path)
    lines = [
        LawLine(
            name=reader.need("name", cells.name),
            repealed_on=reader.take("repealed_on", reader.day),
            replaced_by=reader.take("replaced_by", cells.name),
        )
        for reader in readers(path, LAWS, problems)
    ]
    problems.refuse()
    return lines


def readers(path: Path, columns: tuple[Column, ...], problems: Problems) -> Iterator[Reader]:
    for sheet in read_sheets(path, columns):
        reader = Reader(sheet, problems)
        for row in sheet.rows():
            reader.row = row
            yield reader
