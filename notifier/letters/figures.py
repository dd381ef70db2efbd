"""Numbers in words, for laymen and sceptics alike: days, terms, sizes, percents, money. Pure.

No figure may be rounded to the other side of what it is compared with: 49.97 % is not "50.0 %, below 50 %".
"""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from notifier.letters.words import MONTHS, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from notifier.content import Figure, Size
    from notifier.letters.words import Locale

SIGNS = {"at_most": "≤", "below": "<", "above": ">"}
RESOURCES = ("vcpus", "memory_gib", "disk_gib")
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
TENS = {"十": 10, "百": 100}
BEYOND = 10_000  # no law has so many articles


def day(on: date, locale: Locale) -> str:
    """2026年9月18日, 18 September 2026."""
    return WORDS[locale]["day"].format(year=on.year, month=on.month, day=on.day, name=MONTHS[on.month - 1])


def short_days(days: Iterable[date], near: date, locale: Locale) -> str:
    """8月3日、9月12日: the year is said where it is not that of `near`."""
    short = WORDS[locale]["short_day"]
    return WORDS[locale]["and"].join(
        short.format(month=on.month, day=on.day, name=MONTHS[on.month - 1])
        if on.year == near.year
        else day(on, locale)
        for on in days
    )


def window(as_of: date, days: int, locale: Locale) -> str:
    """The `days` days before `as_of`: 2026年8月14日至2026年9月17日（共35日）."""
    first, last = as_of - timedelta(days=days), as_of - timedelta(days=1)
    return WORDS[locale]["window"].format(first=day(first, locale), last=day(last, locale), days=days)


def term(working_days: int, locale: Locale) -> str:
    return WORDS[locale]["term"].format(n=working_days)


def number(value: float, locale: Locale = "zh_CN") -> str:
    """16, 1.5; thousands are set apart in English."""
    value = round(value, 2) + 0.0  # no minus before a zero
    text = f"{value:,.2f}" if locale == "en" else f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def money(yuan: float, locale: Locale) -> str:
    return WORDS[locale]["money"].format(number(yuan, locale))


def share(part: float) -> str:
    """A part 0..1 in percent, cut and never rounded up: 0.89999 is 89.9%."""
    tenths = math.floor(part * 1000 + 1e-9)
    return f"{tenths // 10}%" if tenths % 1000 == 0 else f"{tenths / 10:.1f}%"


def size(what: Size, locale: Locale, missing: Size | None = None) -> str:
    """16核/32GB/300GB; what is None is that of `missing`, else said to be unknown."""
    words, parts = WORDS[locale], {}
    for name in RESOURCES:
        value = getattr(what, name) if getattr(what, name) is not None else getattr(missing, name, None)
        parts[name] = words[f"no_{name}"] if value is None else words[name].format(number(value))
    return words["size"].format(vcpus=parts["vcpus"], memory=parts["memory_gib"], disk=parts["disk_gib"])


def unit(figure: Figure, locale: Locale) -> str:
    return WORDS[locale]["unit_network" if figure.resource == "network" else "unit_percent"]


def measured(figure: Figure, locale: Locale) -> str:
    """The value with its unit, in as many digits as keep it on its side of the threshold."""
    value = figure.value
    if value is None:
        return WORDS[locale]["unknown"]
    fewest = 0 if figure.statistic == "p95" or figure.resource == "network" else 1
    for digits in range(fewest, 7):
        text = f"{value:.{digits}f}"
        if side(float(text), figure.threshold) == side(value, figure.threshold):
            break
    return text + unit(figure, locale)


def side(value: float, threshold: float) -> int:
    return (value > threshold) - (value < threshold)


def limit(figure: Figure, locale: Locale) -> str:
    """25%, 1000字节/秒."""
    return f"{figure.threshold}{unit(figure, locale)}"


def name(figure: Figure, locale: Locale) -> str:
    return WORDS[locale][f"{figure.resource}_{figure.statistic}"]


def heading(figure: Figure, locale: Locale) -> str:
    """CPU使用率（95%分位），标准≤25%."""
    words = WORDS[locale]
    standard = words["standard"].format(sign=SIGNS[figure.operator], threshold=limit(figure, locale))
    return capital(words["heading"].format(name=name(figure, locale), standard=standard))


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def proof(figure: Figure, near: date, locale: Locale) -> list[str]:
    """What lets a sceptic check the value: the part of the samples, the days of the peak."""
    words, said = WORDS[locale], []
    if figure.operator == "above" and figure.value is not None:
        said.append(words["holds_above" if figure.holds else "fails_above"])
    if figure.share is not None and figure.value is not None:
        key = "share_above" if figure.operator == "above" and figure.holds else "share_at_most"
        said.append(words[key].format(share=share(figure.share), threshold=limit(figure, locale)))
    if figure.witnesses:
        said.append(words["seen_on"].format(days=short_days(figure.witnesses, near, locale)))
    return said


def cell(figure: Figure, near: date, locale: Locale) -> str:
    """18.2%（见于8月3日、9月12日）."""
    words, said = WORDS[locale], proof(figure, near, locale)
    return measured(figure, locale) + (words["in"].format(words["semicolon"].join(said)) if said else "")


def finding(figure: Figure, near: date, locale: Locale) -> str:
    """内存周期性峰值为18.2%（标准：不超过30%；见于8月3日、9月12日）."""
    words = WORDS[locale]
    more = "".join(words["also"].format(part) for part in proof(figure, near, locale))
    return words["finding"].format(
        name=name(figure, locale),
        value=measured(figure, locale),
        operator=words[figure.operator],
        threshold=limit(figure, locale),
        more=more,
    )


def condition(figure: Figure, locale: Locale) -> str:
    """The words of the article; in English, what they ask."""
    return WORDS[locale]["condition"].format(
        phrase=figure.phrase,
        name=name(figure, locale),
        operator=WORDS[locale][figure.operator],
        threshold=limit(figure, locale),
    )


def article(text: str, locale: Locale) -> str:
    """第十三条; Article 13 in English, where it is an article's number; 第八条、第十条 each."""
    if "、" in text and locale != "zh_CN":
        return WORDS[locale]["and"].join(article(part, locale) for part in text.split("、"))
    found = re.fullmatch(r"第([一二三四五六七八九十百零]+|\d+)条", text)
    if found is None or locale == "zh_CN":
        return text
    return WORDS[locale]["article"].format(numeral(found[1]))


def by_number(articles: Iterable[str]) -> list[str]:
    """Each article once, in the order of the law; what is none comes last."""
    found = {text: re.fullmatch(r"第([一二三四五六七八九十百零]+|\d+)条", text) for text in articles}
    return sorted(found, key=lambda text: (numeral(match[1]) if (match := found[text]) else BEYOND, text))


def numeral(text: str) -> int:
    """十三 is 13, 一百零五 is 105."""
    if text.isdigit():
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char in TENS:
            total, digit = total + (digit or 1) * TENS[char], 0
        else:
            digit = DIGITS[char]
    return total + digit
