"""What happens to entries: changes of the law, sources, tickets, objections, ageing, searching."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from entries import CLERK, EDITOR, NOW, REVIEWER, SOUND, TODAY, added, city, published
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from catalog.entries import revise
from catalog.errors import CatalogError
from catalog.events import ARTICLE, Change, Dates, dismiss, record
from catalog.freshness import Freshness, freshness, newest_stale, next_day, quality
from catalog.matters import Affected, ChangeKind, Objection, ObjectionKind, Ticket, TicketKind
from catalog.metadata import ItemFacts, Metadata
from catalog.passage import discard, take_offline
from catalog.search import Wanted, count, search, stale, total
from catalog.sources import claim, duplicates, places, unclaim
from catalog.states import OBJECTION, TICKET
from catalog.tickets import Complaint, Question, answer, ask, deal, end, object_to, rate
from config.workdays import seed
from store.tables import Deadline
from store.workflow import Act, RefusedError, Role, move

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from store.database import Register
    from store.workflow import Workflow

pytest_plugins = ["registers"]

CALENDAR = seed()
DATES = Dates(TODAY, CALENDAR, 15)
POLICE = replace(
    SOUND,
    title="人口基本信息",
    items=(
        ItemFacts("公民身份号码", "string", "18"),
        ItemFacts("名字", "string"),
        ItemFacts("籍贯", "string"),
    ),
)


@pytest.fixture
def catalog(sqlite: Register) -> Register:
    city(sqlite)
    return sqlite


def law(on: date) -> Change:
    return Change(ChangeKind.LAW, "《社会救助暂行办法》修改", on)


def clocks(db: Session) -> list[tuple[date, date | None, date | None]]:
    rows = db.scalars(select(Deadline).where(Deadline.article == ARTICLE).order_by(Deadline.id))
    return [(row.started_on, row.due_on, row.met_on) for row in rows]


def test_a_change_of_the_law_gives_fifteen_working_days(register: Register) -> None:
    city(register)
    with register.write() as db:
        entry = added(db)
        published(db, entry)
        record(db, law(date(2026, 9, 18)), [entry], DATES, EDITOR)
        row = db.scalars(select(Deadline)).one()

        # 2026-09-18 + 15 working days: 25-27 Sep and 1-7 Oct off, 20 Sep and 10 Oct worked.
        assert (row.started_on, row.due_on) == (date(2026, 9, 18), date(2026, 10, 15))
        assert row.title == "更新政务数据目录《低保对象信息》（307003/000001）：《社会救助暂行办法》修改"


def test_of_several_changes_the_earliest_due_counts(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        record(db, law(date(2026, 11, 10)), [entry], DATES, CLERK)
        record(db, law(date(2026, 11, 18)), [entry], DATES, CLERK)
        assert [started for started, _due, _met in clocks(db)] == [date(2026, 11, 10)]
        record(db, law(date(2026, 11, 2)), [entry], DATES, CLERK)

        # Mondays to Fridays only in November: 2 Nov + 15 = 23 Nov.
        assert clocks(db) == [(date(2026, 11, 2), date(2026, 11, 23), None)]
        assert len(db.scalars(select(Affected)).all()) == 3


def test_a_clock_beyond_the_known_calendar_has_no_date(catalog: Register) -> None:
    with catalog.write() as db:
        later = replace(DATES, today=date(2026, 12, 21))
        record(db, law(date(2026, 12, 21)), [added(db)], later, CLERK)

        assert clocks(db) == [(date(2026, 12, 21), None, None)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (law(date(2026, 11, 24)), "to come"),
        (Change(ChangeKind.LAW, " ", TODAY), "say which law"),
        (Change(ChangeKind.LAW, "机密★ 某某办法", TODAY), "nothing was stored"),
    ],
    ids=["tomorrow", "without words", "secret"],
)
def test_a_change_that_cannot_be_is_refused(catalog: Register, change: Change, said: str) -> None:
    with catalog.write() as db:
        entry = added(db)
        with pytest.raises(CatalogError, match=said):
            record(db, change, [entry], DATES, CLERK)
        with pytest.raises(CatalogError, match="no affected entry"):
            record(db, law(TODAY), [], DATES, CLERK)


def test_a_new_version_meets_what_happened_before_it_was_submitted(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        published(db, entry, date(2026, 11, 2))
        record(db, law(date(2026, 11, 10)), [entry], DATES, CLERK)
        revise(db, entry, date(2026, 11, 12), EDITOR)
        assert published(db, entry, date(2026, 11, 12)) == []
        assert clocks(db) == [(date(2026, 11, 10), date(2026, 12, 1), date(2026, 11, 12))]
        record(db, law(date(2026, 11, 20)), [entry], DATES, CLERK)

        assert [met for _started, _due, met in clocks(db)] == [date(2026, 11, 12), None]


def test_a_version_submitted_before_the_change_does_not_meet_it(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        record(db, law(date(2026, 11, 20)), [entry], DATES, CLERK)
        late = published(db, entry, date(2026, 11, 19))

        assert [event.happened_on for event in late] == [date(2026, 11, 20)]
        assert [met for _started, _due, met in clocks(db)] == [None]
        dismiss(db, 1, entry, TODAY, REVIEWER)
        assert [met for _started, _due, met in clocks(db)] == [TODAY]


def test_a_clock_that_an_earlier_change_began_runs_from_the_one_that_is_left(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        record(db, law(date(2026, 11, 2)), [entry], DATES, CLERK)
        record(db, law(date(2026, 11, 18)), [entry], DATES, CLERK)
        assert [event.id for event in published(db, entry, date(2026, 11, 10))] == [2]

        # 18 Nov + 15 working days, Mondays to Fridays: Wed 9 Dec.
        assert clocks(db) == [(date(2026, 11, 18), date(2026, 12, 9), None)]


def test_what_is_offline_or_given_up_has_nothing_to_update(catalog: Register) -> None:
    with catalog.write() as db:
        offline, given_up = added(db), added(db, replace(SOUND, title="低保家庭信息"))
        published(db, offline)
        take_offline(db, offline, TODAY, CLERK)
        record(db, law(date(2026, 11, 20)), [given_up], DATES, CLERK)
        discard(db, given_up, TODAY, EDITOR)

        assert [met for _started, _due, met in clocks(db)] == [TODAY]
        for entry in (offline, given_up):
            with pytest.raises(CatalogError, match="nothing of it is to be updated"):
                record(db, law(date(2026, 11, 20)), [entry], DATES, CLERK)


def test_a_draft_given_up_leaves_the_update_of_what_is_public_open(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        published(db, entry)
        record(db, law(date(2026, 11, 20)), [entry], DATES, CLERK)
        revise(db, entry, TODAY, EDITOR)
        discard(db, entry, TODAY, EDITOR)

        assert [met for _started, _due, met in clocks(db)] == [None]


def test_what_goes_offline_needs_no_update(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        published(db, entry)
        record(db, law(date(2026, 11, 20)), [entry], DATES, CLERK)
        take_offline(db, entry, TODAY, CLERK)

        assert [met for _started, _due, met in clocks(db)] == [TODAY]


def test_items_of_several_departments_are_found_by_their_synonyms(register: Register) -> None:
    city(register)
    with register.write() as db:
        published(db, added(db))
        police = added(db, POLICE, department=2, class_code="307004")
        published(db, police)
        claim(db, "身份证号码", police, TODAY, CLERK)
        found = duplicates(db)

        assert [(one.key, one.departments, one.names, one.source) for one in found] == [
            ("公民身份号码", ("市公安局", "市民政局"), ("公民身份号码", "身份证号"), "市公安局"),
            ("姓名", ("市公安局", "市民政局"), ("名字", "姓名"), None),
        ]
        assert [one.entries for one in found] == [2, 2]
        held = [(place.resource_code, place.name) for place in places(db, "居民身份证号")]
        assert held == [("307004/000001", "公民身份号码"), ("307003/000001", "身份证号")]


def test_two_sources_of_one_item_are_refused(catalog: Register) -> None:
    with catalog.write() as db:
        ours, police = added(db), added(db, POLICE, department=2, class_code="307004")
        claim(db, "公民身份号码", police, TODAY, CLERK)
        assert claim(db, "身份证", police, TODAY, CLERK).id == 1
        with pytest.raises(CatalogError, match=r"市公安局 .* is the source of 公民身份号码 already"):
            claim(db, "身份证号", ours, TODAY, CLERK)
        with pytest.raises(CatalogError, match="does not hold '籍贯'"):
            claim(db, "籍贯", ours, TODAY, CLERK)
        unclaim(db, "身份证号", CLERK)
        assert claim(db, "身份证号", ours, TODAY, CLERK).department_id == 1


def test_an_entry_that_says_it_is_the_source_of_anothers_item_is_not_submitted(catalog: Register) -> None:
    with catalog.write() as db:
        claim(db, "姓名", added(db, POLICE, department=2, class_code="307004"), TODAY, CLERK)
        second = added(db, replace(SOUND, items=(ItemFacts("姓名", "string", source=True),)))
        with pytest.raises(RefusedError, match="市公安局 is its source already"):
            published(db, second)


def test_a_question_to_the_source_has_a_clock_until_it_is_answered(catalog: Register) -> None:
    question = Question(TicketKind.CORRECT, "名字有误", "身份证复印件", "姓名")
    with catalog.write() as db:
        row = ask(db, added(db), question, replace(DATES, working_days=10), replace(EDITOR, department_id=2))
        clock = db.scalars(select(Deadline)).one()
        # Mon 23 Nov + 10 working days = Mon 7 Dec.
        assert (clock.due_on, clock.met_on) == (date(2026, 12, 7), None)
        with pytest.raises(RefusedError, match="another department"):
            answer(db, row, "已更正", DATES, replace(EDITOR, department_id=2))
        answer(db, row, "已更正", DATES, EDITOR)
        assert (row.state, clock.met_on) == ("answered", TODAY)
        end(db, row, "reopen", DATES, CLERK)
        assert clock.met_on is None
        answer(db, row, "再次更正", DATES, EDITOR)
        with pytest.raises(RefusedError, match="another person"):
            end(db, row, "close", DATES, Act("li", Role.REVIEWER, NOW))
        end(db, row, "close", DATES, REVIEWER)
        assert (row.state, row.ended_on) == ("closed", TODAY)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question(TicketKind.VERIFY, "对吗", " "), "no ticket without evidence"),
        (Question(TicketKind.VERIFY, "对吗", "x", "血型"), "has no item '血型'; it has 姓名, 身份证号"),
    ],
)
def test_a_question_needs_evidence_and_an_item_that_is_there(
    catalog: Register, question: Question, said: str
) -> None:
    with pytest.raises(CatalogError, match=said), catalog.write() as db:
        ask(db, added(db), question, DATES, EDITOR)


def test_the_matter_of_an_objection_is_short(catalog: Register) -> None:
    complaint = Complaint(ObjectionKind.DELAY, "太久", "9" * 65)
    with pytest.raises(CatalogError, match="at most 64 characters"), catalog.write() as db:
        object_to(db, added(db), complaint, DATES, EDITOR)


def test_nothing_that_is_marked_as_secret_is_asked_answered_or_objected(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        row = ask(db, entry, Question(TicketKind.VERIFY, "金额有误", "收据12号"), DATES, CLERK)
        steps: list[Callable[[], object]] = [
            lambda: ask(db, entry, Question(TicketKind.VERIFY, "机密★ 坐标", "收据12号"), DATES, CLERK),
            lambda: ask(db, entry, Question(TicketKind.VERIFY, "有误", "绝密★ 坐标"), DATES, CLERK),
            lambda: answer(db, row, "秘密☆ 坐标", DATES, EDITOR),
            lambda: object_to(db, entry, Complaint(ObjectionKind.QUALITY, "机密★ 坐标"), DATES, CLERK),
        ]
        for step in steps:
            with pytest.raises(CatalogError, match="nothing was stored") as refused:
                step()
            assert "坐标" not in str(refused.value)


def test_an_objection_is_dealt_with_and_rated(catalog: Register) -> None:
    with catalog.write() as db:
        row = object_to(db, added(db), Complaint(ObjectionKind.QUALITY, "空值太多"), DATES, EDITOR)
        deal(db, row, "take", DATES, REVIEWER)
        deal(db, row, "handle", DATES, EDITOR)
        with pytest.raises(CatalogError, match="1 to 5"):
            rate(db, row, 6, DATES, CLERK, solved=True)
        rate(db, row, 5, DATES, CLERK, solved=True)

        assert (row.state, row.score, row.solved, row.answer) == ("rated", 5, True, "why")
        assert db.scalars(select(Deadline)).one().met_on == TODAY


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), flow=st.sampled_from([TICKET, OBJECTION]))
def test_random_events_by_random_people_never_leave_the_tables(
    catalog: Register, seed: int, flow: Workflow
) -> None:
    dice, events = random.Random(seed), sorted({event for _state, event in flow.steps})
    with catalog.write() as db:
        entry = added(db)
        row: Any = (
            ask(db, entry, Question(TicketKind.VERIFY, "对吗", "x"), DATES, EDITOR)
            if flow is TICKET
            else object_to(db, entry, Complaint(ObjectionKind.DELAY, "太久"), DATES, EDITOR)
        )
        assert isinstance(row, Ticket | Objection)
        for _ in range(20):
            event, act, before = dice.choice(events), dice.choice([EDITOR, REVIEWER, CLERK]), row.state
            try:
                move(db, flow, [(row, "x")], event, act)
            except RefusedError:
                assert row.state == before
            else:
                assert flow.steps[before, event].target == row.state


@pytest.mark.parametrize(
    ("period", "last", "until"),
    [
        ("daily", date(2026, 11, 22), date(2026, 11, 23)),
        ("weekly", date(2026, 11, 16), date(2026, 11, 23)),
        ("monthly", date(2026, 1, 31), date(2026, 2, 28)),
        ("quarterly", date(2026, 11, 30), date(2027, 2, 28)),
        ("halfyearly", date(2026, 8, 31), date(2027, 2, 28)),
        ("yearly", date(2024, 2, 29), date(2025, 2, 28)),
        ("other", date(2026, 1, 1), None),
        (None, date(2026, 1, 1), None),
        ("daily", None, None),
    ],
)
def test_newer_data_is_due_a_period_later(period: str | None, last: date | None, until: date | None) -> None:
    assert next_day(period, last) == until


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2026, 11, 23), Freshness.FRESH), (date(2026, 11, 24), Freshness.STALE)],
    ids=["on the last day", "a day later"],
)
def test_data_is_stale_from_the_day_after(today: date, expected: Freshness) -> None:
    assert freshness("weekly", date(2026, 11, 16), today) == expected


def test_quality_shows_its_parts() -> None:
    # M 9 fields twice = 18: title, abstract, format x2, share, use, open, period, secret; O: unit,
    # published_on, related, contact, phone, link and six numbers = 12. SOUND has all M and two
    # of the numbers: 20 of 30.
    assert quality(SOUND, TODAY, TODAY).completeness == 67
    # A database (100), two of two items typed (100).
    assert (quality(SOUND, TODAY, TODAY).structure, quality(SOUND, TODAY, TODAY).total) == (100, 89)
    assert quality(SOUND, None, TODAY).timeliness is None
    assert quality(Metadata(), None, TODAY).total == 0


def test_a_search_finds_by_any_writing_and_what_is_public_only(register: Register) -> None:
    city(register)
    with register.write() as db:
        published(db, added(db))
        added(db, POLICE, department=2, class_code="307004")

        def codes(words: str, **more: Any) -> list[str]:
            return [line.resource_code for line in search(db, Wanted(words, **more))]

        assert codes("身份 证号") == ["307003/000001"]
        assert codes("307004/000001") == ["307004/000001"]
        assert codes("市公安局") == ["307004/000001"]
        assert codes("市公安局", public=True) == []
        assert codes("%") == []
        assert codes("") == ["307003/000001", "307004/000001"]
        assert codes("", class_code="307003", department="市民政局") == ["307003/000001"]
        assert count(db, Wanted(state="draft")) == 1


def test_the_whole_catalog_counts_what_is_public(catalog: Register) -> None:
    with catalog.write() as db:
        entry = added(db)
        published(db, entry)
        entry.last_data_on = date(2026, 10, 22)
        added(db, POLICE, department=2, class_code="307004")
        db.flush()
        found = total(db, TODAY)

        assert (found.entries, found.in_work, found.items) == (1, 1, 2)
        assert found.parts == {
            "department": {"市民政局": 1},
            "share_type": {"有条件共享": 1},
            "open_type": {"不予开放": 1},
            "format_class": {"数据库": 1},
            "freshness": {"过期": 1},  # monthly: due 22 Nov, today 23 Nov
        }
        assert [line.resource_code for line in stale(db, TODAY)] == ["307003/000001"]


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2026, 3, 1), date(2024, 2, 29)])
def test_what_is_stale_today_is_all_up_to_one_day_and_none_after(today: date) -> None:
    for period, newest in newest_stale(today).items():
        assert freshness(period, newest, today) == Freshness.STALE
        assert freshness(period, newest + timedelta(days=1), today) == Freshness.FRESH
