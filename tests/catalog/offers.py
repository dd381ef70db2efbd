"""A small city with published entries, for tests of what is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from catalog.names import item_key, key
from catalog.tables import ClassNode, DataItem, Entry, Version, VersionState
from catalog.wanted import Desk
from config.policy import CatalogTerms
from config.workdays import seed
from store.tables import Department
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

# 2026-11-23 is a Monday; 11-23 .. 12-31 has no holiday.
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
CIVIL, POLICE, HOUSING = 1, 2, 3  # ids of the departments
LOW_INCOME, ADDRESSES, CHILDREN, ROADS = (
    "307003/000001",
    "307003/000002",
    "307003/000003",
    "307003/000004",
)
CENTRE = Act("zhou", Role.REVIEWER, NOW)
CLERK = Act("wang", Role.OPERATOR, NOW)
PROGRAM = Act("rightsizer", Role.PROGRAM, NOW)


def person(name: str, role: Role, department: int, reason: str | None = None) -> Act:
    return Act(name, role, NOW, reason, department_id=department)


FILER = person("li", Role.FILER, HOUSING)
ANSWERER = person("sun", Role.SIGNER, CIVIL)


def desk(today: date = MONDAY, **terms: object) -> Desk:
    return Desk(seed(), CatalogTerms.model_validate(terms), today)


def city(db: Session) -> None:
    """Three departments; the civil affairs bureau shares with conditions, the police share freely, and one
    entry is neither shared nor open.
    """
    for number, name in ((CIVIL, "市民政局"), (POLICE, "市公安局"), (HOUSING, "市住建局")):
        db.add(Department(id=number, code=f"D{number}", name=name))
    db.add(ClassNode(code="307003", name="社会救助"))
    db.flush()
    published(db, CIVIL, 1, "低保对象信息", ["姓名", "身份证号", "救助金额"], share="conditional")
    published(db, POLICE, 2, "标准地址信息", ["地址编码"], share="unconditional", open_="unconditional")
    published(db, CIVIL, 3, "困境儿童信息", ["姓名"], share="not_shared", open_="not_open")
    published(db, HOUSING, 4, "市政道路信息", [], share="conditional", link=None)


def published(
    db: Session,
    department: int,
    number: int,
    title: str,
    items: Sequence[str],
    *,
    share: str,
    open_: str = "conditional",
    link: str | None = "share-platform/0001",
) -> Entry:
    entry = Entry(
        department_id=department,
        class_code="307003",
        seq=number,
        resource_code=f"307003/{number:06}",
        published=1,
        created_on=MONDAY,
    )
    db.add(entry)
    db.flush()
    version = Version(
        entry_id=entry.id,
        department_id=department,
        number=1,
        state=VersionState.PUBLISHED,
        title=title,
        title_key=key(title),
        share_type=share,
        share_mode_class="platform",
        share_mode_type="database",
        open_type=open_,
        link=link,
        survey={},
        related_codes=[],
        search=title,
        created_on=MONDAY,
        changed_at=NOW,
        items=[
            DataItem(position=place, name=name, name_key=item_key(name), data_type="string")
            for place, name in enumerate(items)
        ],
    )
    db.add(version)
    db.flush()
    return entry
