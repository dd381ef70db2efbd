"""Metadata into a version's columns and rows, and back; what even a draft may not hold."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from catalog.codes import TABLES, YES
from catalog.errors import CatalogError
from catalog.fields import BY_KEY, FIELDS
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.names import clean, item_key, key
from catalog.purposes import refuse_secrets
from catalog.tables import DataItem, ShareBasis

if TYPE_CHECKING:
    from catalog.tables import Version

COLUMNS = tuple(
    field.key
    for field in FIELDS
    if field.place == "version" and field.kind not in {"items", "basis", "codes"}
)
TEXTS = tuple(name for name in COLUMNS if BY_KEY[name].kind in {"text", "type"})
SHORT = 16  # of a data item's length, such as 18 or 10,2
WIDE = {"name": 128, "law": 200, "article": 100}


def tidy(metadata: Metadata) -> Metadata:
    """Cleaned texts; an empty one is not known."""
    texts: dict[str, Any] = {name: clean(getattr(metadata, name) or "") or None for name in TEXTS}
    items = tuple(replace(item, name=clean(item.name)) for item in metadata.items)
    basis = tuple(Basis(clean(line.law), clean(line.article)) for line in metadata.basis)
    codes = tuple(code.strip() for code in metadata.related_codes)
    return replace(metadata, **texts, items=items, basis=basis, related_codes=codes)


def refuse_unkept(metadata: Metadata) -> None:
    """What may not even be a draft: secrets (nothing of which is told), unknown codes, what is too long.

    Raises CatalogError.
    """
    if metadata.secret_flag == YES:
        raise CatalogError("涉密: what is secret is not kept in this catalog; nothing of it was stored")
    names = (text for item in metadata.items for text in (item.name, item.length))
    lines = (text for line in metadata.basis for text in (line.law, line.article))
    refuse_secrets(*(getattr(metadata, name) for name in TEXTS), *names, *lines)
    if metadata.title is None:
        raise CatalogError("a draft needs at least its title (信息资源名称)")
    for name in COLUMNS:
        value, field = getattr(metadata, name), BY_KEY[name]
        if value is not None and name in TABLES and value not in TABLES[name].keys:
            raise CatalogError(f"{field.heading}: one of {TABLES[name].choices()}; read {value!r}")
        if value is not None and field.length is not None and len(value) > field.length:
            raise CatalogError(f"{field.heading}: at most {field.length} characters; it has {len(value)}")
    refuse_parts(metadata)


def refuse_parts(metadata: Metadata) -> None:
    for item in metadata.items:
        if not item.name or len(item.name) > WIDE["name"]:
            raise CatalogError(f"信息项名称: 1 to {WIDE['name']} characters; read {item.name[:40]!r}")
        if item.data_type is not None and item.data_type not in TABLES["data_type"].keys:
            choices = TABLES["data_type"].choices()
            raise CatalogError(f"数据类型 of {item.name}: one of {choices}; read {item.data_type!r}")
        if item.length is not None and len(item.length) > SHORT:
            raise CatalogError(f"数据长度 of {item.name}: such as 18 or 10,2; read {item.length[:40]!r}")
    for line in metadata.basis:
        if len(line.law) > WIDE["law"] or len(line.article) > WIDE["article"]:
            raise CatalogError(f"the basis {line.law[:40]}… is too long: a law and its article")
    for name, value in metadata.survey.items():
        if not math.isfinite(value) or value < 0:
            raise CatalogError(f"{BY_KEY[name].heading}: a number of 0 or more; read {value}")


def fill(version: Version, metadata: Metadata, department: str, code: str) -> None:
    """Sets what the version says. `department` and `code` are searched too."""
    before = facts_of(version)
    for name, value in columns(metadata, department, code).items():
        setattr(version, name, value)
    if before.items != metadata.items:
        version.items = [DataItem(**row) for row in item_rows(metadata)]
    if before.basis != metadata.basis:
        version.basis = [ShareBasis(**row) for row in basis_rows(metadata)]
    version.problems = None


def columns(metadata: Metadata, department: str, code: str) -> dict[str, Any]:
    """What a version says, by its columns; its items and its basis are rows of their own."""
    return {
        **{name: getattr(metadata, name) for name in COLUMNS},
        "survey": dict(metadata.survey),
        "related_codes": list(metadata.related_codes),
        "title_key": key(metadata.title or ""),
        "search": searched(metadata, department, code),
    }


def item_rows(metadata: Metadata) -> list[dict[str, Any]]:
    return [
        {
            "position": number,
            "name": item.name,
            "name_key": item_key(item.name),
            "data_type": item.data_type,
            "length": item.length,
            "source": item.source,
            "personal": item.personal,
        }
        for number, item in enumerate(metadata.items, 1)
    ]


def basis_rows(metadata: Metadata) -> list[dict[str, Any]]:
    lines = enumerate(metadata.basis, 1)
    return [{"position": number, "law": line.law, "article": line.article} for number, line in lines]


def facts_of(version: Version) -> Metadata:
    """What the version says."""
    return Metadata(
        **{name: getattr(version, name) for name in COLUMNS},
        survey=dict(version.survey or {}),
        related_codes=tuple(version.related_codes or ()),
        items=tuple(
            ItemFacts(row.name, row.data_type, row.length, row.source, row.personal) for row in version.items
        ),
        basis=tuple(Basis(row.law, row.article) for row in version.basis),
    )


def searched(metadata: Metadata, department: str, code: str) -> str:
    """Everything that a search looks at, as keys: half width, lower case, without blanks."""
    words = (code, metadata.title, department, metadata.provider_unit, metadata.abstract)
    names = (item.name for item in metadata.items)
    return " ".join(key(word) for word in (*words, *names) if word)
