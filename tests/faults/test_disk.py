"""Faults 31 and 32: a disk that is full, that cannot be written, or that answers with an error."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from conftest import required
from daemons import PATIENCE, daemon
from smtpservers import smtpd
from sqlalchemy import select
from stage import ISSUED, entries, house, now, posted
from test_cli import RIGHTSIZER, call

from monitor.delivering import deliver_all
from monitor.pipeline import unseen
from notifier.tables import Delivery, DeliveryState
from store.database import open_register, upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiosmtpd.smtp import SMTP, Envelope, Session

STRACE = "/usr/bin/strace"
SYNCS = "fdatasync,fsync"
BROKEN = [STRACE, "-f", "-o", "/dev/null", "-e", f"trace={SYNCS}", "-e", f"inject={SYNCS}:error=EIO"]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 80 MiB (the lake takes nothing on where less than 64 are free)."""
    if os.getuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", disk], check=False)
    if done.returncode != 0:
        required("leave to mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def fill(disk: Path) -> Path:
    """Takes every byte that is free; the file gives them back when it is removed."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return ballast


def until(met: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not met():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not happen within {PATIENCE:g} s")
        time.sleep(0.1)


def sample_files(folder: Path) -> int:
    return len(list((folder / "data").glob("lake/samples/day=*/*.parquet")))


def test_fault_31_a_disk_that_fills_while_collecting_is_survived_without_a_restart(small: Path) -> None:
    with daemon(small, log=small.parent / "log") as running:
        until(lambda: sample_files(small) > 0, "the first collection")
        ballast = fill(small)
        until(lambda: "not ready: collect: " in running.unready(), "a collection that cannot be stored")
        reading = call("machine", "explain", "me", folder=small.parent, settings=small / "rightsizer.yml")
        stored = sample_files(small)
        assert running.process.poll() is None
        ballast.unlink()
        until(lambda: sample_files(small) > stored, "a collection after there is room again")
        until(running.ready, "the daemon to be ready again")
        assert running.process.poll() is None

    assert reading.returncode == 0, reading.stderr
    assert "Traceback" not in reading.stderr
    assert call("audit", "verify", folder=small.parent, settings=small / "rightsizer.yml").returncode == 0


class Filling:
    """A mail server that fills the disk before it says yes: the sender cannot note what it hears."""

    def __init__(self, disk: Path) -> None:
        self.disk, self.taken, self.full = disk, [], Event()

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        self.taken.append(envelope.rcpt_tos[0])
        if len(self.taken) == 2:
            fill(self.disk)
            self.full.set()
        return "250 2.0.0 taken"


def test_fault_31_a_disk_that_fills_while_sending_forgets_no_mail_and_sends_none_twice(small: Path) -> None:
    url = f"sqlite:///{small}/register.db"
    upgrade(url)
    register = open_register(url)
    posted(register, 5)
    server = Filling(small)
    with smtpd(server) as port:  # type: ignore[arg-type]
        mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "notices@center.example"}
        sender = house(register, small, mail={**mail, "timeout": "5s", "deadline": "20s"})
        work = Thread(target=deliver_all, args=(sender, now(ISSUED), unseen))
        work.start()
        assert server.full.wait(PATIENCE)
        time.sleep(2)  # it tries to note the answer, in vain
        noted = states(url)
        (small / "ballast").unlink()
        work.join(PATIENCE)

    assert not work.is_alive()
    assert noted.count(DeliveryState.SENT) == 1  # reads go on; the second is still ours
    assert states(url) == [DeliveryState.SENT] * 5
    assert sorted(server.taken) == sorted(set(server.taken))
    with register.read() as db:
        entries(db)
    register.close()


def states(url: str) -> list[str]:
    register = open_register(url)
    try:
        with register.read() as db:
            return list(db.scalars(select(Delivery.state).order_by(Delivery.id)))
    finally:
        register.close()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)


@pytest.mark.parametrize("words", [("run",), ("once",), ("collect",), ("backup", "copy")])
def test_fault_32_on_a_read_only_disk_nothing_starts_and_the_disk_is_named(
    small: Path, words: tuple[str, ...]
) -> None:
    (small / "rightsizer.yml").write_text(
        "data_dir: data\nsources: [{kind: host, name: host, machine: me}]\n", "utf-8"
    )
    settings = small / "rightsizer.yml"
    upgrade(f"sqlite:///{small}/data/register.db")

    with read_only(small):
        run = call(*words, folder=small, settings=settings)

    assert run.returncode == 1
    assert run.stderr.startswith("rightsizer: ")
    assert "read-only" in run.stderr or "readonly" in run.stderr or "unable to open" in run.stderr
    assert str(small) in run.stderr


def test_fault_32_a_disk_that_cannot_sync_is_named_and_the_decision_is_not_made(tmp_path: Path) -> None:
    if not Path(STRACE).exists():
        required(STRACE)
    settings = tmp_path / "rightsizer.yml"
    settings.write_text("data_dir: data\n", "utf-8")
    departments = tmp_path / "departments.csv"
    departments.write_text("code,name,email,contact,phone\nJ1,市司法局,it@justice.example,,\n", "utf-8")
    upgrade(f"sqlite:///{tmp_path}/data/register.db")
    words = [RIGHTSIZER, "--config", settings, "department", "import", departments]

    run = subprocess.run(
        [*BROKEN, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 1
    assert (
        run.stderr == "rightsizer: the register answered: disk I/O error; check the register and its folder\n"
    )
    listed = call("department", "list", folder=tmp_path, settings=settings)
    assert (listed.returncode, listed.stdout) == (0, "")
    assert call("audit", "verify", folder=tmp_path, settings=settings).returncode == 0


class Counting:
    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        self.taken.append(envelope.rcpt_tos[0])
        return "250 2.0.0 taken"


def test_fault_32_no_mail_leaves_whose_claim_is_not_on_the_disk(tmp_path: Path) -> None:
    if not Path(STRACE).exists():
        required(STRACE)
    url = f"sqlite:///{tmp_path}/data/register.db"
    upgrade(url)
    register = open_register(url)
    posted(register, 3)
    register.close()
    server = Counting()
    with smtpd(server) as port:  # type: ignore[arg-type]
        settings = tmp_path / "rightsizer.yml"
        mail = f"{{host: 127.0.0.1, port: {port}, security: none, sender: notices@center.example}}"
        settings.write_text(f"data_dir: data\nmail: {mail}\npolicy: {{allow_expired: true}}\n", "utf-8")
        command = [*BROKEN, RIGHTSIZER, "--config", settings, "once"]
        broken = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        during = list(server.taken)
        assert states(url) == [DeliveryState.PENDING] * 3
        mended = call("once", folder=tmp_path, settings=settings)

    assert (broken.returncode, during) == (1, [])
    assert "disk I/O error" in broken.stderr
    assert mended.returncode == 0, mended.stderr
    assert len(server.taken) == len(set(server.taken)) == 3


def test_fault_32_a_daemon_whose_disk_fails_says_so_and_goes_on_when_it_is_mended(tmp_path: Path) -> None:
    if not Path(STRACE).exists():
        required(STRACE)
    (tmp_path / "house").mkdir()
    with daemon(tmp_path / "house") as running:
        until(lambda: running.rounds() > 0, "the first collection")
        traced = [*BROKEN, "-p", str(running.process.pid)]
        with subprocess.Popen(traced, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            if "attached" not in strace.stderr.readline():
                required("leave to trace a process")
            until(lambda: "disk I/O error" in running.unready(), "a collection that cannot be stored")
            strace.terminate()
        failed = running.rounds()
        until(lambda: running.rounds() > failed, "a collection on the mended disk")
        until(running.ready, "the daemon to be ready again")
        assert running.process.poll() is None

    settings = tmp_path / "house" / "rightsizer.yml"
    assert call("audit", "verify", folder=tmp_path, settings=settings).returncode == 0
