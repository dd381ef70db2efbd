"""Data items that are personal by their names: never open without conditions (art. 25)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from catalog.names import ASKED, QUALIFIED, clean, item_key
from catalog.reference import synonyms

if TYPE_CHECKING:
    from catalog.metadata import ItemFacts, Metadata

# Parts of names, letters and digits alone.
PERSONAL = (
    "身份证",
    "身份号码",
    "证件号",
    "手机",
    "移动电话",
    "家庭住址",
    "家庭地址",
    "居住地址",
    "现住址",
    "户籍地址",
    "银行卡",
    "银行账号",
    "银行帐号",
    "护照",
    "社保卡号",
    "社会保障号",
    "指纹",
    "人脸",
    "虹膜",
    "病历",
    "病史",
    "诊断",
    "宗教信仰",
    "婚姻状",
    "残疾证",
    "出生日期",
    "出生年月",
)


def is_personal(item: ItemFacts) -> bool:
    """Said to be, or called so: a name that speaks for itself is not talked away by a flag."""
    return item.personal is True or speaks(item.name)


@lru_cache(ASKED)
def speaks(name: str) -> bool:
    """Whether a name says so: with what stands in brackets or without it, by a synonym, between any marks."""
    whole, same = clean(name), item_key(name)
    forms = (whole, QUALIFIED.sub("", whole), synonyms().get(same, same))
    return any(part in letters(form) for form in forms for part in PERSONAL)


def letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def personal_items(metadata: Metadata) -> list[str]:
    return [item.name for item in metadata.items if is_personal(item)]
