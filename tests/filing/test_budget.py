"""The budget list by articles 9 and 10: who may be funded on a day, who not, since when and by which fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filing.budget import budget, restoring
from filing.budget_values import Facts, Limit, Outcome, Registered, Reviewed, Row, Verdict
from filing.tables import FilingState, ProjectState

DAY = date(2026, 6, 30)
BEGAN = date(2026, 1, 5)
PROJECT = Reviewed(
    1, "市民政局", "救助平台", ProjectState.RUNNING, BEGAN, date(2026, 2, 2), "平数审〔2026〕3号"
)
FILING = Registered(7, "市民政局", "救助系统", FilingState.FILED, filed_on=date(2026, 5, 6))
DUE = date(2026, 4, 30)


def one(facts: Facts, as_of: date = DAY) -> Row:
    (row,) = budget(facts, as_of)
    return row


@pytest.mark.parametrize(
    ("project", "verdict", "fact"),
    [
        (PROJECT, Verdict.FUNDABLE, "2026年2月2日审核通过（平数审〔2026〕3号）"),
        (replace(PROJECT, state=ProjectState.DRAFT, opinion_on=None), Verdict.REFUSED, "未经审核"),
        (replace(PROJECT, state=ProjectState.IN_REVIEW), Verdict.REFUSED, "未经审核"),
        (replace(PROJECT, opinion_on=date(2026, 7, 1)), Verdict.REFUSED, "未经审核"),
        (
            replace(PROJECT, state=ProjectState.FAILED, ended_on=date(2026, 3, 1)),
            Verdict.REFUSED,
            "审核未通过",
        ),
        (replace(PROJECT, state=ProjectState.WITHDRAWN, ended_on=DAY), Verdict.REFUSED, "项目已撤回"),
        (
            replace(PROJECT, state=ProjectState.WITHDRAWN, ended_on=DAY + timedelta(1)),
            Verdict.FUNDABLE,
            "2026年2月2日审核通过（平数审〔2026〕3号）",
        ),
    ],
)
def test_article_9_without_a_positive_opinion_nothing_is_arranged(
    project: Reviewed, verdict: Verdict, fact: str
) -> None:
    found = one(Facts([project], []))

    assert (found.verdict, found.fact, found.article) == (verdict, fact, "第九条")


@pytest.mark.parametrize(
    ("filing", "limit", "verdict"),
    [
        pytest.param(FILING, Limit(DUE), Verdict.FUNDABLE, id="filed late, but filed"),
        pytest.param(replace(FILING, filed_on=None), Limit(DUE), Verdict.STOPPED, id="over"),
        pytest.param(replace(FILING, filed_on=None), Limit(DAY), Verdict.FUNDABLE, id="the last day"),
        pytest.param(
            replace(FILING, filed_on=None), Limit(DAY - timedelta(1)), Verdict.STOPPED, id="the day after"
        ),
        pytest.param(replace(FILING, filed_on=None), Limit(None), Verdict.FUNDABLE, id="provisional"),
        pytest.param(
            replace(FILING, filed_on=None), Limit(DUE, paused_on=DUE), Verdict.FUNDABLE, id="stands still"
        ),
        pytest.param(
            replace(FILING, filed_on=None, submitted_on=DUE), Limit(DUE), Verdict.FUNDABLE, id="handed in"
        ),
        pytest.param(
            replace(FILING, filed_on=None, submitted_on=DUE + timedelta(1)),
            Limit(DUE),
            Verdict.STOPPED,
            id="handed in a day late, and not filed yet",
        ),
    ],
)
def test_article_10_who_does_not_file_in_time_is_stopped(
    filing: Registered, limit: Limit, verdict: Verdict
) -> None:
    found = one(Facts([], [filing], {"filing:7": limit}))

    assert found.verdict == verdict
    if verdict is Verdict.STOPPED:
        assert limit.due_on is not None
        assert found.since == limit.due_on + timedelta(1)
        assert found.fact.startswith("未在规定时限（2026年")


def test_a_system_seen_running_unfiled_is_stopped_only_after_its_time_limit() -> None:
    seen = replace(FILING, state=FilingState.UNFILED, filed_on=None, found_on=date(2026, 5, 1))
    without = one(Facts([], [seen]))  # 在规定时限内不进行备案: no limit was set

    assert (without.verdict, without.fact) == (Verdict.FUNDABLE, "2026年5月1日发现未备案运行，备案期限未定")
    assert one(Facts([], [seen], {"filing:7": Limit(None)})).verdict is Verdict.FUNDABLE
    assert one(Facts([], [seen], {"filing:7": Limit(date(2026, 5, 2))})).verdict is Verdict.STOPPED
    assert one(Facts([], [replace(seen, found_on=None)])).verdict is Verdict.FUNDABLE  # a draft


FAIL = Outcome(3, 2025, date(2026, 3, 10), "fail", 41.5)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([FAIL], Verdict.STOPPED),
        ([replace(FAIL, outcome="lapse")], Verdict.STOPPED),
        ([replace(FAIL, outcome="rectify")], Verdict.FUNDABLE),
        ([replace(FAIL, on=DAY + timedelta(1))], Verdict.FUNDABLE),
        ([FAIL, replace(FAIL, on=date(2026, 5, 1), outcome="pass")], Verdict.FUNDABLE),
        ([FAIL, replace(FAIL, on=date(2026, 5, 1), outcome="upheld")], Verdict.FUNDABLE),
        ([FAIL, Outcome(4, 2026, date(2026, 6, 1), "rectify", 70)], Verdict.STOPPED),
        ([FAIL, Outcome(4, 2026, date(2026, 6, 1), "pass", 90)], Verdict.FUNDABLE),
    ],
)
def test_article_10_who_failed_is_stopped_until_it_passes(outcomes: list[Outcome], verdict: Verdict) -> None:
    assert one(Facts([], [FILING], outcomes={7: outcomes})).verdict == verdict


def test_a_project_is_stopped_with_its_system_and_rests_on_the_same_entries() -> None:
    filing = replace(FILING, project=1)
    facts = Facts([PROJECT], [filing], outcomes={7: [FAIL]}, entries={("evaluation:3", "failed"): 88})
    rows = {row.subject: row for row in budget(facts, DAY)}

    assert rows["project:1"].fact == "2025年度绩效评价未达到要求（41.5分）"
    assert rows["project:1"].entries == rows["filing:7"].entries == (88,)


def test_a_project_that_never_filed_its_system_is_stopped_by_its_own_limit() -> None:
    facts = Facts([PROJECT], [], {"project:1": Limit(DUE)}, entries={("project:1", "limit"): 5})

    assert one(facts).verdict is Verdict.STOPPED
    assert one(facts).entries == (5,)


def test_a_system_that_passed_rests_on_its_filing_and_on_the_evaluation_and_so_does_its_project() -> None:
    passed = replace(FAIL, on=date(2026, 5, 1), outcome="pass", total=88.0)
    entries = {
        ("filing:7", "filed"): 4,
        ("evaluation:3", "passed"): 9,
        ("project:1", "approved_by_centre"): 2,
    }
    facts = Facts([PROJECT], [replace(FILING, project=1)], outcomes={7: [FAIL, passed]}, entries=entries)
    rows = {row.subject: row for row in budget(facts, DAY)}

    assert rows["filing:7"].fact == "2026年5月6日已备案，2025年度绩效评价合格（88分）"
    assert rows["filing:7"].entries == (4, 9)
    assert rows["project:1"].entries == (2, 4, 9)


def rows_by_subject(facts: Facts) -> dict[str, Row]:
    return {row.subject: row for row in budget(facts, DAY)}


def test_a_system_that_ended_does_not_stop_the_project_that_has_another() -> None:
    gone = replace(FILING, id=6, project=1, state=FilingState.DEREGISTERED, ended_on=date(2026, 3, 1))
    new = replace(FILING, project=1)

    assert rows_by_subject(Facts([PROJECT], [gone, new]))["project:1"].verdict is Verdict.FUNDABLE
    assert rows_by_subject(Facts([PROJECT], [gone]))["project:1"].verdict is Verdict.STOPPED


def test_a_note_that_was_dismissed_before_it_was_filed_says_nothing_of_its_project() -> None:
    noted = replace(
        FILING, project=1, state=FilingState.DEREGISTERED, found_on=BEGAN, filed_on=None, ended_on=DUE
    )

    assert rows_by_subject(Facts([PROJECT], [noted]))["project:1"].verdict is Verdict.FUNDABLE
    late = rows_by_subject(Facts([PROJECT], [noted], {"project:1": Limit(DUE)}))["project:1"]
    assert late.fact == "未在规定时限（2026年4月30日）内备案"


def test_an_older_year_that_is_decided_late_does_not_lift_what_the_newer_one_stopped() -> None:
    failed = Outcome(4, 2026, date(2026, 4, 1), "fail", 30)
    older = Outcome(3, 2025, date(2026, 6, 1), "pass", 85)

    assert one(Facts([], [FILING], outcomes={7: [failed, older]})).fact.startswith("2026年度")
    passed = replace(failed, outcome="pass", total=90)
    late = replace(older, outcome="fail")
    assert one(Facts([], [FILING], outcomes={7: [passed, late]})).verdict is Verdict.FUNDABLE


def test_a_finished_project_without_a_filed_system_is_named_as_such() -> None:
    finished = replace(PROJECT, state=ProjectState.COMPLETED, ended_on=date(2026, 5, 1))
    waiting = replace(FILING, project=1, state=FilingState.SUBMITTED, submitted_on=DAY, filed_on=None)

    told = "2026年2月2日审核通过（平数审〔2026〕3号）"
    assert one(Facts([finished], [])).fact == f"{told}，2026年5月1日验收，尚未备案"
    assert rows_by_subject(Facts([finished], [waiting]))["project:1"].fact.endswith("尚未备案")
    assert rows_by_subject(Facts([finished], [replace(FILING, project=1)]))["project:1"].fact == told


def test_what_is_not_known_yet_on_the_day_has_no_row() -> None:
    assert budget(Facts([PROJECT], [FILING]), date(2026, 1, 4)) == []


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
maybe = st.none() | days
projects = st.builds(
    Reviewed,
    st.just(1),
    st.just("D"),
    st.just("P"),
    st.sampled_from(list(ProjectState)),
    days,
    opinion_on=maybe,
    ended_on=maybe,
)
filings = st.builds(
    Registered,
    st.just(7),
    st.just("D"),
    st.just("F"),
    st.sampled_from(list(FilingState)),
    st.none() | st.just(1),
    found_on=maybe,
    submitted_on=maybe,
    filed_on=maybe,
    ended_on=maybe,
)
limits = st.dictionaries(st.sampled_from(["project:1", "filing:7"]), st.builds(Limit, maybe, maybe, maybe))
kinds = st.sampled_from(["pass", "rectify", "fail", "lapse", "upheld"])
outcomes = st.lists(st.builds(Outcome, st.sampled_from([3, 4]), st.just(2026), days, kinds), max_size=5)
histories = st.builds(
    Facts,
    st.lists(projects, max_size=1),
    st.lists(filings, max_size=1),
    limits,
    st.builds(lambda o: {7: o}, outcomes),
)


@settings(max_examples=300, deadline=None)
@given(histories, days)
def test_for_every_history_no_money_against_articles_9_and_10(facts: Facts, day: date) -> None:
    rows = {row.subject: row for row in budget(facts, day)}
    for project in facts.projects:
        row = rows.get(f"project:{project.id}")
        if row is not None and (project.opinion_on is None or project.opinion_on > day):
            assert row.verdict is not Verdict.FUNDABLE
    for row in rows.values():
        assert row.since is None or row.since <= day or row.verdict is Verdict.REFUSED
    for filing in facts.filings:
        row = rows.get("filing:7")
        said = [each for each in facts.outcomes[7] if each.on <= day]
        if row is not None and said and all(each.outcome in {"fail", "lapse"} for each in said):
            assert row.verdict is Verdict.STOPPED
        limit = facts.limits.get("filing:7")
        never = filing.filed_on is None and filing.submitted_on is None
        if row is not None and never and limit == Limit(limit.due_on if limit else None):
            over = limit.due_on is not None and limit.due_on < day
            assert not over or row.verdict is Verdict.STOPPED


@settings(max_examples=200, deadline=None)
@given(histories, days)
def test_provisional_limits_stop_nobody(facts: Facts, day: date) -> None:
    none = replace(facts, limits={subject: Limit(None) for subject in ("project:1", "filing:7")})

    assert [row.fact for row in budget(none, day) if row.fact.startswith("未在规定时限")] == []


@settings(max_examples=200, deadline=None)
@given(histories, days, days)
def test_a_row_restores_only_what_was_stopped_and_only_after_the_fact(
    facts: Facts, one_day: date, other: date
) -> None:
    early, late = sorted((one_day, other))
    before = {row.subject: row for row in budget(facts, early)}
    first = ("平数云预算〔2026〕1号", 1)
    stopped = {row.subject: first for row in before.values() if row.verdict is Verdict.STOPPED}
    for row in restoring(budget(facts, late), stopped):
        assert (row.restores is not None) == (row.subject in stopped and row.verdict is Verdict.FUNDABLE)
        if row.restores is not None:
            assert early < late
