"""The engine of every state machine: who may do what, two at once, and what the journal keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from processes import together, url_of
from sqlalchemy import select
from sqlalchemy.event import listen

from store.findings import Found, settle
from store.inventory import create_machines
from store.journal import verify
from store.tables import Finding, JournalEntry
from store.workflow import (
    Act,
    OvertakenError,
    RefusedError,
    Role,
    Step,
    Workflow,
    barred,
    move,
    table_of,
)

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CLERKS, PROGRAM = frozenset({Role.OPERATOR}), frozenset({Role.PROGRAM})
FLOW = Workflow(
    "matter",
    {
        ("open", "take"): Step(
            "taken", CLERKS, lambda row: "too small" if row.saving_yuan_month < 10 else None
        ),
        ("open", "drop"): Step("closed", PROGRAM),
        ("taken", "drop"): Step("closed", CLERKS | PROGRAM),
    },
)
CLERK = Act("li", Role.OPERATOR, NOW, "because")
DAEMON = Act("rightsizer", Role.PROGRAM, NOW)


@pytest.fixture
def matters(register: Register) -> Register:
    """Three open rows: a saves 100, b saves 5, c saves 50."""
    savings = {"a": 100.0, "b": 5.0, "c": 50.0}
    with register.write() as db:
        create_machines(db, savings, "file", "li", NOW)
        found = {name: Found("shrink", "shrink", {"of": name}, worth) for name, worth in savings.items()}
        settle(db, found, "p", date(2026, 11, 22), NOW)
    return register


def rows(register: Register) -> list[Finding]:
    with register.read() as db:
        return list(db.scalars(select(Finding).order_by(Finding.id)))


def moved(register: Register, found: list[Finding], event: str, act: Act, **values: object) -> int:
    with register.write() as db:
        return move(db, FLOW, [(db.merge(row), str(row.id)) for row in found], event, act, **values)


def as_read(register: Register, row: Finding) -> None:
    """Takes a row as it was read before, without looking again."""
    with register.write() as db:
        db.add(row)
        move(db, FLOW, [(row, str(row.id))], "take", CLERK)


def states(register: Register) -> list[tuple[str, int]]:
    return [(row.state, row.version) for row in rows(register)]


def journal(register: Register) -> list[tuple[object, ...]]:
    with register.read() as db:
        assert verify(db)[1] is None
        found = select(
            JournalEntry.action,
            JournalEntry.subject,
            JournalEntry.actor,
            JournalEntry.before,
            JournalEntry.after,
            JournalEntry.reason,
        ).where(JournalEntry.action.startswith("matter."))
        return [tuple(row) for row in db.execute(found.order_by(JournalEntry.id))]


def test_a_move_changes_state_and_version_and_is_written_to_the_journal(matters: Register) -> None:
    a, _b, c = rows(matters)

    assert moved(matters, [a, c], "take", CLERK, reason="mine") == 2
    assert states(matters) == [("taken", 2), ("open", 1), ("taken", 2)]
    assert rows(matters)[0].reason == "mine"
    assert journal(matters) == [
        ("matter.take", "1", "li", "open", "taken", "because"),
        ("matter.take", "3", "li", "open", "taken", "because"),
    ]


def test_a_message_does_not_say_the_noun_twice(matters: Register) -> None:
    with matters.write() as db:
        (row, *_others) = db.scalars(select(Finding))

        with pytest.raises(RefusedError, match="matter 1 is open: cannot close"):
            move(db, FLOW, [(row, "matter:1")], "close", CLERK)


def test_the_journal_keeps_until_when_an_answer_holds(matters: Register) -> None:
    moved(matters, rows(matters)[:1], "take", CLERK, until=date(2026, 12, 24))

    assert journal(matters)[0][4] == {"state": "taken", "until": "2026-12-24"}


@pytest.mark.parametrize(
    ("number", "event", "act", "said"),
    [
        (0, "close", CLERK, "matter 1 is open: cannot close; possible now: take"),
        (0, "close", DAEMON, "matter 1 is open: cannot close; possible now: drop"),
        (0, "take", DAEMON, "matter 1: cannot take: it is not for the program, but for: operator"),
        (0, "drop", CLERK, "matter 1: cannot drop: it is not for the operator, but for: program"),
        (1, "take", CLERK, "matter 2: cannot take: too small"),
    ],
    ids=["unknown, clerk", "unknown, program", "role of a clerk", "role of the program", "guard"],
)
def test_what_may_not_be_done_is_refused_by_name(
    matters: Register, number: int, event: str, act: Act, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        moved(matters, [rows(matters)[number]], event, act)

    assert states(matters) == [("open", 1)] * 3
    assert journal(matters) == []


def test_of_many_rows_all_move_or_none(matters: Register) -> None:
    with pytest.raises(RefusedError, match="matter 2: cannot take: too small"):
        moved(matters, rows(matters), "take", CLERK)

    assert states(matters) == [("open", 1)] * 3
    assert journal(matters) == []


def test_of_two_clerks_who_saw_the_same_row_one_wins(matters: Register) -> None:
    seen = rows(matters)[0]
    again = rows(matters)[0]
    moved(matters, [seen], "take", CLERK)

    with pytest.raises(OvertakenError, match="changed by somebody else"):
        as_read(matters, again)
    assert states(matters)[0] == ("taken", 2)
    assert len(journal(matters)) == 1


def test_a_row_that_was_refreshed_since_it_was_read_is_not_moved(matters: Register) -> None:
    seen = rows(matters)[0]
    with matters.write() as db:
        settle(
            db, {"a": Found("shrink", "shrink", {"of": "a", "now": 1}, 90.0)}, "p", date(2026, 11, 23), NOW
        )

    with pytest.raises(OvertakenError):
        as_read(matters, seen)
    assert states(matters)[0] == ("open", 2)


def test_of_many_rows_one_that_was_changed_is_named_and_none_moves(matters: Register) -> None:
    with matters.write() as db:
        create_machines(db, ["d", "e"], "file", "li", NOW)
        found = {name: Found("shrink", "shrink", {"of": name}, 20.0) for name in ("d", "e")}
        settle(db, found, "p", date(2026, 11, 22), NOW)
    seen = [row for row in rows(matters) if row.id != 2]
    moved(matters, [row for row in rows(matters) if row.id == 4], "take", CLERK)  # to the very same state

    with matters.write() as db:
        db.add_all(seen)
        with pytest.raises(OvertakenError, match=r"^4 was changed by somebody else"):
            move(db, FLOW, [(row, str(row.id)) for row in seen], "take", CLERK)
        assert [(row.state, row.version) for row in seen] == [("open", 1)] * 4
    assert [row.state for row in rows(matters)] == ["open", "open", "open", "taken", "open"]
    assert len(journal(matters)) == 1


def test_a_row_that_is_named_twice_is_not_moved_twice(matters: Register) -> None:
    a = rows(matters)[0]

    with pytest.raises((OvertakenError, RefusedError)):
        moved(matters, [a, a], "take", CLERK)
    assert states(matters)[0] == ("open", 1)


def test_rows_of_several_states_move_in_one_go_and_read_as_they_are_kept(matters: Register) -> None:
    a, _b, c = rows(matters)
    moved(matters, [a], "take", CLERK)
    with matters.write() as db:
        found = list(db.scalars(select(Finding).order_by(Finding.id)))
        found[1].reason = "not written yet"
        at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
        pairs = [(row, str(row.id)) for row in found]
        assert move(db, FLOW, [pairs[0], pairs[2]], "drop", DAEMON, closed_on=NOW.date(), reviewed_at=at) == 2
        kept = [(row.state, row.version, row.closed_on, row.reviewed_at, row.reason) for row in found]

    assert [row[:2] for row in kept] == [("closed", 3), ("open", 1), ("closed", 2)]
    again = [(row.state, row.version, row.closed_on, row.reviewed_at, row.reason) for row in rows(matters)]
    assert again == kept
    assert [entry[3] for entry in journal(matters)] == ["open", "taken", "open"]
    assert c.state == "open"  # as it was read by another


def test_many_rows_move_in_a_few_statements(sqlite: Register) -> None:
    with sqlite.write() as db:
        names = [f"vm-{number:04d}" for number in range(600)]
        create_machines(db, names, "file", "li", NOW)
        found = {name: Found("shrink", "shrink", {}, 20.0) for name in names}
        settle(db, found, "p", date(2026, 11, 22), NOW)
    sent: list[str] = []
    listen(sqlite.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    with sqlite.write() as db:
        found_rows = db.scalars(select(Finding)).all()
        sent.clear()
        assert move(db, FLOW, [(row, str(row.id)) for row in found_rows], "take", CLERK) == 600

    besides = [statement for statement in sent if not statement.startswith("INSERT INTO journal")]
    assert len(besides) < 10, besides
    assert states(sqlite) == [("taken", 2)] * 600


CLERKS_AT_ONCE = """
from datetime import UTC, datetime
from sqlalchemy import select
from store.database import open_register
from store.review import answer
from store.tables import Finding
from store.workflow import Act, OvertakenError, RefusedError, Role
register = open_register(url)
with register.read() as db:
    seen = db.scalars(select(Finding).order_by(Finding.id)).first()
act = Act(f"clerk {number}", Role.OPERATOR, datetime(2026, 11, 22, tzinfo=UTC), "seen")
try:
    with register.write() as db:
        db.add(seen)
        answer(db, [seen], "approve", act)
    print("won")
except (OvertakenError, RefusedError):
    print("lost")
"""


def test_of_four_clerks_in_four_processes_one_wins(matters: Register) -> None:
    answers = together(CLERKS_AT_ONCE, url_of(matters), 4)

    assert sorted(answers) == ["lost", "lost", "lost", "won"]
    assert states(matters)[0] == ("approved", 2)


def test_what_may_be_done_is_listed_by_role() -> None:
    assert FLOW.events("open", Role.OPERATOR) == ["take"]
    assert FLOW.events("open", Role.PROGRAM) == ["drop"]
    assert FLOW.events("closed", Role.OPERATOR) == []


def test_a_workflow_reads_as_a_table() -> None:
    assert table_of(FLOW).splitlines() == [
        "| state | event | by | leads to |",
        "|---|---|---|---|",
        "| open | take | operator | taken |",
        "| open | drop | program | closed |",
        "| taken | drop | operator, program | closed |",
    ]


APART = Workflow(
    "filing",
    {
        ("open", "submit"): Step("sent", frozenset({Role.FILER, Role.OPERATOR})),
        ("sent", "accept"): Step("filed", frozenset({Role.REVIEWER}), apart="actor"),
    },
)


class Card:
    """A row as the engine sees it, of department 7."""

    def __init__(self, state: str, actor: str | None = None) -> None:
        self.id, self.state, self.version, self.department_id, self.actor = 1, state, 1, 7, actor


@pytest.mark.parametrize(
    ("event", "act", "said"),
    [
        ("submit", Act("li", Role.FILER, NOW, department_id=7), None),
        ("submit", Act("li", Role.FILER, NOW, department_id=8), "li acts for another department"),
        ("submit", Act("wang", Role.OPERATOR, NOW), None),
        ("submit", Act("zhao", Role.AUDITOR, NOW), "not for the auditor, but for: filer, operator"),
        ("submit", Act("chen", Role.REVIEWER, NOW, also=frozenset({Role.OPERATOR})), None),
        ("accept", Act("chen", Role.REVIEWER, NOW), None),
        ("accept", Act("li", Role.REVIEWER, NOW), "another person must decide"),
        ("accept", Act("wang", Role.REVIEWER, NOW), "another person must decide"),
        ("accept", Act("chen via wang", Role.REVIEWER, NOW), None),
        ("accept", Act("chen via li", Role.REVIEWER, NOW), "another person must decide"),
    ],
    ids=[
        "a department's own", "another department's", "the centre for it", "who only reads", "a second role",
        "another", "the same", "who typed it in", "two papers typed in by one", "typed in by who submitted",
    ],
)  # fmt: skip
def test_nobody_acts_for_others_or_decides_on_his_own_work(event: str, act: Act, said: str | None) -> None:
    card = Card("open") if event == "submit" else Card("sent", "li via wang")
    step = APART.steps[card.state, event]

    why = barred(step, card, act)
    assert said in (why or "") if said else why is None
