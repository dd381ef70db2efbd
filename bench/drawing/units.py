"""Numbers as Grafana writes them in the units that the dashboards use."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
TIMES = ((86400 * 7, "周"), (86400, "天"), (3600, "小时"), (60, "分钟"), (1, "秒"))


TAILS = {"cps": " 个/秒", "reqps": " 次/秒"}
SCALES = {  # what the number is divided by, again and again, and what it is then called
    "bytes": (1024, (" B", " KiB", " MiB", " GiB", " TiB")),
    "Bps": (1000, (" B/s", " kB/s", " MB/s", " GB/s")),
}
PLAIN = (1000, ("", "K", "Mil"))


def said(value: float, unit: str, decimals: int | None = None) -> str:
    """The value with its unit."""
    if unit.startswith("time:") or unit == "dateTimeAsIso":
        moment = datetime.fromtimestamp(value / 1000, UTC).astimezone(ZONE)
        return moment.strftime("%Y-%m-%d" if unit.startswith("time:") else "%Y-%m-%d %H:%M:%S")
    if unit == "s":
        return duration(value, decimals)
    if unit == "percentunit":
        return f"{rounded(value * 100, 1 if decimals is None else decimals)}%"
    if unit.startswith("suffix:"):
        return f"{rounded(value, decimals)}{unit.removeprefix('suffix:')}"
    base, names = SCALES.get(unit, PLAIN)
    head = unit.removeprefix("currency:") if unit.startswith("currency:") else ""
    return f"{head}{scaled(value, base, names, decimals)}{TAILS.get(unit, '')}"


def duration(seconds: float, decimals: int | None) -> str:
    size = abs(seconds)
    if 0 < size < 1:
        return f"{rounded(seconds * 1000, decimals)} 毫秒"
    length, word = next(((length, word) for length, word in TIMES if size >= length), (1, "秒"))
    return f"{rounded(seconds / length, decimals)} {word}"


def scaled(value: float, base: int, names: tuple[str, ...], decimals: int | None) -> str:
    place = 0
    while abs(value) >= base and place < len(names) - 1:
        value, place = value / base, place + 1
    return f"{rounded(value, decimals)}{names[place]}"


def rounded(value: float, decimals: int | None) -> str:
    """With the decimals, or three significant figures."""
    if decimals is None:
        size = abs(value)
        before = math.floor(math.log10(size)) if size else 0
        text = f"{value:.{max(0, 2 - before)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.{decimals}f}"
