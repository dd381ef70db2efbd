"""What the catalog refuses: what was tried, on what, what to do."""

from __future__ import annotations


class CatalogError(ValueError, LookupError):
    """An entry, class, item or ticket that is not there, or a value that cannot be."""
