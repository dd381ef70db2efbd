"""What an entry must satisfy before it is submitted, filed or published (arts. 16 to 19, 22, 25). Pure: no
clock, no register. A draft may be incomplete.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalog.codes import (
    CONDITIONAL,
    DATABASE,
    FORMAT_TYPES,
    MODES_OF_FORMAT,
    NO,
    NOT_OPEN,
    NOT_SHARED,
    OTHER,
    PLATFORM,
    SERVICE,
    SHARE_MODE_TYPE,
    SHEET,
    TABLES,
    UNCONDITIONAL,
)
from catalog.fields import BY_KEY, FIELDS, OPENED, SHARES
from catalog.legal import LawFacts, faults, unknown
from catalog.names import clean, item_key, key
from catalog.sensitive import personal_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from catalog.metadata import Metadata

ITEMISED = (SHEET, DATABASE, SERVICE)
SYSTEM_ENDINGS = ("系统", "平台", "信息化项目", "app", "小程序")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, at which field (a key of catalog.fields), and what is wanted."""

    field: str
    message: str

    def __str__(self) -> str:
        known = BY_KEY.get(self.field)
        return f"{known.heading if known else self.field}: {self.message}"


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules must know besides. `titles`: other entries of the provider that are on their way or
    public, title_key -> code. `systems`: keys of the names of its systems. `codes`: related codes whose
    entries are on their way or public. `sources`: item's key -> the other department that is its source.
    `laws`: by law_key.
    """

    today: date
    resource_code: str | None = None
    class_known: bool = True
    titles: Mapping[str, str] = field(default_factory=dict)
    systems: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)
    laws: Mapping[str, LawFacts] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)


def check(metadata: Metadata, context: Context) -> list[Problem]:
    """Everything that keeps the metadata from being published; empty when it is sound."""
    return [problem for rule in RULES for problem in rule(metadata, context)]


def remarks(metadata: Metadata, context: Context) -> list[Problem]:
    """What a reviewer should look at, though it does not keep the entry from being published."""
    return [
        Problem("basis", f"《{clean(basis.law)}》 is not in the table of laws: look up that it is in force")
        for basis in metadata.basis
        if unknown(basis, context.laws)
    ]


def complete(metadata: Metadata, context: Context) -> Iterator[Problem]:
    """Every field that must be there is (M); one that has a value keeps its length."""
    if not context.class_known:
        yield Problem(
            "class_code", "a class of the tree with 类, 项 and 目: `rightsizer catalog classes list`"
        )
    for known in FIELDS:
        if known.place != "version" or known.kind in {"items", "basis", "codes", "day"}:
            continue
        value = getattr(metadata, known.key)
        if known.cardinality == "M" and (value is None or not clean(value)):
            yield Problem(known.key, f"is required{options(known.key)}")
        if known.length is not None and value is not None and len(clean(value)) > known.length:
            yield Problem(known.key, f"at most {known.length} characters; it has {len(clean(value))}")


def options(key: str) -> str:
    if key == "secret_flag":
        return ": 否 (no)"
    return f": one of {TABLES[key].choices()}" if key in TABLES else ""


def coded(metadata: Metadata, _context: Context) -> Iterator[Problem]:
    """Codes are of their tables."""
    for name, table in TABLES.items():
        value = getattr(metadata, name, None)
        if value is not None and value not in table.keys:
            yield Problem(name, f"one of {table.choices()}; read {value!r}")


def not_secret(metadata: Metadata, _context: Context) -> Iterator[Problem]:
    """The regulation leaves secrets to the law on secrets (art. 2): they do not belong into this register."""
    if metadata.secret_flag is not None and metadata.secret_flag != NO:
        yield Problem("secret_flag", "must be 否: what is secret is not kept in this catalog; take it out")


def titled(metadata: Metadata, context: Context) -> Iterator[Problem]:
    """Unique per provider, however it is written; not merely the name of a system."""
    title = key(metadata.title or "")
    if not title:
        return
    if title in context.titles:
        yield Problem("title", f"{context.titles[title]} of this department has it already: say what differs")
    if title in context.systems or title.endswith(SYSTEM_ENDINGS):
        yield Problem("title", "names a system; name the data that it holds, such as 低保对象信息")


def formatted(metadata: Metadata, _context: Context) -> Iterator[Problem]:
    """The type belongs to the class; what the tables do not know is described."""
    types = FORMAT_TYPES.get(metadata.format_class or "")
    if types and metadata.format_type and metadata.format_type not in types:
        said = f"a type of this format: {', '.join(types)}; read {metadata.format_type!r}"
        yield Problem("format_type", said)
    if metadata.format_type == OTHER and not clean(metadata.format_other or ""):
        yield Problem("format_other", "describe the format when its type is 其他 (other)")
    if metadata.update_period == OTHER and not clean(metadata.period_other or ""):
        yield Problem("period_other", "say when it is updated when the period is 其他 (other)")


def itemised(metadata: Metadata, context: Context) -> Iterator[Problem]:
    """Tables, databases and interfaces name their items; each once, with a type; no second source."""
    if metadata.format_class in ITEMISED and not metadata.items:
        yield Problem("items", "a table, a database or an interface names its items (信息项)")
    seen: dict[str, str] = {}
    for item in metadata.items:
        name, same = clean(item.name), key(item.name)
        if not name or not same:
            yield Problem("items", "an item without a name")
            continue
        if len(name) > 128:
            yield Problem("items", f"{name[:20]}…: a name of at most 128 characters")
        if same in seen:
            yield Problem("items", f"{name}: twice in this entry")
        seen[same] = name
        if item.data_type not in TABLES["data_type"].keys:
            yield Problem("items", f"{name}: a data type is wanted: {TABLES['data_type'].choices()}")
        other = context.sources.get(standing_for(item.name, context.synonyms))
        if item.source and other is not None:
            yield Problem("items", f"{name}: {other} is its source already; two sources of one item are none")


def standing_for(name: str, synonyms: Mapping[str, str]) -> str:
    """The key that stands for an item and all its synonyms."""
    same = item_key(name)
    return synonyms.get(same, same)


def shared(metadata: Metadata, context: Context) -> Iterator[Problem]:
    """Conditions and refusals rest on laws (art. 22)."""
    if metadata.share_type == CONDITIONAL and not clean(metadata.share_condition or ""):
        yield Problem("share_condition", "有条件共享 says under which conditions, and for what use")
    if metadata.share_type in {CONDITIONAL, NOT_SHARED} and not metadata.basis:
        word = TABLES["share_type"].word(metadata.share_type)
        yield Problem("basis", f"{word} cites a law and its article (第二十二条)")
    for basis in metadata.basis:
        for said in faults(basis, context.laws, context.today):
            yield Problem("basis", said)


def delivered(metadata: Metadata, _context: Context) -> Iterator[Problem]:
    """The way of sharing fits the format: files as files, databases as databases or interfaces."""
    if metadata.share_type == NOT_SHARED:
        return
    if metadata.share_mode_class is None:
        yield Problem("share_mode_class", f"is required{options('share_mode_class')}")
    if metadata.share_mode_class == PLATFORM and metadata.share_mode_type is None:
        yield Problem("share_mode_type", f"is required{options('share_mode_type')}")
    if metadata.share_mode_type is None:
        return
    if metadata.share_mode_class in {"mail", "media"} and metadata.share_mode_type != "file":
        yield Problem("share_mode_type", "by mail or medium only files (文件) are handed over")
        return
    fits = MODES_OF_FORMAT.get(metadata.format_class or "")
    if metadata.share_mode_class == PLATFORM and fits and metadata.share_mode_type not in fits:
        words = " or ".join(str(SHARE_MODE_TYPE.word(mode)) for mode in fits)
        yield Problem("share_mode_type", f"this format is shared as {words}")


def opened(metadata: Metadata, _context: Context) -> Iterator[Problem]:
    """What is not shared is not open; personal data is not open without conditions (arts. 24, 25)."""
    if metadata.share_type == NOT_SHARED and metadata.open_type not in {None, NOT_OPEN}:
        yield Problem("open_type", "what is 不予共享 cannot be open: 不予开放")
    if metadata.open_type == CONDITIONAL and not clean(metadata.open_condition or ""):
        yield Problem("open_condition", "有条件开放 says under which conditions")
    personal = personal_items(metadata)
    if metadata.open_type == UNCONDITIONAL and personal:
        yield Problem("open_type", f"personal data is never open without conditions: {', '.join(personal)}")


def related(metadata: Metadata, context: Context) -> Iterator[Problem]:
    """Related codes are codes of other entries, each once."""
    for code in dict.fromkeys(metadata.related_codes):
        if code == context.resource_code:
            yield Problem("related_codes", f"{code} is this entry itself")
        elif code not in context.codes:
            yield Problem("related_codes", f"{code} is no entry of the catalog, or not any more")
    if len(set(metadata.related_codes)) < len(metadata.related_codes):
        yield Problem("related_codes", "a code stands twice")


def counted(metadata: Metadata, _context: Context) -> Iterator[Problem]:
    """Amounts are numbers of zero or more; no more is shared or open than there is."""
    survey = metadata.survey
    for name, value in survey.items():
        if not math.isfinite(value) or value < 0:
            yield Problem(name, f"a number of 0 or more; read {value}")
    for part, whole in (*SHARES, *OPENED):
        if part in survey and survey[part] > survey.get(whole, 0):
            most = f"{survey[part]:,g} of {survey.get(whole, 0):,g}"
            yield Problem(part, f"no more than {BY_KEY[whole].heading}; read {most}")


def dated(metadata: Metadata, context: Context) -> Iterator[Problem]:
    if metadata.published_on is not None and metadata.published_on > context.today:
        yield Problem("published_on", f"{metadata.published_on} is to come; today is {context.today}")


RULES: tuple[Callable[[Metadata, Context], Iterator[Problem]], ...] = (
    not_secret,
    complete,
    coded,
    titled,
    formatted,
    itemised,
    shared,
    delivered,
    opened,
    related,
    counted,
    dated,
)
