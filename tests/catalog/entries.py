"""Sound metadata and what the rules know, for tests to spoil."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from catalog.entries import New, add
from catalog.legal import LawFacts
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.names import law_key
from catalog.passage import confirm, file, publish, submit
from catalog.reference import ClassLine, import_classes
from catalog.rules import Context
from store.tables import Department, System
from store.workflow import Act, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from catalog.matters import ChangeEvent
    from catalog.tables import Entry
    from store.database import Register

TODAY = date(2026, 11, 23)
LAWS = {
    law_key(law.name): law
    for law in (
        LawFacts("中华人民共和国个人信息保护法"),
        LawFacts("中华人民共和国婚姻法", date(2021, 1, 1), "中华人民共和国民法典"),
        LawFacts("某某管理条例", date(2026, 11, 24)),
    )
}
SOUND = Metadata(
    title="低保对象信息",
    abstract="全市城乡低保对象的基本情况",
    format_class="database",
    format_type="mysql",
    share_type="conditional",
    share_condition="用于社会救助资格核对",
    share_mode_class="platform",
    share_mode_type="interface",
    use_requirement="只用于申请时说明的用途",
    open_type="not_open",
    update_period="monthly",
    secret_flag="no",  # noqa: S106  (no password)
    survey={"storage_total": 12.0, "storage_shared": 3.0},
    items=(ItemFacts("姓名", "string", "50"), ItemFacts("身份证号", "string", "18")),
    basis=(Basis("《中华人民共和国个人信息保护法》", "第十三条"),),
)
CONTEXT = Context(
    today=TODAY,
    resource_code="307003/000001",
    titles={"低保家庭信息": "307003/000002"},
    systems=frozenset({"社会救助信息管理"}),
    codes=frozenset({"307003/000002"}),
    laws=LAWS,
)


NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
EDITOR = Act("li", Role.EDITOR, NOW, "why", department_id=1)
SIGNER = Act("sun", Role.SIGNER, NOW, "why", department_id=1)
REVIEWER = Act("chen", Role.REVIEWER, NOW, "why")
CLERK = Act("wang", Role.OPERATOR, NOW, "why")
CLASSES = ("1", "3", "307", "307003", "307004")


def city(register: Register) -> None:
    """Two departments, a system of the first, five classes."""
    with register.write() as db:
        db.add(Department(code="11370283004283028T", name="市民政局"))
        db.flush()
        db.add(Department(code="113702830042830101", name="市公安局"))
        db.flush()
        db.add(System(department_id=1, name="社会救助信息管理"))
        import_classes(db, [ClassLine(code=code, name=f"类{code}") for code in CLASSES], CLERK)


def added(db: Session, metadata: Metadata = SOUND, department: int = 1, class_code: str = "307003") -> Entry:
    (entry,) = add(db, [New(department, class_code, metadata)], TODAY, CLERK)
    return entry


def published(db: Session, entry: Entry, today: date = TODAY) -> list[ChangeEvent]:
    """Through every step, by those whose step it is; the events that stay open."""
    own = replace(EDITOR, department_id=entry.department_id)
    submit(db, entry, today, own)
    confirm(db, entry, today, replace(SIGNER, department_id=entry.department_id))
    file(db, entry, today, REVIEWER)
    return publish(db, entry, today, CLERK)[1]
