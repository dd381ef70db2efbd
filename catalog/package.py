"""Public entries and departments as CKAN's action API shows them: packages, resources, organizations."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from catalog.codes import FORMAT_CLASS

if TYPE_CHECKING:
    from datetime import date

    from catalog.public import PublicEntry

NAME = re.compile(r"[a-z0-9_-]{2,100}")
# What CKAN has no field for, by the keys of catalog.fields.
EXTRAS = (
    "provider_unit",
    "format_class",
    "share_type",
    "share_condition",
    "share_mode_class",
    "share_mode_type",
    "use_requirement",
    "open_type",
    "open_condition",
    "update_period",
    "period_other",
)
BYTES_OF_GB = 1024**3


def organization_name(code: str) -> str:
    """A department's code as CKAN names organizations: small letters, digits, - and _."""
    name = code.lower()
    return name if NAME.fullmatch(name) else f"department-{sha256(code.encode()).hexdigest()[:16]}"


def organization(code: str, title: str, packages: int | None = None) -> dict[str, Any]:
    """`packages`: how many public entries it has."""
    made = {
        "id": code,
        "name": organization_name(code),
        "title": title,
        "display_name": title,
        "type": "organization",
        "is_organization": True,
        "state": "active",
    }
    return made if packages is None else made | {"package_count": packages}


def package(entry: PublicEntry) -> dict[str, Any]:
    """One public entry, in JSON values."""
    facts = entry.metadata
    resources = [resource(entry)]
    return {
        "id": entry.code,
        "name": entry.slug,
        "title": facts.title,
        "notes": facts.abstract,
        "url": facts.link,
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": False,  # CKAN asks whether the licence is open: the guide has no licence
        "license_id": "notspecified",
        "version": str(entry.number),
        "author": entry.department,
        "maintainer": facts.provider_unit or entry.department,
        "maintainer_phone": facts.phone,
        "metadata_created": moment(entry.issued),
        "metadata_modified": moment(entry.modified),
        "owner_org": entry.department_code,
        "organization": organization(entry.department_code, entry.department),
        "groups": [
            {"id": entry.class_code, "name": entry.class_code, "title": entry.class_name, "type": "group"}
        ],
        "tags": [],
        "num_tags": 0,
        "resources": resources,
        "num_resources": len(resources),
        "extras": extras(entry),
        "relationships_as_subject": [
            {"subject": entry.slug, "type": "links_to", "object": code.replace("/", "-")}
            for code in facts.related_codes
        ],
    }


def moment(day: date | None) -> str | None:
    """A day as CKAN writes moments."""
    return None if day is None else f"{day}T00:00:00"


def resource(entry: PublicEntry) -> dict[str, Any]:
    """The link (empty where there is none), the format and the items."""
    facts = entry.metadata
    size = facts.survey.get("storage_open")
    return {
        "id": f"{entry.slug}-1",
        "package_id": entry.code,
        "position": 0,
        "state": "active",
        "name": facts.title,
        "description": FORMAT_CLASS.word(facts.format_class),
        "format": (facts.format_type or "").upper(),
        "url": facts.link or "",
        "size": round(size * BYTES_OF_GB) if size else None,
        "schema": {
            "fields": [
                {"name": item.name, "type": item.data_type, "length": item.length} for item in facts.items
            ]
        },
    }


def extras(entry: PublicEntry) -> list[dict[str, str]]:
    facts = entry.metadata
    values: dict[str, str | None] = {name: getattr(facts, name) for name in EXTRAS}
    values["basis"] = "；".join(f"《{line.law.strip('《》')}》{line.article}" for line in facts.basis)
    values["last_data_on"] = None if entry.last_data_on is None else str(entry.last_data_on)
    return [{"key": key, "value": value} for key, value in values.items() if value]
