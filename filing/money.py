"""Sums of money: in fen (分) inside, in yuan or 万元 as people write them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

WRITTEN = re.compile(r"(?:￥|¥)?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(亿|万)?(?:元|圆)?(?:整)?", re.ASCII)
FEN = {"元": 100, "万元": 1_000_000, "万": 1_000_000, "亿元": 10_000_000_000, "亿": 10_000_000_000}
WAN = FEN["万元"]
MOST = 10**15  # fen: ten trillion yuan is a mistake
EXPECTED = "a sum in yuan such as 1280000, 1,280,000.50 or 128万元"


def fen(text: str, unit: int = 100) -> int:
    """The sum in fen; `unit`: fen in the unit of a number that names none. Raises ValueError."""
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    match = WRITTEN.fullmatch(bare)
    if match is None:
        raise ValueError(EXPECTED)
    named = match[3] is not None or bare.endswith(("元", "圆", "整"))
    sum_ = Decimal(match[1].replace(",", "") + (match[2] or "")) * (FEN[match[3] or "元"] if named else unit)
    if sum_ != sum_.to_integral_value():
        raise ValueError(f"{EXPECTED}; not less than a fen")
    if not 0 < sum_ < MOST:
        raise ValueError(f"{EXPECTED}; more than 0")
    return int(sum_)


def yuan(sum_: int | None) -> str | None:
    """Such as 1,280,000.00."""
    return None if sum_ is None else f"{sum_ // 100:,}.{sum_ % 100:02}"


def wan(sum_: int | None) -> str | None:
    """Such as 128万元, 12.8万元: as many digits as it needs."""
    return None if sum_ is None else f"{(Decimal(sum_) / WAN).normalize():f}万元"
