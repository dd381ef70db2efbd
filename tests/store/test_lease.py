"""The lease of the leader: one holds it, by the database's clock, and who lost it writes nothing more."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from store.database import open_register, upgrade
from store.lease import DeposedError, Lease, check, extend, release, take
from store.tables import Department

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

LONG = timedelta(hours=1)


def taken(register: Register, holder: str, lasting: timedelta = LONG) -> int | None:
    with register.write() as db:
        return take(db, holder, lasting)


def run_out(register: Register) -> None:
    with register.write() as db:
        db.execute(update(Lease).values(until=0.0))


def test_the_first_leads_and_the_second_waits(register: Register) -> None:
    assert taken(register, "a") == 1
    assert taken(register, "b") is None
    assert taken(register, "a") == 1  # renewed


def test_a_lease_that_ran_out_goes_to_another_with_the_next_epoch(register: Register) -> None:
    taken(register, "a")
    run_out(register)

    assert taken(register, "b") == 2
    assert taken(register, "a") is None


def test_a_holder_renews_while_a_long_write_is_under_way(postgres_database: str) -> None:
    upgrade(postgres_database)
    register = open_register(postgres_database)
    taken(register, "a")

    with register.write() as db:
        db.add(Department(code="1", name="long"))
        db.flush()
        with register.aside() as renewing:
            assert extend(renewing, "a", LONG) == 1
            assert extend(renewing, "b", LONG) is None
    register.close()


def test_a_lease_that_ran_out_and_nobody_took_goes_on(register: Register) -> None:
    taken(register, "a")
    run_out(register)

    assert taken(register, "a") == 1


def test_a_lease_let_go_is_taken_at_once(register: Register) -> None:
    taken(register, "a")
    with register.write() as db:
        release(db, "b")  # not its holder: nothing happens
        release(db, "a")

    assert taken(register, "b") == 2


def test_the_databases_clock_counts(register: Register) -> None:
    taken(register, "a", timedelta(seconds=-1))

    assert taken(register, "b") == 2


def test_fault_39_who_lost_the_lease_writes_nothing_more(register: Register) -> None:
    taken(register, "a")
    old = register.fenced(partial(check, holder="a", epoch=1))
    with old.write() as db:
        db.add(Department(code="1", name="first"))
    run_out(register)
    taken(register, "b")

    with pytest.raises(DeposedError, match="now b with epoch 2 leads"), old.write() as db:
        db.add(Department(code="2", name="second"))

    with register.read() as db:
        assert db.scalars(select(Department.name)).all() == ["first"]
