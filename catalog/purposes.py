"""Purposes as they are declared (arts. 23, 27): what says nothing is refused, what differs is another."""

from __future__ import annotations

import re
import unicodedata

from catalog.errors import CatalogError
from catalog.names import INVISIBLE, key

# What offices write instead of a purpose, and the words around it; longer ones first.
EMPTY = (
    *("按照领导要求", "领导要求", "领导交办", "领导批示", "上级要求", "上级部署", "上级安排"),
    *("内部规定", "内部使用", "内部管理", "日常工作", "日常业务", "工作需要", "工作要求", "业务需要"),
    *("业务工作", "其他用途", "履职需要", "依法履职", "履行职责", "开展工作", "相关工作", "有关工作"),
    *("工作", "业务", "需要", "需求", "用途", "申请", "使用", "数据", "信息", "共享", "其他", "相关", "有关"),
    *("本单位", "本部门", "我局", "我单位", "根据", "按照", "由于", "因为", "为了", "开展", "进行", "用于"),
    *("因", "为", "的", "等", "及", "和", "无", "暂", "所需", "所"),
)
LEAST = 3  # characters that must be left
SECRET = re.compile(r"(绝|机|秘)\s*密\s*[★☆]")
NO_SECRETS = (
    "what is marked as a state secret (涉密) does not belong here: nothing was stored; it goes the way of "
    "the secrecy law (art. 2)"
)


def empty(text: str) -> bool:
    """Whether a purpose or a duty says nothing: 因工作需要, 领导要求, two characters."""
    left = key(text)
    for word in EMPTY:
        left = left.replace(word, "")
    return len(left) < LEAST


def same(one: str, other: str) -> bool:
    """Whether two purposes are one, however they are written."""
    return key(one) == key(other)


def line(text: str) -> str:
    """On one line, without what is invisible; the marks stay as they were written."""
    return " ".join("".join(c if unicodedata.category(c) not in INVISIBLE else " " for c in text).split())


def said(text: str, what: str, most: int | None = None) -> str:
    """The words on one line. Raises CatalogError when there are none, when there are too many, or for what is
    secret, without a word of it.
    """
    words = line(text)
    if not words:
        raise CatalogError(f"{what}: some words are wanted")
    if most is not None and len(words) > most:
        raise CatalogError(f"{what}: at most {most} characters; it has {len(words)}")
    refuse_secrets(words)
    return words


def refuse_secrets(*texts: str | None) -> None:
    """Raises CatalogError, without a word of it, for a text that bears a mark of secrecy."""
    if any(text is not None and marked(text) for text in texts):
        raise CatalogError(NO_SECRETS)


def marked(text: str) -> bool:
    """Whether a text bears a mark of secrecy, such as 机密★10年."""
    return ("★" in text or "☆" in text) and SECRET.search(text) is not None


def purposeful(text: str, what: str, example: str) -> str:
    """The same, for what must say something. Raises CatalogError."""
    words = said(text, what)
    if empty(words):
        raise CatalogError(f"{what} {words!r} says nothing: name what it is done for, such as {example}")
    return words
