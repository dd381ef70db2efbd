"""A person and the program at the same moment: one of them wins, and the journal tells of both.

Fault 27: an answer in the same second as the escalation. Fault 35: approvals while notices are written.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from matters import issue_notice, program
from processes import START, started, url_of
from sqlalchemy import select
from stage import entries, found, house, now, received

from monitor.issuing import issue_all
from monitor.pipeline import unseen
from notifier.following import mark_overdue
from notifier.numbers import parse
from notifier.tables import Item, Notice
from store.tables import Finding, FindingState, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Register

pytest_plugins = ["registers"]

TESTS = [str(Path(__file__).parents[1] / folder) for folder in ("", "notifier", "store")]
ROUNDS = 45
LATE = date(2026, 11, 8)  # a month after the end: the next letter is the last one, and escalates

# In every round both hear a line and act on the same notice, some hundredths of a second later.
MEETING = f"""
import os, random, time
from datetime import date
from functools import partial
from pathlib import Path
sys.path[:0] = {TESTS!r}
from matters import items, operator
from stage import LIMITS, TERMS, house, now
from store.calendar import calendar
from store.database import open_register
from notifier.tables import Notice

register, today = open_register(url), date(2026, 11, 8)
chance, longest = random.Random(number), float(sys.argv[4])
said = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for the log

def rounds():
    print("ready", file=said, flush=True)
    for line in sys.stdin:
        time.sleep(chance.uniform(0, longest))
        yield int(line)
        print("done", file=said, flush=True)
"""

ESCALATES = (
    MEETING
    + """
from monitor.issuing import issued
from notifier.following import draft, urgings, written
from notifier.parcels import Papers
from monitor.issuing import program

class Quick:
    # Letters that take some hundredths of a second and say nothing: there is no mail server to send them to.
    def papers(self, content):
        time.sleep(chance.uniform(0, 0.03))
        return Papers(None, "", "", b"", None, b"", b"")

rightsizer = house(register, Path(sys.argv[3]))
with register.read() as db:
    steps = {step.parent: step for step in urgings(db, calendar(db), LIMITS, today)}
for round in rounds():
    then = partial(written, step=steps[round], act=program(now(today)))
    drafted = partial(draft, step=steps[round], terms=TERMS, supervisor=(), today=today)
    issued(rightsizer, Quick(), now(today), drafted, then)
"""
)

ANSWERS = (
    MEETING
    + """
from notifier.receipts import RECORDED, Receipt, receive
from notifier.responses import done, object_to

for round in rounds():
    with register.write() as db:
        known, notice, act = calendar(db), db.get_one(Notice, round), operator(today)
        if round % 3 == 1:
            done(db, notice, items(db, notice), today, "工单", act)
        elif round % 3 == 2:
            object_to(db, known, notice, items(db, notice), today, act, stops=True)
        else:
            receive(db, known, notice, Receipt(date(2026, 11, 5), RECORDED, "回执"), today, act)
"""
)


@contextmanager
def working(text: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that acts whenever it is told to."""
    command = [sys.executable, "-c", START + text, *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            heard(process)
            yield process
        finally:
            process.kill()


def tell(process: subprocess.Popen[str], number: int) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{number}\n")
    process.stdin.flush()


def heard(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    if not process.stdout.readline():
        pytest.fail(process.stderr.read()[-2000:])


def test_fault_27_an_answer_in_the_second_of_the_escalation_leaves_one_truth(
    register: Register, tmp_path: Path
) -> None:
    for _ in range(ROUNDS):
        received(register, issue_notice(register, machines=1), date(2026, 9, 18))
    with register.write() as db:
        assert mark_overdue(db, LATE, program(LATE)) == ROUNDS
    url = url_of(register)
    with (
        working(ESCALATES, url, 1, tmp_path, 0.02) as program_,
        working(ANSWERS, url, 2, tmp_path, 0.08) as person,
    ):
        for number in range(1, ROUNDS + 1):
            for process in (program_, person):
                tell(process, number)
            for process in (program_, person):
                heard(process)

    with register.read() as db:
        entries(db)
        for number in range(1, ROUNDS + 1):
            item = db.scalars(select(Item).where(Item.notice_id == number)).one()
            letters = db.scalars(select(Notice.level).where(Notice.parent_id == number)).all()
            moves = db.execute(
                select(JournalEntry.action, JournalEntry.before, JournalEntry.after)
                .where(JournalEntry.subject == f"平数云核减〔2026〕{number}号/{item.machine}")
                .order_by(JournalEntry.id)
            ).all()
            events = [action.removeprefix("item.") for action, _, _ in moves]
            states = [moves[0].before, *(after for _, _, after in moves)]
            answer = ("receive", "done", "object")[number % 3]

            # Every move begins where the one before ended; the row stands where the last one led.
            assert [before for _, before, _ in moves] == states[:-1]
            assert (
                item.state
                == states[-1]
                == {"done": "done", "object": "objected", "receive": "received"}[answer]
            )
            # The answer is there; the escalation too, with its letter, when it was faster. Nothing else.
            assert events in (
                ["receive", "overdue", answer],
                ["receive", "overdue", "escalate", answer],
            )
            assert letters == ([3] if "escalate" in events else [])


APPROVES = f"""
import random, time
sys.path[:0] = {TESTS!r}
from datetime import date
from matters import operator
from store.database import open_register
from store.review import answer, chosen
from store.workflow import RefusedError

register, chance, day = open_register(url), random.Random(number), date(2026, 9, 18)

def give(event, numbers):
    try:
        with register.write() as db:
            answer(db, chosen(db, numbers), event, operator(day))
    except RefusedError:
        print("refused", event)

numbers = list(range(1, 13))
chance.shuffle(numbers)
for start in range(0, 12, 2):
    pair = numbers[start : start + 2]
    give("approve", pair)
    time.sleep(chance.uniform(0.1, 0.5))
    if start % 4 == 0:  # a second thought, which may come too late
        give("reopen", pair)
        give("approve", pair)
"""


def test_fault_35_findings_that_are_approved_while_notices_are_written_are_issued_once(
    register: Register, tmp_path: Path
) -> None:
    day = date(2026, 9, 18)
    with register.write() as db:
        for number in range(12):
            found(db, f"vm-{number:02d}", f"第{number % 3}局", state="open")
    rightsizer = house(register, tmp_path, notices={"max_share": 100})
    person = started(APPROVES, url_of(register), 7)
    counts: Counter[str] = Counter()
    while person.poll() is None:
        counts.update(issue_all(rightsizer, now(day), unseen))
    _, err = person.communicate(timeout=10)
    assert person.returncode == 0, err[-2000:]
    counts.update(issue_all(rightsizer, now(day), unseen))

    with register.read() as db:
        assert set(db.scalars(select(Finding.state))) == {FindingState.ISSUED}
        written = db.scalars(select(Item.finding_id)).all()
        assert sorted(written, key=lambda number: number or 0) == list(range(1, 13))
        numbers = [parse(row.number).sequence for row in db.scalars(select(Notice).order_by(Notice.id))]
        assert numbers == list(range(1, counts["notices"] + 1))
        chains = defaultdict(list)
        moves = select(JournalEntry).where(JournalEntry.action.startswith("finding."))
        for row in db.scalars(moves.order_by(JournalEntry.id)):
            chains[row.subject].append((row.before, row.after))
        for chain in chains.values():  # no answer was lost: every one began where the one before ended
            assert [before for before, _ in chain] == ["open", *(after for _, after in chain[:-1])]
            assert chain[-1] == ("approved", "issued")
        entries(db)
