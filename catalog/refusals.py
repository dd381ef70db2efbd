"""Why a request is refused (arts. 23, 25): a reason of a list, and words where it alone says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import CatalogError
from catalog.purposes import said

if TYPE_CHECKING:
    from catalog.codes import CodeTable

LAW, OTHER = "law", "other"
SPOKEN = {LAW: "the law and its article", OTHER: "which other reason there is"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A key of the list of reasons, and the words told to who asked."""

    reason: str
    words: str | None = None


def refused(grounds: CodeTable, why: Refusal) -> dict[str, object]:
    """What a row keeps of it. Raises CatalogError for a reason that the list has not, or that lacks words."""
    if why.reason not in grounds.keys:
        raise CatalogError(f"a reason of the list: {grounds.choices()}")
    if why.reason in SPOKEN and not (why.words or "").strip():
        raise CatalogError(f"{grounds.word(why.reason)}: say {SPOKEN[why.reason]}")
    return {"refusal": why.reason, "answer": said(why.words, "the reason") if why.words else None}
