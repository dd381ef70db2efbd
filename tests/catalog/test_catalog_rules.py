"""What keeps an entry from being published, rule by rule, each at its boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from entries import CONTEXT, SOUND

from catalog.codes import TABLES
from catalog.fields import FIELDS, named
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.rules import check, remarks


def faults(change: dict[str, Any]) -> set[str]:
    return {problem.field for problem in check(replace(SOUND, **change), CONTEXT)}


def basis(law: str, article: str = "第十三条") -> dict[str, Any]:
    return {"basis": (Basis(law, article),)}


def test_sound_metadata_has_no_problem() -> None:
    assert check(SOUND, CONTEXT) == []


def test_an_empty_draft_is_told_everything_that_is_missing() -> None:
    assert {problem.field for problem in check(Metadata(), CONTEXT)} == {
        "title",
        "abstract",
        "format_class",
        "format_type",
        "share_type",
        "share_mode_class",
        "use_requirement",
        "open_type",
        "update_period",
        "secret_flag",
    }


CASES = (
    ("title of 128 characters", {"title": "数" * 128}, set()),
    ("title of 129 characters", {"title": "数" * 129}, {"title"}),
    ("title of another entry, full width", {"title": " 低保 家庭信息 "}, {"title"}),
    ("title is a system of the department", {"title": "社会救助信息管理"}, {"title"}),
    ("title ends in 系统", {"title": "社会救助系统"}, {"title"}),
    ("title names data of a platform", {"title": "政务服务平台办件信息"}, set()),
    ("type of another class", {"format_type": "xlsx"}, {"format_type"}),
    ("other type without words", {"format_type": "other"}, {"format_other"}),
    ("other type with words", {"format_type": "other", "format_other": "TiDB"}, set()),
    ("period other without words", {"update_period": "other"}, {"period_other"}),
    ("a bare number is no code", {"update_period": "6"}, {"update_period"}),
    ("涉密", {"secret_flag": "yes"}, {"secret_flag"}),
    ("a database without items", {"items": ()}, {"items"}),
    ("an item twice", {"items": (ItemFacts("姓名", "string"), ItemFacts("姓 名", "string"))}, {"items"}),
    ("an item without a type", {"items": (ItemFacts("姓名"),)}, {"items"}),
    ("有条件 without condition", {"share_condition": " "}, {"share_condition"}),
    ("有条件 without a law", {"basis": ()}, {"basis"}),
    ("不予 without a law", {"share_type": "not_shared", "basis": ()}, {"basis"}),
    ("无条件 needs no law", {"share_type": "unconditional", "basis": ()}, set()),
    ("内部规定", basis("本局内部规定"), {"basis"}),
    ("领导要求", basis("领导要求"), {"basis"}),
    ("上级要求", basis("上级要求"), {"basis"}),
    ("工作需要", basis("工作需要"), {"basis"}),
    ("an empty law", basis(" "), {"basis"}),
    ("a repealed law", basis("《婚姻法》"), {"basis"}),
    ("a law that ends tomorrow", basis("某某管理条例"), set()),
    ("a law without article", basis("个人信息保护法", ""), {"basis"}),
    ("a law of the city's own", basis("青岛市公共数据管理办法", "第8条"), set()),
    (
        "不予 but open",
        {"share_type": "not_shared", "open_type": "conditional"},
        {"open_type", "open_condition"},
    ),
    ("personal data open", {"open_type": "unconditional"}, {"open_type"}),
    (
        "personal by name, whatever the flag says",
        {"open_type": "unconditional", "items": (ItemFacts("手机号", "string", personal=False),)},
        {"open_type"},
    ),
    (
        "not personal, open",
        {"open_type": "unconditional", "items": (ItemFacts("街道名称", "string"),)},
        set(),
    ),
    (
        "said to be personal",
        {"open_type": "unconditional", "items": (ItemFacts("备注", "string", personal=True),)},
        {"open_type"},
    ),
    ("open on conditions that are not said", {"open_type": "conditional"}, {"open_condition"}),
    ("a database as a file", {"share_mode_type": "file"}, {"share_mode_type"}),
    ("a sheet as a database", {"format_class": "spreadsheet", "format_type": "xlsx"}, {"share_mode_type"}),
    ("a database by mail", {"share_mode_class": "mail"}, {"share_mode_type"}),
    ("no way of sharing", {"share_mode_class": None}, {"share_mode_class"}),
    ("a platform without its way", {"share_mode_type": None}, {"share_mode_type"}),
    ("related to itself", {"related_codes": ("307003/000001",)}, {"related_codes"}),
    ("related to nothing", {"related_codes": ("307003/000009",)}, {"related_codes"}),
    ("related to another", {"related_codes": ("307003/000002",)}, set()),
    ("shared all", {"survey": {"storage_total": 3.0, "storage_shared": 3.0}}, set()),
    (
        "shared more than there is",
        {"survey": {"storage_total": 2.9, "storage_shared": 3.0}},
        {"storage_shared"},
    ),
    ("opened more than there is", {"survey": {"records_open": 0.1}}, {"records_open"}),
    ("an amount below zero", {"survey": {"storage_total": -1.0}}, {"storage_total"}),
    ("an amount that is none", {"survey": {"storage_total": float("nan")}}, {"storage_total"}),
    ("published today", {"published_on": date(2026, 11, 23)}, set()),
    ("published tomorrow", {"published_on": date(2026, 11, 24)}, {"published_on"}),
)


@pytest.mark.parametrize(
    ("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_rules(change: dict[str, Any], expected: set[str]) -> None:
    assert faults(change) == expected


def test_two_departments_cannot_both_be_the_source_of_an_item() -> None:
    claimed = replace(SOUND, items=(ItemFacts("身份证号", "string", source=True),))
    context = replace(CONTEXT, sources={"公民身份号码": "市公安局"}, synonyms={"身份证号": "公民身份号码"})

    (problem,) = check(claimed, context)
    assert str(problem).startswith("信息项信息: 身份证号: 市公安局 is its source already")


def test_a_law_that_the_table_does_not_have_is_for_the_reviewer_to_look_up() -> None:
    strange = replace(SOUND, basis=(Basis("青岛市公共数据管理办法", "第八条"),))

    assert [problem.field for problem in remarks(strange, CONTEXT)] == ["basis"]
    assert remarks(SOUND, CONTEXT) == []


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("data_type", "字符串型C", "string"),
        ("data_type", "字符型", "string"),
        ("data_type", " Ｃ ", "string"),
        ("share_type", "有条件共享", "conditional"),
        ("share_type", "2", None),
        ("open_type", "依申请", "conditional"),
        ("open_type", "是", None),
        ("update_period", "每 年", "yearly"),
        ("share_mode_class", "共享平台", "platform"),
    ],
)
def test_codes_are_found_by_their_words_and_never_by_bare_numbers(
    table: str, text: str, expected: str | None
) -> None:
    assert TABLES[table].find(text) == expected


def test_every_heading_names_its_field_and_no_other() -> None:
    for known in FIELDS:
        for heading in (known.key, known.heading, *known.aliases):
            assert named(heading) == known


def test_every_field_of_a_version_is_a_value_of_metadata() -> None:
    kept = {known.key for known in FIELDS if known.place == "version"}

    assert kept == {name for name in Metadata.__dataclass_fields__ if name != "survey"}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "编号（身份证号）",
            "证件（居民）身份证号",
            "号码[手机]",
            "身*份*证*号",
            "手 | 机",
            "身+份+证",
            "ＳＦＺ身份证",
        ),
        *("生日", "出生年月日", "出生年月", "户籍所在地", "户口所在地", "户籍地", "住址", "开户账号"),
    ],
)
def test_no_writing_of_a_personal_item_makes_it_open_without_conditions(name: str) -> None:
    spoiled = replace(SOUND, open_type="unconditional", items=(ItemFacts(name, "string", personal=False),))

    assert [problem.field for problem in check(spoiled, CONTEXT)] == ["open_type"]
