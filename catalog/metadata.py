"""The content of one version of an entry as a plain value: what forms bring, what rules judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """A data item (信息项). `source`: its department says that it is the source of it (一数一源). `personal`:
    said to be personal data, or not; None when nobody said.
    """

    name: str
    data_type: str | None = None
    length: str | None = None
    source: bool = False
    personal: bool | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """A law and its article (art. 22): 《中华人民共和国个人信息保护法》 第二十八条."""

    law: str
    article: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """By the keys of catalog.fields; what is not known is None. `survey`: numbers by their keys."""

    title: str | None = None
    provider_unit: str | None = None
    abstract: str | None = None
    format_class: str | None = None
    format_type: str | None = None
    format_other: str | None = None
    share_type: str | None = None
    share_condition: str | None = None
    share_mode_class: str | None = None
    share_mode_type: str | None = None
    use_requirement: str | None = None
    open_type: str | None = None
    open_condition: str | None = None
    update_period: str | None = None
    period_other: str | None = None
    published_on: date | None = None
    secret_flag: str | None = None
    contact: str | None = None
    phone: str | None = None
    link: str | None = None
    survey: Mapping[str, float] = field(default_factory=dict)
    related_codes: tuple[str, ...] = ()
    items: tuple[ItemFacts, ...] = ()
    basis: tuple[Basis, ...] = ()
