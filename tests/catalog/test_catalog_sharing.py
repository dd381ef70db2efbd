"""Sharing: who may ask for what, the working days of the answer, its reasons, and the use (art. 23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offers import (
    ADDRESSES,
    ANSWERER,
    CENTRE,
    CHILDREN,
    CIVIL,
    CLERK,
    FILER,
    HOUSING,
    LOW_INCOME,
    MONDAY,
    NOW,
    POLICE,
    PROGRAM,
    ROADS,
    city,
    desk,
    person,
)
from processes import together, url_of
from sqlalchemy import select

from catalog.errors import CatalogError
from catalog.purposes import empty, said
from catalog.refusals import Refusal
from catalog.sharing import Form, cancel, clock_of, draft, edit, forward, give_back, submit
from catalog.sharing_answers import (
    Grant,
    coordinate,
    dispute,
    expire_due,
    grant,
    grant_partly,
    refuse,
    revoke,
)
from catalog.sharing_states import SHARE
from catalog.sharing_tables import ShareRequest, ShareState
from catalog.sharing_use import Use, record, uses
from catalog.tables import Version
from store.deadlines import overdue
from store.tables import Department, JournalEntry
from store.workflow import Act, OvertakenError, RefusedError, Role, move

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers", "cities"]

FORM = Form(
    purpose="核对保障性住房申请人的收入条件",
    duty="《公租房管理办法》第七条 审核申请",
    term_from=date(2026, 12, 1),
    term_to=date(2027, 11, 30),
)
GRANT = Grant("只用于住房保障资格核对，不得转给他人")
YEAR_ON = date(2027, 12, 1)


@pytest.fixture
def known(register: Register) -> Register:
    with register.write() as db:
        city(db)
    return register


def drafted(db: Session, form: Form = FORM, code: str = LOW_INCOME, act: Act = FILER) -> ShareRequest:
    housing = db.get(Department, HOUSING)
    assert housing is not None
    return draft(db, code, housing, form, desk(), act)


def waiting(db: Session, received: date = MONDAY) -> ShareRequest:
    row = drafted(db)
    submit(db, row, desk(), FILER)
    forward(db, row, desk(), received, CENTRE)
    return row


def in_use(db: Session) -> ShareRequest:
    row = waiting(db)
    grant(db, row, GRANT, desk(), MONDAY, ANSWERER)
    return row


def test_the_answer_is_due_five_working_days_after_receipt(small: Register) -> None:
    with small.write() as db:
        row = waiting(db)
        (clock,) = clock_of(db, row)

        # Received on Monday 11-23, itself left out: Tue 24, Wed 25, Thu 26, Fri 27, Mon 30.
        assert clock.due_on == date(2026, 11, 30)
        assert clock.department_id == CIVIL
        assert clock.title == "答复市住建局的数据共享申请（1号）：307003/000001"


def test_the_days_are_those_of_the_policy(small: Register) -> None:
    with small.write() as db:
        row = drafted(db)
        submit(db, row, desk(), FILER)
        clock = forward(db, row, desk(share_answer=10), MONDAY, CENTRE)

        assert clock.due_on == date(2026, 12, 7)


def test_a_granted_request_keeps_its_conditions_and_its_term(small: Register) -> None:
    with small.write() as db:
        row = in_use(db)
        (clock,) = clock_of(db, row)

        assert (row.state, row.granted_scope) == (ShareState.GRANTED, ["姓名", "身份证号", "救助金额"])
        assert (row.granted_from, row.granted_to) == (date(2026, 12, 1), date(2027, 11, 30))
        assert row.conditions == GRANT.conditions
        assert clock.met_on == MONDAY


def test_what_everybody_may_share_needs_no_request(small: Register) -> None:
    with (
        small.write() as db,
        pytest.raises(RefusedError, match=r"无条件共享.*directly from share-platform/0001"),
    ):
        drafted(db, code=ADDRESSES)


def test_ones_own_data_needs_no_request(small: Register) -> None:
    with small.write() as db, pytest.raises(RefusedError, match="own data"):
        drafted(db, code=ROADS)


def test_only_what_is_published_can_be_asked_for(small: Register) -> None:
    with small.write() as db:
        db.scalars(select(Version).where(Version.entry_id == 1)).one().state = "offline"

        with pytest.raises(RefusedError, match="not published"):
            drafted(db)
        with pytest.raises(CatalogError, match="no entry"):
            drafted(db, code="307003/000099")


def test_what_is_not_shared_goes_to_the_coordination_at_once(small: Register) -> None:
    with small.write() as db:
        row = drafted(db, code=CHILDREN)
        event = submit(db, row, desk(), FILER)

        assert (event, row.state, row.coordinated_for) == ("coordinate", ShareState.COORDINATION, "不予共享")
        assert clock_of(db, row) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"purpose": "工作需要"}, "says nothing"),
        ({"purpose": "因工作需要，申请使用相关数据"}, "says nothing"),
        ({"purpose": "领导要求"}, "says nothing"),
        ({"purpose": " 　"}, "some words"),
        ({"duty": "领导批示要求办理事项"}, "inner order"),
        ({"term_from": date(2026, 11, 22)}, "is over"),
        ({"term_to": date(2026, 11, 30)}, "before it begins"),
        ({"term_to": None}, "first and a last day"),
        ({"scope": ("收入",)}, "no item '收入'"),
        ({"purpose": "机密★ 核对名单"}, "secrecy law"),
    ],
)
def test_a_request_that_says_nothing_or_cannot_be_is_refused(
    small: Register, change: dict[str, object], said: str
) -> None:
    with small.write() as db, pytest.raises(CatalogError, match=said):
        drafted(db, replace(FORM, **change))  # type: ignore[arg-type]


def test_the_content_of_a_secret_is_not_repeated() -> None:
    with pytest.raises(CatalogError) as refused:
        said("机密★ 某某行动名单", "the purpose")

    assert "某某行动" not in str(refused.value)


@pytest.mark.parametrize("text", ["核对低保资格", "发放高龄津贴", "Verify housing claims", "疫情流调"])
def test_a_short_purpose_that_says_something_is_none_of_the_empty_ones(text: str) -> None:
    assert not empty(text)


def test_an_interface_is_asked_for_with_its_load(small: Register) -> None:
    with small.write() as db:
        db.scalars(select(Version).where(Version.entry_id == 1)).one().share_mode_type = "interface"

        with pytest.raises(CatalogError, match="--peak, --mean, --hours"):
            drafted(db)
        with pytest.raises(CatalogError, match="more than the peak makes: 1440"):
            drafted(db, replace(FORM, peak=1, mean=1441, hours="09:00-18:00"))
        assert drafted(db, replace(FORM, peak=1, mean=1440, hours="09:00-18:00")).peak == 1


def test_a_second_request_for_the_same_waits_for_the_first(small: Register) -> None:
    with small.write() as db:
        waiting(db)
        other = drafted(db)

        with pytest.raises(RefusedError, match="request 1 of the same department"):
            submit(db, other, desk(), FILER)


def test_a_returned_request_is_edited_and_handed_in_again(small: Register) -> None:
    with small.write() as db:
        row = drafted(db)
        submit(db, row, desk(), FILER)
        with pytest.raises(RefusedError, match="only a draft"):
            edit(db, row, Form(purpose="发放住房补贴给申请人"), desk(), FILER)
        give_back(db, row, replace(CENTRE, reason="用途不具体"))
        edit(db, row, Form(purpose="发放住房补贴给申请人", scope=("姓名",)), desk(), FILER)
        submit(db, row, desk(), FILER)

        assert (row.purpose, row.scope, row.duty) == ("发放住房补贴给申请人", ["姓名"], FORM.duty)


def test_each_department_takes_its_own_steps(small: Register) -> None:
    with small.write() as db:
        with pytest.raises(RefusedError, match="another department"):
            drafted(db, act=person("qian", Role.FILER, POLICE))
        row = drafted(db)
        with pytest.raises(RefusedError, match="another department"):
            submit(db, row, desk(), ANSWERER)
        submit(db, row, desk(), FILER)
        with pytest.raises(RefusedError, match="not for the filer"):
            forward(db, row, desk(), MONDAY, FILER)
        forward(db, row, desk(), MONDAY, CENTRE)
        with pytest.raises(RefusedError, match="another department"):
            grant(db, row, GRANT, desk(), MONDAY, person("li", Role.SIGNER, HOUSING))


def test_nobody_answers_his_own_request(small: Register) -> None:
    with small.write() as db:
        asks = replace(CLERK, actor="li via wang")
        row = drafted(db, act=asks)
        submit(db, row, desk(), asks)
        forward(db, row, desk(), MONDAY, CLERK)

        with pytest.raises(RefusedError, match="another person"):
            grant(db, row, GRANT, desk(), MONDAY, CLERK)
        grant(db, row, GRANT, desk(), MONDAY, replace(CLERK, actor="sun via wang"))

        assert row.answered_by == "sun via wang"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Refusal("busy"), "a reason of the list"),
        (Refusal("other"), "which other reason"),
        (Refusal("other", " "), "which other reason"),
        (Refusal("law"), "the law and its article"),
    ],
)
def test_a_refusal_gives_a_reason_of_the_list(small: Register, why: Refusal, said: str) -> None:
    with small.write() as db:
        row = waiting(db)

        with pytest.raises(CatalogError, match=said):
            refuse(db, row, why, desk(), MONDAY, ANSWERER)


def test_a_refusal_is_disputed_once_and_coordinated(small: Register) -> None:
    with small.write() as db:
        row = waiting(db)
        refuse(db, row, Refusal("not_ready"), desk(), MONDAY, ANSWERER)
        dispute(db, row, desk(), replace(FILER, reason="平台上已有该接口"))
        refuse(db, row, Refusal("not_ours"), desk(), MONDAY, ANSWERER)

        with pytest.raises(RefusedError, match="was coordinated"):
            dispute(db, row, desk(), replace(FILER, reason="再次申请"))
        answers = select(JournalEntry).where(JournalEntry.action == "share.answered")
        assert [entry.after["refusal"] for entry in db.scalars(answers)] == ["not_ready", "not_ours"]


SUBMITTING = """
from offers import FILER, HOUSING, LOW_INCOME, desk
from datetime import date
from catalog.sharing import Form, draft, submit
from store.database import open_register
from store.tables import Department
from store.workflow import RefusedError
register = open_register(url)
form = Form("核对申请人的收入条件", "《公租房管理办法》第七条", (), date(2026, 12, 1), date(2026, 12, 31))
try:
    with register.write() as db:
        row = draft(db, LOW_INCOME, db.get(Department, HOUSING), form, desk(), FILER)
        submit(db, row, desk(), FILER)
except RefusedError as refused:
    assert "under way" in str(refused)
"""


def test_of_two_requests_for_the_same_at_once_one_is_told_of_the_other(known: Register) -> None:
    together(f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n{SUBMITTING}", url_of(known), 2)

    with known.read() as db:
        assert [row.state for row in db.scalars(select(ShareRequest))] == [ShareState.FORMAT_REVIEW]


def test_a_refusal_is_not_disputed_while_the_same_is_asked_again(known: Register) -> None:
    with known.write() as db:
        row = waiting(db)
        refuse(db, row, Refusal("not_ready"), desk(), MONDAY, ANSWERER)
        again = waiting(db)

        with pytest.raises(RefusedError, match=f"request {again.id} of the same department"):
            dispute(db, row, desk(), replace(FILER, reason="理由不成立"))


def test_no_answer_is_of_a_day_before_its_coordination(small: Register) -> None:
    late = desk(date(2026, 12, 2))
    with small.write() as db:
        row = waiting(db)
        coordinate(db, row, late, replace(CENTRE, reason="逾期未答复"))

        with pytest.raises(CatalogError, match="before the coordination on 2026-12-02"):
            refuse(db, row, Refusal("not_ready"), late, date(2026, 11, 30), ANSWERER)
        refuse(db, row, Refusal("not_ready"), late, date(2026, 12, 2), ANSWERER)

        assert [clock.met_on for clock in clock_of(db, row)] == [date(2026, 12, 2)]


def test_what_became_not_shared_is_granted_by_coordination_only(small: Register) -> None:
    with small.write() as db:
        row = waiting(db)
        public = db.scalars(select(Version).where(Version.entry_id == row.entry_id)).one()
        public.share_type = "not_shared"
        db.flush()

        with pytest.raises(RefusedError, match="不予共享 by now"):
            grant(db, row, GRANT, desk(), MONDAY, ANSWERER)
        with pytest.raises(RefusedError, match="不予共享 by now"):
            grant_partly(
                db, row, replace(GRANT, scope=("姓名",)), Refusal("not_ready"), desk(), MONDAY, ANSWERER
            )
        refuse(db, row, Refusal("law", "《某某法》第三条"), desk(), MONDAY, ANSWERER)
        dispute(db, row, desk(), replace(FILER, reason="履职必需"))
        grant(db, row, GRANT, desk(), MONDAY, ANSWERER)

        assert row.state == ShareState.GRANTED


def test_an_item_is_the_same_however_its_use_writes_it(small: Register) -> None:
    with small.write() as db:
        row = in_use(db)
        line = record(
            db, row, Use(date(2026, 12, 1), 3, None, ("姓 名", "身份证号（18位）")), desk(YEAR_ON), FILER
        )

        assert line.violation is None


def test_in_part_are_some_of_the_items_and_a_reason_for_the_others(small: Register) -> None:
    with small.write() as db:
        row = waiting(db)
        some, rest = replace(GRANT, scope=("姓名",)), Refusal("law", "《个人信息保护法》第二十八条")
        for scope in ((), ("姓名", "收入"), ("姓名", "身份证号", "救助金额")):
            with pytest.raises(CatalogError, match="in part"):
                grant_partly(db, row, replace(GRANT, scope=scope), rest, desk(), MONDAY, ANSWERER)
        grant_partly(db, row, some, rest, desk(), MONDAY, ANSWERER)

        assert (row.state, row.granted_scope, row.refusal) == ("partly_granted", ["姓名"], "law")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (replace(GRANT, term_to=date(2027, 12, 1)), "not within"),
        (replace(GRANT, term_from=date(2026, 11, 30)), "not within"),
        (replace(GRANT, term_to=date(2026, 11, 22)), "before the answer"),
        (replace(GRANT, conditions=" "), "some words"),
    ],
)
def test_a_grant_stays_within_what_was_asked_for(small: Register, given: Grant, said: str) -> None:
    with small.write() as db:
        row = waiting(db)

        with pytest.raises(CatalogError, match=said):
            grant(db, row, given, desk(), MONDAY, ANSWERER)


def test_days_to_come_and_out_of_order_are_refused(small: Register) -> None:
    with small.write() as db:
        row = drafted(db)
        submit(db, row, desk(), FILER)
        with pytest.raises(CatalogError, match="is to come"):
            forward(db, row, desk(), date(2026, 11, 24), CENTRE)
        with pytest.raises(CatalogError, match="before the request"):
            forward(db, row, desk(), date(2026, 11, 20), CENTRE)
        forward(db, row, desk(), MONDAY, CENTRE)
        with pytest.raises(CatalogError, match="before the receipt"):
            grant(db, row, GRANT, desk(), date(2026, 11, 20), ANSWERER)


def test_the_centre_coordinates_what_is_overdue_and_no_earlier(small: Register) -> None:
    chief = replace(CENTRE, reason="逾期未答复")
    with small.write() as db:
        row = waiting(db)
        last, after = desk(date(2026, 11, 30)), desk(date(2026, 12, 1))
        with pytest.raises(RefusedError, match="until 2026-11-30"):
            coordinate(db, row, last, chief)
        coordinate(db, row, after, chief)

        assert row.state == ShareState.COORDINATION
        # The clock runs on: the department still owes its answer and is urged for it.
        assert [clock.subject for clock in overdue(db, after.today)] == ["catalog_share:1"]


def test_use_as_granted_begins_it(small: Register) -> None:
    with small.write() as db:
        row = in_use(db)
        line = record(db, row, Use(date(2026, 12, 1), 120), desk(date(2026, 12, 2)), FILER)

        assert (line.violation, line.purpose, row.state) == (None, FORM.purpose, ShareState.IN_USE)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (Use(date(2026, 12, 1), 5, "催收物业费"), "another purpose"),
        (Use(date(2026, 11, 30), 5), "before the term begins"),
        (Use(date(2027, 12, 1), 5), "after the term ended"),
        (Use(date(2026, 12, 1), 5, scope=("电话",)), "not granted: 电话"),
    ],
)
def test_another_use_is_kept_as_a_violation(small: Register, use: Use, said: str) -> None:
    with small.write() as db:
        row = in_use(db)
        line = record(db, row, use, desk(YEAR_ON), FILER)

        assert said in str(line.violation)
        assert row.state == ShareState.GRANTED
        assert [found.id for found in uses(db, violated=True)] == [line.id]
        assert db.scalars(select(JournalEntry.action).order_by(JournalEntry.id.desc())).first() == (
            "share.violated"
        )


def test_the_purpose_is_the_same_however_it_is_written(small: Register) -> None:
    with small.write() as db:
        row = in_use(db)
        use = Use(date(2026, 12, 1), 5, "核对保障性住房申请人的收入条件。")

        assert record(db, row, use, desk(YEAR_ON), FILER).violation is None


def test_use_without_or_after_a_grant_is_a_violation(small: Register) -> None:
    with small.write() as db:
        row = waiting(db)
        first = record(db, row, Use(MONDAY, 5), desk(), FILER)
        grant(db, row, GRANT, desk(), MONDAY, ANSWERER)
        revoke(db, row, date(2026, 12, 10), replace(ANSWERER, reason="转给他人"))
        later = record(db, row, Use(date(2026, 12, 11), 5), desk(YEAR_ON), FILER)

        assert first.violation == "nothing was granted: the request is awaiting_answer"
        assert later.violation == "used on 2026-12-11, after it was revoked on 2026-12-10"


def test_a_grant_expires_after_its_last_day_once(known: Register) -> None:
    with known.write() as db:
        row = in_use(db)

        assert expire_due(db, date(2027, 11, 30), PROGRAM) == []
        assert [found.id for found in expire_due(db, YEAR_ON, PROGRAM)] == [row.id]
        assert expire_due(db, YEAR_ON, PROGRAM) == []
        assert (row.state, row.ended_on) == (ShareState.EXPIRED, date(2027, 11, 30))


def test_a_cancelled_request_owes_no_answer(small: Register) -> None:
    with small.write() as db:
        row = waiting(db)
        cancel(db, row, MONDAY, FILER)

        assert clock_of(db, row)[0].met_on == MONDAY


def test_of_two_answers_at_once_one_wins(known: Register) -> None:
    with known.write() as db:
        number = waiting(db).id
    with known.read() as stale:
        before = stale.get(ShareRequest, number)
        assert before is not None
        version, state = before.version, before.state
    with known.write() as db:
        row = db.get(ShareRequest, number)
        assert row is not None
        refuse(db, row, Refusal("not_ready"), desk(), MONDAY, ANSWERER)
    with known.write() as db:
        row = db.get(ShareRequest, number)
        assert row is not None
        row.version, row.state = version, state
        db.expunge(row)  # as somebody read it before the other answered

        with pytest.raises(OvertakenError):
            move(db, SHARE, [(row, "share 1")], "grant", ANSWERER)


EVENTS = sorted({event for _state, event in SHARE.steps})
PEOPLE = st.builds(
    Act,
    st.sampled_from(["li", "sun", "zhou"]),
    st.sampled_from(sorted(Role)),
    st.just(NOW),
    st.just("reason"),
    st.just(frozenset()),
    st.sampled_from([None, CIVIL, POLICE, HOUSING]),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(EVENTS), PEOPLE), max_size=25))
def test_no_sequence_of_events_leaves_the_table(small: Register, steps: list[tuple[str, Act]]) -> None:
    with small.write() as db:
        row = drafted(db)
        for event, act in steps:
            before = row.state
            try:
                move(db, SHARE, [(row, f"share {row.id}")], event, act)
            except RefusedError:
                assert row.state == before
            else:
                step = SHARE.steps[before, event]
                assert row.state == step.target
                assert act.role in step.roles
                assert event not in {"grant", "grant_partly", "refuse"} or act.actor != "li"
                wrong = act.department_id != getattr(row, step.of)
                assert not (act.role in {Role.FILER, Role.EDITOR, Role.SIGNER} and wrong)
        db.rollback()
