"""The journal: appended, chained, refused to be changed, and every change around that is found."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import together, url_of
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from store.database import Register, open_register
from store.journal import BEGINNING, Entry, append, head, verify
from store.tables import JournalEntry

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
WRITE = """
from datetime import UTC, datetime
from store.database import open_register
from store.journal import Entry, append
register = open_register(url)
for turn in range(25):
    with register.write() as db:
        append(db, datetime.now(UTC), Entry("u", "a", str(number)), Entry("u", "b", str(turn)))
"""
SHANGHAI = timezone(timedelta(hours=8))
# How a database's owner gets around the trigger.
UNSEAL = {
    "sqlite": ["DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete"],
    "postgresql": ["ALTER TABLE journal DISABLE TRIGGER ALL"],
}


def three_entries(register: Register) -> None:
    with register.write() as db:
        append(db, NOW, Entry("li", "finding.opened", "web-1/shrink", None, {"cpu": 3.5}))
        append(
            db,
            NOW,
            Entry("li", "finding.closed", "web-1/shrink", "open", "keep", "季度峰值"),
            Entry("x", "y", "z"),
        )


def checked(register: Register, anchor: str | None = None) -> tuple[int, str | None]:
    with register.read() as db:
        return verify(db, anchor)


def behind_the_back(register: Register, statement: str) -> None:
    with register.write() as db:
        for unseal in UNSEAL[register.engine.dialect.name]:
            db.execute(text(unseal))
        db.execute(text(statement))


def test_an_empty_journal_is_sound(register: Register) -> None:
    assert checked(register) == (0, None)
    assert checked(register, BEGINNING) == (0, None)


def test_entries_are_chained_in_their_order(register: Register) -> None:
    three_entries(register)

    with register.read() as db:
        rows = db.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    assert [row.previous for row in rows] == [BEGINNING, rows[0].hash, rows[1].hash]
    assert [row.action for row in rows] == ["finding.opened", "finding.closed", "y"]
    assert rows[1].reason == "季度峰值"
    assert rows[0].at == NOW
    assert checked(register, rows[2].hash) == (3, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET actor = 'wang'",
        "DELETE FROM journal",
        "UPDATE journal SET reason = NULL WHERE id = 1",
    ],
)
def test_a_change_is_refused_by_the_database(register: Register, statement: str) -> None:
    three_entries(register)

    with pytest.raises(DBAPIError, match="the journal is append-only"), register.write() as db:
        db.execute(text(statement))
    assert checked(register) == (3, None)


def test_emptying_the_table_is_refused_on_postgresql(postgres_database: str) -> None:
    from store.database import upgrade

    upgrade(postgres_database)
    register = open_register(postgres_database)
    three_entries(register)

    with pytest.raises(DBAPIError, match="the journal is append-only"), register.write() as db:
        db.execute(text("TRUNCATE journal"))
    assert checked(register) == (3, None)
    register.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE journal SET actor = 'wang' WHERE id = 2", "entry 2: its content was changed"),
        ("UPDATE journal SET reason = 'x' WHERE id = 1", "entry 1: its content was changed"),
        ("UPDATE journal SET before = '\"x\"' WHERE id = 2", "entry 2: its content was changed"),
        ("UPDATE journal SET at = '2026-11-22 09:30:16' WHERE id = 1", "entry 1: its content was changed"),
        ("DELETE FROM journal WHERE id = 2", "entry 3: the entry before it is missing or was changed"),
        ("DELETE FROM journal WHERE id = 1", "entry 2: the entry before it is missing or was changed"),
        ("UPDATE journal SET id = 9 WHERE id = 2", "entry 3: the entry before it is missing or was changed"),
    ],
)
def test_a_change_behind_the_trigger_is_found(register: Register, statement: str, fault: str) -> None:
    three_entries(register)

    behind_the_back(register, statement)

    assert checked(register)[1] == fault


def test_fault_34_a_tail_that_was_cut_off_is_found_by_the_anchor_alone(register: Register) -> None:
    three_entries(register)
    with register.read() as db:
        anchor = head(db)

    behind_the_back(register, "DELETE FROM journal WHERE id = 3")

    assert checked(register) == (2, None)
    assert checked(register, anchor) == (2, "no entry has the anchor's hash: the newest entries are missing")


def test_an_entry_put_in_without_the_key_to_the_chain_is_found(register: Register) -> None:
    three_entries(register)
    with register.write() as db:
        db.add(JournalEntry(at=NOW, actor="x", action="y", subject="z", previous=head(db), hash="f" * 64))

    assert checked(register) == (4, "entry 4: its content was changed")


def test_four_processes_append_to_one_chain(register: Register) -> None:
    together(WRITE, url_of(register), processes=4)

    # 4 processes x 25 transactions x 2 entries
    assert checked(register) == (200, None)


def test_entries_go_with_their_transaction(register: Register) -> None:
    three_entries(register)
    session: Session
    with pytest.raises(ZeroDivisionError), register.write() as session:
        append(session, NOW, Entry("a", "b", str(1 / 0)))

    assert checked(register) == (3, None)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.ascii_letters + "数据é", max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=json_values,
    after=json_values,
    subject=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300),
    at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(SHANGHAI)),  # noqa: DTZ001
)
def test_whatever_is_written_verifies_after_reading_it_back(
    register: Register, before: object, after: object, subject: str, at: datetime
) -> None:
    with register.write() as db:
        append(db, at, Entry("li", "a", subject, before, after, "理由"))

    assert checked(register)[1] is None
    with register.read() as db:
        row = db.scalars(select(JournalEntry).order_by(JournalEntry.id.desc()).limit(1)).one()
    assert (row.before, row.after, row.subject, row.at) == (before, after, subject, at)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"due": date(2026, 10, 9)}, {"due": "2026-10-09"}),
        (NOW, "2026-11-22T09:30:15.123456+00:00"),
        # Sorted as numbers and as text, 9 and 10 come in another order: the hash has to be of the text.
        ({9: "a", 10: "b"}, {"9": "a", "10": "b"}),
        ((1, 2), [1, 2]),
        ({"线": "\u2028 ' \" \\ 😀"}, {"线": "\u2028 ' \" \\ 😀"}),
        ([0.1 + 0.2, 1e-300, -0.0, 1e22, 2**70], [0.30000000000000004, 1e-300, -0.0, 1e22, 2**70]),
    ],
    ids=["date", "moment", "numbers as keys", "tuple", "odd text", "odd numbers"],
)
def test_values_that_json_writes_otherwise_verify_as_it_reads_them(
    register: Register, value: object, read: object
) -> None:
    with register.write() as db:
        append(db, NOW, Entry("li", "a", "s", value, value))

    assert checked(register) == (1, None)
    with register.read() as db:
        assert db.scalar(select(JournalEntry.after)) == read


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, b"x"])
def test_what_json_cannot_hold_is_refused(sqlite: Register, value: object) -> None:
    with pytest.raises((ValueError, TypeError)), sqlite.write() as db:
        append(db, NOW, Entry("li", "a", "s", value))

    assert checked(sqlite) == (0, None)


def test_a_time_without_its_zone_is_refused(sqlite: Register) -> None:
    with pytest.raises(ValueError, match="a time with its zone"), sqlite.write() as db:
        append(db, datetime(2026, 1, 1), Entry("li", "a", "s"))  # noqa: DTZ001


def test_nothing_said_is_null_on_both_databases(register: Register) -> None:
    three_entries(register)

    with register.read() as db:
        assert db.scalar(select(func.count()).where(JournalEntry.reason.is_(None))) == 2
        assert db.scalars(select(JournalEntry.before).order_by(JournalEntry.id)).all() == [None, "open", None]
