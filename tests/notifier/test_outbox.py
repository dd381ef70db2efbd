"""The outbox: claimed one by one, tried, settled; nothing is lost, whatever the server answers.

Faults are numbered as in the catalogue. Waits without spread: 1, 5, 15, 60 minutes, then hourly.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from processes import together, url_of
from sqlalchemy import select, update
from stage import BEGIN, delivery, entries, posted, tasks, told

from notifier.answers import GIVE_UP, Answer, Outcome
from notifier.outbox import MAIL, claim, hold_all, open_again, retry, settle
from notifier.tables import Channel, Delivery, DeliveryState
from store.workflow import Act, Role

if TYPE_CHECKING:
    from notifier.outbox import Claimed
    from store.database import Register

pytest_plugins = ["registers"]

LEASE = timedelta(minutes=5)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SAID = {
    Outcome.SENT: (250, "2.0.0 queued", "end"),
    Outcome.LATER: (450, "4.7.1 greylisted", "rcpt"),
    Outcome.DEAD: (550, "5.1.1 no such user", "rcpt"),
    Outcome.UNKNOWN: (None, "no answer in time", "end"),
    Outcome.PAUSE: (535, "5.7.8 authentication failed", "login"),
    Outcome.UNREACHABLE: (None, "connection refused", "connect"),
}


def act(moment: datetime, role: Role = Role.PROGRAM) -> Act:
    return Act("rightsizer" if role is Role.PROGRAM else "li", role, moment, None)


def answer(outcome: Outcome) -> Answer:
    return Answer(outcome, *SAID[outcome])


def claimed(register: Register, moment: datetime) -> Claimed | None:
    with register.write() as db:
        return claim(db, moment, LEASE)


def settled(register: Register, mail: Claimed, outcome: Outcome, moment: datetime) -> bool:
    with register.write() as db:
        return settle(db, mail, answer(outcome), act(moment), 0.0)


def tried(register: Register, moment: datetime, outcome: Outcome) -> Claimed | None:
    """Claims and settles at once; None when nothing was due."""
    mail = claimed(register, moment)
    if mail is not None:
        assert settled(register, mail, outcome, moment)
    return mail


def states(register: Register) -> Counter[str]:
    with register.read() as db:
        return Counter(db.scalars(select(Delivery.state)))


def open_tasks(register: Register) -> list[tuple[str, str]]:
    with register.read() as db:
        return [(task.kind, task.subject) for task in tasks(db)]


# ---- claims and leases


def test_the_mail_that_waits_longest_goes_first(register: Register) -> None:
    posted(register, 5)

    assert [mail.id for _ in range(5) if (mail := claimed(register, BEGIN))] == [1, 2, 3, 4, 5]
    assert claimed(register, BEGIN) is None


def test_a_mail_that_is_not_due_yet_is_left_alone(register: Register) -> None:
    posted(register, 1, since=BEGIN + timedelta(hours=2))  # due an hour before that

    assert claimed(register, BEGIN + timedelta(minutes=59)) is None
    assert claimed(register, BEGIN + timedelta(minutes=60)) is not None


CLAIMER = """
from datetime import datetime, timedelta
from notifier.outbox import claim
from store.database import open_register
register = open_register(url)
while True:
    with register.write() as db:
        mail = claim(db, datetime.fromisoformat(sys.argv[3]), timedelta(minutes=5))
    if mail is None:
        break
    print(mail.id, mail.attempt)
"""


def test_four_claimers_at_once_never_hold_the_same_mail(register: Register) -> None:
    posted(register, 40)
    program = CLAIMER.replace("sys.argv[3]", repr(BEGIN.isoformat()))

    taken = [line for said in together(program, url_of(register), 4) for line in said.splitlines()]

    assert sorted(taken) == sorted(f"{number} 1" for number in range(1, 41))


def test_a_mail_in_hand_is_free_again_when_its_lease_ends(register: Register) -> None:
    posted(register, 1)
    first = claimed(register, BEGIN)
    assert first is not None

    assert claimed(register, BEGIN + LEASE - timedelta(seconds=1)) is None
    again = claimed(register, BEGIN + LEASE)
    assert again is not None
    assert (again.id, again.attempt) == (first.id, 2)
    assert (again.message_id, again.mime) == (first.message_id, first.mime)


def test_a_result_that_comes_after_another_took_the_mail_is_refused(register: Register) -> None:
    posted(register, 1)
    late = claimed(register, BEGIN)
    again = claimed(register, BEGIN + LEASE)
    assert late is not None
    assert again is not None

    assert not settled(register, late, Outcome.DEAD, BEGIN + LEASE)
    assert delivery(register).state == DeliveryState.LEASED
    assert settled(register, again, Outcome.SENT, BEGIN + LEASE + MINUTE)
    assert not settled(register, again, Outcome.LATER, BEGIN + LEASE + MINUTE)
    assert delivery(register).state == DeliveryState.SENT


def test_a_result_after_the_lease_counts_while_nobody_else_has_the_mail(register: Register) -> None:
    posted(register, 1)
    slow = claimed(register, BEGIN)
    assert slow is not None

    assert settled(register, slow, Outcome.SENT, BEGIN + 3 * LEASE)
    assert claimed(register, BEGIN + DAY) is None


# ---- later


def test_fault_44_what_the_server_puts_off_is_tried_after_1_5_15_60_minutes_then_hourly(
    register: Register,
) -> None:
    posted(register, 1)
    moment, waits, names = BEGIN, [], set()
    for _ in range(7):
        mail = tried(register, moment, Outcome.LATER)
        assert mail is not None
        names.add(mail.message_id)
        after = delivery(register).next_at
        waits.append((after - moment) / MINUTE)
        assert claimed(register, after - timedelta(seconds=1)) is None
        moment = after

    assert waits == [1, 5, 15, 60, 60, 60, 60]
    assert names == {"<notice-0000@center.example>"}
    assert open_tasks(register) == []


def test_fault_44_a_mail_that_is_put_off_for_five_days_is_given_up_with_a_task(register: Register) -> None:
    posted(register, 1)
    moment, tries = BEGIN, 0
    while delivery(register).state == DeliveryState.PENDING:
        assert tried(register, moment, Outcome.LATER) is not None
        tries, last, moment = tries + 1, moment, delivery(register).next_at

    # Tries 0, 1, 6, 21, 81 minutes after the first, then every 60: 81 + 60 * 119 = 7221 > 7200 = 5 days.
    assert (tries, last - BEGIN) == (5 + 119, timedelta(minutes=7221))
    assert delivery(register).state == DeliveryState.DEAD
    assert open_tasks(register) == [("undelivered", "平数云核减〔2026〕1号 it0000@office.example")]
    assert claimed(register, BEGIN + timedelta(days=400)) is None


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.PAUSE])
def test_what_waited_behind_a_closed_channel_has_its_five_days_all_the_same(
    register: Register, outcome: Outcome
) -> None:
    posted(register, 2)
    moment = BEGIN
    while moment < BEGIN + GIVE_UP + DAY:  # a long holiday
        tried(register, moment, outcome)
        moment += timedelta(hours=2)
    for _ in range(2):  # the server is back, and greylists whom it has not seen for long
        assert tried(register, moment, Outcome.LATER) is not None

    assert states(register) == {DeliveryState.PENDING: 2}


# ---- never


def test_fault_45_one_of_two_is_unknown_the_other_gets_the_notice_once(register: Register) -> None:
    posted(register, 2, copies=2)

    assert tried(register, BEGIN, Outcome.DEAD) is not None
    assert tried(register, BEGIN, Outcome.SENT) is not None
    assert claimed(register, BEGIN + 30 * DAY) is None
    assert states(register) == {DeliveryState.DEAD: 1, DeliveryState.SENT: 1}
    assert open_tasks(register) == [("undelivered", "平数云核减〔2026〕1号 it0000@office.example")]
    with register.read() as db:
        row = db.get_one(Delivery, 1)
        assert (row.last_code, row.attempts) == (550, 1)


# ---- lost after the final dot


def test_fault_46_a_mail_lost_after_its_dot_is_sent_once_more_then_a_person_is_asked(
    register: Register,
) -> None:
    posted(register, 1)
    first = tried(register, BEGIN, Outcome.UNKNOWN)
    assert first is not None
    assert delivery(register).state == DeliveryState.UNKNOWN
    assert claimed(register, BEGIN + LEASE - timedelta(seconds=1)) is None

    again = tried(register, BEGIN + LEASE, Outcome.UNKNOWN)

    assert again is not None
    assert (again.message_id, again.mime) == (first.message_id, first.mime)
    assert delivery(register).state == DeliveryState.HELD
    assert claimed(register, BEGIN + 400 * DAY) is None
    assert open_tasks(register) == [("unknown", "平数云核减〔2026〕1号 it0000@office.example")]


def test_a_person_may_send_a_doubtful_mail_again_and_the_task_is_done(register: Register) -> None:
    posted(register, 1)
    tried(register, BEGIN, Outcome.UNKNOWN)
    tried(register, BEGIN + LEASE, Outcome.UNKNOWN)
    with register.write() as db:
        retry(db, [db.get_one(Delivery, 1)], act(BEGIN + DAY, Role.OPERATOR))

    assert open_tasks(register) == []
    assert tried(register, BEGIN + DAY, Outcome.SENT) is not None
    assert states(register) == {DeliveryState.SENT: 1}


# ---- the whole channel


def test_fault_48_a_wrong_password_is_tried_once_in_fifteen_minutes_and_all_mail_is_kept(
    register: Register,
) -> None:
    posted(register, 5)
    tries, moment = [], BEGIN
    while moment < BEGIN + DAY:  # the daemon looks every five minutes, and sends all it may
        while tried(register, moment, Outcome.PAUSE) is not None:
            tries.append(moment)
        moment += 5 * MINUTE

    assert len(tries) == 24 * 4
    gaps = {after - before for before, after in pairwise(tries)}
    assert gaps == {timedelta(minutes=15)}
    assert states(register) == {DeliveryState.PENDING: 5}
    assert open_tasks(register) == [("channel", "mail")]


def test_when_mails_go_again_the_channel_is_open_and_its_task_done(register: Register) -> None:
    posted(register, 3)
    tried(register, BEGIN, Outcome.PAUSE)
    moment = BEGIN + timedelta(minutes=15)

    assert [tried(register, moment, Outcome.SENT) is not None for _ in range(4)] == [True, True, True, False]
    assert open_tasks(register) == []
    with register.read() as db:
        assert db.get_one(Channel, MAIL).state == "open"
        assert len(told(db, "task.closed")) == 1


@pytest.mark.parametrize("outcome", [Outcome.PAUSE, Outcome.UNREACHABLE])
def test_after_a_rest_one_mail_tries_whoever_asks(register: Register, outcome: Outcome) -> None:
    posted(register, 5)
    tried(register, BEGIN, outcome)
    moment = BEGIN + timedelta(minutes=15)
    first, second = claimed(register, moment), claimed(register, moment)  # two senders at once
    assert first is not None
    assert second is None

    settled(register, first, Outcome.SENT, moment)
    assert claimed(register, moment) is not None


@pytest.mark.parametrize("outcome", [Outcome.PAUSE, Outcome.UNREACHABLE])
def test_a_sender_that_dies_while_it_tries_the_channel_does_not_close_it(
    register: Register, outcome: Outcome
) -> None:
    posted(register, 2)
    tried(register, BEGIN, outcome)
    moment = BEGIN + timedelta(minutes=15)
    claimed(register, moment)

    assert claimed(register, moment + LEASE) is not None


@pytest.mark.parametrize("outcome", [Outcome.DEAD, Outcome.UNKNOWN, Outcome.LATER])
def test_a_server_that_takes_or_refuses_a_mail_is_there(register: Register, outcome: Outcome) -> None:
    posted(register, 3)
    moment = BEGIN
    for _ in range(4):
        tried(register, moment, Outcome.UNREACHABLE)
        moment += timedelta(hours=2)
    assert open_tasks(register) == [("channel", "mail")]

    tried(register, moment, outcome)

    assert ("channel", "mail") not in open_tasks(register)
    assert tried(register, moment, Outcome.SENT) is not None


def test_fault_44_a_server_that_is_not_reached_is_asked_less_and_less_and_the_fourth_time_is_a_task(
    register: Register,
) -> None:
    posted(register, 3)
    moment, alarms, rests = BEGIN, [], []
    for _ in range(6):
        assert tried(register, moment, Outcome.UNREACHABLE) is not None
        alarms.append(len(open_tasks(register)))
        with register.read() as db:
            until = db.get_one(Channel, MAIL).until
        assert until is not None
        rests.append((until - moment) / MINUTE)
        moment = until

    assert rests == [1, 5, 15, 60, 60, 60]
    assert alarms == [0, 0, 0, 1, 1, 1]


def test_no_mail_is_given_up_because_the_server_is_not_reached(register: Register) -> None:
    posted(register, 2)
    moment = BEGIN
    while moment < BEGIN + 10 * DAY:
        tried(register, moment, Outcome.UNREACHABLE)
        moment += timedelta(hours=2)

    assert states(register) == {DeliveryState.PENDING: 2}
    assert open_tasks(register) == [("channel", "mail")]
    assert tried(register, moment, Outcome.SENT) is not None
    assert open_tasks(register) == []


def test_what_the_operator_holds_stays_held_whatever_time_passes(register: Register) -> None:
    posted(register, 2)
    with register.write() as db:
        hold_all(db, act(BEGIN, Role.OPERATOR))
    assert claimed(register, BEGIN + 400 * DAY) is None
    with register.write() as db:
        open_again(db, act(BEGIN + DAY, Role.OPERATOR))

    assert claimed(register, BEGIN + DAY) is not None


def test_a_mail_in_flight_when_the_operator_holds_the_channel_leaves_it_held(register: Register) -> None:
    posted(register, 2)
    mail = claimed(register, BEGIN)
    assert mail is not None
    with register.write() as db:
        hold_all(db, act(BEGIN, Role.OPERATOR))
    settled(register, mail, Outcome.SENT, BEGIN)

    assert claimed(register, BEGIN + DAY) is None


# ---- any order of answers, deaths and words


class AnyFate(RuleBasedStateMachine):
    """Three mails, a server that answers anything, senders that die, an operator who acts."""

    register: Register
    count = 0

    @initialize()
    def begin(self) -> None:
        self.moment = BEGIN + AnyFate.count * timedelta(days=4000)
        AnyFate.count += 1
        self.hands: list[Claimed] = []
        self.claims: Counter[int] = Counter()
        self.doubts: Counter[int] = Counter()
        with self.register.write() as db:
            last = max(db.scalars(select(Delivery.id)), default=0)
            db.execute(update(Delivery).values(state=DeliveryState.SENT))
            channel = db.get(Channel, MAIL)
            if channel is not None:
                channel.state, channel.until, channel.failures = "open", None, 0
            notice = db.get_one(Delivery, 1).notice_id
            for number in range(last + 1, last + 4):
                db.add(
                    Delivery(
                        notice_id=notice,
                        recipient=f"any{number}@office.example",
                        role="to",
                        message_id=f"<any-{number}@center.example>",
                        state=DeliveryState.PENDING,
                        made_at=self.moment,
                        next_at=self.moment,
                        mime=b"x\r\n",
                    )
                )
            self.numbers = range(last + 1, last + 4)

    @rule()
    def claim(self) -> None:
        mail = claimed(self.register, self.moment)
        if mail is not None:
            self.hands.append(mail)
            self.claims[mail.id] += 1

    @rule(outcome=st.sampled_from(Outcome), which=st.integers(0, 5))
    def answer(self, outcome: Outcome, which: int) -> None:
        if self.hands:
            mail = self.hands.pop(which % len(self.hands))
            ours = settled(self.register, mail, outcome, self.moment)
            self.doubts[mail.id] += ours and outcome is Outcome.UNKNOWN

    @rule(which=st.integers(0, 5))
    def die(self, which: int) -> None:
        if self.hands:
            self.hands.pop(which % len(self.hands))

    @rule(minutes=st.sampled_from([1, 5, 20, 70, 2000, 8000]))
    def wait(self, minutes: int) -> None:
        self.moment += minutes * MINUTE

    @rule(which=st.integers(0, 2))
    def say_retry(self, which: int) -> None:
        with self.register.write() as db:
            row = db.get_one(Delivery, self.numbers[which])
            if row.state in {DeliveryState.DEAD, DeliveryState.HELD}:
                retry(db, [row], act(self.moment, Role.OPERATOR))
                self.doubts[row.id] = min(self.doubts[row.id], 1)

    @rule()
    def say_hold_or_open(self) -> None:
        with self.register.write() as db:
            channel = db.get(Channel, MAIL)
            if channel is not None and channel.state == "held":
                open_again(db, act(self.moment, Role.OPERATOR))
            else:
                hold_all(db, act(self.moment, Role.OPERATOR))

    @invariant()
    def nothing_is_lost(self) -> None:
        with self.register.read() as db:
            rows = db.scalars(select(Delivery).where(Delivery.id.in_(self.numbers))).all()
            asked = {(task.kind, task.subject.split()[-1]) for task in tasks(db)}
            channel = db.get(Channel, MAIL)
            for row in rows:
                if row.state == DeliveryState.DEAD:
                    assert ("undelivered", row.recipient) in asked
                elif row.state == DeliveryState.HELD:
                    assert ("unknown", row.recipient) in asked
                else:
                    soon = self.moment + timedelta(hours=2)
                    assert row.state == DeliveryState.SENT or row.next_at <= soon
                assert row.attempts == self.claims[row.id]
                assert self.doubts[row.id] <= 2  # sent twice at most by this program's own will
            if channel is not None and channel.state == "paused":
                assert ("channel", MAIL) in asked

    def teardown(self) -> None:
        """The server mends, the operator opens: all goes out that no person is asked about."""
        with self.register.write() as db:
            channel = db.get(Channel, MAIL)
            if channel is not None and channel.state == "held":
                open_again(db, act(self.moment, Role.OPERATOR))
        self.moment += DAY
        while tried(self.register, self.moment, Outcome.SENT) is not None:
            pass
        left = {DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.HELD}
        with self.register.read() as db:
            rows = db.scalars(select(Delivery.state).where(Delivery.id.in_(self.numbers)))
            assert set(rows) <= left


def test_whatever_happens_a_mail_is_sent_or_waits_or_a_person_is_asked(register: Register) -> None:
    posted(register, 1)
    AnyFate.register, AnyFate.count = register, 1
    quick = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
    run_state_machine_as_test(AnyFate, settings=quick)
    with register.read() as db:
        entries(db)
