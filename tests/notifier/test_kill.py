"""A thousand mails by a sender that is killed again and again: nothing lost, one copy a kill at most.

The sender is the daemon's own loop in a process of its own; a real mail server counts what it accepts. It is
killed at seeded moments: while it says MAIL, before it hears that its mail is taken, just after, and in the
milliseconds in which it writes the result down and claims the next.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from processes import url_of
from smtpservers import smtpd
from sqlalchemy import select
from stage import BEGIN, entries, posted

from notifier.tables import Delivery, DeliveryState

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from aiosmtpd.smtp import SMTP, Envelope, Session

    from store.database import Register

pytest_plugins = ["registers"]

MAILS, KILLS = 1000, 26
MOMENTS = ("mail", "before", "after", "later")
LATEST = 0.015  # seconds after an answer: the result is written, the next mail claimed
RESTART = timedelta(minutes=10)  # later than any lease
IDS = re.compile(rb"^Message-ID: (<[^>]+>)\r$", re.MULTILINE)

# Forks a sender for every moment that it reads, from a process that has imported all.
SENDERS = """
import os, sys
from datetime import datetime
import psycopg
from config.settings import Settings
from monitor.delivering import deliver_all
from monitor.installation import Installation, Now
from store.database import open_register

url, port, data_dir = sys.argv[1:]
mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "notices@center.example",
        "timeout": "5s", "deadline": "8s"}
settings = Settings.model_validate({"data_dir": data_dir, "mail": mail})

def deliver(moment):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    house = Installation(settings, None, open_register(url))
    deliver_all(house, Now(moment, moment.date(), moment.date()), lambda *_: None)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        deliver(datetime.fromisoformat(line.strip()))
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture
def register_url(register_url: str) -> Iterator[str]:
    """As everywhere; SQLite's file without a disk: a kill, unlike a power cut, loses nothing that was
    written.
    """
    memory = Path("/dev/shm")  # noqa: S108 (a folder of this test's own is made there)
    if not register_url.startswith("sqlite") or not memory.is_dir():
        yield register_url
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield f"sqlite:///{folder}/register.db"


@dataclass
class Reaper:
    """A mail server that takes every mail, and kills who delivers it: `plan` says after how many mails, at
    which moment, and how many seconds late.
    """

    plan: dict[int, tuple[str, float]]
    runs: list[list[str]] = field(default_factory=list)  # Message-IDs accepted, by run
    content: dict[str, set[bytes]] = field(default_factory=dict)
    victim: int = 0
    known: Event = field(default_factory=Event)

    def strikes(self, moments: tuple[str, ...]) -> tuple[str, float] | None:
        """The moment and delay, when the next kill is of these."""
        count = sum(map(len, self.runs))
        return self.plan.pop(count) if self.plan.get(count, ("",))[0] in moments else None

    def kill(self) -> None:
        self.known.wait(10)
        with suppress(ProcessLookupError):
            os.kill(self.victim, signal.SIGKILL)

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        envelope.mail_from = address
        if self.strikes(("mail",)):
            self.kill()
        return "250 OK"

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        (name,) = [found.decode() for found in IDS.findall(content)]
        self.runs[-1].append(name)
        self.content.setdefault(name, set()).add(content)
        moment, delay = self.strikes(MOMENTS[1:]) or ("", 0.0)
        if moment == "before":
            self.kill()
        elif moment == "after":
            await server.push("250 2.0.0 taken")
            self.kill()
        elif moment == "later":
            loop: asyncio.AbstractEventLoop = server.loop
            loop.call_later(delay, self.kill)
        return "250 2.0.0 taken"


def seeded(seed: int) -> dict[int, tuple[str, float]]:
    """After how many mails, how: every kind of moment about as often."""
    chance = random.Random(seed)
    kinds = [(MOMENTS[n % len(MOMENTS)], chance.uniform(0, LATEST)) for n in range(KILLS)]
    chance.shuffle(kinds)
    return dict(zip(chance.sample(range(3, MAILS - 3, 2), KILLS), kinds, strict=True))


@contextmanager
def senders(url: str, port: int, folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SENDERS, url, str(port), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def run(senders: subprocess.Popen[str], reaper: Reaper, number: int) -> int:
    """One sender's life; how it ended."""
    assert senders.stdin is not None
    assert senders.stdout is not None
    reaper.runs.append([])
    reaper.known.clear()
    senders.stdin.write(f"{(BEGIN + number * RESTART).isoformat()}\n")
    senders.stdin.flush()
    reaper.victim = int(senders.stdout.readline())
    reaper.known.set()
    return int(senders.stdout.readline())


def test_fault_29_a_thousand_mails_survive_kills_with_at_most_one_copy_a_kill(
    register: Register, tmp_path: Path
) -> None:
    posted(register, MAILS, copies=10)
    reaper = Reaper(seeded(20260918))
    certain = sum(moment == "before" for moment, _ in reaper.plan.values())
    ends: list[int] = []
    with smtpd(reaper) as port, senders(url_of(register), port, tmp_path) as process:  # type: ignore[arg-type]
        while not ends or ends[-1] != 0:
            ends.append(run(process, reaper, len(ends)))
            assert len(ends) <= KILLS + 1, "a sender ended by itself, and not well"

    kills = ends.count(signal.SIGKILL)
    copies = Counter(name for names in reaper.runs for name in names)
    extra = sum(copies.values()) - len(copies)
    with register.read() as db:
        states = Counter(db.scalars(select(Delivery.state)))
        sent = set(db.scalars(select(Delivery.message_id)))
        attempts = sum(db.scalars(select(Delivery.attempts)))
        entries(db)

    assert kills == KILLS
    assert states == {DeliveryState.SENT: MAILS}
    assert set(copies) == sent  # every mail was accepted at least once, under its own Message-ID
    assert certain <= extra <= kills
    assert MAILS + extra <= attempts <= MAILS + kills  # a kill costs one claim at most
    assert all(len(contents) == 1 for contents in reaper.content.values())  # the bytes never change
    over: set[str] = set()
    for names in reaper.runs:  # only the mail in hand at a kill, the last of its run, may come again
        assert len(names) == len(set(names))
        assert not over.intersection(names)
        over.update(names[:-1])
