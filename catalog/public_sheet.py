"""The public catalog as a flat sheet: one row per entry, in the words of the guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.codes import DATA_TYPE, TABLES
from catalog.fields import FIELDS

if TYPE_CHECKING:
    from catalog.metadata import Basis, ItemFacts
    from catalog.public import PublicEntry
    from store.cells import Cell

LEFT_OUT = {"contact", "secret_flag"}  # a person; and nothing that is public is secret
SHOWN = tuple(field for field in FIELDS if field.key not in LEFT_OUT)
HEADINGS = (*(field.heading for field in SHOWN), "数据截止日期")


def row(entry: PublicEntry) -> list[Cell]:
    values: dict[str, Cell] = {
        "class_code": entry.class_code,
        "resource_code": entry.code,
        "provider_name": entry.department,
        "provider_code": entry.department_code,
        "published_on": entry.issued,
        "items": "、".join(map(item_text, entry.metadata.items)) or None,
        "basis": "；".join(map(basis_text, entry.metadata.basis)) or None,
        "related_codes": "、".join(entry.metadata.related_codes) or None,
        **entry.metadata.survey,
    }
    return [*(cell_of(entry, values, field.key) for field in SHOWN), entry.last_data_on]


def cell_of(entry: PublicEntry, values: dict[str, Cell], key: str) -> Cell:
    if key in values:
        return values[key]
    value: Cell = getattr(entry.metadata, key, None)
    table = TABLES.get(key)
    return table.word(str(value)) if table is not None and value is not None else value


def item_text(item: ItemFacts) -> str:
    """身份证号（字符型C，18）."""
    word = DATA_TYPE.word(item.data_type)
    said = "，".join(part for part in (word, item.length) if part)
    return f"{item.name}（{said}）" if said else item.name


def basis_text(line: Basis) -> str:
    return f"《{line.law.strip('《》')}》{line.article}"
