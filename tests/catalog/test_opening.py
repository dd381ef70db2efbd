"""Opening on request: its clocks, third parties, answers and reports of use (arts. 24 to 27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offers import (
    ADDRESSES,
    ANSWERER,
    CHILDREN,
    CIVIL,
    HOUSING,
    LOW_INCOME,
    MONDAY,
    NOW,
    desk,
    person,
)
from sqlalchemy import select

from catalog.errors import CatalogError
from catalog.opening import (
    ANSWER,
    CONSULT,
    CORRECT,
    Application,
    accept,
    ask_correction,
    clock_of,
    correct,
    receive,
    shown_applicant,
    withdraw,
)
from catalog.opening_answers import (
    Grant,
    consent,
    consult,
    extend,
    grant,
    grant_partly,
    not_ours,
    refuse,
)
from catalog.opening_states import OPENING
from catalog.opening_tables import ApplicantKind, Consent, OpenRequest, OpenState
from catalog.opening_use import Report, report
from catalog.refusals import Refusal
from catalog.tables import DataItem, Entry, Version
from store.tables import JournalEntry
from store.workflow import Act, RefusedError, Role, move

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["cities"]

EDITOR = person("zhang", Role.EDITOR, CIVIL)
ASKED = Application(ApplicantKind.CITIZEN, "王小明", "13812345678 wang@example.com", "研究社会救助覆盖面")
AMOUNTS = replace(ASKED, scope=("救助金额",))
GRANT = Grant("注明数据来源")


def received(db: Session, asked: Application = AMOUNTS, on: date = MONDAY) -> OpenRequest:
    return receive(db, LOW_INCOME, asked, desk(), on, EDITOR)


def in_hand(db: Session, asked: Application = AMOUNTS) -> OpenRequest:
    row = received(db, asked)
    accept(db, row, desk(), EDITOR)
    return row


def due(db: Session, row: OpenRequest, article: str = ANSWER) -> date | None:
    return clock_of(db, row, article)[0].due_on


def test_the_answer_is_due_twenty_working_days_after_receipt(small: Register) -> None:
    with small.write() as db:
        row = received(db)

        # From Monday 11-23: four weeks of five days end on Monday 12-21; 7 days on Wednesday 12-02.
        assert (due(db, row), due(db, row, CORRECT)) == (date(2026, 12, 21), date(2026, 12, 2))


def test_the_clock_begins_anew_when_the_correction_comes_in(small: Register) -> None:
    with small.write() as db:
        row = received(db)
        later = desk(date(2026, 12, 4))
        ask_correction(db, row, "请说明用途", later, date(2026, 12, 2), EDITOR)
        stood = clock_of(db, row, ANSWER)[0].met_on
        correct(db, row, "研究救助金额的变化", later, date(2026, 12, 4), EDITOR)

        # From Friday 12-04: 20 working days end on Friday 01-01 if that were one; the year 2027 is not known.
        assert stood == date(2026, 12, 2)
        assert clock_of(db, row, ANSWER)[0].started_on == date(2026, 12, 4)
        assert clock_of(db, row, ANSWER)[0].met_on is None
        assert due(db, row) is None
        assert (row.state, row.purpose) == (OpenState.IN_HAND, "研究救助金额的变化")


def test_a_correction_is_asked_for_once_and_in_time(small: Register) -> None:
    with small.write() as db:
        row = received(db)
        with pytest.raises(RefusedError, match="until 2026-12-02"):
            ask_correction(db, row, "请说明用途", desk(date(2026, 12, 3)), date(2026, 12, 3), EDITOR)
        ask_correction(db, row, "请说明用途", desk(), MONDAY, EDITOR)
        correct(db, row, None, desk(), MONDAY, EDITOR)

        with pytest.raises(RefusedError, match="asked for once"):
            ask_correction(db, row, "还缺附件", desk(), MONDAY, EDITOR)


def test_the_clock_stands_while_a_third_party_is_asked(small: Register) -> None:
    with small.write() as db:
        row = in_hand(db)
        consult(db, row, "某某公司", desk(date(2026, 11, 25)), date(2026, 11, 25), EDITOR)
        # 20 days from Mon 11-23, two of them (Tue, Wed) used up: 18 from Wed 12-02 on end on Mon 12-28.
        consent(db, row, Consent.AGREED, desk(date(2026, 12, 2)), date(2026, 12, 2), EDITOR)

        assert due(db, row) == date(2026, 12, 28)
        assert clock_of(db, row, CONSULT)[0].met_on == date(2026, 12, 2)


def test_the_clock_runs_where_the_policy_says_so(small: Register) -> None:
    with small.write() as db:
        row = in_hand(db)
        runs = desk(date(2026, 12, 2), third_party_clock="runs")
        consult(db, row, "某某公司", runs, date(2026, 11, 25), EDITOR)
        consent(db, row, Consent.AGREED, runs, date(2026, 12, 2), EDITOR)

        assert due(db, row) == date(2026, 12, 21)


def test_a_third_party_is_silent_only_after_its_fifteen_days(small: Register) -> None:
    with small.write() as db:
        row = in_hand(db)
        consult(db, row, "某某公司", desk(), MONDAY, EDITOR)
        # 15 working days from Monday 11-23 end on Monday 12-14.
        with pytest.raises(RefusedError, match="until 2026-12-14"):
            consent(db, row, Consent.SILENT, desk(date(2026, 12, 14)), date(2026, 12, 14), EDITOR)
        consent(db, row, Consent.SILENT, desk(date(2026, 12, 15)), date(2026, 12, 15), EDITOR)

        assert row.consent == Consent.SILENT


def test_an_extension_is_given_once_with_a_reason_and_told_in_time(small: Register) -> None:
    why = replace(ANSWERER, reason="数据量大")
    with small.write() as db:
        row = in_hand(db)
        with pytest.raises(CatalogError, match="say why"):
            extend(db, row, 5, desk(), MONDAY, ANSWERER)
        with pytest.raises(CatalogError, match="1 to 20 working days; read 21"):
            extend(db, row, 21, desk(), MONDAY, why)
        with pytest.raises(RefusedError, match="was due on 2026-12-21"):
            extend(db, row, 5, desk(date(2026, 12, 22)), date(2026, 12, 22), why)
        # Five working days after Monday 12-21: Monday 12-28.
        assert extend(db, row, 5, desk(), MONDAY, why) == date(2026, 12, 28)
        assert due(db, row) == date(2026, 12, 28)
        with pytest.raises(RefusedError, match="extended until 2026-12-28, once"):
            extend(db, row, 1, desk(), MONDAY, why)


@pytest.mark.parametrize("said", [None, Consent.SILENT, Consent.DISAGREED])
def test_personal_data_is_opened_only_with_consent(small: Register, said: Consent | None) -> None:
    with small.write() as db:
        row = in_hand(db, ASKED)
        if said is not None:
            consult(db, row, "救助对象", desk(), MONDAY, EDITOR)
            day = date(2026, 12, 15)
            consent(db, row, said, desk(day), day, EDITOR)
        insists = replace(ANSWERER, reason="公共利益")

        assert row.personal == ["身份证号"]
        with pytest.raises(RefusedError, match="needs the consent"):
            grant(db, row, GRANT, desk(date(2026, 12, 15)), date(2026, 12, 15), insists)
        part = replace(GRANT, scope=("身份证号",))
        with pytest.raises(RefusedError, match="nobody agreed to open"):
            grant_partly(db, row, part, Refusal("law", "法"), desk(), MONDAY, insists)


def test_without_the_personal_items_it_is_granted_in_part(small: Register) -> None:
    with small.write() as db:
        row = in_hand(db, ASKED)
        part = replace(GRANT, scope=("救助金额",))
        grant_partly(db, row, part, Refusal("third_party"), desk(), MONDAY, ANSWERER)

        assert (row.state, row.granted_scope) == (OpenState.PARTLY_GRANTED, ["救助金额"])
        assert clock_of(db, row, ANSWER)[0].met_on == MONDAY


def test_against_a_third_party_only_for_a_public_interest(small: Register) -> None:
    with small.write() as db:
        row = in_hand(db)
        consult(db, row, "某某公司", desk(), MONDAY, EDITOR)
        consent(db, row, Consent.DISAGREED, desk(), MONDAY, EDITOR)
        with pytest.raises(CatalogError, match="public interest"):
            grant(db, row, GRANT, desk(), MONDAY, ANSWERER)
        grant(db, row, GRANT, desk(), MONDAY, replace(ANSWERER, reason="涉及重大公共利益"))

        assert row.state == OpenState.GRANTED


def changed_meanwhile(db: Session, **values: object) -> None:
    """The published version says something else now."""
    version = db.scalars(select(Version).join(Version.entry).where(Entry.resource_code == LOW_INCOME)).one()
    for name, value in values.items():
        setattr(version, name, value)
    db.flush()


PART = replace(ASKED, scope=("姓名", "救助金额"))


@pytest.mark.parametrize("change", [{"open_type": "not_open"}, {"state": "offline"}])
def test_what_is_not_open_any_more_is_not_opened(small: Register, change: dict[str, object]) -> None:
    with small.write() as db:
        whole, part = in_hand(db), in_hand(db, PART)
        changed_meanwhile(db, **change)

        with pytest.raises(RefusedError, match="any more"):
            grant(db, whole, GRANT, desk(), MONDAY, ANSWERER)
        with pytest.raises(RefusedError, match="any more"):
            grant_partly(
                db, part, replace(GRANT, scope=("救助金额",)), Refusal("safety"), desk(), MONDAY, ANSWERER
            )


def test_an_item_that_turned_out_to_be_personal_needs_consent(small: Register) -> None:
    with small.write() as db:
        whole, part = in_hand(db), in_hand(db, PART)
        for item in db.scalars(select(DataItem).where(DataItem.name == "救助金额")):
            item.personal = True
        db.flush()

        with pytest.raises(RefusedError, match="personal data"):
            grant(db, whole, GRANT, desk(), MONDAY, ANSWERER)
        with pytest.raises(RefusedError, match="personal data"):
            grant_partly(
                db, part, replace(GRANT, scope=("救助金额",)), Refusal("safety"), desk(), MONDAY, ANSWERER
            )


def test_in_part_too_the_word_of_a_third_party_weighs(small: Register) -> None:
    with small.write() as db:
        row = in_hand(db, PART)
        consult(db, row, "某某公司", desk(), MONDAY, EDITOR)
        consent(db, row, Consent.DISAGREED, desk(), MONDAY, EDITOR)

        with pytest.raises(CatalogError, match="public interest"):
            grant_partly(
                db, row, replace(GRANT, scope=("救助金额",)), Refusal("safety"), desk(), MONDAY, ANSWERER
            )


def test_no_answer_is_of_a_day_before_the_third_party_spoke(small: Register) -> None:
    later = date(2026, 11, 27)
    with small.write() as db:
        row = in_hand(db)
        consult(db, row, "某某公司", desk(later), MONDAY, EDITOR)
        consent(db, row, Consent.AGREED, desk(later), later, EDITOR)

        with pytest.raises(CatalogError, match="before the word of the third party on 2026-11-27"):
            grant(db, row, GRANT, desk(later), date(2026, 11, 26), ANSWERER)


def test_who_typed_it_in_does_not_answer_it(small: Register) -> None:
    with small.write() as db:
        row = in_hand(db)

        with pytest.raises(RefusedError, match="another person"):
            grant(db, row, GRANT, desk(), MONDAY, EDITOR)
        with pytest.raises(RefusedError, match="another department"):
            grant(db, row, GRANT, desk(), MONDAY, person("he", Role.SIGNER, HOUSING))


def test_open_and_closed_entries_are_not_applied_for(small: Register) -> None:
    with small.write() as db:
        with pytest.raises(RefusedError, match="everybody takes it directly from share-platform/0001"):
            receive(db, ADDRESSES, replace(ASKED, scope=()), desk(), MONDAY, EDITOR)
        with pytest.raises(RefusedError, match="不予开放"):
            receive(db, CHILDREN, replace(ASKED, scope=()), desk(), MONDAY, EDITOR)
        with pytest.raises(CatalogError, match="is to come"):
            received(db, on=date(2026, 11, 24))
        with pytest.raises(CatalogError, match="says nothing"):
            received(db, replace(AMOUNTS, purpose="工作需要"))


def test_the_other_body_is_named_and_a_reason_is_of_the_list(small: Register) -> None:
    with small.write() as db:
        row = received(db)
        with pytest.raises(CatalogError, match="some words"):
            not_ours(db, row, "", desk(), MONDAY, ANSWERER)
        accept(db, row, desk(), EDITOR)
        with pytest.raises(CatalogError, match="of the list"):
            refuse(db, row, Refusal("busy"), desk(), MONDAY, ANSWERER)
        with pytest.raises(CatalogError, match="which other"):
            refuse(db, row, Refusal("other"), desk(), MONDAY, ANSWERER)
        not_ours(db, row, "请向市人社局申请", desk(), MONDAY, ANSWERER)

        assert (row.state, row.answer) == (OpenState.NOT_OURS, "请向市人社局申请")


def test_what_is_not_corrected_is_given_up(small: Register) -> None:
    with small.write() as db:
        row = received(db)
        ask_correction(db, row, "请说明用途", desk(), MONDAY, EDITOR)
        withdraw(db, row, MONDAY, replace(EDITOR, reason="逾期未补正"))

        assert row.state == OpenState.WITHDRAWN
        assert all(clock_of(db, row, article)[0].met_on for article in (ANSWER, CORRECT))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"applicant": "王" * 201}, "the applicant: at most 200 characters; it has 201"),
        ({"contact": "1" * 301}, "how to reach the applicant: at most 300 characters; it has 301"),
    ],
    ids=["applicant", "contact"],
)
def test_what_is_too_long_of_an_applicant_is_refused_without_a_word_of_it(
    small: Register, change: dict[str, str], said: str
) -> None:
    with small.write() as db, pytest.raises(CatalogError) as refused:
        received(db, replace(AMOUNTS, **change))  # type: ignore[arg-type]

    assert str(refused.value) == said


def test_how_to_reach_the_applicant_stands_in_no_journal_and_no_list(small: Register) -> None:
    with small.write() as db:
        row = in_hand(db)
        refuse(db, row, Refusal("law", "《某法》第三条"), desk(), MONDAY, ANSWERER)
        told = " ".join(
            f"{e.subject} {e.before} {e.after} {e.reason}" for e in db.scalars(select(JournalEntry))
        )

        assert shown_applicant(row) == "王**"
        assert not any(word in told for word in ("13812345678", "wang@example.com", "王小明"))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Report(MONDAY, "研究社会救助覆盖面"), None),
        (Report(MONDAY, "出售名单"), "used for another purpose than the one applied for"),
        (
            Report(date(2026, 12, 2), "研究社会救助覆盖面"),
            "used on 2026-12-02, after the last day 2026-12-01",
        ),
    ],
)
def test_use_must_match_the_application(small: Register, made: Report, said: str | None) -> None:
    with small.write() as db:
        row = in_hand(db)
        grant(db, row, replace(GRANT, until=date(2026, 12, 1)), desk(), MONDAY, ANSWERER)

        assert report(db, row, made, desk(date(2026, 12, 3)), EDITOR).violation == said


def test_use_without_a_grant_is_a_violation(small: Register) -> None:
    with small.write() as db:
        row = received(db)

        said = report(db, row, Report(MONDAY, ASKED.purpose), desk(), EDITOR).violation
        assert said == "nothing was granted: the application is received"


EVENTS = sorted({event for _state, event in OPENING.steps})
PEOPLE = st.builds(
    Act,
    st.sampled_from(["zhang", "sun"]),
    st.sampled_from(sorted(Role)),
    st.just(NOW),
    st.just("reason"),
    st.just(frozenset()),
    st.sampled_from([None, CIVIL, HOUSING]),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(EVENTS), PEOPLE), max_size=25))
def test_no_sequence_of_events_leaves_the_table_of_openings(
    small: Register, steps: list[tuple[str, Act]]
) -> None:
    with small.write() as db:
        row = received(db, ASKED)
        for event, act in steps:
            before = row.state
            try:
                move(db, OPENING, [(row, f"open {row.id}")], event, act)
            except RefusedError:
                assert row.state == before
            else:
                assert row.state == OPENING.steps[before, event].target
                assert act.role in OPENING.steps[before, event].roles
        assert row.state != OpenState.GRANTED  # its personal data never without consent
        db.rollback()
