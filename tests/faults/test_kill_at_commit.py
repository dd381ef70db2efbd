"""Fault 29: killed at the n-th time that the register is put on the disk, for every n of a whole run.

The run is that of `rightsizer once` from the approved findings on: it issues, delivers and follows up, with
real letters, to a real mail server. strace kills it. The next run, later than any lease, goes to the end.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import required
from smtpservers import smtpd
from sqlalchemy import select
from stage import BEGIN, entries, found

from notifier.tables import Delivery, DeliveryState, Item, Notice
from store.damage import damage
from store.database import open_register, upgrade
from store.tables import Finding, FindingState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import SMTP, Envelope, Session

STRACE = "/usr/bin/strace"
DEPARTMENTS = 2
RESTART = timedelta(minutes=10)  # later than any lease
IDS = re.compile(rb"^Message-ID: (<[^>]+>)\r$", re.MULTILINE)

# Forks a run for every moment that it reads, from a process that has imported all; it waits for a line more.
RUNS = """
import os, sys
from datetime import datetime
from config.settings import Settings
from monitor.installation import Installation, Now
from monitor.logs import quiet
from monitor.pipeline import Run, deliver, follow_up, issue, run_steps
from store.database import open_register
import alembic, psycopg, notifier.letters.pdf, notifier.letters.word, store.delta

port = sys.argv[1]
mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "notices@center.example",
        "timeout": "5s", "deadline": "8s"}
quiet(verbose=False)

def run(folder, moment):
    given = {"data_dir": folder, "mail": mail, "policy": {"allow_expired": True}}
    settings = Settings.model_validate(given | {"notices": {"max_share": 100}})
    house = Installation(settings, None, open_register(settings.database_url()))
    run_steps(Run(house, Now(moment, moment.date(), moment.date())), (issue, deliver, follow_up, deliver))

for line in sys.stdin:
    folder, moment = line.split()
    child = os.fork()
    if child == 0:
        sys.stdin.readline()
        run(folder, datetime.fromisoformat(moment))
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@dataclass
class Postbox:
    """A mail server that takes every mail."""

    taken: list[str] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        self.taken += [name.decode() for name in IDS.findall(envelope.original_content or b"")]
        return "250 2.0.0 taken"


@pytest.fixture
def approved() -> Iterator[Path]:
    """A folder whose register has approved findings of two departments; without a disk, for speed."""
    if not Path(STRACE).exists():
        required(STRACE)
    memory = Path("/dev/shm")  # noqa: S108 (a folder of this test's own is made there)
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        url = f"sqlite:///{folder}/approved/register.db"
        upgrade(url)
        register = open_register(url)
        with register.write() as db:
            for number in range(DEPARTMENTS * 2):
                found(db, f"vm-{number}", f"第{number % DEPARTMENTS}局")
        register.close()
        yield Path(folder) / "approved"


@contextmanager
def runs(port: int) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", RUNS, str(port)], stdin=pipe, stdout=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run(process: subprocess.Popen[str], folder: Path, later: timedelta, *injected: str) -> tuple[int, int]:
    """One run under strace: how it ended, and how often it put the register on the disk."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{folder} {(BEGIN + later).isoformat()}\n")
    process.stdin.flush()
    pid = process.stdout.readline().strip()
    trace = folder / "trace"
    command = [STRACE, "-f", "-p", pid, "-o", str(trace), "-e", "trace=fdatasync", *injected]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if "attached" not in said:
            process.stdin.write("go\n")
            process.stdin.flush()
            required(f"leave to trace a process ({said.strip()})")
        process.stdin.write("go\n")
        process.stdin.flush()
        ended = int(process.stdout.readline())
        tracer.communicate(timeout=30)
    return ended, trace.read_text().count("fdatasync(")


def killed_at(process: subprocess.Popen[str], approved: Path, number: int, postbox: Postbox) -> None:
    """Killed at the n-th, then run to the end: every notice once, every mail once or twice."""
    folder = approved.with_name(f"killed-{number}")
    shutil.copytree(approved, folder)
    postbox.taken.clear()
    ended, _ = run(process, folder, timedelta(0), "-e", f"inject=fdatasync:signal=KILL:when={number}")
    assert ended == signal.SIGKILL
    assert run(process, folder, RESTART)[0] == 0

    register = open_register(f"sqlite:///{folder}/register.db")
    assert damage(register) is None
    with register.read() as db:
        entries(db)
        assert len(db.scalars(select(Notice.id)).all()) == DEPARTMENTS
        assert len(db.scalars(select(Item.id)).all()) == DEPARTMENTS * 2
        assert set(db.scalars(select(Finding.state))) == {FindingState.ISSUED}
        assert set(db.scalars(select(Delivery.state))) == {DeliveryState.SENT}
        names = set(db.scalars(select(Delivery.message_id)))
    register.close()
    copies = Counter(postbox.taken)
    assert set(copies) == names
    assert sum(copies.values()) <= len(names) + 1  # one kill, one copy at most
    shutil.rmtree(folder)


def syncs(process: subprocess.Popen[str], approved: Path) -> int:
    folder = approved.with_name("whole")
    shutil.copytree(approved, folder)
    ended, count = run(process, folder, timedelta(0))
    assert ended == 0
    assert count >= 3 * DEPARTMENTS  # each notice: issued, claimed, sent
    return count


def test_fault_29_killed_now_and_then_every_notice_arrives_once_or_twice(approved: Path) -> None:
    postbox = Postbox()
    with smtpd(postbox) as port, runs(port) as process:  # type: ignore[arg-type]
        count = syncs(process, approved)
        for number in range(2, count + 1, max(1, count // 4)):
            killed_at(process, approved, number, postbox)


@pytest.mark.slow
def test_fault_29_killed_at_every_single_commit_every_notice_arrives_once_or_twice(approved: Path) -> None:
    postbox = Postbox()
    with smtpd(postbox) as port, runs(port) as process:  # type: ignore[arg-type]
        for number in range(1, syncs(process, approved) + 1):
            killed_at(process, approved, number, postbox)
