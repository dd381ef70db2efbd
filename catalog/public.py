"""What everybody may see of the catalog (arts. 24 to 27): published entries that are not 不予开放, without
the names and mobile numbers of people. What leaves the house by a standard is made of these values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import and_, or_, select

from catalog.codes import CONDITIONAL, NO, UNCONDITIONAL
from catalog.content import COLUMNS
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.tables import ClassNode, DataItem, Entry, ShareBasis, Version, VersionState
from store.parts import parts
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

OPEN = and_(
    Version.state == VersionState.PUBLISHED,
    Version.open_type.in_((UNCONDITIONAL, CONDITIONAL)),
    or_(Version.secret_flag.is_(None), Version.secret_flag == NO),
)
HIDDEN = {"contact", "phone", "link"}
MOBILE = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
LINKS = frozenset({"http", "https", "ftp"})
UNLINKED = re.compile(r"[\x00-\x20\x7f<>\"{}|\\^`]")
SLUG = re.compile(r"([0-9]{1,32})[-/]([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """An entry as everybody may see it. `issued`: 发布日期; `modified`: when its version went public or its
    data was renewed, the later. Its metadata has no contact; its phone is no person's; its related codes are
    public themselves.
    """

    code: str
    class_code: str
    class_name: str
    department: str
    department_code: str
    number: int
    issued: date | None
    modified: date | None
    last_data_on: date | None
    metadata: Metadata

    @property
    def slug(self) -> str:
        return slug(self.code)


def slug(code: str) -> str:
    """A resource code as a part of addresses: 307001/000012 is 307001-000012."""
    return code.replace("/", "-")


def code_of(text: str) -> str | None:
    """The resource code of a code or a slug; None for what is neither."""
    found = SLUG.fullmatch(text.strip())
    return f"{found[1]}/{found[2]}" if found else None


def link_of(text: str | None) -> str | None:
    """An address that anybody can follow and that holds no password; None for what is none."""
    if text is None or UNLINKED.search(text):
        return None
    try:
        parsed = urlsplit(text)
        sound = parsed.scheme.lower() in LINKS and parsed.hostname and parsed.username is None
    except ValueError:
        return None
    return text if sound else None


def phone_of(text: str | None) -> str | None:
    """The office's telephone; a mobile number is a person's."""
    return None if text is None or MOBILE.search(text) else text


def public_ids(db: Session) -> Sequence[int]:
    """Numbers of the versions that are public, by code."""
    found = select(Version.id).join(Entry, Entry.id == Version.entry_id).where(OPEN)
    return db.scalars(found.order_by(Entry.class_code, Entry.seq)).all()


def every(db: Session) -> Iterator[PublicEntry]:
    """All that is public, by code; read in parts."""
    for part in parts(public_ids(db)):
        yield from of_ids(db, part)


def of_ids(db: Session, ids: Sequence[int]) -> list[PublicEntry]:
    """These versions in their order; those that are not public are left out."""
    return [entry for part in parts(ids) for entry in read(db, part)]


FACTS: tuple[Any, ...] = (
    Version.id,
    Entry.resource_code,
    Entry.class_code,
    ClassNode.name.label("class_name"),
    Department.name.label("department"),
    Department.code.label("department_code"),
    Version.number,
    Version.went_public_on,
    Entry.last_data_on,
    Version.survey,
    Version.related_codes,
    *(getattr(Version, name) for name in COLUMNS if name != "contact"),
)


def read(db: Session, ids: list[int]) -> list[PublicEntry]:
    asked = select(*FACTS).select_from(Version).join(Entry, Entry.id == Version.entry_id)
    asked = asked.join(ClassNode, ClassNode.code == Entry.class_code)
    asked = asked.join(Department, Department.id == Version.department_id)
    rows = {row.id: row for row in db.execute(asked.where(OPEN, Version.id.in_(ids))).all()}
    items, basis = items_of(db, ids), basis_of(db, ids)
    known = public_codes(db, {code for row in rows.values() for code in row.related_codes or ()})
    return [entry_of(rows[n], items.get(n, ()), basis.get(n, ()), known) for n in ids if n in rows]


def items_of(db: Session, ids: list[int]) -> dict[int, tuple[ItemFacts, ...]]:
    asked = select(
        DataItem.version_id, DataItem.name, DataItem.data_type, DataItem.length, DataItem.source
    ).where(DataItem.version_id.in_(ids))
    rows = db.execute(asked.order_by(DataItem.version_id, DataItem.position)).all()
    return {
        number: tuple(ItemFacts(row.name, row.data_type, row.length, row.source) for row in group)
        for number, group in groupby(rows, attrgetter("version_id"))
    }


def basis_of(db: Session, ids: list[int]) -> dict[int, tuple[Basis, ...]]:
    asked = select(ShareBasis.version_id, ShareBasis.law, ShareBasis.article)
    asked = asked.where(ShareBasis.version_id.in_(ids)).order_by(ShareBasis.version_id, ShareBasis.position)
    rows = db.execute(asked).all()
    return {
        number: tuple(Basis(row.law, row.article) for row in group)
        for number, group in groupby(rows, attrgetter("version_id"))
    }


def public_codes(db: Session, codes: Iterable[str]) -> set[str]:
    asked = select(Entry.resource_code).join(Version, Version.entry_id == Entry.id).where(OPEN)
    return {
        code
        for part in parts(sorted(codes))
        for code in db.scalars(asked.where(Entry.resource_code.in_(part)))
    }


def entry_of(
    row: Row[Any], items: tuple[ItemFacts, ...], basis: tuple[Basis, ...], known: set[str]
) -> PublicEntry:
    facts: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS if name not in HIDDEN}
    metadata = Metadata(
        **facts,
        phone=phone_of(row.phone),
        link=link_of(row.link),
        survey=dict(row.survey or {}),
        related_codes=tuple(code for code in row.related_codes or () if code in known),
        items=items,
        basis=basis,
    )
    issued = row.published_on or row.went_public_on
    changed = [day for day in (row.went_public_on, row.last_data_on, issued) if day is not None]
    return PublicEntry(
        row.resource_code,
        row.class_code,
        row.class_name,
        row.department,
        row.department_code,
        row.number,
        issued,
        max(changed, default=None),
        row.last_data_on,
        metadata,
    )
