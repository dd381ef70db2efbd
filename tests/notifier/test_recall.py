"""A notice that falls before it left stays here, and nobody is told of what nobody heard."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from matters import at, issue_notice, operator
from sqlalchemy import select, update

from notifier.following import withdrawals
from notifier.recall import recall
from notifier.responses import chosen, withdraw
from notifier.tables import Delivery, DeliveryState, Notice
from store.journal import verify
from store.tables import JournalEntry

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]
SPARED = date(2027, 1, 1)
DAY = date(2026, 9, 18)


def withdrawn(register: Register, notice: Notice, machines: list[str]) -> None:
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        withdraw(db, row, chosen(db, row, machines), DAY, SPARED, operator(DAY))


def states(register: Register) -> list[str]:
    with register.read() as db:
        return list(db.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_the_mails_of_a_notice_that_fell_before_they_left_are_held(register: Register) -> None:
    notice = issue_notice(register)

    withdrawn(register, notice, [])

    assert set(states(register)) == {"held"}
    with register.read() as db:
        assert withdrawals(db) == []
        assert verify(db)[1] is None
        said = db.scalars(select(JournalEntry.action).where(JournalEntry.action == "delivery.recalled")).all()
    assert len(said) == len(states(register))


def test_a_notice_that_falls_for_some_machines_still_goes_out(register: Register) -> None:
    notice = issue_notice(register)

    withdrawn(register, notice, ["vm-00001"])

    assert set(states(register)) == {"pending"}


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.LEASED, DeliveryState.UNKNOWN])
def test_what_may_have_been_heard_is_taken_back_by_a_letter(register: Register, state: str) -> None:
    notice = issue_notice(register)
    with register.write() as db:
        db.execute(update(Delivery).values(state=state, sent_at=at(DAY)))

    withdrawn(register, notice, [])

    with register.read() as db:
        assert [step.parent for step in withdrawals(db)] == [notice.id]
        assert recall(db, db.get_one(Notice, notice.id), operator(DAY)) == 0
