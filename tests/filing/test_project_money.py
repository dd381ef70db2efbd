"""Sums as people write them."""

from __future__ import annotations

import pytest

from filing.money import fen, wan, yuan


@pytest.mark.parametrize(
    ("text", "unit", "sum_"),
    [
        ("1280000", 100, 128_000_000),
        ("1,280,000.50", 100, 128_000_050),
        ("128万元", 100, 128_000_000),
        ("128 万", 100, 128_000_000),
        ("１２８．５万元", 100, 128_500_000),
        ("￥99元", 1_000_000, 9900),
        ("99元", 1_000_000, 9900),
        ("128", 1_000_000, 128_000_000),
        ("1.2亿元", 100, 12_000_000_000),
        ("0.01", 100, 1),
    ],
)
def test_a_sum_in_fen(text: str, unit: int, sum_: int) -> None:
    assert fen(text, unit) == sum_


@pytest.mark.parametrize(
    "text", ["", "0", "-5", "1,28万", "一百万", "0.001", "1e9", "99999999999999亿", "128万吨"]
)
def test_what_is_no_sum(text: str) -> None:
    with pytest.raises(ValueError, match="a sum in yuan"):
        fen(text)


def test_a_sum_for_people() -> None:
    assert (yuan(128_000_050), yuan(None)) == ("1,280,000.50", None)
    assert (wan(128_500_000), wan(100_000_000), wan(None)) == ("128.5万元", "100万元", None)
