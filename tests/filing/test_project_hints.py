"""What is pointed out at submission: splits, maintenance as new, duplicates; at, just under, just over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from projecting import (
    FILER,
    FORM,
    MONDAY,
    OTHER_FILER,
    POLICY,
    REVIEWER,
    completed,
    departments,
    desk,
    drafted,
)

from filing.hints import City, Held, Known, Limits, Matter, hints
from filing.names import alike, core
from filing.project_papers import add_items
from filing.project_tables import Direction
from filing.submitting import accept, submit
from filing.tables import Filing, FilingState, ProjectKind
from store.tables import System
from store.workflow import RefusedError

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

WAN = 1_000_000  # fen
LIMITS = Limits(50 * WAN, 12, 85, 3, ("平台", "系统", "项目", "建设"))
ONE = Matter(1, "市城管局", ("智慧城管平台",), "develop", MONDAY, "市级财政", 30 * WAN)


def told(matter: Matter, city: City, produced: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(hint.kind), hint.others) for hint in hints(matter, produced, city, LIMITS)]


@pytest.mark.parametrize(
    ("other", "split"),
    [
        (Matter(2, "市城管局", ("停车引导",), "develop", MONDAY, "市级财政", 20 * WAN), True),
        (Matter(2, "市城管局", ("停车引导",), "develop", MONDAY, "市级财政", 20 * WAN - 1), False),
        (Matter(2, "市城管局", ("停车引导",), "develop", MONDAY, "上级资金", 49 * WAN), False),
        (Matter(2, "市城管局", ("智慧城管二期",), "develop", MONDAY, "上级资金", 49 * WAN), True),
        (Matter(2, "市城管局", ("停车引导",), "develop", MONDAY, "市级财政", 50 * WAN), False),
        (Matter(2, "市民政局", ("停车引导",), "develop", MONDAY, "市级财政", 49 * WAN), False),
        (Matter(2, "市城管局", ("停车引导",), "develop", date(2025, 11, 2), "市级财政", 49 * WAN), True),
        (Matter(2, "市城管局", ("停车引导",), "develop", date(2025, 11, 1), "市级财政", 49 * WAN), False),
    ],
    ids=[
        "together at the limit",
        "just under it",
        "other source and name",
        "similar name",
        "one at the limit itself",
        "another department",
        "365 days before",
        "366 days before",
    ],
)
def test_a_split_under_the_limit(other: Matter, split: bool) -> None:
    found = told(ONE, City((other,), (), {}))

    assert ("split" in [kind for kind, _others in found]) == split


def test_a_project_over_the_limit_is_no_split() -> None:
    other = Matter(2, "市城管局", ("智慧城管二期",), "develop", MONDAY, None, 49 * WAN)

    assert told(replace(ONE, budget_fen=50 * WAN), City((other,), (), {})) == []


@pytest.mark.parametrize(
    ("kind", "where", "department", "name", "found"),
    [
        ("develop", "system", "市城管局", "智慧城管系统", "maintenance"),
        ("develop", "filing", "市城管局", "智慧城管平台（二期）", "maintenance"),
        ("purchase", "system", "市城管局", "智慧城管系统", "maintenance"),
        ("extend", "system", "市城管局", "智慧城管系统", None),
        ("maintain", "system", "市城管局", "智慧城管系统", None),
        ("develop", "system", "市城管局", "停车引导系统", None),
        ("develop", "system", "市民政局", "智慧 城管平台", "duplicate"),
        ("extend", "system", "市民政局", "智慧城管系统", "duplicate"),
        ("develop", "system", "市民政局", "智慧养老平台", None),
        ("maintain", "system", "市民政局", "智慧城管系统", None),
    ],
)
def test_a_system_that_is_there(kind: str, where: str, department: str, name: str, found: str | None) -> None:
    said = told(replace(ONE, kind=kind), City((), (Known(where, department, name),), {}))

    assert [kind for kind, _others in said] == ([found] if found else [])


@pytest.mark.parametrize(("common", "found"), [(3, True), (2, False)])
def test_data_items_that_another_project_produces(common: int, found: bool) -> None:
    other = Matter(7, "市民政局", ("低保救助",), "develop", MONDAY)
    items = {f"项{number}": [7] for number in range(common)}
    said = told(ONE, City((other,), (), items), ("项0", "项1", "项2", "别的"))

    assert said == ([("duplicate", ("project 7 低保救助 (市民政局)",))] if found else [])


@pytest.mark.parametrize(("common", "found"), [(3, True), (2, False)])
def test_data_items_that_the_catalog_has_already(common: int, found: bool) -> None:
    held = Held("307006/000001", "低保对象信息", "市民政局", common)
    said = told(ONE, City((), (), {}, (held,)))

    named = f"307006/000001 低保对象信息 (市民政局, {common} items)"
    assert said == ([("duplicate", (named,))] if found else [])


def test_a_project_is_not_compared_with_itself() -> None:
    assert (
        told(ONE, City((ONE,), (), {"案件编号": [1], "地址": [1], "时间": [1]}), ("案件编号", "地址", "时间"))
        == []
    )


def test_many_are_named_by_the_first_five_and_counted() -> None:
    systems = [Known("system", f"局{number}", "智慧城管") for number in range(8)]

    ((_kind, others),) = told(ONE, City((), systems, {}))
    assert len(others) == 6
    assert others[-1] == "and 3 more"


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("平台", "平台"),
        ("2026年度智慧城管平台建设项目", "智慧城管"),
        ("智慧城管平台（第二期）", "智慧城管"),
        ("ＯＡ 系统", "oa"),
        ("系统平台", "系统平台"[:2]),
    ],
)
def test_the_core_of_a_name(name: str, bare: str) -> None:
    assert core(name, LIMITS.common) == bare


def test_alike_by_the_percent_at_and_just_under() -> None:
    # 2 * 3 common / (3 + 4) characters = 85.7 %
    assert alike("abc", "abcd", 85)
    assert not alike("abc", "abcd", 86)


def test_hints_are_recorded_and_the_reviewer_says_what_he_found(sqlite: Register) -> None:
    with sqlite.write() as db:
        departments(db)
        db.add(System(department_id=2, name="智慧城管系统"))
        db.add(Filing(department_id=1, name="智慧城管", state=FilingState.FILED, card={}))
        db.flush()
        project = completed(db, drafted(db))
        submit(db, project, MONDAY, desk(db, FILER))

        assert [(hint["kind"], hint["others"]) for hint in project.hints] == [
            ("maintenance", ["filing 智慧城管"]),
            ("duplicate", ["system 智慧城管系统 (市民政局)"]),
        ]
        with pytest.raises(
            RefusedError, match="say with -m what you found on them\nmaintenance: filed as new"
        ):
            accept(db, project, desk(db, REVIEWER))
        accept(db, project, desk(db, REVIEWER, reason="与现有系统功能不同"))
        assert project.state == "accepted"


def test_drafts_and_withdrawn_projects_are_not_compared_with(sqlite: Register) -> None:
    small = replace(FORM, budget_fen=None)
    with sqlite.write() as db:
        departments(db)
        other = drafted(db, replace(small, name="智慧城管平台二期", budget_fen=400_000_00))
        add_items(db, other, Direction.PRODUCED, [(n, None) for n in ("甲", "乙", "丙")], desk(db, FILER).act)
        theirs = drafted(db, replace(small, name="智慧城管"), OTHER_FILER)
        project = drafted(db, replace(small, kind=ProjectKind.DEVELOP, budget_fen=400_000_00))
        submit(db, project, MONDAY, desk(db, FILER))

        assert project.hints == []
        submit(db, theirs, MONDAY, desk(db, OTHER_FILER))
        assert [hint["kind"] for hint in theirs.hints] == ["duplicate"]


def test_the_policy_says_the_limit(sqlite: Register) -> None:
    with sqlite.write() as db:
        departments(db)
        for name in ("智慧城管平台", "智慧城管平台二期"):
            project = drafted(db, replace(FORM, name=name, budget_fen=25 * WAN))
            submit(db, project, MONDAY, desk(db, FILER))

        assert POLICY.limit_wan == 50
        assert [hint["kind"] for hint in project.hints] == ["split"]
        assert "each under the limit of 50万元, together 50万元" in project.hints[0]["text"]
