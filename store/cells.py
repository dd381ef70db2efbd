"""Single cells of a sheet: names, numbers, percents, quantities, days and moments, as people write them.

Every reader here returns the value or raises ValueError whose text says what was expected in the cell.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

Cell = str | float | bool | datetime | date | time | timedelta | None
LONGEST = 200  # characters of a name
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # U+202E and friends make a name read as another
MISSING = frozenset({"", "-", "--", "—", "——", "/", "n/a", "na", "null", "none", "nan", "无", "无数据"})
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
COMMA = re.compile(r"[+-]?(0,\d+|\d+,(\d{1,2}|\d{4,}))", re.ASCII)  # 12,5; but 12,500 may be twelve thousand
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3}){2,}(\.\d+)?|[+-]?\d{1,3},\d{3}\.\d+", re.ASCII)
SUM = re.compile(
    r"(合\s*计|总\s*计|小\s*计|汇\s*总|平均值?|均值|最[大小]值|(sub-?|grand )?total|sum|average)(\s*[:(].*)?",
    re.IGNORECASE,
)
INFINITE = {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"}
DATE = r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?"
CLOCK = r"(\d{1,2})(?::|时|点)(?:(\d{1,2})(?:(?::|分)(?:(\d{1,2})秒?)?)?)?"
WRITTEN = re.compile(rf"{DATE}(?:[T ]*{CLOCK})?", re.ASCII)
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})[T ]?(\d{2})(\d{2})(\d{2})?", re.ASCII)
SERIAL_1970 = 25569  # the day 1970-01-01 as Excel counts days
SERIAL_1970_MAC = 24107  # the same in workbooks that count from 1904
A_TIME = "a time such as 2026-07-01T08:00, 2026/7/1 8:00 or epoch seconds"
A_DAY = "a day such as 2026-07-01 or 2026年7月1日"
A_NUMBER = "a number such as 12.5"
A_PERCENT = "a percent such as 12.5 or 12.5%"


def folded(value: Cell) -> str:
    """The text of a cell, full-width forms folded (NFKC), without outer blanks; 1001.0 is 1001."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, str) and value.isascii():
        return value.strip()
    return unicodedata.normalize("NFKC", str(value)).strip()


def is_missing(value: Cell) -> bool:
    return value is None or (isinstance(value, str) and folded(value).lower() in MISSING)


def is_sum(value: Cell) -> bool:
    """Whether a cell heads a row that sums others up: 合计, 小计：, 平均值, Total."""
    return SUM.fullmatch(folded(value)) is not None


def name(value: Cell) -> str:
    """A name or other line of text, 1..200 visible characters."""
    text = folded(value)
    if re.match("'[=+@-]", text):
        text = text[1:]  # the guard that our own writer puts before a text that looks like a formula
    if not text:
        raise ValueError("a text; the cell is empty")
    if any(unicodedata.category(c) in INVISIBLE for c in text):
        raise ValueError("a text without control or invisible characters")
    if len(text) > LONGEST:
        raise ValueError(f"a text of at most {LONGEST} characters")
    return text


def number(value: Cell) -> float:
    """A number: 12.5, 12,5 (decimal comma), 1,234,567 or 1,234.5 (grouped), 1e3, inf."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = folded(value) if isinstance(value, str) else ""
    if PLAIN.fullmatch(text) or text.lower() in INFINITE:
        return float(text)
    if COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    if re.fullmatch(r"[+-]?\d{1,3},\d{3}", text):
        raise ValueError("a number without a comma: this one may be a decimal comma or thousands")
    raise ValueError(A_NUMBER)


def percent(value: Cell) -> tuple[float, bool]:
    """A percent, and whether the cell itself says so with a % sign."""
    text = folded(value) if isinstance(value, str) else ""
    try:
        return (number(text[:-1].rstrip()), True) if text.endswith("%") else (number(value), False)
    except ValueError as error:
        expected = str(error)
        raise ValueError(A_PERCENT if expected == A_NUMBER else expected) from error


def quantity(value: Cell, unit: Callable[[str], float | None]) -> tuple[float, bool]:
    """A number as it is, and False; or a number with its unit (16GB) times `unit(text of it)`, and True."""
    text = folded(value) if isinstance(value, str) else ""
    match = re.fullmatch(r"([+-]?[\d.,]+)\s*([^\d\s.,].*)", text)
    if match is None or PLAIN.fullmatch(text):
        return number(value), False
    factor = unit(match[2])
    if factor is None:
        raise ValueError(f"{A_NUMBER}, or one with a unit")
    return number(match[1]) * factor, True


def written(text: str) -> datetime | None:
    """A date, with or without a time of day, in ISO 8601 or as written in Chinese; None if it is neither."""
    try:
        match = WRITTEN.fullmatch(text) or COMPACT.fullmatch(text)
        if match is not None:
            return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
        return datetime.fromisoformat(text) if len(text) > 10 else None
    except ValueError:
        return None


def at(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) when the clocks of `zone` show `local`. Raises ValueError unless there is just one."""
    early, late = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    before, after = early.utcoffset(), late.utcoffset()
    if before is None or after is None:
        raise ValueError(A_TIME)
    if before > after:
        raise ValueError(f"a time with its offset: the clocks of {zone.key} showed this one twice")
    if before < after:
        raise ValueError(f"a time that exists: the clocks of {zone.key} skipped this one")
    return early.astimezone(UTC)


def moment(value: Cell, zone: ZoneInfo, now: datetime, serial: int | None = None) -> datetime:
    """The moment (UTC) that a cell names, from 1970 to `now`; a time without offset is one of `zone`.

    `serial`: in a workbook, its number of the day 1970-01-01; bare numbers above it are serial dates.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = counted(float(value), zone, serial)
    else:
        found = named(value, zone)
    if found > now:
        raise ValueError(f"a time that is not in the future (now is {now:%Y-%m-%dT%H:%M:%SZ})")
    if found.timestamp() < 0:
        raise ValueError("a time since 1970")
    return found


def named(value: Cell, zone: ZoneInfo) -> datetime:
    text = folded(value) if isinstance(value, str) else ""
    local = written(text) if text else whole_second(value)
    if local is None and PLAIN.fullmatch(text):
        return counted(float(text), zone, None)
    if local is None:
        raise ValueError(A_TIME)
    try:
        return local.astimezone(UTC) if local.tzinfo else at(local, zone)
    except OverflowError as error:
        raise ValueError(A_TIME) from error


def whole_second(value: Cell) -> datetime | None:
    """A workbook's time: it is kept as a fraction of a day, so 00:05 may arrive as 00:04:59.999."""
    if isinstance(value, datetime):
        return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return datetime.combine(value, time()) if isinstance(value, date) else None


def counted(value: float, zone: ZoneInfo, serial: int | None) -> datetime:
    """Epoch seconds, milli-, micro- or nanoseconds by their magnitude, or a serial date of a workbook."""
    if serial is not None and serial <= value < serial + 50_000:
        days = timedelta(seconds=round((value - serial) * 86400))
        return at(datetime(1970, 1, 1) + days, zone)  # noqa: DTZ001
    if serial is None and 36526 <= value < 73051 and value % 1:
        raise ValueError(f"{A_TIME}; this looks like a serial date of a workbook")
    if not 0 <= value < 3e19:
        raise ValueError(A_TIME)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(value * epoch_scale(value)))


def epoch_scale(value: float) -> float:
    """Microseconds in one unit of an epoch number of this size (3e10 s is the year 2920)."""
    return 1e6 if value < 3e10 else 1e3 if value < 3e13 else 1.0 if value < 3e16 else 1e-3


def day(value: Cell, serial: int | None = None) -> date:
    """A calendar day between 1970 and 2200."""
    if isinstance(value, int | float) and not isinstance(value, bool) and serial is not None:
        found: date | None = date(1970, 1, 1) + timedelta(days=int(value) - serial) if value < 2e5 else None
    elif isinstance(value, datetime | date):
        found = value.date() if isinstance(value, datetime) else value
    else:
        text = folded(value) if isinstance(value, str) else ""
        known = written(f"{text} 0000") if re.fullmatch(r"\d{8}", text) else written(text)
        found = known.date() if known else None
    if found is None or not 1970 <= found.year <= 2200:
        raise ValueError(A_DAY)
    return found
