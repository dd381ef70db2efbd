"""Bought data: approved before, in the catalog after, the like pointed out (art. 20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offers import (
    CENTRE,
    CHILDREN,
    CIVIL,
    HOUSING,
    LOW_INCOME,
    MONDAY,
    NOW,
    ROADS,
    city,
    desk,
    person,
    published,
)

from catalog.buying import (
    Form,
    approve,
    buy,
    catalogue,
    close,
    draft,
    edit,
    give_back,
    reject,
    share,
    submit,
    withdraw,
)
from catalog.buying_states import PURCHASE
from catalog.buying_tables import Purchase, PurchaseState, Sharing
from catalog.errors import CatalogError
from catalog.likeness import likes
from store.deadlines import standing
from store.tables import Department
from store.workflow import Act, RefusedError, Role, move

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers", "cities"]

FILER = person("li", Role.FILER, HOUSING)
FORM = Form(
    title="房屋租赁市场监测数据",
    need="监测住房租金的变化",
    items=("小区名称", "租金"),
    supplier="某某数据公司",
    price_fen=12_000_00,
    licence="仅限本市行政机关使用",
    licence_sharing=Sharing.ALLOWED,
)


def drafted(db: Session, form: Form = FORM) -> Purchase:
    housing = db.get(Department, HOUSING)
    assert housing is not None
    return draft(db, housing, form, desk(), FILER)


def approved(db: Session) -> Purchase:
    row = drafted(db)
    submit(db, row, desk(), FILER)
    approve(db, row, desk(), CENTRE)
    return row


def test_bought_data_goes_into_the_catalog_in_time_and_is_shared(register: Register) -> None:
    with register.write() as db:
        city(db)
        row = approved(db)
        clock = buy(db, row, "HT-2026-11", desk(), MONDAY, FILER)
        # 15 working days from Monday 11-23: Monday 12-14.
        assert clock.due_on == date(2026, 12, 14)
        published(db, HOUSING, 5, "房屋租赁价格信息", ["租金"], share="conditional")
        catalogue(db, row, "307003/000005", desk(), FILER)
        share(db, row, desk(), FILER)
        close(db, row, desk(), CENTRE)

        assert row.state == PurchaseState.CLOSED
        assert [c.met_on for c in standing(db, [clock.subject], clock.article).values()] == [MONDAY]


def test_a_purchase_of_thirty_million_yuan_is_kept_to_the_fen(register: Register) -> None:
    with register.write() as db:
        city(db)
        number = drafted(db, replace(FORM, price_fen=30_000_000_01)).id
    with register.read() as db:
        row = db.get(Purchase, number)

        assert row is not None
        assert row.price_fen == 30_000_000_01


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "价" * 201}, "the name of the data: at most 200 characters; it has 201"),
        ({"supplier": "司" * 201}, "the supplier: at most 200 characters; it has 201"),
    ],
    ids=["title", "supplier"],
)
def test_what_is_too_long_is_refused_with_what_it_is(
    small: Register, change: dict[str, object], said: str
) -> None:
    with small.write() as db, pytest.raises(CatalogError, match=said):
        drafted(db, replace(FORM, **change))  # type: ignore[arg-type]


def test_without_an_entry_it_is_not_closed(small: Register) -> None:
    with small.write() as db:
        row = approved(db)
        buy(db, row, None, desk(), MONDAY, FILER)

        with pytest.raises(RefusedError, match="is bought: cannot close"):
            close(db, row, desk(), CENTRE)
        with pytest.raises(RefusedError, match="of another department"):
            catalogue(db, row, LOW_INCOME, desk(), FILER)
        catalogue(db, row, ROADS, desk(), FILER)
        with pytest.raises(RefusedError, match="no link to the exchange platform"):
            share(db, row, desk(), FILER)


def test_the_like_in_the_catalog_is_pointed_out(small: Register) -> None:
    with small.write() as db:
        title = replace(FORM, title="低保对象数据")
        items = replace(FORM, items=("姓名", "身份证号码", "身份证号", "租金"))

        # The pairs 低保, 保对, 对象 are all of both titles; 姓名 and 身份证号 are two of four items.
        assert [one.code for one in likes(db, "低保对象数据", ())] == [LOW_INCOME]
        assert [(one.code, one.why) for one in likes(db, "住户", items.items)] == [
            (LOW_INCOME, "holds 2 of 4 items")
        ]
        assert likes(db, FORM.title or "", FORM.items) == []
        row = drafted(db, title)
        assert [one.department for one in submit(db, row, desk(), FILER)] == ["市民政局"]
        with pytest.raises(CatalogError, match=r"已有同类.*307003/000001"):
            approve(db, row, desk(), CENTRE)
        reject(db, row, desk(), replace(CENTRE, reason="已有同类数据，通过共享获取"))
        assert row.state == PurchaseState.REJECTED


def test_a_licence_that_forbids_sharing_is_pointed_out(small: Register) -> None:
    with small.write() as db:
        row = drafted(db, replace(FORM, licence_sharing=Sharing.FORBIDDEN))
        submit(db, row, desk(), FILER)

        with pytest.raises(CatalogError, match="forbids sharing"):
            approve(db, row, desk(), CENTRE)
        assert approve(db, row, desk(), replace(CENTRE, reason="专用于应急")) == [
            "the licence forbids sharing, which bought data is to be (第二十条)"
        ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"price_fen": -1}, "price of 0 or more"),
        ({"need": "工作需要"}, "says nothing"),
        ({"title": " "}, "some words"),
        ({"items": ("租金", "租金（元）")}, "stands twice"),
    ],
)
def test_a_purchase_that_cannot_be_is_refused(small: Register, change: dict[str, object], said: str) -> None:
    with small.write() as db, pytest.raises(CatalogError, match=said):
        drafted(db, replace(FORM, **change))  # type: ignore[arg-type]


def test_the_centre_gets_it_whole(small: Register) -> None:
    with small.write() as db:
        row = drafted(db, Form(title="租赁数据", need="监测住房租金的变化"))

        with pytest.raises(RefusedError, match=r"a supplier .*; a price .*; the licence"):
            submit(db, row, desk(), FILER)
        edit(db, row, replace(FORM, title=None), FILER)
        submit(db, row, desk(), FILER)
        give_back(db, row, replace(CENTRE, reason="报价不明"))
        withdraw(db, row, desk(), replace(FILER, reason="不再需要"))
        assert (row.title, row.price_fen, row.state) == ("租赁数据", 1_200_000, PurchaseState.WITHDRAWN)


def test_who_hands_it_in_does_not_approve_it(small: Register) -> None:
    both = Act("li", Role.REVIEWER, NOW, also=frozenset({Role.FILER}), department_id=HOUSING)
    with small.write() as db:
        row = drafted(db)
        submit(db, row, desk(), both)

        with pytest.raises(RefusedError, match="another person"):
            approve(db, row, desk(), both)
        approve(db, row, desk(), CENTRE)
        with pytest.raises(CatalogError, match="before the approval"):
            buy(db, row, None, desk(), date(2026, 11, 20), FILER)


def test_an_entry_that_may_not_be_shared_by_law_needs_no_link(small: Register) -> None:
    civil = person("sun", Role.SIGNER, CIVIL)
    with small.write() as db:
        owner = db.get(Department, CIVIL)
        assert owner is not None
        row = draft(db, owner, FORM, desk(), civil)
        submit(db, row, desk(), civil)
        approve(db, row, desk(), CENTRE)
        buy(db, row, None, desk(), MONDAY, civil)
        catalogue(db, row, CHILDREN, desk(), civil)
        share(db, row, desk(), civil)

        assert row.state == PurchaseState.SHARED


EVENTS = sorted({event for _state, event in PURCHASE.steps})
PEOPLE = st.builds(
    Act,
    st.sampled_from(["li", "zhou"]),
    st.sampled_from(sorted(Role)),
    st.just(NOW),
    st.just("reason"),
    st.just(frozenset()),
    st.sampled_from([None, CIVIL, HOUSING]),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(EVENTS), PEOPLE), max_size=25))
def test_no_sequence_of_events_closes_a_purchase_without_an_entry(
    small: Register, steps: list[tuple[str, Act]]
) -> None:
    with small.write() as db:
        row = drafted(db)
        for event, act in steps:
            before = row.state
            try:
                move(db, PURCHASE, [(row, f"purchase {row.id}")], event, act)
            except RefusedError:
                assert row.state == before
            else:
                assert row.state == PURCHASE.steps[before, event].target
                assert act.role in PURCHASE.steps[before, event].roles
        assert row.state not in {PurchaseState.SHARED, PurchaseState.CLOSED}
        db.rollback()
