"""Single cells of the form of the national guide, in and out. A reader returns a value or raises ValueError
that says what was expected. What a spreadsheet made of codes and days is not guessed back.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from catalog.codes import DATA_TYPE, OPEN_TYPE, SECRET_FLAG, UNCONDITIONAL, format_type
from catalog.fields import BY_KEY, FIELDS, ITEM_FIELDS
from catalog.metadata import Basis
from catalog.names import clean
from store import cells

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catalog.codes import CodeTable
    from store.cells import Cell

EATEN = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE | re.ASCII)
LOST = 1e11  # a number this large in a column of codes is shown as 3.07E+11 and may have lost digits
RESOURCE_CODE = re.compile(r"([1-3]\d{5,30})/(\d{1,10})", re.ASCII)
SEQ_WIDTH = 6
BETWEEN_CODES = re.compile(r"[,;、\s]+")
CITED = re.compile(r"(《.+?》[^第;]*|.+?)\s*(第[〇零一二三四五六七八九十百千\d]+条.*)?", re.DOTALL)
LAW_INSIDE = re.compile(r"《[^》]+》\s*第[〇零一二三四五六七八九十百千\d]+条[^,;。、《]*")
RISKY = ("=", "+", "-", "@")
RETYPE = "format the column as text (文本) and type it again"
LAW_WIDTH, ARTICLE_WIDTH = 200, 100
A_CODE = "a resource code such as 307003/000012"


def text(value: Cell, length: int | None = None) -> str:
    """A text on one line as catalog.names.clean has it."""
    if isinstance(value, datetime | date | time | timedelta):
        raise ValueError(f"a text; the spreadsheet made a date of it: {RETYPE}")  # noqa: TRY004  (a ValueError is what a reader of cells raises)
    if isinstance(value, bool):
        raise ValueError("a text, not TRUE or FALSE")  # noqa: TRY004
    found = unguarded(clean(cells.folded(value)))
    if length is not None and len(found) > length:
        raise ValueError(f"at most {length} characters; it has {len(found)}")
    return found


def guarded(value: str) -> str:
    """A text that would be taken for none (无) or for a guard against formulas gets an apostrophe more."""
    core = value.lstrip("'")
    return f"'{value}" if is_word_for_none(core) or (core != value and core.startswith(RISKY)) else value


def unguarded(value: str) -> str:
    core = value.lstrip("'")
    guard = core != value and (core.startswith(RISKY) or is_word_for_none(core))
    return value[1:] if guard else value


def is_word_for_none(value: str) -> bool:
    return value.lower() in cells.MISSING


@cache
def word(table: CodeTable, written: str) -> str:
    """The key of a word of a code table. A bare number is refused: different systems count differently."""
    key = table.find(written)
    if key is None:
        number = (
            "; a bare number is not taken, systems number these differently" if written.isdecimal() else ""
        )
        raise ValueError(f"one of {'、'.join(code.word for code in table.codes)}{number}")
    return key


def coded(value: Cell, table: CodeTable) -> str:
    return word(table, text(value))


def kind(value: Cell, length: int | None = None) -> str:
    return format_type(text(value, length))


def yes(value: Cell) -> bool:
    found = text(value).casefold()
    if found in {"是", "y", "yes", "√", "数源"}:
        return True
    if found in {"否", "n", "no", "×", "x"}:
        return False
    raise ValueError("是 or 否")


def day(value: Cell) -> date:
    """A day as a date or as text; 20260701 too. The bare number of a date is refused."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 19_000_000 < value < 22_010_000 and float(value).is_integer():
            return cells.day(str(int(value)))
        would = ""
        if 20_000 < value < 80_000:
            would = f"; the number may be {date(1970, 1, 1) + timedelta(days=int(value) - cells.SERIAL_1970)}"
        raise ValueError(f"{cells.A_DAY}, in a column that is formatted as date or text{would}")
    return cells.day(value)


def amount(value: Cell) -> float:
    found = cells.number(value)
    if not 0 <= found < 1e15:
        raise ValueError("a number of 0 or more")
    return found


def department_code(value: Cell) -> str:
    number = isinstance(value, int | float) and abs(value) >= LOST
    found = text(value)
    if number or EATEN.fullmatch(found) or re.fullmatch(r"\d{15}0{3,}", found):
        eaten = "the spreadsheet made a number of it and lost digits"
        raise ValueError(f"a 统一社会信用代码 of 18 characters; {eaten}: {RETYPE}")
    return found


def resource_code(value: Cell) -> str:
    """A code as the register writes it: the number within the class filled up with zeros."""
    if isinstance(value, int | float) or EATEN.fullmatch(text(value)):
        raise ValueError(f"{A_CODE}; the spreadsheet made a number of it: {RETYPE}, or leave it empty if new")
    match = RESOURCE_CODE.fullmatch(text(value))
    if match is None:
        raise ValueError(f"{A_CODE}; leave it empty for a new entry, which is given its code")
    return f"{match[1]}/{match[2]:0>{SEQ_WIDTH}}"


def related(value: Cell) -> tuple[str, ...]:
    if isinstance(value, int | float):
        return (resource_code(value),)
    return tuple(resource_code(code) for code in BETWEEN_CODES.split(text(value)) if code)


def bases(value: Cell) -> tuple[Basis, ...]:
    """《…法》第十三条；《…条例》第五条: one law and article after the other."""
    if not isinstance(value, str):
        raise ValueError("a law and its article, such as 《中华人民共和国个人信息保护法》第十三条")  # noqa: TRY004
    lines = re.split(r"[;\n\r]+", unguarded(cells.folded(value)))
    found = tuple(cited(clean(line)) for line in lines if clean(line))
    for one in found:
        if len(one.law) > LAW_WIDTH or len(one.article) > ARTICLE_WIDTH:
            raise ValueError("a law and its article in short; between two of them a semicolon")
    return found


def cited(line: str) -> Basis:
    match = CITED.fullmatch(line)
    return Basis(match[1].strip(), (match[2] or "").strip()) if match else Basis(line, "")


def bases_inside(condition: str | None) -> tuple[Basis, ...]:
    """Laws with their articles within a condition: forms without a column for them have them there."""
    return tuple(cited(clean(part)) for part in LAW_INSIDE.findall(condition or ""))


def is_secret(value: Cell) -> bool:
    """Whether the cell of 涉密属性 says secret: 是, 涉密, 秘密, 机密, 绝密."""
    found = clean(cells.folded(value))
    if SECRET_FLAG.find(found) == "yes":
        return True
    return (
        "密" in found and SECRET_FLAG.find(found) is None and not found.startswith(("非", "不", "无", "未"))
    )


def opening(value: Cell, condition: str | None) -> str:
    """是 alone says that it is open; whether with conditions, its 开放条件 says."""
    found = text(value)
    if found in {"是", "开放", "向社会开放"}:
        return "conditional" if condition else UNCONDITIONAL
    return word(OPEN_TYPE, found)


def reader(key: str) -> Callable[[Cell], object]:
    field = BY_KEY[key]
    if field.kind == "code" and field.table is not None:
        return partial(coded, table=field.table)
    if field.kind == "type":
        return partial(kind, length=field.length)
    known: dict[str, Callable[[Cell], object]] = {
        "day": day,
        "number": amount,
        "codes": related,
        "basis": bases,
    }
    return known.get(field.kind) or partial(text, length=field.length)


READERS = {
    field.key: reader(field.key)
    for field in FIELDS
    if field.place in {"version", "survey"} and field.kind != "items"
}
ITEM_READERS: dict[str, Callable[[Cell], object]] = {
    "name": partial(text, length=ITEM_FIELDS[0].length),
    "data_type": partial(coded, table=DATA_TYPE),
    "length": partial(text, length=ITEM_FIELDS[2].length),
    "source": yes,
    "personal": yes,
}


def written(key: str, value: object) -> Cell:
    """A value of the register for a cell."""
    table = BY_KEY[key].table
    if table is not None:
        return table.word(str(value)) if value is not None else None
    if isinstance(value, str):
        return guarded(value)
    return value if isinstance(value, float | date) else None


def written_bases(lines: Sequence[Basis]) -> str | None:
    return "；".join(f"{line.law} {line.article}".strip() for line in lines) or None


def said(value: bool | None) -> str | None:
    return None if value is None else "是" if value else "否"
