"""What a person writes about an entry, as KEY=VALUE, into metadata: keys or headings, codes or words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from catalog.codes import OPEN_TYPE, TABLES, format_type
from catalog.errors import CatalogError
from catalog.fields import FIELDS, Field, named
from catalog.names import clean, item_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.metadata import Basis, ItemFacts, Metadata

SETTABLE = tuple(f for f in FIELDS if f.place in {"version", "survey"} and f.kind not in {"items", "basis"})


def written(metadata: Metadata, pairs: Iterable[str]) -> Metadata:
    """The metadata with what `pairs` say; KEY= takes a value away. Raises CatalogError."""
    changes: dict[str, Any] = {}
    survey = dict(metadata.survey)
    for pair in pairs:
        name, sign, text = pair.partition("=")
        field = named(name)
        if not sign or field not in SETTABLE:
            raise CatalogError(f"KEY=VALUE with one of {', '.join(f.key for f in SETTABLE)}; read {pair!r}")
        value = value_of(field, clean(text))
        if field.place == "survey":
            survey.pop(field.key, None)
            survey |= {} if value is None else {field.key: value}
        else:
            changes[field.key] = value
    return replace(metadata, **changes, survey=survey)


def value_of(field: Field, text: str) -> Any:  # noqa: ANN401  (of the field's kind)
    if not text:
        return () if field.kind == "codes" else None
    if field.kind == "codes":
        return tuple(code for code in re.split(r"[,;、\s]+", text) if code)
    if field.kind == "type":
        return format_type(text)
    try:
        if field.kind == "day":
            return date.fromisoformat(text)
        if field.kind == "number":
            return float(text)
    except ValueError as error:
        wanted = "a day such as 2026-11-02" if field.kind == "day" else "a number such as 12.5"
        raise CatalogError(f"{field.heading}: {wanted}; read {text!r}") from error
    return code_of(field, text) if field.kind == "code" else text


def code_of(field: Field, text: str) -> str:
    table = TABLES[field.key]
    found = table.find(text)
    if found is None:
        more = "; 是 does not say whether on conditions" if table is OPEN_TYPE and text == "是" else ""
        raise CatalogError(f"{field.heading}: one of {table.choices()}; read {text!r}{more}")
    return found


def with_item(metadata: Metadata, item: ItemFacts) -> Metadata:
    """With the item, in the place of one that is called so."""
    same = [item_key(one.name) == item_key(item.name) for one in metadata.items]
    if any(same):
        kept = (item if is_it else one for is_it, one in zip(same, metadata.items, strict=True))
        return replace(metadata, items=tuple(kept))
    return replace(metadata, items=(*metadata.items, item))


def without_item(metadata: Metadata, name: str) -> Metadata:
    """Raises CatalogError when there is none of that name."""
    kept = tuple(one for one in metadata.items if item_key(one.name) != item_key(name))
    if len(kept) == len(metadata.items):
        has = ", ".join(one.name for one in metadata.items) or "none"
        raise CatalogError(f"no item {name!r}; there are {has}")
    return replace(metadata, items=kept)


def with_basis(metadata: Metadata, basis: Basis) -> Metadata:
    return replace(metadata, basis=tuple(dict.fromkeys((*metadata.basis, basis))))
