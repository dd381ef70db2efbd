"""One value of the card: the forms that people write, and what is refused instead of guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from filing.card import BY_KEY, FIELDS
from filing.card_values import SecretError, cell, day, fen, is_empty, read, secrecy, words, yes_no
from store.cells import SERIAL_1970, Cell


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2021-03-01", "2021-03-01"),
        ("2021/3/1", "2021-03-01"),
        ("2021.3.1", "2021-03-01"),
        ("2021年3月1日", "2021-03-01"),
        ("２０２１年３月", "2021-03"),
        ("2021.3", "2021-03"),
        ("2021-10", "2021-10"),
        ("202103", "2021-03"),
        ("20210301", "2021-03-01"),
        ("2021年", "2021"),
        ("2021", "2021"),
        (20210301.0, "2021-03-01"),
        (202103.0, "2021-03"),
        (2021.0, "2021"),
        (2021.3, "2021-03"),
        (2021.12, "2021-12"),
        (44256.0, "2021-03-01"),  # Excel's day 44256
        (datetime(2021, 3, 1, 8, 30), "2021-03-01"),  # noqa: DTZ001  (as workbooks have it)
        (date(2021, 3, 1), "2021-03-01"),
    ],
)
def test_a_day_is_kept_as_precisely_as_it_was_written(written: Cell, kept: str) -> None:
    assert day(written, SERIAL_1970) == kept


@pytest.mark.parametrize(
    "written", ["2021-13", "2021-02-30", "去年", "21.3", "1.2.2021", 2021.13, 2021.1, True]
)
def test_a_day_that_may_mean_two_things_or_nothing_is_refused(written: Cell) -> None:
    with pytest.raises(ValueError, match="2021"):
        day(written, SERIAL_1970)


def test_point_one_in_a_table_without_formats_may_be_october() -> None:
    assert day("2021.1", SERIAL_1970) == "2021-01"  # a text in a workbook
    with pytest.raises(ValueError, match="2021-10"):
        day("2021.1", None)
    with pytest.raises(ValueError, match="a day"):
        day(44256.0, None)


@pytest.mark.parametrize(
    ("written", "unit", "kept"),
    [
        (120.5, "万元", 120_500_000),
        ("120.5", "万元", 120_500_000),
        ("120万", "", 120_000_000),
        ("120 万元", "元", 120_000_000),
        ("1205000元", "万元", 120_500_000),
        ("1,205,000.50元", "", 120_500_050),
        (1205000.5, "元", 120_500_050),
        ("0", "万元", 0),
        ("20亿元", "", 200_000_000_000),
    ],
)
def test_money_is_kept_in_fen_by_the_unit_of_the_cell_or_else_of_the_heading(
    written: Cell, unit: str, kept: int
) -> None:
    assert fen(written, unit) == kept


@pytest.mark.parametrize(
    ("written", "unit", "expected"),
    [
        (120.5, "", "unit"),
        (1_205_000, "万元", "10 亿元"),  # 120 亿: written in 元 below a heading in 万元
        ("-3", "万元", "not less than 0"),
        ("约120", "万元", "amount"),
        ("1,205", "万元", "comma"),
        ("0.001元", "", "whole fen"),
        (True, "万元", "amount"),
    ],
)
def test_an_amount_that_is_not_sure_is_refused(written: Cell, unit: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        fen(written, unit)


@pytest.mark.parametrize("written", ["是", "√", "有", "Y", True, "✔", 1.0])
def test_yes(written: Cell) -> None:
    assert yes_no(written) is True


@pytest.mark.parametrize("written", ["否", "×", "无", "n", False, "没有", 0.0])
def test_no(written: Cell) -> None:
    assert yes_no(written) is False


@pytest.mark.parametrize("written", ["涉密", "是", "机密", "秘密级", "绝密", "√", True, "部分涉密", "1"])
def test_a_secret_system_is_refused_without_a_word_of_what_was_written(written: Cell) -> None:
    with pytest.raises(SecretError) as caught:
        secrecy(written)

    assert "机密" not in str(caught.value)


@pytest.mark.parametrize("written", ["非涉密", "否", "不涉密", "无", "公开", False, "×"])
def test_what_is_no_secret_is_said_in_one_word(written: Cell) -> None:
    assert secrecy(written) == "非涉密"


@pytest.mark.parametrize("written", ["工作秘密", "商密", "不清楚"])
def test_what_is_not_clearly_open_is_not_taken_for_it(written: str) -> None:
    with pytest.raises(ValueError, match="涉密"):
        secrecy(written)


@pytest.mark.parametrize(
    ("written", "kept"), [("第二级", "二级"), ("等保三级", "三级"), (2.0, "二级"), ("无", "未定级")]
)
def test_a_level_is_known_by_many_names(written: Cell, kept: str) -> None:
    assert read(BY_KEY["level"], written) == kept


@pytest.mark.parametrize("written", [None, "", "  ", "/", "—", "-"])
def test_a_dash_is_no_answer(written: Cell) -> None:
    assert is_empty(written)


def test_no_is_an_answer() -> None:
    assert not is_empty("无")


def test_every_heading_belongs_to_one_field() -> None:
    names = [name for field in FIELDS for name in {field.key, field.heading, *field.aliases}]

    assert sorted(names) == sorted(set(names))


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**14))
def test_money_is_read_back_from_what_is_written(kept: int) -> None:
    cost = BY_KEY["build_cost"]

    assert fen(cell(cost, kept), "万元") == kept


def test_money_reads_in_ten_thousands() -> None:
    assert words(BY_KEY["build_cost"], 120_500_000) == "120.5 万元"
    assert words(BY_KEY["build_cost"], 0) == "0 万元"
    assert words(BY_KEY["build_cost"], 10_000_000_000) == "10,000 万元"
