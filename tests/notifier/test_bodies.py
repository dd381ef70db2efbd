"""The bodies of old mails are emptied; what they were can still be proved."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from matters import at, deliveries, issue_notice, operator, program, sent
from sqlalchemy import select
from stage import entries

from notifier.bodies import empty, gone
from notifier.outbox import retry
from notifier.tables import Delivery, DeliveryState
from store.workflow import RefusedError

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

DAY = date(2026, 9, 18)
LATER = DAY + timedelta(days=401)
TWO = ("a@minzheng.example.gov.cn", "b@minzheng.example.gov.cn")


def emptied(register: Register, days: int = 400, most: int = 100) -> int:
    with register.write() as db:
        return empty(db, at(LATER) - timedelta(days=days), program(LATER), most)


def test_a_mail_that_was_sent_long_ago_keeps_its_row_and_its_hash(register: Register) -> None:
    notice = issue_notice(register)
    sent(register, notice, DAY)
    with register.read() as db:
        before = deliveries(db, notice)[0].mime

    assert emptied(register) == 1
    assert emptied(register) == 0
    with register.read() as db:
        (row,) = deliveries(db, notice)
        assert (row.mime, row.state, row.message_id.startswith("<")) == (b"", DeliveryState.SENT, True)
        was = gone(db, row)
        assert was is not None
        assert (was.sha256, was.bytes) == (hashlib.sha256(before).hexdigest(), len(before))
        assert was.at == at(LATER)
        entries(db)


@pytest.mark.parametrize(
    ("state", "days", "count"),
    [
        ("sent", 401, 0),  # a day too young
        ("sent", 400, 1),
        ("dead", 400, 1),
        ("held", 400, 0),  # an operator may still let it go
        ("pending", 400, 0),
        ("unknown", 400, 0),
        ("leased", 400, 0),
    ],
)
def test_only_what_is_over_for_long_enough_is_emptied(
    register: Register, state: str, days: int, count: int
) -> None:
    notice = issue_notice(register)
    sent(register, notice, DAY)
    with register.write() as db:
        (row,) = deliveries(db, notice)
        row.state, row.next_at = DeliveryState(state), at(DAY)
        if state != "sent":
            row.sent_at = None

    assert emptied(register, days) == count
    with register.read() as db:
        assert (deliveries(db, notice)[0].mime == b"") is bool(count)


def test_many_mails_are_emptied_in_small_transactions(register: Register) -> None:
    for _ in range(3):
        sent(register, issue_notice(register, recipients=TWO), DAY)

    assert [emptied(register, most=4) for _ in range(3)] == [4, 2, 0]
    with register.read() as db:
        assert set(db.scalars(select(Delivery.mime))) == {b""}


def test_a_mail_without_a_body_cannot_be_tried_again(register: Register) -> None:
    notice = issue_notice(register)
    with register.write() as db:
        (row,) = deliveries(db, notice)
        row.state, row.next_at = DeliveryState.DEAD, at(DAY)
    emptied(register)

    with (
        pytest.raises(
            RefusedError, match="has no body any more: check the department's address, then `rights"
        ),
        register.write() as db,
    ):
        retry(db, deliveries(db, notice), operator(LATER))
