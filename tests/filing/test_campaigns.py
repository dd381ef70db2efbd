"""The yearly campaign: whom it calls, what is still to do, who is done and who is late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from filing_city import CALENDAR, CLERK, NOW, REVIEWER, TODAY, WHOLE, department, furnish, people
from sqlalchemy import select

from filing.campaigns import CampaignError, campaign_of, confirm, open_campaign, progress
from filing.clocks import ARTICLE, campaign_subject, settle_all
from filing.filings import accept, add, amend, send_back, submit
from store.deadlines import recount, standing
from store.tables import Machine
from store.workflow import Act, RefusedError, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from filing.tables import Filing
    from store.database import Register
    from store.tables import Deadline

pytest_plugins = ["registers"]

UNTIL = date(2026, 12, 15)
BEFORE = TODAY - timedelta(days=200)


def filed_before(db: Session, name: str) -> Filing:
    row = add(db, department(db, "市教育局"), None, {**WHOLE, "name": name}, CLERK, BEFORE)
    submit(db, row, CLERK, BEFORE)
    accept(db, row, REVIEWER, BEFORE)
    return row


def clock(db: Session, name: str) -> Deadline:
    subject = campaign_subject(2026, department(db, name).id)
    return standing(db, [subject], ARTICLE)[subject]


def test_every_department_with_a_system_is_called_and_has_a_deadline(register: Register) -> None:
    with register.write() as db:
        furnish(db, {"vm-1": ("市司法局", "公证")})
        filed_before(db, "学籍")
        row, called = open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)

        assert (row.until, called) == (UNTIL, 2)
        assert (clock(db, "市司法局").due_on, clock(db, "市司法局").met_on) == (UNTIL, None)
        assert clock(db, "市教育局").title == "2026年度政务信息系统全口径备案补报和确认"
        assert recount(db, CALENDAR, CLERK) == 0  # the day is the city's word, no calendar moves it


def test_a_department_is_done_when_its_last_filing_is_confirmed(register: Register) -> None:
    with register.write() as db:
        furnish(db, {})
        first, second = filed_before(db, "学籍"), filed_before(db, "招生")
        open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)
        wang, sun = people(db)

        with pytest.raises(RefusedError, match="another department"):
            confirm(db, first, 2026, sun, TODAY)
        assert confirm(db, first, 2026, wang, TODAY)
        assert clock(db, "市教育局").met_on is None
        assert confirm(db, second, 2026, wang, TODAY)
        assert clock(db, "市教育局").met_on == TODAY
        assert not confirm(db, second, 2026, wang, TODAY)


def test_what_is_submitted_in_the_campaign_needs_no_word_until_it_is_returned(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, {"vm-1": ("市教育局", "学籍")})
        open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)
        row = add(db, department(db, "市教育局"), None, {**WHOLE, "name": "学籍"}, CLERK, TODAY)

        assert clock(db, "市教育局").met_on is None
        submit(db, row, CLERK, TODAY)
        assert clock(db, "市教育局").met_on == TODAY
        send_back(db, row, REVIEWER, TODAY)
        assert clock(db, "市教育局").met_on is None
        submit(db, row, CLERK, TODAY)
        accept(db, row, REVIEWER, TODAY)
        assert clock(db, "市教育局").met_on == TODAY


def test_an_amendment_in_the_campaign_says_as_much_as_a_confirmation(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, {})
        row = filed_before(db, "学籍")
        open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)
        amend(db, row, {"level": "三级"}, CLERK, TODAY)

        assert clock(db, "市教育局").met_on == TODAY


def test_a_card_that_a_reviewer_has_waits_for_him_and_is_not_the_departments_delay(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, {})
        new = add(db, department(db, "市教育局"), None, {**WHOLE, "name": "招生"}, CLERK, BEFORE)
        submit(db, new, CLERK, BEFORE)
        old = filed_before(db, "学籍")
        amend(db, old, {"level": "三级"}, CLERK, BEFORE)
        campaign, _called = open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)

        assert clock(db, "市教育局").met_on == TODAY
        accept(db, new, REVIEWER, TODAY)  # accepted in the campaign: nothing to confirm
        assert clock(db, "市教育局").met_on == TODAY
        send_back(db, old, REVIEWER, TODAY)  # the old card stays, and nobody has confirmed it
        assert clock(db, "市教育局").met_on is None
        (row,) = progress(db, campaign, TODAY)
        assert [(todo.name, todo.lack) for todo in row.open] == [("学籍", "not confirmed")]


def test_progress_names_what_is_open_and_who_is_late(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, {"vm-1": ("市司法局", "公证")})
        filed_before(db, "学籍")
        campaign, _called = open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)

        on_time = progress(db, campaign, UNTIL)
        late = progress(db, campaign, UNTIL + timedelta(days=1))
        assert [one.late for one in on_time] == [False, False]
        assert [(one.department, one.late, [(t.name, t.lack) for t in one.open]) for one in late] == [
            ("市司法局", True, [("公证", "no filing")]),
            ("市教育局", True, [("学籍", "not confirmed")]),
        ]


def test_opening_again_moves_the_day_and_calls_who_came_since(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, {"vm-1": ("市司法局", "公证")})
        open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)
        filed_before(db, "学籍")
        later = UNTIL + timedelta(days=10)
        row, called = open_campaign(db, CALENDAR, 2026, later, CLERK, TODAY + timedelta(days=1))

        assert (row.opened_on, called) == (TODAY, 2)
        assert {clock(db, name).due_on for name in ("市司法局", "市教育局")} == {later}


@pytest.mark.parametrize(
    ("year", "until"),
    [
        (2026, date(2026, 11, 1)),
        (2026, date(2028, 1, 1)),
        (2019, date(2026, 12, 1)),
        (2027, date(2026, 12, 1)),
    ],
    ids=["in the past", "two years on", "before the regulation", "before its year"],
)
def test_a_campaign_has_a_day_of_its_year_that_is_to_come(sqlite: Register, year: int, until: date) -> None:
    with sqlite.write() as db, pytest.raises(CampaignError):
        open_campaign(db, CALENDAR, year, until, CLERK, TODAY)


def test_only_operators_open_a_campaign_and_without_one_nothing_is_confirmed(sqlite: Register) -> None:
    with sqlite.write() as db:
        with pytest.raises(RefusedError, match="operator"):
            open_campaign(db, CALENDAR, 2026, UNTIL, Act("zhao", Role.REVIEWER, NOW), TODAY)
        with pytest.raises(CampaignError, match="opens one"):
            campaign_of(db, None)


def late_clock(db: Session, year: int, name: str) -> Deadline:
    subject = campaign_subject(year, department(db, name).id)
    return standing(db, [subject], ARTICLE)[subject]


def test_the_clock_of_a_past_year_ends_when_the_department_has_done_everything(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, {})
        row = filed_before(db, "学籍")
        open_campaign(db, CALENDAR, 2025, BEFORE + timedelta(days=10), CLERK, BEFORE + timedelta(days=1))
        open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)

        assert late_clock(db, 2025, "市教育局").met_on is None
        confirm(db, row, 2026, CLERK, TODAY)
        assert late_clock(db, 2025, "市教育局").met_on == TODAY
        assert late_clock(db, 2026, "市教育局").met_on == TODAY


def test_what_the_inventory_settles_ends_the_clock_too_and_opens_none(register: Register) -> None:
    with register.write() as db:
        furnish(db, {"vm-1": ("市教育局", "学籍"), "vm-2": ("市司法局", "公证")})
        open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)

        assert settle_all(db, TODAY, CLERK) == 0
        db.scalars(select(Machine).where(Machine.name == "vm-1")).one().released_on = TODAY
        assert settle_all(db, TODAY, CLERK) == 1
        assert (clock(db, "市教育局").met_on, clock(db, "市司法局").met_on) == (TODAY, None)
        db.scalars(select(Machine).where(Machine.name == "vm-1")).one().released_on = None
        assert settle_all(db, TODAY, CLERK) == 0
        assert clock(db, "市教育局").met_on == TODAY


def test_a_system_noted_after_the_campaign_does_not_open_it_again_but_a_returned_card_does(
    sqlite: Register,
) -> None:
    after = UNTIL + timedelta(days=30)
    with sqlite.write() as db:
        furnish(db, {})
        row = filed_before(db, "学籍")
        open_campaign(db, CALENDAR, 2026, UNTIL, CLERK, TODAY)
        amend(db, row, {"level": "三级"}, CLERK, TODAY)
        add(db, department(db, "市教育局"), None, {**WHOLE, "name": "招生"}, CLERK, after)

        assert clock(db, "市教育局").met_on == TODAY
        send_back(db, row, REVIEWER, after)
        assert clock(db, "市教育局").met_on is None
