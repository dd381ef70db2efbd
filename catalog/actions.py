"""The read-only actions of CKAN's API (version 3) over the public catalog, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.package import organization, organization_name, package
from catalog.parameters import ActionError, Kind, shown
from catalog.public import code_of, of_ids, slug
from catalog.query import organizations, package_search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from catalog.listing import Listing
    from catalog.parameters import Parameters

PAGE = frozenset({"limit", "offset"})
SHOWN = frozenset({"id", "name_or_id", "include_tracking", "use_default_schema", "include_plugin_data"})
LISTED = PAGE | {"all_fields", "include_dataset_count", "sort", "type"}
OF_ONE = frozenset({"id", "include_datasets", "include_dataset_count", "include_extras", "include_users"})


def package_list(_db: Session, listing: Listing, given: Parameters) -> list[str]:
    """The names of all public entries, by name; limit, offset."""
    given.expect(PAGE)
    return paged(sorted(listing.by_name), given)


def paged(found: list[Any], given: Parameters) -> list[Any]:
    start, limit = given.number("offset", 0) or 0, given.number("limit", None)
    return found[start:] if limit is None else found[start : start + limit]


def package_show(db: Session, listing: Listing, given: Parameters) -> dict[str, Any]:
    """One public entry by its resource code or its name (id). Raises ActionError."""
    given.expect(SHOWN)
    wanted = given.text("id") or given.text("name_or_id")
    if not wanted:
        raise ActionError(Kind.VALIDATION, "id: Missing value", "id")
    code = code_of(wanted)
    brief = listing.by_name.get(slug(code)) if code is not None else None
    found = of_ids(db, [brief.id]) if brief is not None else []
    if not found:
        raise ActionError(Kind.NOT_FOUND, f"no public entry {shown(wanted)}")
    return package(found[0])


def organization_list(_db: Session, listing: Listing, given: Parameters) -> list[Any]:
    """The departments that have public entries, by name; all_fields, limit, offset."""
    given.expect(LISTED)
    found = organizations(listing)
    if not given.flag("all_fields"):
        return paged([one["name"] for one in found], given)
    return paged(found, given)


def organization_show(_db: Session, listing: Listing, given: Parameters) -> dict[str, Any]:
    """One department that has public entries, by its code (id). Raises ActionError."""
    given.expect(OF_ONE)
    wanted = given.text("id").strip()
    if not wanted:
        raise ActionError(Kind.VALIDATION, "id: Missing value", "id")
    name = organization_name(wanted)
    name = name if name in listing.departments else wanted.lower()
    if name not in listing.departments:
        raise ActionError(Kind.NOT_FOUND, f"no organization {shown(wanted)} with public entries")
    code, title = listing.departments[name]
    return organization(code, title, listing.packages[name])


def status_show(_db: Session, listing: Listing, given: Parameters) -> dict[str, Any]:
    """What answers here, and how many public entries it has."""
    given.expect(())
    return {
        "site_title": "rightsizer",
        "api_version": 3,
        "read_only": True,
        "extensions": [],
        "package_count": len(listing.briefs),
        "organization_count": len(listing.departments),
    }


def help_show(_db: Session, _listing: Listing, given: Parameters) -> str:
    """What an action does (name). Raises ActionError."""
    given.expect({"name"})
    action = ACTIONS.get(given.text("name"))
    if action is None:
        raise ActionError(
            Kind.NOT_FOUND, f"no action {shown(given.text('name'))}; there are {', '.join(ACTIONS)}"
        )
    return (action.__doc__ or "").strip()


ACTIONS: Mapping[str, Callable[[Session, Listing, Parameters], Any]] = {
    "package_list": package_list,
    "package_search": package_search,
    "package_show": package_show,
    "organization_list": organization_list,
    "organization_show": organization_show,
    "status_show": status_show,
    "help_show": help_show,
}
