"""The public catalog as DCAT in JSON-LD (DCAT-AP as far as the guide's metadata goes). The context stands in
the document: nothing is fetched to read it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from catalog.codes import (
    CONDITIONAL,
    FILE,
    FORMAT_CLASS,
    IMAGE,
    SHEET,
    UNCONDITIONAL,
)
from catalog.public import slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.metadata import Basis, ItemFacts
    from catalog.public import PublicEntry

BASE = "urn:rightsizer:"  # of everything that has an address, where the city gives no address of its own
TERMS = "urn:rightsizer:terms:"  # the guide's metadata that DCAT has no word for
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
FREQUENCIES = {
    "realtime": "CONT",
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "monthly": "MONTHLY",
    "quarterly": "QUARTERLY",
    "halfyearly": "ANNUAL_2",
    "yearly": "ANNUAL",
    "other": "OTHER",
}
RIGHTS = {UNCONDITIONAL: "PUBLIC", CONDITIONAL: "RESTRICTED"}  # NON_PUBLIC never leaves the house
XSD_TYPES = {
    "string": "string",
    "number": "decimal",
    "currency": "decimal",
    "date": "date",
    "datetime": "dateTime",
    "boolean": "boolean",
    "memo": "string",
    "general": "base64Binary",
    "double": "double",
    "integer": "integer",
    "float": "float",
}
DOWNLOADS = (FILE, SHEET, IMAGE)
GIB = 1024**3
CONTEXT: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dcatap": "http://data.europa.eu/r5r/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rs": TERMS,
    "dct:title": {"@language": "zh"},
    "dct:description": {"@language": "zh"},
    "rdfs:label": {"@language": "zh"},
    "foaf:name": {"@language": "zh"},
    "skos:prefLabel": {"@language": "zh"},
    "dct:issued": {"@type": "xsd:date"},
    "dct:modified": {"@type": "xsd:date"},
    "dct:accessRights": {"@type": "@id"},
    "dct:accrualPeriodicity": {"@type": "@id"},
    "dct:relation": {"@type": "@id"},
    "dcat:accessURL": {"@type": "@id"},
    "dcat:downloadURL": {"@type": "@id"},
    "dcat:byteSize": {"@type": "xsd:nonNegativeInteger"},
    "csvw:datatype": {"@type": "@id"},
    "csvw:column": {"@container": "@list"},
    "rs:lastDataOn": {"@type": "xsd:date"},
}
# Field of the metadata -> term of our own.
OWN = {
    "provider_unit": "rs:providerUnit",
    "format_class": "rs:formatClass",
    "format_other": "rs:formatOther",
    "share_type": "rs:shareType",
    "share_condition": "rs:shareCondition",
    "share_mode_class": "rs:shareModeClass",
    "share_mode_type": "rs:shareModeType",
    "use_requirement": "rs:useRequirement",
    "period_other": "rs:periodOther",
}


@dataclass(frozen=True, slots=True)
class Head:
    """The catalog itself. `base`: what the addresses of its parts begin with."""

    title: str
    publisher: str
    base: str = BASE

    def address(self, kind: str, name: str) -> str:
        return f"{self.base}{kind}/{quote(name, safe='-')}"


def document(head: Head, entries: Iterable[PublicEntry]) -> dict[str, Any]:
    """The whole catalog as one JSON-LD document."""
    return {**opening(head), "dcat:dataset": [dataset(head, entry) for entry in entries]}


def lines(head: Head, entries: Iterable[PublicEntry]) -> Iterator[str]:
    """The text of the same document, an entry a line, without holding more than one."""
    start = json.dumps(opening(head), ensure_ascii=False)
    yield f'{start[:-1]}, "dcat:dataset": ['
    before = "\n"
    for entry in entries:
        yield before + json.dumps(dataset(head, entry), ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def opening(head: Head) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@id": f"{head.base}catalog",
        "@type": "dcat:Catalog",
        "dct:title": head.title,
        "dct:publisher": {"@id": f"{head.base}publisher", "@type": "foaf:Agent", "foaf:name": head.publisher},
    }


def dataset(head: Head, entry: PublicEntry) -> dict[str, Any]:
    """One entry; what is not known is left out."""
    facts = entry.metadata
    made: dict[str, Any] = {
        "@id": head.address("entry", entry.slug),
        "@type": "dcat:Dataset",
        "dct:identifier": entry.code,
        "dct:title": facts.title,
        "dct:description": facts.abstract,
        "dct:publisher": {
            "@id": head.address("department", entry.department_code),
            "@type": "foaf:Agent",
            "foaf:name": entry.department,
            "dct:identifier": entry.department_code,
        },
        "dcat:theme": {
            "@id": head.address("class", entry.class_code),
            "@type": "skos:Concept",
            "skos:notation": entry.class_code,
            "skos:prefLabel": entry.class_name,
        },
        "dct:issued": said(entry.issued),
        "dct:modified": said(entry.modified),
        "dct:accrualPeriodicity": authority(FREQUENCY, FREQUENCIES, facts.update_period),
        "dct:accessRights": authority(ACCESS, RIGHTS, facts.open_type),
        "dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": facts.open_condition}
        if facts.open_condition
        else None,
        "dct:relation": [head.address("entry", slug(code)) for code in facts.related_codes],
        "dcat:version": str(entry.number),
        "dcat:contactPoint": contact(entry),
        "dcat:distribution": distribution(head, entry),
        "csvw:tableSchema": {"@type": "csvw:Schema", "csvw:column": [column(item) for item in facts.items]}
        if facts.items
        else None,
        "dcatap:applicableLegislation": [legislation(line) for line in facts.basis],
        "rs:lastDataOn": said(entry.last_data_on),
    }
    return known(made | {term: getattr(facts, name) for name, term in OWN.items()})


def known(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value not in (None, [])}


def said(day: object) -> str | None:
    return None if day is None else str(day)


def authority(place: str, codes: dict[str, str], key: str | None) -> str | None:
    return f"{place}{codes[key]}" if key in codes else None


def contact(entry: PublicEntry) -> dict[str, Any]:
    """The office, not a person."""
    phone = entry.metadata.phone
    return known(
        {
            "@type": "vcard:Organization",
            "vcard:fn": entry.department,
            "vcard:organization-unit": entry.metadata.provider_unit,
            "vcard:hasTelephone": None if phone is None else {"@type": "vcard:Voice", "vcard:value": phone},
        }
    )


def distribution(head: Head, entry: PublicEntry) -> dict[str, Any]:
    """How the data comes. What is open without conditions and a file can be downloaded at its link."""
    facts = entry.metadata
    freely = facts.open_type == UNCONDITIONAL and facts.format_class in DOWNLOADS
    size = facts.survey.get("storage_open")
    return known(
        {
            "@id": f"{head.address('entry', entry.slug)}/distribution",
            "@type": "dcat:Distribution",
            "dct:title": FORMAT_CLASS.word(facts.format_class),
            "dct:format": facts.format_type,
            "dcat:accessURL": facts.link,
            "dcat:downloadURL": facts.link if freely else None,
            "dcat:byteSize": str(round(size * GIB)) if size else None,
        }
    )


def column(item: ItemFacts) -> dict[str, Any]:
    xsd = XSD_TYPES.get(item.data_type or "")
    return known(
        {
            "@type": "csvw:Column",
            "csvw:name": item.name,
            "csvw:datatype": None if xsd is None else f"xsd:{xsd}",
            "rs:dataType": item.data_type,
            "rs:length": item.length,
        }
    )


def legislation(line: Basis) -> dict[str, Any]:
    return known({"@type": "eli:LegalResource", "dct:title": line.law, "rs:article": line.article or None})
