"""package_search: words, filters, order, a page, and counts beside it, as CKAN's clients ask for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from catalog.listing import FACETS, counted
from catalog.names import clean, key
from catalog.package import organization, package
from catalog.parameters import ActionError, Kind, shown
from catalog.public import OPEN, of_ids
from catalog.search import within
from catalog.tables import Version

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from catalog.listing import Brief, Listing
    from catalog.parameters import Parameters

MOST_ROWS, MOST_WORDS, MOST_TERMS = 1000, 16, 10
ALL = frozenset({"", "*", "*:*"})
ASKED = frozenset(
    ("q", "fq", "fq_list", "rows", "limit", "start", "offset", "sort", "facet", "facet.field", "facet.limit")
)
WITHOUT_EFFECT = frozenset(
    ("include_drafts", "include_private", "use_default_schema")
)  # nothing of it is here
FIELD = re.compile(
    r"(?:^|\s)[+-]?(title|name|id|notes|tags|groups|organization|author|res_format|extras_\w+):"
)
TERM = re.compile(r"""\s*(?:AND\s+)?\+?(\w+):(?:"([^"]*)"|([^\s"()]+))(?=\s|$)""")
DEFAULT_ORDER = "metadata_modified desc"
ORDERS: Mapping[str, Callable[[Brief], Any]] = {
    "name": lambda brief: brief.name,
    "title": lambda brief: brief.title,
    "title_string": lambda brief: brief.title,
    "metadata_created": lambda brief: brief.issued,
    "metadata_modified": lambda brief: brief.modified,
}
SAME_FOR_ALL = {"state": "active", "dataset_type": "dataset", "type": "dataset", "capacity": "public"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A search. `filters`: field and value; `order`: field and whether downwards."""

    words: str
    filters: tuple[tuple[str, str], ...]
    order: tuple[tuple[str, bool], ...]
    start: int
    rows: int
    facets: tuple[str, ...]
    values: int


def package_search(db: Session, listing: Listing, given: Parameters) -> dict[str, Any]:
    """Raises ActionError."""
    asked = read(given)
    found = ordered(matching(db, listing, asked), asked.order)
    shown_here = found[asked.start : asked.start + asked.rows]
    results = [package(entry) for entry in of_ids(db, [brief.id for brief in shown_here])]
    counts = {field: counted(found, field) for field in asked.facets}
    return {
        "count": len(found),
        "sort": ", ".join(f"{name} {'desc' if down else 'asc'}" for name, down in asked.order),
        "facets": {field: dict(top(one, asked.values)) for field, one in counts.items()},
        "results": results,
        "search_facets": {
            field: {
                "title": field,
                "items": [facet(listing, field, *pair) for pair in top(one, asked.values)],
            }
            for field, one in counts.items()
        },
    }


def read(given: Parameters) -> Asked:
    given.expect(ASKED | WITHOUT_EFFECT)
    rows = given.number("rows", given.number("limit", 10, MOST_ROWS), MOST_ROWS)
    start = given.number("start", given.number("offset", 0))
    values = given.number("facet.limit", 50, MOST_ROWS)
    facets = tuple(dict.fromkeys(given.texts("facet.field")))
    unknown = [name for name in facets if name not in FACETS]
    if unknown:
        raise query_error("facet.field", f"one of {', '.join(FACETS)}", unknown[0])
    terms = [term for text in (*given.texts("fq"), *given.texts("fq_list")) for term in filters_of(text)]
    if len(terms) > MOST_TERMS:
        raise query_error("fq", f"at most {MOST_TERMS} terms", len(terms))
    order = order_of(given.text("sort"))
    return Asked(words_of(given.text("q")), tuple(terms), order, start or 0, rows or 0, facets, values or 0)


def query_error(name: str, wanted: str, value: object) -> ActionError:
    return ActionError(Kind.QUERY, f"{name}: {wanted}; read {shown(value)}", name)


def words_of(q: str) -> str:
    text = clean(q)
    if text in ALL:
        return ""
    if FIELD.search(text):
        raise query_error("q", "words, all of which occur; a field goes into fq", q)
    words = [word for word in text.split() if key(word)]
    if not words:
        raise query_error("q", "at least one letter or digit, or *:* for everything", q)
    if len(words) > MOST_WORDS:
        raise query_error("q", f"at most {MOST_WORDS} words", q)
    return " ".join(words)


def filters_of(text: str) -> list[tuple[str, str]]:
    """organization:11370283004283028T groups:"307003" +state:active. Raises ActionError."""
    found, place, text = [], 0, text.strip()
    while place < len(text):
        term = TERM.match(text, place)
        if term is None or (term[1] not in FACETS and term[1] not in SAME_FOR_ALL):
            fields = ", ".join((*FACETS, *SAME_FOR_ALL))
            raise query_error("fq", f"FIELD:VALUE with one of {fields}", text[place:])
        found.append((term[1], term[2] if term[2] is not None else term[3]))
        place = term.end()
    return found


def order_of(text: str) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in (clean(text) or DEFAULT_ORDER).split(","):
        name, _blank, way = part.strip().partition(" ")
        if way.lower() not in {"asc", "desc", ""} or (name not in ORDERS and name != "score"):
            raise query_error("sort", f"FIELD asc or desc with one of {', '.join(ORDERS)}, score", part)
        if name != "score":  # nothing is more relevant: all words occur
            found.append((name, way.lower() == "desc"))
    if len(found) > len(ORDERS):
        raise query_error("sort", f"at most {len(ORDERS)} fields", text)
    return tuple(found) or order_of("")


def matching(db: Session, listing: Listing, asked: Asked) -> Sequence[Brief]:
    """The newest first."""
    found = listing.briefs
    for field, value in asked.filters:
        if field in SAME_FOR_ALL:
            found = found if value == SAME_FOR_ALL[field] else []
        else:
            of, wanted = FACETS[field], value.upper() if field == "res_format" else value.lower()
            found = [brief for brief in found if of(brief) == wanted]
    if asked.words and found:
        ids = having(db, asked.words.split())
        found = [brief for brief in found if brief.id in ids]
    return found


def having(db: Session, words: Sequence[str]) -> set[int]:
    """Numbers of the public versions in whose texts all words occur, by one look through the texts."""
    looked = select(Version.id).where(OPEN)
    for word in words:
        looked = looked.where(within(db)(Version.search, key(word)) > 0)
    return set(db.scalars(looked))


def ordered(found: Sequence[Brief], order: tuple[tuple[str, bool], ...]) -> Sequence[Brief]:
    if order == order_of(""):
        return found
    found = sorted(found, key=ORDERS["name"])
    for name, down in reversed(order):
        found = sorted(found, key=ORDERS[name], reverse=down)
    return found


def top(counts: Counter[str], values: int) -> list[tuple[str, int]]:
    """The most frequent first, then by name; 0 values are all."""
    found = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return found[:values] if values else found


def facet(listing: Listing, field: str, value: str, count: int) -> dict[str, Any]:
    titles = {"organization": lambda: listing.departments[value][1], "groups": lambda: listing.groups[value]}
    return {"name": value, "display_name": titles.get(field, lambda: value)(), "count": count}


def organizations(listing: Listing) -> list[dict[str, Any]]:
    return [
        organization(code, title, listing.packages[name])
        for name, (code, title) in sorted(listing.departments.items())
    ]
