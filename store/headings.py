"""Which row of a sheet holds the headings, and which column is which: aliases, units, two-row headings."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from store.cells import folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from store.cells import Cell

DEPTH = 30  # rows from the top among which the headings are looked for
NEAR = 0.75  # how alike a heading must be to be offered as a near miss
KINDS = {
    "percent": {"%", "percent", "百分比"},
    "size": {"gb", "gib", "g", "mb", "mib", "m", "tb", "tib", "t"},
    "count": {"核", "个", "c", "core", "cores", "vcpu", "vcpus"},
    "rate": {
        *(
            f"{scale}{end}"
            for scale in ("", "k", "m", "g")
            for end in ("bps", "b/s", "ib/s", "bit/s", "byte/s")
        ),
        "bytes/s",
        "字节/秒",
    },
    "money": {"元", "万元", "万", "亿元"},
    "clock": {"utc", "gmt", "北京时间", "utc+8", "gmt+8", "utc+08:00"},
}


GIB = {"m": 1 / 1024, "mb": 1 / 1024, "mib": 1 / 1024, "g": 1.0, "gb": 1.0, "gib": 1.0}
GIB |= {"t": 1024.0, "tb": 1024.0, "tib": 1024.0}
SCALES = {"": 0, "k": 1, "m": 2, "g": 3}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a reader looks for. `kinds`: the units (of KINDS) that its heading may carry."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    kinds: frozenset[str] = frozenset()

    def fits(self, base: str, unit: str) -> bool:
        return base in names(self) and (not unit or kind(unit) in self.kinds)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a sheet, counted from 0. `columns` and `units` go by the name of the column."""

    heading: int
    first: int
    headings: tuple[str, ...]
    columns: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    doubles: tuple[tuple[str, int, int], ...] = ()

    def score(self, wanted: Sequence[Column]) -> tuple[int, int]:
        return sum(c.required and c.name in self.columns for c in wanted), len(self.columns)


def bare(text: str) -> str:
    return re.sub(r"[\s_\-./:：*#]", "", unicodedata.normalize("NFKC", text)).casefold()


@cache
def names(column: Column) -> dict[str, str]:
    """Every name that a column goes by, bare, and as we write it."""
    return {bare(alias): alias for alias in (column.name, *column.aliases)}


def kind(unit: str) -> str:
    return next((name for name, units in KINDS.items() if unit.casefold() in units), "")


def in_gib(unit: str) -> float | None:
    """How many GiB a unit of size is; in these sheets GB means GiB."""
    return GIB.get(unit.casefold())


def in_cores(unit: str) -> float | None:
    return 1.0 if unit.casefold() in KINDS["count"] else None


def in_bytes(unit: str) -> float | None:
    """How many bytes per second a unit of rate is: Mbps, KB/s, MiB/s. Where b or B is unclear it counts as
    bytes: a rate that is too high keeps a machine, one that is too low may take it away.
    """
    if kind(unit) != "rate":
        return None
    text = unit.replace("字节/秒", "bytes/s").casefold()
    scale, binary = SCALES.get(text[0], 0), "ib/s" in text
    bits = "bit" in text or (text.endswith("bps") and not unit.endswith(("Bps", "BPS")))
    return float((1024 if binary else 1000) ** scale) / (8 if bits else 1)


def split(heading: str) -> tuple[str, str]:
    """A heading as (bare text, unit): "内存（GB）" is ("内存", "GB"). Other text in brackets stays text."""
    text = unicodedata.normalize("NFKC", heading).strip()
    match = re.fullmatch(r"(.*?)\s*[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]|(.+?)(%)", text, re.DOTALL)
    if match is None:
        return bare(text), ""
    base, unit = (match[1], match[2]) if match[4] is None else (match[3], match[4])
    unit = re.sub(r"\s|单位[::]?", "", unit)
    return (
        (bare(base), unit)
        if kind(unit)
        else (bare(text.translate(str.maketrans("", "", "()[]【】〔〕"))), "")
    )


def locate(rows: Sequence[Sequence[Cell]], wanted: Sequence[Column]) -> Layout:
    """The best layout that the first rows allow: the headings may stand below a title and may span two rows.

    Without `wanted` the first row with two texts is the heading, and each column goes by its own heading.
    """
    candidates = list(layouts(rows[:DEPTH], wanted))
    best = max(candidates, key=lambda layout: layout.score(wanted), default=None)
    if best is not None and best.columns:
        return best
    index = next((i for i, row in enumerate(rows) if sum(bool(folded(cell)) for cell in row) >= 2), 0)
    texts = tuple(folded(cell) for cell in rows[index]) if rows else ()
    named = {text: i for i, text in reversed(list(enumerate(texts))) if text}
    return Layout(index, index + 1, texts, {} if wanted else named)


def layouts(rows: Sequence[Sequence[Cell]], wanted: Sequence[Column]) -> Iterator[Layout]:
    texts = [[folded(cell) for cell in row] for row in rows]
    for i, row in enumerate(texts):
        yield layout(i, i + 1, row, [[split(text)] for text in row], wanted)
    for i, (top, sub) in enumerate(pairwise(texts)):
        over, meanings = two_rows(top, sub)
        yield layout(i, i + 2, over, meanings, wanted)


def two_rows(top: Sequence[str], sub: Sequence[str]) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """The headings of two rows; an upper text reaches over the blanks on its right."""
    texts, meanings, last = [], [], ""
    for over, under in zip_longest(top, sub, fillvalue=""):
        last = over or last
        whole = last if under else over
        texts.append(f"{whole}/{under}" if whole and under and whole != under else under or whole)
        meanings.append(readings(split(whole), split(under)))
    return texts, meanings


def readings(top: tuple[str, str], sub: tuple[str, str]) -> list[tuple[str, str]]:
    """What a heading in two rows may mean: "使用率" over "CPU" is "CPU使用率"."""
    unit = sub[1] or top[1]
    if not sub[0] or sub[0] == top[0]:
        return [(top[0], unit)]
    return [(sub[0] + top[0], unit), (top[0] + sub[0], unit), sub]


def layout(
    heading: int,
    first: int,
    texts: Sequence[str],
    meanings: Sequence[Sequence[tuple[str, str]]],
    wanted: Sequence[Column],
) -> Layout:
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    doubles: list[tuple[str, int, int]] = []
    for i, options in enumerate(meanings):
        hit = next(((c.name, unit) for base, unit in options for c in wanted if c.fits(base, unit)), None)
        if hit is None:
            continue
        if hit[0] in columns:
            doubles.append((hit[0], columns[hit[0]], i))
        columns.setdefault(hit[0], i)
        units.setdefault(*hit)
    return Layout(heading, first, tuple(texts), columns, units, tuple(doubles))


def absent(layout: Layout, wanted: Sequence[Column]) -> list[str]:
    """For each required column that is not there: what was expected, what was found, and what comes near."""
    found = ", ".join(text for text in layout.headings if text) or "nothing"
    return [
        f'a column "{column.name}"{also(column)}; found: {found}{near(layout, column)}'
        for column in wanted
        if column.required and column.name not in layout.columns
    ]


def also(column: Column) -> str:
    return f" (or {', '.join(column.aliases[:4])})" if column.aliases else ""


def near(layout: Layout, column: Column) -> str:
    known = names(column)
    for text in layout.headings:
        close = difflib.get_close_matches(split(text)[0], known, 1, NEAR)
        if close:
            return f'; did "{text}" mean "{known[close[0]]}"?'
    return ""
