"""The operator's commands on mails and tasks: tried again, held, let go; what is left to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
from matters import MAIL, deliveries, issue_notice, journal, program
from operating import TODAYS, Place, placed, today
from sqlalchemy import delete, select

from notifier.answers import Answer, Outcome
from notifier.outbox import claim, settle
from notifier.tables import Channel, Delivery, Notice, Task
from notifier.tasks import open_task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = today()
NOW = datetime.now(UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
LEASE = timedelta(minutes=5)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = placed(tmp_path_factory.mktemp("outbox"), TODAYS)
    yield found
    found.register.close()


@pytest.fixture
def place(house: Place) -> Place:
    """The channel is open, and no mail of another test waits."""
    with house.register.write() as db:
        db.execute(delete(Channel))
        db.execute(delete(Delivery))
        db.execute(delete(Task))
    return house


def mail(place: Place, state: str, **values: object) -> Delivery:
    """A mail of a notice of its own, in a state."""
    notice = issue_notice(place.register, machines=1, on=TODAY)
    with place.register.write() as db:
        row = deliveries(db, notice)[0]
        row.state = state
        row.made_at = row.next_at = NOW - WEEK
        for name, value in values.items():
            setattr(row, name, value)
    return row


def found(place: Place, row: Delivery) -> Delivery:
    with place.register.read() as db:
        fresh = db.get_one(Delivery, row.id)
        assert fresh.notice is not None
        return fresh


def claimed(place: Place) -> int | None:
    """The mail that would go out now."""
    with place.register.read() as db:
        taken = claim(db, datetime.now(UTC), LEASE)
        return taken.id if taken else None


def test_the_list_shows_what_is_not_sent(place: Place) -> None:
    dead = mail(place, "dead", last_code=550, last_text="5.1.1 no such user", attempts=1)
    waits, done = mail(place, "pending"), mail(place, "sent", sent_at=NOW)

    rows = {row["id"]: row for row in place.json("outbox", "list")}
    assert set(rows) == {dead.id, waits.id}
    assert (rows[dead.id]["state"], rows[dead.id]["answer"]) == ("dead", "550 5.1.1 no such user")
    assert (rows[dead.id]["next_at"], rows[waits.id]["next_at"] is None) == (None, False)
    assert rows[waits.id]["department"] == "市民政局"
    assert [row["id"] for row in place.json("outbox", "list", "--state", "sent")] == [done.id]
    assert len(place.json("outbox", "list", "--state", "all")) == 3
    assert len(place.call("outbox", "list").out.splitlines()) == 2


def test_a_mail_is_shown_with_its_headers_and_written_byte_by_byte(place: Place, tmp_path: Path) -> None:
    row = mail(place, "pending", last_code=450, last_text="4.2.0 greylisted", attempts=3)

    said = place.call("outbox", "show", str(row.id), "--eml", str(tmp_path / "x.eml"))
    whole = place.json("outbox", "show", str(row.id))
    assert (tmp_path / "x.eml").read_bytes() == MAIL
    assert "Subject: 通知" in said.out
    assert "4.2.0 greylisted" in said.out
    assert (whole["attempts"], whole["bytes"], whole["headers"][0]) == (3, len(MAIL), ["Subject", "通知"])
    assert message_from_bytes(MAIL)["Subject"] == "=?utf-8?b?6YCa55+l?="  # what is sent stays encoded
    assert "no mail 999999" in place.call("outbox", "show", "999999").err


@pytest.mark.parametrize("state", ["dead", "held", "unknown", "pending", "leased"])
def test_a_mail_is_tried_again_for_five_days_more(place: Place, state: str) -> None:
    """A leased one when its lease has ended: who had it died."""
    row = mail(place, state, attempts=40)
    with place.register.write() as db:
        notice = db.get_one(Notice, row.notice_id)
        open_task(db, "undelivered", f"{notice.number} {row.recipient}", "ring them up", program(TODAY))

    said = place.call("outbox", "retry", str(row.id), "-m", "邮箱已建")
    after = found(place, row)
    assert said.err == f"1 mail tried with the next run: {row.id} {row.recipient}\n"
    assert (after.state, after.attempts, after.message_id) == ("pending", 40, row.message_id)
    assert NOW - HOUR < after.made_at == after.next_at <= datetime.now(UTC)
    assert claimed(place) == row.id
    with place.register.read() as db:
        entry = journal(db, "delivery.retried")[-1]
        assert (entry.before["state"], entry.after["delivery"], entry.reason) == (state, row.id, "邮箱已建")
        assert db.scalars(select(Task).where(Task.closed_at.is_(None))).all() == []


REFUSED = [
    ("sent", {"sent_at": NOW}, "was sent: "),
    ("leased", {"next_at": NOW + HOUR}, "is being sent just now"),
    ("dead", {"bounced_at": NOW}, "came back on "),
]


@pytest.mark.parametrize(("state", "values", "said"), REFUSED, ids=["sent", "in hand", "came back"])
def test_what_is_out_of_our_hands_is_not_tried_again_and_nothing_else_either(
    place: Place, state: str, values: dict[str, object], said: str
) -> None:
    other, row = mail(place, "dead"), mail(place, state, **values)

    refused = place.call("outbox", "retry", f"{other.id}-{row.id}")
    assert refused.code == 1
    assert f"mail {row.id} to {row.recipient} {said}" in refused.err
    assert [found(place, each).state for each in (other, row)] == ["dead", state]


def test_a_held_mail_waits_for_a_word(place: Place) -> None:
    first, second = mail(place, "pending"), mail(place, "unknown")

    held = place.call("outbox", "hold", str(first.id), str(second.id), "-m", "名单有误")
    assert "2 mails held: " in held.err
    assert claimed(place) is None

    refused = place.call("outbox", "resume", str(first.id), "999999")
    assert (refused.code, "no mail 999999" in refused.err) == (1, True)
    place.call("outbox", "resume", str(first.id), "-m", "已更正")
    assert [found(place, row).state for row in (first, second)] == ["pending", "held"]
    assert claimed(place) == first.id
    again = place.call("outbox", "resume", str(first.id))
    assert "is pending, not held" in again.err


@pytest.mark.parametrize("state", ["sent", "dead"])
def test_what_is_settled_is_not_held(place: Place, state: str) -> None:
    row = mail(place, state)

    assert place.call("outbox", "hold", str(row.id), "-m", "名单有误").code == 1
    assert found(place, row).state == state


def test_the_whole_outbox_is_held_and_let_go(place: Place) -> None:
    row = mail(place, "pending")

    said = place.call("outbox", "hold", "--all", "-m", "邮件系统割接")
    assert "no mail goes out: held since " in said.err
    assert "邮件系统割接" in said.err
    assert claimed(place) is None
    assert "no mail goes out: held" in place.call("outbox", "list").err
    assert "no mail goes out" in place.call("outbox", "retry", str(row.id)).err
    assert place.call("outbox", "hold", "--all", "-m", "again").code == 1

    opened = place.call("outbox", "resume", "-m", "割接完成")
    assert opened.err == "mails go out again (before: held)\n"
    assert claimed(place) == row.id
    assert place.call("outbox", "resume").code == 1
    with place.register.read() as db:
        assert [entry.reason for entry in journal(db, "channel.held") + journal(db, "channel.opened")][
            -2:
        ] == [
            "邮件系统割接",
            "割接完成",
        ]


def test_what_the_operator_held_stays_held_whatever_a_server_answers_meanwhile(place: Place) -> None:
    mail(place, "pending")
    with place.register.write() as db:
        taken = claim(db, NOW, LEASE)
    place.call("outbox", "hold", "--all", "-m", "割接")
    assert taken is not None

    with place.register.write() as db:
        settle(db, taken, Answer(Outcome.PAUSE, 535, "5.7.8 no", "login"), program(TODAY), 0)
    with place.register.read() as db:
        row = db.get_one(Channel, "mail")
        assert (row.state, row.until, row.reason) == ("held", None, "割接")


def test_a_channel_that_rests_is_opened_at_once_with_the_mail_that_found_it_closed(place: Place) -> None:
    until = NOW + HOUR
    row = mail(place, "pending", next_at=until)
    with place.register.write() as db:
        db.add(Channel(name="mail", state="paused", since=NOW, until=until, reason="535 no", failures=2))
        open_task(db, "channel", "mail", "check mail.*", program(TODAY))
    assert claimed(place) is None

    place.call("outbox", "resume")
    assert claimed(place) == row.id
    assert place.json("task", "list") == []


def test_mails_held_by_their_number_are_counted_when_the_outbox_goes_on(place: Place) -> None:
    mail(place, "held")
    place.call("outbox", "hold", "--all", "-m", "割接")

    assert "1 mail held by their number" in place.call("outbox", "resume").err


@pytest.mark.parametrize(
    "words",
    [("retry",), ("retry", "x"), ("hold", "-m", "x"), ("hold", "1", "--all", "-m", "x"), ("hold", "1")],
    ids=["no number", "no number at all", "neither", "both", "no reason"],
)
def test_a_mistaken_call_is_a_usage_error(place: Place, words: tuple[str, ...]) -> None:
    assert place.call("outbox", *words).code == 2


def test_tasks_are_listed_and_closed_with_an_answer(place: Place) -> None:
    with place.register.write() as db:
        open_task(db, "paper", "平数云核减〔2026〕12号", "deliver it on paper", program(TODAY))
        open_task(db, "fonts", "pdf", "install a font", program(TODAY))

    first, second = place.json("task", "list")
    assert (first["kind"], first["subject"], first["text"], first["closed_at"]) == (
        "paper",
        "平数云核减〔2026〕12号",
        "deliver it on paper",
        None,
    )
    said = place.call("task", "close", str(first["id"]), "-m", "已送达")
    assert said.err == f"task {first['id']} closed: paper 平数云核减〔2026〕12号\n"
    assert [row["id"] for row in place.json("task", "list")] == [second["id"]]
    closed = place.json("task", "list", "--all")[0]
    assert (closed["answer"], closed["closed_by"] is None) == ("已送达", False)


@pytest.mark.parametrize("number", ["999999", "closed"])
def test_only_an_open_task_is_closed(place: Place, number: str) -> None:
    with place.register.write() as db:
        open_task(db, "fonts", "pdf", "install a font", program(TODAY))
    if number == "closed":
        number = str(place.json("task", "list")[0]["id"])
        place.call("task", "close", number, "-m", "done")

    refused = place.call("task", "close", number, "-m", "again")
    assert (refused.code, f"no open task {number}" in refused.err) == (1, True)
    assert place.call("task", "close", number).code == 2


def test_tables_fit_a_narrow_terminal(place: Place) -> None:
    from rich.cells import cell_len

    mail(place, "dead", last_code=550, last_text="5.1.1 <it@minzheng.example.gov.cn>: " + "rejected " * 20)
    with place.register.write() as db:
        open_task(db, "undelivered", "x", "a word to the operator " * 10, program(TODAY))

    for words in (("outbox", "list"), ("task", "list"), ("task", "list", "--all")):
        said = place.call(*words, "-o", "table", COLUMNS="80").out
        assert len(said.splitlines()) > 3
        assert max(map(cell_len, said.splitlines())) <= 80
