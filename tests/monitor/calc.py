"""Sheets as a person makes them in LibreOffice: written as its flat XML, saved by the real program."""

from __future__ import annotations

import subprocess
from html import escape
from typing import TYPE_CHECKING

from components import program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SOFFICE = "/usr/bin/soffice"
CALC = "/usr/lib/libreoffice/program/libsclo.so"  # the part that knows spreadsheets
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document {SPACES} office:version="1.3" '
    'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
    '<table:table table:name="{name}">'
)
TAIL = "</table:table></office:spreadsheet></office:body></office:document>"
Cell = str | float | tuple[str, int, int] | None  # a tuple: text, columns and rows that it is merged over


def flat(path: Path, name: str, rows: Sequence[Sequence[Cell]]) -> Path:
    """The sheet as .fods. What a merged cell covers is None in `rows`."""
    lines = [f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows]
    path.write_text(HEAD.format(name=name) + "".join(lines) + TAIL, "utf-8")
    return path


def cell(value: Cell) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, float | int):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text, wide, high = value if isinstance(value, tuple) else (value, 1, 1)
    merged = f' table:number-columns-spanned="{wide}" table:number-rows-spanned="{high}"'
    said = f'office:value-type="string"{merged if (wide, high) != (1, 1) else ""}'
    return f"<table:table-cell {said}><text:p>{escape(text)}</text:p></table:table-cell>"


def saved(folder: Path, ending: str, *files: Path) -> list[Path]:
    """The files as LibreOffice saves them in another format, in `folder`."""
    program(CALC)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    words = [program(SOFFICE), profile, "--headless", "--convert-to", ending, "--outdir", str(folder)]
    subprocess.run([*words, *map(str, files)], check=True, capture_output=True, timeout=120)
    return [folder / f"{path.stem}.{ending}" for path in files]
