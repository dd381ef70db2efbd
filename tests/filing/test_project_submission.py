"""A project is written, submitted, returned with what it lacks, accepted (art. 8); and its clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from projecting import (
    FILER,
    FINANCE,
    FORM,
    MONDAY,
    OPERATOR,
    OTHER_FILER,
    REVIEWER,
    Person,
    completed,
    departments,
    desk,
    drafted,
    paper,
)
from sqlalchemy import func, select

from filing.completeness import lacking, listed
from filing.project_papers import add_items, hand_in, lines, papers, set_lines
from filing.project_tables import Direction, PaperKind
from filing.projects import Form, ProjectError, SecretError, add, edit
from filing.submitting import accept, clocks, send_back, submit, withdraw
from filing.tables import Project, ProjectKind
from store.tables import Department, JournalEntry
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]


@pytest.fixture
def db(sqlite: Register) -> Iterator[Session]:
    with sqlite.write() as opened:
        departments(opened)
        yield opened


def test_a_complete_project_is_submitted_and_accepted_and_the_centres_clock_ends(db: Session) -> None:
    project = completed(db, drafted(db))

    assert submit(db, project, MONDAY, desk(db, FILER)) == []
    (clock,) = clocks(db, project)
    # Tuesday, Wednesday, Thursday
    assert (clock.subject, clock.article, clock.due_on) == ("project:1", "第八条 受理", date(2026, 11, 5))
    assert clock.title == "受理或退回补正市城管局“智慧城管平台”项目的审核材料"
    assert clock.department_id is None
    accept(db, project, desk(db, REVIEWER, date(2026, 11, 4)))
    assert (project.state, project.accepted_on) == ("accepted", date(2026, 11, 4))
    assert clock.met_on == date(2026, 11, 4)


def test_what_is_missing_is_listed_and_returned_with_a_deadline_that_says_it(db: Session) -> None:
    project = completed(db, drafted(db, replace(FORM, goals=None, disk_gib=None)))
    project_papers = [row for row in papers(db, project) if row.kind in {"security", "estimate"}]
    for row in project_papers:
        db.delete(row)
    db.flush()
    submit(db, project, MONDAY, desk(db, FILER))

    with pytest.raises(RefusedError, match="建设目标、云资源需求数量、信息安全分析、投资概算"):
        accept(db, project, desk(db, REVIEWER))
    lacks = send_back(db, project, desk(db, REVIEWER))
    assert listed(lacks) == "建设目标、云资源需求数量、信息安全分析、投资概算"
    assert project.state == "incomplete"
    first, second = clocks(db, project)
    assert first.met_on == MONDAY
    assert (second.article, second.department_id, second.due_on) == ("第八条 补正", 1, date(2026, 11, 16))
    assert second.title == (
        "补正市城管局“智慧城管平台”项目的审核材料：建设目标、云资源需求数量、信息安全分析、投资概算"
    )


def test_each_round_of_a_supplement_has_a_clock_of_its_own(db: Session) -> None:
    project = drafted(db)
    for day in (MONDAY, date(2026, 11, 9)):
        submit(db, project, day, desk(db, FILER, day))
        send_back(db, project, desk(db, REVIEWER, day))
    submit(db, project, date(2026, 11, 10), desk(db, FILER, date(2026, 11, 10)))

    told = [(clock.subject, clock.article, clock.met_on) for clock in clocks(db, project)]
    assert told == [
        ("project:1", "第八条 受理", MONDAY),
        ("project:1", "第八条 补正", date(2026, 11, 9)),
        ("project:1/2", "第八条 受理", date(2026, 11, 9)),
        ("project:1/2", "第八条 补正", date(2026, 11, 10)),
        ("project:1/3", "第八条 受理", None),
    ]


def test_a_supplement_cannot_come_in_before_it_was_asked_for_nor_tomorrow(db: Session) -> None:
    project = drafted(db)
    submit(db, project, MONDAY, desk(db, FILER))
    send_back(db, project, desk(db, REVIEWER, date(2026, 11, 4)))

    with pytest.raises(ProjectError, match="2026-11-03 is before the return on 2026-11-04"):
        submit(db, project, date(2026, 11, 3), desk(db, FILER, date(2026, 11, 6)))
    with pytest.raises(ProjectError, match="2026-11-07 is to come, today is 2026-11-06"):
        submit(db, project, date(2026, 11, 7), desk(db, FILER, date(2026, 11, 6)))


def test_what_lacks_nothing_is_returned_only_with_a_reason(db: Session) -> None:
    project = completed(db, drafted(db))
    submit(db, project, MONDAY, desk(db, FILER))

    with pytest.raises(ProjectError, match="say why"):
        send_back(db, project, desk(db, REVIEWER))
    send_back(db, project, desk(db, REVIEWER, reason="附件看不清"))
    assert (clocks(db, project)[-1].title or "").endswith("：附件看不清")


def test_a_reviewer_who_submitted_it_does_not_accept_it(db: Session) -> None:
    project = completed(db, drafted(db))
    as_clerk = replace(desk(db, OPERATOR), act=replace(desk(db, OPERATOR).act, actor="li via chen"))
    submit(db, project, MONDAY, as_clerk)

    with pytest.raises(RefusedError, match="another person must decide"):
        accept(db, project, desk(db, REVIEWER))


def test_budget_lines_make_the_total(db: Session) -> None:
    project = drafted(db)

    with pytest.raises(ProjectError, match=r"make 1,000,000\.00 yuan, the total is 1,280,000\.00"):
        set_lines(db, project, [("软件开发", 100_000_000)], desk(db, FILER).act)
    assert lines(db, project) == []
    assert set_lines(db, project, [("软件开发", 128_000_000)], desk(db, FILER).act)
    assert not set_lines(db, project, [("软件开发", 128_000_000)], desk(db, FILER).act)
    edit(db, project, Form(budget_fen=130_000_000), desk(db, FILER).act)
    with pytest.raises(ProjectError, match="correct a line, or the total"):
        submit(db, project, MONDAY, desk(db, FILER))


def test_without_a_total_the_lines_are_the_total(db: Session) -> None:
    project = drafted(db, replace(FORM, budget_fen=None))
    set_lines(db, project, [("软件", 1), ("硬件", 2)], desk(db, FILER).act)

    assert project.budget_fen == 3
    with pytest.raises(ProjectError, match="stands twice"):
        set_lines(db, project, [("软件", 1), ("软 件", 2)], desk(db, FILER).act)


def test_an_empty_file_is_refused_and_the_same_file_for_two_parts_is_pointed_out(db: Session) -> None:
    project = drafted(db)
    one = paper(content=b"same")
    act = desk(db, FILER).act

    with pytest.raises(ProjectError, match="0 bytes"):
        hand_in(db, project, PaperKind.SHARING, replace(one, size=0), MONDAY, act)
    assert hand_in(db, project, PaperKind.SHARING, one, MONDAY, act) == []
    assert hand_in(db, project, PaperKind.SHARING, one, MONDAY, act) == []  # again: nothing changes
    (twin,) = hand_in(db, project, PaperKind.SECURITY, one, MONDAY, act)
    assert twin.kind == "sharing"
    hand_in(db, project, PaperKind.SECURITY, paper("新.docx"), MONDAY, act)
    assert [(row.kind, row.name) for row in papers(db, project)] == [
        ("sharing", "方案.docx"),
        ("security", "新.docx"),
    ]


@pytest.mark.parametrize(
    ("kind", "person"),
    [
        (PaperKind.OPINION, FILER),
        (PaperKind.MINUTES, FILER),
        (PaperKind.APPROVAL, FILER),
        (PaperKind.BUDGET, FILER),
        (PaperKind.OPINION, FINANCE),
        (PaperKind.INVESTMENT, OTHER_FILER),
        (PaperKind.SHARING, REVIEWER),
    ],
)
def test_nobody_hands_in_the_paper_of_another(db: Session, kind: PaperKind, person: Person) -> None:
    with pytest.raises(RefusedError):
        hand_in(db, drafted(db), kind, paper(), MONDAY, desk(db, person).act)


def test_names_are_kept_as_the_register_keeps_them(db: Session) -> None:
    first = drafted(db, replace(FORM, name=" 智慧城管（一期） "))

    assert first.name == "智慧城管(一期)"
    with pytest.raises(ProjectError, match="has project 1 of that name already"):
        drafted(db, replace(FORM, name="智慧城管(一期)"))
    with pytest.raises(ProjectError, match="without control or invisible characters"):
        drafted(db, replace(FORM, name="智慧\u202e城管"))


def test_what_was_submitted_stands_and_only_its_department_writes(db: Session) -> None:
    project = drafted(db)
    for change in (
        lambda act: edit(db, project, Form(goals="别的"), act),
        lambda act: hand_in(db, project, PaperKind.SHARING, paper(), MONDAY, act),
        lambda act: set_lines(db, project, [("全部", 128_000_000)], act),
        lambda act: add_items(db, project, Direction.NEEDED, [("人口", None)], act),
    ):
        for stranger in (OTHER_FILER, REVIEWER):
            with pytest.raises(RefusedError):
                change(desk(db, stranger).act)
    submit(db, project, MONDAY, desk(db, FILER))
    with pytest.raises(RefusedError, match="only a draft, or one that was returned"):
        edit(db, project, Form(goals="别的"), desk(db, FILER).act)


@pytest.mark.parametrize(
    "form", [replace(FORM, name="机密★指挥系统"), replace(FORM, goals="秘密 ☆ 五年")], ids=["name", "goals"]
)
def test_what_is_secret_is_refused_without_a_word_of_it(db: Session, form: Form) -> None:
    before = db.scalar(select(func.count(JournalEntry.id)))
    with pytest.raises(SecretError) as refused:
        drafted(db, form)

    assert "指挥" not in str(refused.value)
    assert "五年" not in str(refused.value)
    assert db.scalar(select(func.count(Project.id))) == 0
    assert db.scalar(select(func.count(JournalEntry.id))) == before


def test_a_name_stands_once_until_its_project_is_over(db: Session) -> None:
    first = drafted(db)
    with pytest.raises(ProjectError, match="has project 1 of that name already"):
        drafted(db)
    withdraw(db, first, desk(db, FILER))
    second = drafted(db)

    assert (first.state, second.state, second.id) == ("withdrawn", "draft", 2)


def test_a_clock_of_a_withdrawn_project_ends(db: Session) -> None:
    project = drafted(db)
    submit(db, project, MONDAY, desk(db, FILER))
    withdraw(db, project, desk(db, FILER, date(2026, 11, 3)))

    assert [clock.met_on for clock in clocks(db, project)] == [date(2026, 11, 3)]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (replace(FORM, name=None), "needs its name"),
        (replace(FORM, security_level=6), "1 to 5"),
        (replace(FORM, vcpus=-1), "0 or more"),
        (
            replace(FORM, planned_start=date(2027, 2, 1), planned_end=date(2027, 1, 1)),
            "before the planned start",
        ),
    ],
    ids=["no name", "level 6", "less than nothing", "ends before it begins"],
)
def test_what_no_project_can_be_is_refused(db: Session, form: Form, said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        drafted(db, form)


def test_a_project_without_machines_says_so_with_three_zeros(db: Session) -> None:
    none = completed(db, drafted(db, replace(FORM, vcpus=0, memory_gib=0, disk_gib=0)))
    half = completed(db, drafted(db, replace(FORM, name="另一个", vcpus=0)))

    assert listed(lacking(db, none)) == ""
    assert listed(lacking(db, half)) == "云资源需求数量"


def test_an_edit_that_says_nothing_new_is_no_edit(db: Session) -> None:
    project = drafted(db)
    version = project.version

    assert not edit(db, project, Form(goals=FORM.goals, vcpus=8), desk(db, FILER).act)
    assert edit(db, project, Form(vcpus=4), desk(db, FILER).act)
    assert project.cloud_need == {"vcpus": 4, "memory_gib": 32, "disk_gib": 500}
    assert project.version == version + 1


def test_one_of_two_departments_may_use_the_name_of_the_other(db: Session) -> None:
    drafted(db)
    other = db.get_one(Department, 2)

    row = add(db, other, Form(name=FORM.name, kind=ProjectKind.DEVELOP), MONDAY, desk(db, OTHER_FILER).act)
    assert row.department_id == 2
