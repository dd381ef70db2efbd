"""Issued budget lists: frozen, sealed, numbered without gaps; what was stopped comes back by a new row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from evaluated import CHEN, DAY, FILER, FINANCE, KNOWN, LI, opened, person, scored
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from filing.budget_facts import FILE, facts_of
from filing.budget_lists import BudgetError, Issue, attest, found_list, issue
from filing.budget_tables import BudgetList
from filing.budget_values import Verdict
from filing.outcomes import attest as attest_outcome
from filing.outcomes import confirm
from filing.tables import Filing, FilingState, Project
from store.deadlines import Clock, Term, start
from store.journal import Entry, append, verify
from store.tables import JournalEntry
from store.workflow import RefusedError, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from filing.evaluation_tables import Evaluation
    from store.database import Register

pytest_plugins = ["registers"]

LATER = date(2026, 6, 1)


def what(as_of: date = DAY, year: int = 2026) -> Issue:
    return Issue(year, as_of, "平数云预算", {"document_number": "PDDR-2020-0020001"})


def failed(db: Session) -> Evaluation:
    row = opened(db)
    scored(db, row, 10)
    confirm(db, row, KNOWN, CHEN, DAY)
    return row


def passed_again(db: Session, row: Evaluation, day: date) -> None:
    scored(db, row, 95, day=day)
    confirm(db, row, KNOWN, CHEN, day)


def test_a_list_freezes_its_rows_and_names_the_entries_they_rest_on(register: Register) -> None:
    with register.write() as db:
        failed(db)
        made = issue(db, what(), LI, DAY)
        (row,) = made.content["rows"]
        entry = db.scalars(select(JournalEntry).where(JournalEntry.action == "evaluation.fail")).one()

        assert made.number == "平数云预算〔2026〕1号"
        assert (row["verdict"], row["since"], row["article"]) == ("stopped", "2026-03-02", "第十条")
        assert row["fact"] == "2026年度绩效评价未达到要求（10分）"
        assert row["entries"] == [entry.id]
        issued = db.scalars(select(JournalEntry).where(JournalEntry.action == "budget.issue")).one()
        assert issued.after["sha256"] == made.sha256


def test_a_list_that_says_the_same_of_the_same_day_is_not_issued_again(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = failed(db)
        issue(db, what(), LI, DAY)

        with pytest.raises(BudgetError, match="1号 says the same as of 2026-03-02: nothing changed since"):
            issue(db, what(), LI, DAY)
        passed_again(db, row, DAY)
        assert issue(db, what(), LI, DAY).sequence == 2
        with pytest.raises(BudgetError, match="2号 says the same"):  # though 2号 restored and 3号 would not
            issue(db, what(), LI, DAY)


def test_who_passes_after_all_is_restored_by_a_row_that_names_the_one_it_lifts(register: Register) -> None:
    with register.write() as db:
        row = failed(db)
        first = issue(db, what(), LI, DAY)
        before = first.content
        passed_again(db, row, LATER)
        second = issue(db, what(LATER), LI, LATER)
        third = issue(db, what(LATER + timedelta(1)), LI, LATER + timedelta(1))

        assert [each.sequence for each in (first, second, third)] == [1, 2, 3]
        restored = second.content["rows"][0]
        assert restored["verdict"] == "fundable"
        assert restored["restores"] == {"list": "平数云预算〔2026〕1号", "row": 1}
        assert third.content["rows"][0]["restores"] is None  # it was restored already
        assert second.content["previous"] == {"number": first.number, "sha256": first.sha256}
        assert found_list(db, first.number).content == before


def test_the_first_list_of_a_year_restores_what_the_last_one_of_the_year_before_stopped(
    sqlite: Register,
) -> None:
    with sqlite.write() as db:
        row = failed(db)
        issue(db, what(), LI, DAY)
        passed_again(db, row, LATER)
        made = issue(db, what(LATER, 2027), LI, LATER)

        assert made.number == "平数云预算〔2027〕1号"
        assert made.content["rows"][0]["restores"] == {"list": "平数云预算〔2026〕1号", "row": 1}


def test_the_database_itself_refuses_to_change_an_issued_list(register: Register) -> None:
    with register.write() as db:
        failed(db)
        issue(db, what(), LI, DAY)
    with pytest.raises(DatabaseError, match="never changed"), register.write() as db:
        db.execute(update(BudgetList).values(content={}))
    with pytest.raises(DatabaseError, match="never changed"), register.write() as db:
        db.execute(BudgetList.__table__.delete())  # type: ignore[attr-defined]


def test_a_list_that_was_changed_around_the_database_is_not_believed(sqlite: Register) -> None:
    with sqlite.write() as db:
        failed(db)
        issue(db, what(), LI, DAY)
        db.connection().exec_driver_sql("DROP TRIGGER budget_list_no_update")
        db.execute(update(BudgetList).values(sha256="0" * 64))
    with sqlite.read() as db, pytest.raises(BudgetError, match="was changed"):
        found_list(db, "1")


def test_finance_attests_what_the_centre_issued(sqlite: Register) -> None:
    with sqlite.write() as db:
        failed(db)
        made = issue(db, what(), person("wang", Role.OPERATOR), DAY)
        with pytest.raises(RefusedError, match="another person"):
            attest(db, made, person("wang", Role.OPERATOR), DAY)
        with pytest.raises(RefusedError, match="not for the filer"):
            attest(db, made, FILER, DAY)
        attest(db, made, FINANCE, DAY)

        assert made.attested_by == "qian"
        assert verify(db)[1] is None


def test_an_empty_list_a_day_to_come_and_a_day_before_the_last_list_are_refused(sqlite: Register) -> None:
    with sqlite.write() as db:
        with pytest.raises(BudgetError, match="no project and no filing"):
            issue(db, what(), LI, DAY)
        failed(db)
        with pytest.raises(BudgetError, match="has not come"):
            issue(db, what(LATER), LI, DAY)
        issue(db, what(), LI, DAY)
        with pytest.raises(BudgetError, match="was as of 2026-03-02"):
            issue(db, what(date(2026, 3, 1)), LI, DAY)
        with pytest.raises(RefusedError, match="neither"):
            issue(db, what(), FILER, DAY)
        with pytest.raises(BudgetError, match="no budget list 9"):
            found_list(db, "9")


def test_a_time_limit_of_the_register_stops_and_its_entries_are_named(register: Register) -> None:
    with register.write() as db:
        opened(db)
        late = Filing(department_id=2, name="法律援助", state=FilingState.UNFILED, card={}, found_on=DAY)
        db.add(late)
        db.flush()
        append(db, LI.now, Entry("rightsizer", "filing.found", f"filing:{late.id}", None, "unfiled"))
        clock = Clock(f"filing:{late.id}", DAY, 2, "补办备案")
        start(db, KNOWN, "filing campaign 2026", [clock], Term(FILE, 10), LI)
        facts = facts_of(db)
        started = db.scalars(select(JournalEntry.id).where(JournalEntry.action == "deadline.started")).one()

        assert facts.entries[f"filing:{late.id}", "limit"] == started
        rows = {row["subject"]: row for row in issue(db, what(LATER), LI, LATER).content["rows"]}
        assert rows[f"filing:{late.id}"]["verdict"] == Verdict.STOPPED
        assert started in rows[f"filing:{late.id}"]["entries"]
        assert rows[f"filing:{late.id}"]["fact"] == "未在规定时限（2026年3月16日）内备案"


def test_what_was_refused_in_between_is_restored_by_the_row_that_stopped_it(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = failed(db)
        first = issue(db, what(), LI, DAY)
        project = Project(
            department_id=1, name="救助平台", kind="develop", state="draft", cloud_need={}, created_on=DAY
        )
        row.filing.project = project
        passed_again(db, row, LATER)
        second = issue(db, what(LATER), LI, LATER)
        project.state, project.opinion_on = "approved_by_centre", LATER
        third = issue(db, what(LATER), LI, LATER)
        fourth = issue(db, what(LATER + timedelta(1)), LI, LATER + timedelta(1))

        told = [
            {each["subject"]: (each["verdict"], each["restores"]) for each in made.content["rows"]}
            for made in (second, third, fourth)
        ]
        assert told[0]["filing:1"] == ("refused", None)
        assert told[1]["filing:1"] == ("fundable", {"list": first.number, "row": 1})
        assert told[2]["filing:1"] == ("fundable", None)
        assert told[1]["project:1"] == ("fundable", None)  # never stopped


def test_a_row_rests_on_the_acceptance_and_the_outcome_not_on_what_was_said_later(register: Register) -> None:
    with register.write() as db:
        row = failed(db)
        steps = (
            ("filing.accept", "submitted", "filed"),
            ("filing.confirm", "filed", "filed"),
            ("filing.accept_amendment", "amending", "filed"),
        )
        append(db, LI.now, *(Entry("chen", action, "filing:1", was, now) for action, was, now in steps))
        attest_outcome(db, row, FINANCE, DAY)
        actions = dict(db.execute(select(JournalEntry.id, JournalEntry.action)).all())

        (stopped,) = issue(db, what(), LI, DAY).content["rows"]
        assert [actions[number] for number in stopped["entries"]] == ["evaluation.fail"]
        passed_again(db, row, LATER)
        (funded,) = issue(db, what(LATER), LI, LATER).content["rows"]
        found = [
            entry.action
            for entry in db.scalars(select(JournalEntry).where(JournalEntry.id.in_(funded["entries"])))
        ]
        assert sorted(found) == ["evaluation.pass", "filing.accept"]
