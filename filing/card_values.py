"""One value of the card as people write it, read and written: days, money, yes and no, choices, secrecy.

A reader returns the kept value or raises ValueError whose text says what was expected; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from filing.card import MONEY_IN, Field, Kind
from filing.money import FEN
from store import cells
from store.inventory_file import phone

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.cells import Cell

MUCH = 100_000_000_000  # fen: 10 亿元; more than that below a heading in 万元 is a sum in 元
DUST = Decimal("0.001")  # fen: what a sheet's own sums leave over
MOST = 10**15  # fen: whole numbers stay exact
YES = frozenset({"是", "有", "√", "✓", "✔", "☑", "对", "y", "yes", "true", "1", "已"})
NO = frozenset({"否", "无", "×", "✗", "✘", "x", "没有", "不是", "n", "no", "false", "0", "未"})
NOT_SECRET = frozenset(
    {"非涉密", "不涉密", "否", "无", "公开", "非密", "非涉密系统", "未涉密", "×", "不涉及"}
)
SECRET = re.compile(r"涉密|秘密|机密|绝密|^[是有√✓✔☑对y1]$|^yes$|^true$")
PLACEHOLDERS = frozenset({"-", "--", "—", "——", "/", "\\"})
LONGEST = 2000  # characters of a text
A_DAY = "a day such as 2021-03-01, 2021年3月, 2021.3 or 2021"
AN_AMOUNT = "an amount such as 120.5, 120万 or 1205000元"
WHOLE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})月?(?:[-/.]?(\d{1,2})[日号]?)?|年)?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
AMOUNT = re.compile(r"([+-]?[\d.,]+)\s*(元|万元|万|亿元|亿)?(?:人民币)?")


class SecretError(ValueError):
    """The value says that the system is secret: it is not to be registered, shown or logged (art. 2)."""

    def __init__(self) -> None:
        super().__init__("no 涉密 system: state secrets are not registered here; take its row out")


def is_empty(value: Cell) -> bool:
    """Not answered. 无 is an answer."""
    return value is None or (isinstance(value, str) and cells.folded(value) in {"", *PLACEHOLDERS})


def read(field: Field, value: Cell, serial: int | None = None, unit: str = "") -> object:
    """The kept value of a cell that is not empty. `serial`, `unit`: of the workbook, of its heading."""
    if field.kind is Kind.DAY:
        return day(value, serial)
    if field.kind is Kind.MONEY:
        return fen(value, unit)
    if field.kind is Kind.CHOICE:
        return choice(field, value)
    return READERS[field.kind](value)


def line(value: Cell) -> str:
    """A text on one line, its guard against formulas taken off."""
    found = cells.name(value)
    while (bare := cells.name(found)) != found:
        found = bare
    return answered(found)


def answered(text: str) -> str:
    if not text or text in PLACEHOLDERS:
        raise ValueError("a text, or nothing")
    return text


def text(value: Cell) -> str:
    """A text of several lines as it was written; only blanks at its ends and the guard go."""
    found = value if isinstance(value, str) else cells.folded(value)
    found = found.replace("\r\n", "\n").replace("\r", "\n").strip()
    while re.match("'[=+@-]", found):
        found = found[1:].strip()
    if any(unicodedata.category(c) in cells.INVISIBLE and c not in "\n\t" for c in found):
        raise ValueError("a text without control or invisible characters")
    if len(found) > LONGEST:
        raise ValueError(f"a text of at most {LONGEST} characters")
    return answered(found)


def day(value: Cell, serial: int | None = None) -> str:
    """ISO 8601 as precisely as it was written: 2021年3月 is 2021-03, and no first of March."""
    if isinstance(value, datetime | date):
        return cells.day(value).isoformat()
    if isinstance(value, float | int) and not isinstance(value, bool):
        return day_number(float(value), serial)
    written = re.sub(r"\s", "", cells.folded(value)) if isinstance(value, str) else ""
    stamp = cells.written(cells.folded(value)) if isinstance(value, str) else None
    if stamp is not None:
        return checked(str(stamp.year), str(stamp.month), str(stamp.day))
    if serial is None and re.fullmatch(r"\d{4}\.1", written):
        raise ValueError("2021-01 or 2021-10: a table without formats writes .1 for both")
    match = COMPACT.fullmatch(written) or WHOLE.fullmatch(written)
    if match is None:
        raise ValueError(A_DAY)
    return checked(*match.groups())


def day_number(value: float, serial: int | None) -> str:
    """A number in a cell: a year, 2021.3, 202103, 20210301, or the serial date of a workbook."""
    if value.is_integer() and (1970 <= value <= 2200 or 197001 <= value <= 22001231):
        match = COMPACT.fullmatch(str(int(value)))
        return checked(*match.groups()) if match else checked(str(int(value)), None, None)
    if 1970 <= value < 2200:
        year, month = f"{value:.10g}".split(".")
        if month == "1":
            raise ValueError("2021-01 or 2021-10 as text: as a number .1 and .10 are the same")
        return checked(year, month, None)
    if serial is None:
        raise ValueError(A_DAY)
    return cells.day(value, serial).isoformat()


def checked(year: str, month: str | None, day_: str | None) -> str:
    """Raises ValueError for a day that no calendar has."""
    try:
        found = date(int(year), int(month or 1), int(day_ or 1))
    except ValueError as error:
        raise ValueError(A_DAY) from error
    if not 1970 <= found.year <= 2200:
        raise ValueError(A_DAY)
    return found.isoformat()[: 10 if day_ else 7 if month else 4]


def fen(value: Cell, unit: str = "") -> int:
    """Money in fen, in the unit of the cell, else of the heading; without both it is refused."""
    match = AMOUNT.fullmatch(cells.folded(value)) if isinstance(value, str) else None
    own = match[2] if match else None
    factor = FEN.get(own or unit)
    if factor is None:
        raise ValueError("an amount with its unit, 元 or 万元, in the cell or in the heading")
    try:
        amount = Decimal(repr(cells.number(match[1] if match else value))) * factor
    except ValueError as error:
        raise ValueError(str(error) if "comma" in str(error) else AN_AMOUNT) from error
    if not 0 <= amount <= MOST:
        raise ValueError(f"{AN_AMOUNT}, not less than 0")
    if own is None and amount > MUCH:
        raise ValueError(
            "at most 100000 万元 (10 亿元); if it is right, with its unit in the cell: 120000万元"
        )
    if abs(amount - round(amount)) > DUST:
        raise ValueError("an amount of whole fen")
    return round(amount)


def yes_no(value: Cell) -> bool:
    if isinstance(value, bool):
        return value
    said = cells.folded(value).lower()
    if said in YES:
        return True
    if said in NO:
        return False
    raise ValueError("是 or 否 (√, ×, 有, 无)")


def secrecy(value: Cell) -> str:
    """非涉密. Raises SecretError for anything that says otherwise, ValueError for what says neither."""
    said = cells.folded(value).lower()
    if value is False or said in NOT_SECRET | NO:
        return "非涉密"
    if value is True or SECRET.search(said):
        raise SecretError
    raise ValueError("非涉密: whether it holds state secrets must be said clearly")


def choice(field: Field, value: Cell) -> str:
    said = re.sub(r"\s", "", cells.folded(value)).upper()
    for word, others in field.choices:
        if said in {word, *(unicodedata.normalize("NFKC", other).upper() for other in others)}:
            return word
    raise ValueError("one of " + ", ".join(word for word, _others in field.choices))


READERS: dict[Kind, Callable[[Cell], object]] = {
    Kind.LINE: line,
    Kind.TEXT: text,
    Kind.YES_NO: yes_no,
    Kind.SECRECY: secrecy,
    Kind.PHONE: phone,
}


def cell(field: Field, value: object) -> Cell:
    """The value for a sheet, which `read` reads back to the same; money in 万元."""
    if value is None:
        return None
    if field.kind is Kind.YES_NO:
        return "是" if value else "否"
    if field.kind is Kind.MONEY and isinstance(value, int):
        many = value / FEN[MONEY_IN]
        return many if value <= MUCH else f"{many:.6f}".rstrip("0").rstrip(".") + MONEY_IN
    return str(value)


def words(field: Field, value: object) -> str:
    """The value for a person."""
    if field.kind is Kind.MONEY and isinstance(value, int):
        return f"{value / FEN[MONEY_IN]:,.6f}".rstrip("0").rstrip(".") + f" {MONEY_IN}"
    return "-" if value is None else str(cell(field, value))
