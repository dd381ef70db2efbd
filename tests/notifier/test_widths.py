"""Columns of the printed table: words stay whole, the page is turned when they would be squeezed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.letters.widths import FLIPPED, PADDING, UPRIGHT, broken, halves, plan

NARROW = ("云主机", "状态")
LONG = (
    "云主机",
    "业务系统",
    "现配置",
    "建议配置",
    "CPU使用率（95%分位）",
    "内存周期性峰值",
    "硬盘最高使用率",
    "采样完整率",
)
CELLS = (
    "vm-00001（10.32.0.1）",
    "社会救助系统",
    "16核/32GB/300GB",
    "8核/16GB/150GB",
    "15%（99.9%的采样未超过25%）",
    "18.2%（见于8月3日、9月12日）",
    "31.4%",
    "96.3%（采样9708/10080次；有效34/35日）",
)


def test_a_small_table_stays_upright_in_five() -> None:
    planned = plan(NARROW, [("vm-00001", "未办结")])

    assert (planned.flipped, planned.size) == (False, 10.5)
    assert sum(planned.widths) == pytest.approx(UPRIGHT, abs=0.1)


def test_a_wide_table_turns_the_page_and_keeps_words_whole() -> None:
    planned = plan(LONG, [CELLS])

    assert planned.flipped
    assert sum(planned.widths) == pytest.approx(FLIPPED, abs=0.1)
    # "/32GB/300GB" has 11 halves; the column must hold them beside its padding.
    assert planned.widths[2] >= 11 * planned.size / 2 + PADDING


def test_a_table_without_rows_or_headings_has_a_plan() -> None:
    assert len(plan(NARROW, []).widths) == 2
    assert plan((), []).widths == ()


@given(st.lists(st.text(max_size=200), min_size=1, max_size=30))
def test_every_table_fills_its_line(cells: list[str]) -> None:
    planned = plan([""] * len(cells), [cells])

    assert all(width > 0 for width in planned.widths)
    assert sum(planned.widths) == pytest.approx(FLIPPED if planned.flipped else UPRIGHT, abs=0.5)


def test_halves_count_chinese_characters_twice() -> None:
    assert halves("CPU使用率") == 9


def test_only_long_words_get_places_to_break() -> None:
    assert broken("vm-00001 社会救助系统") == "vm-00001 社会救助系统"
    assert broken("x" * 30, 20) == "\u200b".join(("xxxxxx",) * 5)
