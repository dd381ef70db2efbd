"""Filings from the first note to the end: who may what, versions of cards, no step outside of the table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from filing_city import CLERK, NOW, REVIEWER, TODAY, WHOLE, department, furnish, people, system
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from filing.card_check import check_complete, merged, parsed
from filing.card_values import SecretError
from filing.filing_states import FILING
from filing.filings import (
    accept,
    add,
    amend,
    deregister,
    edit,
    found_filing,
    link,
    send_back,
    submit,
    versions,
)
from filing.keeping import keep_new
from filing.tables import Filing, FilingState
from store.journal import verify
from store.tables import JournalEntry
from store.workflow import Act, OvertakenError, RefusedError, Role, move

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

STEPS: dict[str, Callable[[Session, Filing, Act], object]] = {
    "edit": lambda db, row, act: edit(db, row, {"remark": f"{row.version}"}, act, TODAY),
    "submit": lambda db, row, act: submit(db, row, act, TODAY),
    "return": lambda db, row, act: send_back(db, row, act, TODAY),
    "accept": lambda db, row, act: accept(db, row, act, TODAY),
    "amend": lambda db, row, act: amend(db, row, {"remark": f"{row.version}"}, act, TODAY),
    "deregister": lambda db, row, act: deregister(db, row, act, TODAY),
}


def noted(db: Session, act: Act = CLERK, **card: object) -> Filing:
    furnish(db, {"vm-1": ("市教育局", "学籍管理系统")})
    return add(db, department(db, "市教育局"), None, {**WHOLE, **card}, act, TODAY)


def test_a_card_goes_from_the_department_to_the_reviewer_and_back(register: Register) -> None:
    with register.write() as db:
        row = noted(db)
        wang, _sun = people(db)
        submit(db, row, wang, TODAY)
        send_back(db, row, REVIEWER, TODAY)
        edit(db, row, {"users": "教师和家长"}, wang, TODAY)
        submit(db, row, wang, TODAY)
        accept(db, row, REVIEWER, TODAY)

        assert (row.state, row.filed_on, row.card["users"]) == (FilingState.FILED, TODAY, "教师和家长")
        assert [(v.number, v.submitted_by, v.accepted_by) for v in versions(db, row)] == [(1, "wang", "zhao")]
        assert verify(db)[1] is None


def test_a_card_that_lacks_cannot_be_submitted_and_all_that_it_lacks_is_named(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = noted(db, network=None, running_cost=1_000_000, running_mode="外包")
        row.card = merged(row.card, {})

        with pytest.raises(RefusedError, match=r"网络类型, 运维资金来源, 运维单位"):
            submit(db, row, CLERK, TODAY)


def test_an_amendment_holds_when_it_is_accepted_and_the_old_card_stays_in_the_history(
    register: Register,
) -> None:
    with register.write() as db:
        row = noted(db)
        wang, _sun = people(db)
        submit(db, row, wang, TODAY)
        accept(db, row, REVIEWER, TODAY)
        amend(db, row, {"level": "三级", "name": "学籍平台"}, wang, TODAY)

        assert (row.state, row.card["level"], row.name) == (FilingState.AMENDING, "二级", "学籍管理系统")
        accept(db, row, REVIEWER, TODAY)

        assert (row.state, row.card["level"], row.name) == (FilingState.FILED, "三级", "学籍平台")
        assert [version.card["level"] for version in versions(db, row)] == ["二级", "三级"]


def test_a_refused_amendment_leaves_the_filed_card(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = noted(db)
        wang, _sun = people(db)
        submit(db, row, wang, TODAY)
        accept(db, row, REVIEWER, TODAY)
        amend(db, row, {"level": "三级"}, wang, TODAY)
        send_back(db, row, REVIEWER, TODAY)

        assert (row.state, row.card["level"], row.proposed) == (FilingState.FILED, "二级", None)
        assert len(versions(db, row)) == 1


def test_nobody_accepts_what_he_submitted_nor_acts_for_another_department(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = noted(db)
        _wang, sun = people(db)
        both = Act("li", Role.OPERATOR, NOW, "x", also=frozenset({Role.REVIEWER}))
        with pytest.raises(RefusedError, match="another department"):
            submit(db, row, sun, TODAY)
        with pytest.raises(RefusedError, match="another department"):
            add(db, department(db, "市教育局"), None, {"name": "别的"}, sun, TODAY)
        submit(db, row, both, TODAY)

        with pytest.raises(RefusedError, match="another person"):
            accept(db, row, both, TODAY)


def test_of_two_who_decide_at_once_one_is_told(register: Register) -> None:
    with register.write() as db:
        row = noted(db)
        submit(db, row, CLERK, TODAY)
        number = row.id
    with register.read() as db:
        stale = found_filing(db, number)
        db.expunge(stale)
    with register.write() as db:
        accept(db, found_filing(db, number), REVIEWER, TODAY)

    with pytest.raises(OvertakenError), register.write() as db:
        move(db, FILING, [(stale, "filing:1")], "return", REVIEWER)


def test_two_who_note_the_same_system_at_once_are_told_and_the_rest_stays(register: Register) -> None:
    with register.write() as db:
        row = noted(db)
        same = Filing(department_id=row.department_id, name=row.name, state=FilingState.UNFILED, card={})
        with pytest.raises(OvertakenError, match="somebody else"):
            keep_new(db, [same])  # past the look that found the name free
        edit(db, row, {"remark": "x"}, CLERK, TODAY)

    with register.read() as db:
        assert db.scalars(select(Filing.card)).one()["remark"] == "x"


def test_one_name_and_one_system_have_one_standing_filing_each(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = noted(db)
        owner = department(db, "市教育局")
        link(db, row, system(db, "学籍管理系统"), CLERK)
        other = add(db, owner, None, {"name": "招生"}, CLERK, TODAY)

        with pytest.raises(RefusedError, match="filing 1 already"):
            add(db, owner, None, dict(WHOLE), CLERK, TODAY)
        with pytest.raises(RefusedError, match="belongs to filing 1"):
            link(db, other, system(db, "学籍管理系统"), CLERK)
        with pytest.raises(RefusedError, match="filing 1 already"):
            edit(db, other, {"name": "学籍管理系统"}, CLERK, TODAY)
        deregister(db, row, CLERK, TODAY)
        edit(db, other, {"name": "学籍管理系统"}, CLERK, TODAY)


def test_days_in_an_impossible_order_are_refused() -> None:
    tomorrow = (TODAY + timedelta(days=1)).isoformat()

    with pytest.raises(RefusedError, match="建成时间"):
        check_complete({**WHOLE, "built_on": tomorrow}, TODAY)
    with pytest.raises(RefusedError, match="运维合同到期时间"):
        check_complete({**WHOLE, "maintained_until": "2021-02"}, TODAY)
    check_complete({**WHOLE, "maintained_until": "2021"}, TODAY)  # later in that year, for all that is known


def test_values_are_named_by_key_or_heading_and_all_wrong_ones_are_told() -> None:
    said = {"建成时间": "2021年3月", "build_cost": "12万", "remark": ""}

    assert parsed(said) == {"built_on": "2021-03", "build_cost": 12_000_000, "remark": None}
    with pytest.raises(RefusedError, match=r"建成时间.*系统类别"):
        parsed({"built_on": "昨天", "category": "别的"})
    with pytest.raises(RefusedError, match="no field '颜色'"):
        parsed({"颜色": "红"})


def test_a_secret_is_not_shown_in_the_refusal() -> None:
    with pytest.raises(SecretError) as caught:
        parsed({"涉密分类": "机密-甲项目"})

    assert "甲项目" not in str(caught.value)


ACTS = st.sampled_from(["wang", "sun", "li", "zhao"])


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(walk=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), ACTS), max_size=25))
def test_random_events_of_random_people_never_leave_the_table(
    sqlite: Register, walk: list[tuple[str, str]]
) -> None:
    with sqlite.write() as db:
        if db.scalar(select(Filing.id).limit(1)) is None:
            furnish(db, {})
        old = list(db.scalars(select(Filing).where(Filing.state != FilingState.DEREGISTERED)))
        for row in old:
            row.state = FilingState.DEREGISTERED
        row = add(db, department(db, "市教育局"), None, dict(WHOLE), CLERK, TODAY)
        wang, sun = people(db)
    acts = {act.actor: act for act in (wang, sun, CLERK, REVIEWER)}
    for event, who in walk:
        with sqlite.write() as db:
            row = db.merge(row)
            before, by = row.state, row.submitted_by
            try:
                STEPS[event](db, row, acts[who])
            except RefusedError:
                assert row.state == before
                continue
            steps = [s for (now, _e), s in FILING.steps.items() if now == before and s.target == row.state]
            assert any(acts[who].role in step.roles for step in steps)
            assert who != "sun"
            if event in {"accept", "return"}:
                assert by != who
            if row.state == FilingState.FILED:
                assert versions(db, row)[-1].card == row.card
    with sqlite.read() as db:
        assert verify(db)[1] is None
        assert db.scalars(select(JournalEntry.action)).first() is not None
