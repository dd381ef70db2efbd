"""The yearly evaluation: scored by one, confirmed by another; a term to rectify, appeals, the end."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from evaluated import (
    BY_HAND,
    CHEN,
    DAY,
    FILER,
    FINANCE,
    KNOWN,
    LI,
    MOST,
    NOW,
    OTHER,
    POLICY,
    SILENT,
    filed,
    opened,
    person,
    scored,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from filing.evaluation_states import EVALUATION
from filing.evaluation_tables import Evaluation, EvaluationState
from filing.evaluations import EvaluationError, Given, open_year, score
from filing.outcomes import RECTIFY, answer, appeal, attest, close, confirm, decide, lapse, report
from filing.scoring import Measured
from filing.tables import FilingState
from store.journal import verify
from store.tables import Base, Deadline, JournalEntry
from store.workflow import OvertakenError, RefusedError, Role, move

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]


def clock(db: Session) -> Deadline:
    return db.scalars(select(Deadline).where(Deadline.article == RECTIFY)).one()


def test_a_year_is_opened_once_for_every_system_that_was_filed_by_its_end(register: Register) -> None:
    with register.write() as db:
        filed(db)
        assert open_year(db, 2024, POLICY, LI, DAY) == 0  # filed in 2025
        assert open_year(db, 2026, POLICY, LI, DAY) == 1
        assert open_year(db, 2026, POLICY, LI, DAY) == 0
        row = db.scalars(select(Evaluation)).one()

        assert sum(line["points"] for line in row.sheet) == 100
        assert row.rules["policy"] == "PDDR-2020-0020001"


def test_a_year_to_come_is_not_evaluated(sqlite: Register) -> None:
    with sqlite.write() as db, pytest.raises(EvaluationError, match="2027 has not begun"):
        open_year(db, 2027, POLICY, LI, DAY)


def test_every_item_that_lacks_points_is_named_at_once(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = opened(db)
        with pytest.raises(EvaluationError) as refused:
            score(db, row, [Given("goals", 16.0), Given("use", 10.0)], SILENT, LI, DAY)

    said = str(refused.value)
    assert "goals: 0 to 15 points, not 16" in said
    assert "use: a reason is needed" in said
    assert "catalog (数据编目与共享): not measured" in said
    assert "security (安全): no score" in said


def test_our_own_figure_fills_its_item_and_stays_beside_a_persons(sqlite: Register) -> None:
    measured = {**SILENT, "use": Measured(0.75, {"machines": 4}), "deploy": Measured(1.0, {})}
    with sqlite.write() as db:
        row = opened(db)
        by_hand = [Given(key, float(MOST[key])) for key in BY_HAND]
        total = score(db, row, [*by_hand, Given("catalog", None, "no catalog yet")], measured, LI, DAY)
        lines = {line["key"]: line for line in row.sheet}

        assert lines["use"]["score"] == 15.0  # 0.75 x 20
        assert lines["use"]["evidence"] == {"machines": 4}
        assert total == 94.12  # (60 + 15 + 5) / 85
        total = score(db, row, [Given("use", 20.0, "peak season only")], measured, LI, DAY)
        lines = {line["key"]: line for line in row.sheet}

        assert (lines["use"]["score"], lines["use"]["measured"]) == (20.0, 15.0)
        assert total == 100.0  # 85 of 85: what was given before stands


@pytest.mark.parametrize(
    ("percent", "state"),
    [
        (100, "passed"),
        (80, "passed"),
        (79.9, "rectifying"),
        (60, "rectifying"),
        (59.9, "failed"),
        (0, "failed"),
    ],
)
def test_the_points_decide_80_passes_60_rectifies(sqlite: Register, percent: float, state: str) -> None:
    with sqlite.write() as db:
        row = opened(db)
        scored(db, row, percent)
        confirm(db, row, KNOWN, CHEN, DAY)

        assert row.state == state
        assert (row.appeal_until is None) == (state == "passed")


def test_nobody_confirms_what_he_scored(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = opened(db)
        scored(db, row, 90)
        with pytest.raises(RefusedError, match="another person must decide"):
            confirm(db, row, KNOWN, LI, DAY)


def test_the_term_to_rectify_is_a_deadline_with_a_title_that_a_report_meets(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = opened(db)
        scored(db, row, 70)
        confirm(db, row, KNOWN, CHEN, DAY)
        running = clock(db)

        assert (running.subject, running.department_id, running.working_days) == ("evaluation:1", 1, 60)
        assert running.title == "整改：《社会救助系统》2026年度绩效评价未达标事项"
        assert running.due_on == KNOWN.add(DAY, 60).on
        with pytest.raises(RefusedError, match="for another department"):
            report(db, row, OTHER, DAY)
        report(db, row, FILER, date(2026, 4, 1))
        scored(db, row, 79)
        assert confirm(db, row, KNOWN, CHEN, DAY) == "fail"  # no second term
        assert clock(db).met_on == date(2026, 4, 1)


def test_a_term_that_is_over_without_a_report_has_failed(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = opened(db)
        scored(db, row, 70)
        confirm(db, row, KNOWN, CHEN, DAY)
        due = clock(db).due_on
        assert due is not None
        with pytest.raises(RefusedError, match="runs until"):
            lapse(db, row, KNOWN, CHEN, due)
        lapse(db, row, KNOWN, CHEN, date.fromordinal(due.toordinal() + 1))

        assert row.state == EvaluationState.FAILED
        assert [said["outcome"] for said in row.outcomes] == ["rectify", "lapse"]


def test_an_appeal_stops_the_term_and_is_decided_by_another(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = opened(db)
        scored(db, row, 70)
        confirm(db, row, KNOWN, CHEN, DAY)
        appeal(db, row, KNOWN, FILER, date(2026, 3, 9))
        assert clock(db).paused_on == date(2026, 3, 9)
        with pytest.raises(RefusedError, match="another person"):
            answer(db, row, "reject", KNOWN, CHEN, date(2026, 3, 20))
        answer(db, row, "reject", KNOWN, LI, date(2026, 3, 20))
        # 2 March + 60 is counted with the 9th used up: 55 are left, and run from 20 March on.
        assert clock(db).due_on == KNOWN.add(date(2026, 3, 20), 55).on
        with pytest.raises(RefusedError, match="was decided already"):
            appeal(db, row, KNOWN, FILER, date(2026, 3, 21))


def test_an_appeal_after_its_term_is_too_late(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = opened(db)
        scored(db, row, 10)
        confirm(db, row, KNOWN, CHEN, DAY)
        assert row.appeal_until == KNOWN.add(DAY, 15).on
        with pytest.raises(RefusedError, match="it is over"):
            appeal(db, row, KNOWN, FILER, date(2026, 6, 1))


def test_an_upheld_appeal_takes_the_outcome_away_and_a_later_term_runs_anew(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = opened(db)
        scored(db, row, 70)
        confirm(db, row, KNOWN, CHEN, DAY)
        appeal(db, row, KNOWN, FILER, DAY)
        answer(db, row, "uphold", KNOWN, LI, DAY)
        assert row.state == EvaluationState.DUE
        scored(db, row, 75)
        confirm(db, row, KNOWN, CHEN, date(2026, 4, 1))

        assert (clock(db).met_on, clock(db).paused_on) == (None, None)
        assert clock(db).due_on == KNOWN.add(date(2026, 4, 1), 60).on


def test_a_failed_project_is_cancelled_after_finance_attested_and_closed_after_its_filing(
    sqlite: Register,
) -> None:
    with sqlite.write() as db:
        row = opened(db)
        scored(db, row, 10)
        confirm(db, row, KNOWN, CHEN, DAY)
        with pytest.raises(RefusedError, match="finance has not attested"):
            decide(db, row, "cancel", CHEN, DAY)
        attest(db, row, FINANCE, DAY)
        assert decide(db, row, "cancel", CHEN, DAY).startswith("deregister filing 1 (社会救助系统)")
        with pytest.raises(RefusedError, match="deregister it first"):
            close(db, row, CHEN, DAY)
        row.filing.state = FilingState.DEREGISTERED
        close(db, row, CHEN, DAY)

        assert row.state == EvaluationState.CLOSED
        actions = list(db.scalars(select(JournalEntry.action).where(JournalEntry.subject == "filing:1")))
        assert actions == ["filing.to_deregister"]
        assert verify(db)[1] is None


def test_of_two_reviewers_one_confirms_and_the_other_is_told(register: Register) -> None:
    with register.write() as db:
        row = opened(db)
        scored(db, row, 90)
        number = row.id
    with register.read() as early:
        stale = early.get_one(Evaluation, number)
        early.expunge(stale)
    with register.write() as db:
        confirm(db, db.get_one(Evaluation, number), KNOWN, CHEN, DAY)
    with register.write() as db, pytest.raises(OvertakenError, match="evaluation:1"):
        move(db, EVALUATION, [(stale, "evaluation:1")], "pass", CHEN)


EVENTS = sorted({event for _state, event in EVALUATION.steps})
PEOPLE = [LI, CHEN, FINANCE, FILER, OTHER, person("wang", Role.OPERATOR), person("z", Role.AUDITOR)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from(PEOPLE), st.floats(0, 100)), max_size=14))
def test_no_sequence_of_events_leaves_the_table(steps: list[tuple[str, object, float]]) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session as Opened

    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Opened(engine) as db:
        row = opened(db)
        for event, act, points in steps:
            before = row.state
            values = {"total": round(points, 2), "scored_by": act.actor} if event == "score" else {}  # type: ignore[attr-defined]
            try:
                move(db, EVALUATION, [(row, "evaluation:1")], event, act, **values)  # type: ignore[arg-type]
            except RefusedError:
                assert row.state == before
                continue
            step = EVALUATION.steps[before, event]
            assert row.state == step.target
            assert act.role in step.roles  # type: ignore[attr-defined]
            assert act.department_id in {None, 1}  # type: ignore[attr-defined]
            if row.state == EvaluationState.PASSED:
                assert row.total is not None
                assert row.total >= 80
    engine.dispose()
    assert NOW.tzinfo is not None
