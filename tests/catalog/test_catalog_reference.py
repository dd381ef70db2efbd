"""The data that comes along: classes, laws, synonyms."""

from __future__ import annotations

import pytest

from catalog.codes import (
    FORMAT_CLASS,
    FORMAT_TYPES,
    MODES_OF_FORMAT,
    OTHER,
    SHARE_MODE_TYPE,
    TABLES,
    CodeTable,
)
from catalog.names import item_key, key, law_key
from catalog.reference import CLASS, parent, shipped_classes, shipped_laws, synonyms


def test_every_class_that_comes_along_has_its_form_and_its_parent() -> None:
    codes = [line.code for line in shipped_classes()]

    assert all(CLASS.fullmatch(code) for code in codes)
    assert all(parent(code, codes) is not None for code in codes if len(code) > 1)
    assert len(set(codes)) == len(codes) == 28


def test_a_repealed_law_says_since_when_and_what_took_its_place() -> None:
    laws = {line.name: line for line in shipped_laws()}

    assert all(line.replaced_by in laws for line in laws.values() if line.repealed_on is not None)
    assert len({law_key(name) for name in laws}) == len(laws)


def test_no_name_of_an_item_stands_for_two() -> None:
    known = synonyms()

    assert all(known[first] == first for first in known.values())
    assert known[item_key("身份证号（必填）")] == key("公民身份号码")


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_no_word_of_a_code_table_names_two_codes(table: CodeTable) -> None:
    words = [key(word) for code in table.codes for word in {code.key, code.word, *code.aliases}]
    assert sorted(set(words)) == sorted(words)


def test_every_format_has_its_types_and_ways_of_sharing() -> None:
    assert set(FORMAT_TYPES) == set(MODES_OF_FORMAT) == set(FORMAT_CLASS.keys)
    assert all(OTHER in types for types in FORMAT_TYPES.values())
    assert all(set(modes) <= set(SHARE_MODE_TYPE.keys) for modes in MODES_OF_FORMAT.values())


@pytest.mark.parametrize(
    ("written", "same"),
    [("《中华人民共和国婚姻法》", "婚姻法"), ("婚姻法（2001年修正）", "婚姻法"), (" 婚 姻 法 ", "婚姻法")],
)
def test_a_law_is_known_however_it_is_written(written: str, same: str) -> None:
    assert law_key(written) == same
