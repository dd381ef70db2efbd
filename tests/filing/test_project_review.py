"""The panel, its votes, its conclusion; then opinion, approval, budget, work, in their order (arts. 7, 9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from projecting import (
    FILER,
    FINANCE,
    MONDAY,
    OPERATOR,
    PANEL,
    REVIEWER,
    accepted,
    completed,
    departments,
    desk,
    drafted,
    in_review,
    paper,
    voted,
)
from sqlalchemy import select

from filing import approvals
from filing.clocks import done
from filing.filings import add
from filing.origin import built_by
from filing.panel import (
    Ballot,
    Member,
    average,
    conclude,
    convene,
    declare,
    join,
    postpone,
    rounds,
    score,
)
from filing.project_list import Wanted, listing
from filing.project_papers import hand_in
from filing.project_tables import Conclusion, PaperKind
from filing.projects import ProjectError
from filing.submitting import accept, clocks, submit
from filing.tables import Project
from store.deadlines import standing
from store.journal import verify
from store.tables import JournalEntry
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

PASS, REVISE, FAIL = Conclusion
TUESDAY, WEDNESDAY, FRIDAY = (date(2026, 11, day) for day in (3, 4, 6))


@pytest.fixture
def db(sqlite: Register) -> Iterator[Session]:
    with sqlite.write() as opened:
        departments(opened)
        yield opened


@pytest.mark.parametrize(
    ("panel", "said"),
    [
        (PANEL[:2], "a panel of 2: an odd number"),
        ((*PANEL, Member("赵六", "市教体局")), "a panel of 4: an odd number"),
        ((*PANEL[:2], Member("赵六", "市城管局")), "赵六 is of 市城管局, whose project it is"),
        ((*PANEL[:2], Member("赵六", " 市 城管局 ")), "whose project it is"),
        ((*PANEL[:2], Member("赵六", "D1")), "whose project it is"),
        ((*PANEL[:2], Member("赵六", "市城管局信息中心")), "whose project it is"),
        ((*PANEL[:2], Member("张三", "市教体局")), "张三: every expert once"),
    ],
    ids=[
        "two",
        "four",
        "of the unit",
        "of the unit, with blanks",
        "of the unit, by code",
        "of a part of the unit",
        "twice",
    ],
)
def test_a_panel_that_cannot_judge_is_refused(db: Session, panel: Sequence[Member], said: str) -> None:
    project = accepted(db)

    with pytest.raises(ProjectError, match=said):
        convene(db, project, MONDAY, panel, None, desk(db, OPERATOR))
    assert project.state == "accepted"


def test_the_meeting_is_not_before_the_acceptance_and_may_be_put_off_until_they_vote(db: Session) -> None:
    project = accepted(db)
    with pytest.raises(ProjectError, match="before the acceptance"):
        convene(db, project, date(2026, 10, 30), PANEL, None, desk(db, OPERATOR))
    convene(db, project, FRIDAY, PANEL, None, desk(db, OPERATOR))
    with pytest.raises(ProjectError, match="the meeting is on 2026-11-06"):
        voted(db, project, (PASS,))
    postpone(db, project, MONDAY, desk(db, OPERATOR))
    voted(db, project, (PASS,))

    with pytest.raises(ProjectError, match="has met and voted"):
        postpone(db, project, FRIDAY, desk(db, OPERATOR))


@pytest.mark.parametrize(
    ("votes", "result", "state"),
    [
        ((PASS, PASS, FAIL), PASS, "passed"),
        ((REVISE, PASS, REVISE), REVISE, "incomplete"),
        ((FAIL, FAIL, FAIL), FAIL, "failed"),
    ],
    ids=["2 of 3 pass", "2 of 3 revise", "all fail"],
)
def test_more_than_half_of_the_votes_conclude(
    db: Session, votes: tuple[Conclusion, ...], result: Conclusion, state: str
) -> None:
    project = in_review(db, votes)

    assert conclude(db, project, "同意", desk(db, REVIEWER, TUESDAY)) == result
    assert project.state == state
    (row,) = rounds(db, project)
    assert (row.conclusion, row.opinion, row.concluded_on, average(row)) == (result, "同意", TUESDAY, 80.0)


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        ((), "not declared yet whether there is a conflict of interest: 张三, 李四, 王五"),
        ((PASS, PASS), "2 of 3 experts voted: at least 3"),
        ((PASS, REVISE, FAIL), "the votes decide nothing"),
    ],
    ids=["nobody", "two", "three ways"],
)
def test_votes_that_decide_nothing_conclude_nothing(
    db: Session, votes: tuple[Conclusion, ...], said: str
) -> None:
    project = in_review(db, votes)

    with pytest.raises(ProjectError, match=said):
        conclude(db, project, "同意", desk(db, REVIEWER))
    assert project.state == "in_review"


def test_a_conflict_of_interest_excludes_and_another_is_called_in(db: Session) -> None:
    project = in_review(db, (PASS, PASS, PASS))
    declare(db, project, (), [("王五", "曾参与方案编制")], desk(db, OPERATOR))

    with pytest.raises(ProjectError, match="2 of 3 experts voted"):
        conclude(db, project, "同意", desk(db, REVIEWER))
    with pytest.raises(ProjectError, match="王五 declared a conflict of interest and does not vote"):
        score(db, project, "王五", Ballot(90, PASS), desk(db, OPERATOR))
    join(db, project, [Member("赵六", "市教体局"), Member("孙七", "青岛大学")], desk(db, OPERATOR).act)
    with pytest.raises(ProjectError, match="赵六 has not declared"):
        score(db, project, "赵六", Ballot(60, FAIL), desk(db, OPERATOR))
    declare(db, project, ["赵六", "孙七"], (), desk(db, OPERATOR))
    score(db, project, "赵六", Ballot(60, FAIL), desk(db, OPERATOR))
    score(db, project, "孙七", Ballot(60, FAIL), desk(db, OPERATOR))
    with pytest.raises(ProjectError, match="decide nothing"):  # 2 pass, 2 fail
        conclude(db, project, "同意", desk(db, REVIEWER))
    score(db, project, "孙七", Ballot(80, PASS), desk(db, OPERATOR))
    # (80 + 80 + 60 + 80) / 4
    assert conclude(db, project, "同意", desk(db, REVIEWER)) == PASS
    assert average(rounds(db, project)[0]) == 75.0


def test_an_even_split_of_four_votes_concludes_nothing(db: Session) -> None:
    project = in_review(db, (PASS, PASS, FAIL))
    join(db, project, [Member("赵六", "市教体局")], desk(db, OPERATOR).act)
    declare(db, project, ["赵六"], (), desk(db, OPERATOR))
    score(db, project, "赵六", Ballot(10, FAIL), desk(db, OPERATOR))

    with pytest.raises(ProjectError, match=r"decide nothing \(2 pass, 2 fail\)"):
        conclude(db, project, "同意", desk(db, REVIEWER))


def test_who_did_not_vote_is_of_the_panel_that_more_than_half_must_agree(db: Session) -> None:
    project = in_review(db, (PASS, PASS, FAIL))
    join(db, project, [Member("赵六", "市教体局"), Member("孙七", "青岛大学")], desk(db, OPERATOR).act)
    declare(db, project, ["赵六", "孙七"], (), desk(db, OPERATOR))

    # 2 of 3 votes, but of a panel of 5 that may judge
    with pytest.raises(ProjectError, match=r"2 pass, 1 fail, 2 did not vote"):
        conclude(db, project, "同意", desk(db, REVIEWER))
    declare(db, project, (), [("孙七", "曾参与方案编制"), ("赵六", "同一课题组")], desk(db, OPERATOR))
    assert conclude(db, project, "同意", desk(db, REVIEWER)) == PASS


@pytest.mark.parametrize("value", [-0.5, 100.5])
def test_a_score_is_of_a_hundred(db: Session, value: float) -> None:
    project = in_review(db, (PASS,))

    with pytest.raises(ProjectError, match="0 to 100"):
        score(db, project, "张三", Ballot(value, PASS), desk(db, OPERATOR))


def test_a_revision_has_a_deadline_and_needs_another_round(db: Session) -> None:
    project = in_review(db, (REVISE, REVISE, PASS))
    conclude(db, project, "补充密码应用方案", desk(db, REVIEWER))

    (supplement,) = [clock for clock in clocks(db, project) if clock.met_on is None]
    assert supplement.title == "按评审意见修改市城管局“智慧城管平台”项目并重新报审：补充密码应用方案"
    submit(db, project, WEDNESDAY, desk(db, FILER, WEDNESDAY))
    accept(db, project, desk(db, REVIEWER, WEDNESDAY))
    with pytest.raises(ProjectError, match="before the acceptance"):
        convene(db, project, MONDAY, PANEL, None, desk(db, OPERATOR, WEDNESDAY))
    convene(db, project, WEDNESDAY, PANEL, None, desk(db, OPERATOR, WEDNESDAY))
    assert [row.number for row in rounds(db, project)] == [1, 2]


def passed(db: Session, *, fixed_asset: bool = False) -> Project:
    project = in_review(db, (PASS, PASS, PASS))
    project.fixed_asset = fixed_asset
    conclude(db, project, "同意", desk(db, REVIEWER))
    return project


def test_a_project_goes_from_the_draft_to_its_acceptance(register: Register) -> None:
    with register.write() as db:
        departments(db)
        project = passed(db)
        approvals.issue_opinion(db, project, TUESDAY, "平数审〔2026〕1号", desk(db, REVIEWER, TUESDAY))
        approvals.report(db, project, TUESDAY, desk(db, FILER, TUESDAY))
        approvals.approve(db, project, WEDNESDAY, "平政字〔2026〕9号", desk(db, OPERATOR, WEDNESDAY))
        approvals.budget(db, project, WEDNESDAY, None, desk(db, FINANCE, WEDNESDAY))
        approvals.start(db, project, FRIDAY, desk(db, FILER, FRIDAY))
        approvals.complete(db, project, FRIDAY, desk(db, FILER, FRIDAY))

        assert verify(db)[1] is None
    with register.write() as db:
        found = db.get_one(Project, 1)
        assert found.state == "completed"
        days = (found.opinion_on, found.approved_on, found.budgeted_on, found.started_on)
        assert days == (TUESDAY, WEDNESDAY, WEDNESDAY, FRIDAY)
        assert (found.budgeted_fen, found.completed_on, found.ended_on) == (128_000_000, FRIDAY, FRIDAY)
        facts = list(db.scalars(select(JournalEntry.after).where(JournalEntry.action == "project.facts")))
        assert {"approved_on": "2026-11-04", "approval_number": "平政字〔2026〕9号"} in facts
        assert drafted(db).id == 2  # its name is free again
        assert [line.department for line in listing(db, Wanted("completed", "D1"))] == ["市城管局"]


def test_where_the_city_set_a_limit_the_accepted_work_is_to_be_filed_in_time(db: Session) -> None:
    project = passed(db)
    approvals.issue_opinion(db, project, MONDAY, "1", desk(db, REVIEWER))
    approvals.report(db, project, MONDAY, desk(db, FILER))
    approvals.approve(db, project, MONDAY, "2", desk(db, OPERATOR))
    approvals.budget(db, project, MONDAY, None, desk(db, FINANCE))
    approvals.start(db, project, MONDAY, desk(db, FILER))
    usual = desk(db, FILER)
    limited = usual.policy.model_copy(update={"file": 20})
    approvals.complete(db, project, MONDAY, replace(usual, policy=limited))
    (clock,) = standing(db, ["project:1"], "第十条 备案").values()
    filing = add(db, project.department, None, {"name": "智慧城管"}, usual.act, MONDAY)
    built_by(db, filing, project.id, usual.act)

    # 20 working days after Monday 2026-11-02: 4 weeks, no holiday among them
    assert (clock.due_on, clock.met_on) == (date(2026, 11, 30), None)
    assert clock.title == "为“智慧城管平台”建成的系统提交全口径备案登记表"
    done(db, filing, FRIDAY, usual.act)
    assert clock.met_on == FRIDAY


def test_no_day_stands_before_what_comes_first_nor_in_the_future(db: Session) -> None:
    project = passed(db)
    late = desk(db, OPERATOR, FRIDAY)
    as_reviewer, as_filer, as_finance = (desk(db, who, FRIDAY) for who in (REVIEWER, FILER, FINANCE))
    with pytest.raises(ProjectError, match="the opinion on 2026-11-01 is before the meeting on 2026-11-02"):
        approvals.issue_opinion(db, project, date(2026, 11, 1), "1", as_reviewer)
    with pytest.raises(ProjectError, match="is to come"):
        approvals.issue_opinion(db, project, date(2026, 11, 7), "1", as_reviewer)
    approvals.issue_opinion(db, project, TUESDAY, "1", as_reviewer)
    with pytest.raises(ProjectError, match="before the opinion"):
        approvals.report(db, project, MONDAY, as_filer)
    approvals.report(db, project, WEDNESDAY, as_filer)
    with pytest.raises(ProjectError, match="before the report"):
        approvals.approve(db, project, TUESDAY, "2", late)
    approvals.approve(db, project, WEDNESDAY, "2", late)
    with pytest.raises(RefusedError, match="cannot start; possible now"):
        approvals.start(db, project, FRIDAY, as_filer)
    with pytest.raises(ProjectError, match="before the approval"):
        approvals.budget(db, project, TUESDAY, None, as_finance)
    with pytest.raises(ProjectError, match="are more than the"):
        approvals.budget(db, project, WEDNESDAY, 128_000_001, as_finance)
    approvals.budget(db, project, WEDNESDAY, 100, as_finance)
    with pytest.raises(ProjectError, match="before the approval"):
        approvals.start(db, project, TUESDAY, as_filer)
    approvals.start(db, project, FRIDAY, as_filer)
    with pytest.raises(ProjectError, match="before the start"):
        approvals.complete(db, project, WEDNESDAY, as_filer)


def test_an_opinion_has_a_number_of_its_own(db: Session) -> None:
    project = passed(db)
    facts = {"kind": "develop", "state": "approved_by_centre", "cloud_need": {}, "created_on": MONDAY}
    db.add(Project(department_id=1, name="智慧水务平台", opinion_number="平数审〔2026〕1号", **facts))

    with pytest.raises(ProjectError, match=r"1号 is the opinion on project 2 \(智慧水务平台\)"):
        approvals.issue_opinion(db, project, MONDAY, "平数审〔2026〕1号", desk(db, REVIEWER))


def test_a_fixed_asset_investment_needs_its_paper_before_the_approval(db: Session) -> None:
    project = passed(db, fixed_asset=True)
    approvals.issue_opinion(db, project, MONDAY, "1", desk(db, REVIEWER))
    approvals.report(db, project, MONDAY, desk(db, FILER))

    with pytest.raises(RefusedError, match="hand in its investment paper first"):
        approvals.approve(db, project, MONDAY, "2", desk(db, OPERATOR))
    hand_in(db, project, PaperKind.INVESTMENT, paper("发改批复.pdf"), MONDAY, desk(db, FILER).act)
    approvals.approve(db, project, MONDAY, "2", desk(db, OPERATOR))
    assert project.state == "approved"


def test_what_the_state_forbids_is_said_before_what_the_day_forbids(db: Session) -> None:
    project = completed(db, drafted(db))

    with pytest.raises(
        RefusedError, match="project 1 is draft: cannot approve; possible now: submit, withdraw"
    ):
        approvals.approve(db, project, date(2027, 1, 1), "1", replace(desk(db, OPERATOR), today=MONDAY))
