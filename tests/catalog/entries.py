"""Sound metadata and what the rules know, for tests to spoil."""

from __future__ import annotations

from datetime import date

from catalog.legal import LawFacts
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.names import law_key
from catalog.rules import Context

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
