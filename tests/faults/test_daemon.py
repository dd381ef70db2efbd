"""Faults of the process and of its database: what the real daemon makes of them."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import TYPE_CHECKING

import psycopg
import pytest
from components import postgres_folder, wait
from daemons import HOST, PATIENCE, RIGHTSIZER, Daemon, daemon
from smtpservers import dialogue, listener
from sqlalchemy import select
from stage import posted

from notifier.tables import Delivery, DeliveryState
from store.database import open_register, upgrade
from store.lease import Lease

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smtpservers import Caller, Listener

TAKEOVER = 45.0  # seconds within which another node leads


def on(url: str) -> str:
    return f"{HOST}database: {{url: '{url}'}}\n"


def more_rounds(running: Daemon, than: float) -> None:
    wait(lambda: running.rounds() > than, "another round", PATIENCE)


def test_fault_38_connections_that_are_cut_and_a_server_that_restarts_end_nothing(tmp_path: Path) -> None:
    with postgres_folder() as server:
        with server.started() as url:
            upgrade(url)
            files = ExitStack()
            running = files.enter_context(daemon(tmp_path, on(url.replace("+psycopg", ""))))
            more_rounds(running, 0)
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                    "AND backend_type = 'client backend'"
                )
            more_rounds(running, running.rounds())
        with files:
            wait(lambda: "register" in running.unready(), "the trouble to be said", PATIENCE)
            with server.started():
                before = running.rounds()
                more_rounds(running, before)
                wait(running.ready, "the daemon to work again", PATIENCE)

                assert running.process.poll() is None
                assert running.named("loop_broken") == []
                running.process.send_signal(signal.SIGTERM)
                assert running.process.wait(PATIENCE) == 0


@contextmanager
def nodes(folder: Path, url: str) -> Iterator[tuple[Daemon, Daemon]]:
    """Two daemons on one register and one lake; the first leads."""
    lake = folder / "lake"
    lake.mkdir()
    for name in ("one", "two"):
        (folder / name / "data").mkdir(parents=True)
        (folder / name / "data" / "lake").symlink_to(lake)
    with daemon(folder / "one", on(url)) as first:
        wait(lambda: first.value("leader") == 1, "the first to lead", PATIENCE)
        with daemon(folder / "two", on(url)) as second:
            yield first, second


def test_a_leader_that_stops_is_succeeded_by_the_node_that_followed(
    tmp_path: Path, postgres_database: str
) -> None:
    upgrade(postgres_database)
    with nodes(tmp_path, postgres_database.replace("+psycopg", "")) as (first, second):
        assert second.value("leader") == 0
        assert second.rounds() == 0

        first.process.send_signal(signal.SIGTERM)

        assert first.process.wait(PATIENCE) == 0
        wait(lambda: second.value("leader") == 1, "the second to lead", PATIENCE)
        more_rounds(second, 0)
        assert second.value("lease_epoch") == 2


@pytest.mark.slow
def test_fault_39_a_frozen_leader_is_succeeded_and_refused_when_it_wakes(
    tmp_path: Path, postgres_database: str
) -> None:
    url = postgres_database.replace("+psycopg", "")
    upgrade(postgres_database)
    with nodes(tmp_path, url) as (first, second):
        more_rounds(first, 0)
        assert second.value("leader") == 0
        assert second.rounds() == 0

        os.kill(first.process.pid, signal.SIGSTOP)
        wait(lambda: second.value("leader") == 1, "the second to lead", TAKEOVER)
        more_rounds(second, 0)
        os.kill(first.process.pid, signal.SIGCONT)
        wait(lambda: bool(first.named("follows")), "the first to follow", PATIENCE)
        before = first.rounds()
        more_rounds(second, second.rounds() + 1)

        assert first.rounds() == before
        assert second.value("lease_epoch") == 2
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(PATIENCE) == 0
        wait(lambda: first.value("leader") == 1, "the lease that was let go to be taken", PATIENCE)
        register = open_register(postgres_database)
        with register.read() as db:
            assert db.scalars(select(Lease.epoch)).all() == [3]
        register.close()


def state(folder: Path) -> tuple[str, int]:
    """State and tries of the only mail."""
    register = open_register(f"sqlite:///{folder / 'data' / 'register.db'}")
    with register.read() as db:
        row = db.scalars(select(Delivery)).one()
    register.close()
    return row.state, row.attempts


def one_mail(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    url = f"sqlite:///{folder / 'data' / 'register.db'}"
    upgrade(url)
    register = open_register(url)
    posted(register, 1)
    register.close()


def through(port: int) -> str:
    mail = f"host: 127.0.0.1, port: {port}, security: none, sender: center@city.example"
    return f"{HOST}mail: {{{mail}}}\n"


@contextmanager
def slow_post(folder: Path, seconds: float) -> Iterator[tuple[Daemon, Listener]]:
    """A daemon whose only mail lies whole with a server that thinks so long about it."""
    one_mail(folder)
    slow = dialogue({}, {".": seconds})
    with listener(slow) as server, daemon(folder, through(server.port)) as running:
        wait(lambda: server.heard.endswith(b"\r\n.\r\n"), "the mail to be handed over", PATIENCE)
        yield running, server


def test_fault_42_the_mail_in_hand_is_finished_when_the_daemon_is_stopped(tmp_path: Path) -> None:
    with slow_post(tmp_path, 4.0) as (running, server):
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(PATIENCE) == 0
    assert state(tmp_path) == (DeliveryState.SENT, 1)
    assert server.calls == 1


def test_fault_42_a_second_sigterm_ends_it_at_once_and_the_mail_is_tried_again_later(tmp_path: Path) -> None:
    with slow_post(tmp_path, 15.0) as (running, _server):
        running.process.send_signal(signal.SIGTERM)
        wait(lambda: bool(running.named("stopping")), "the first to be heard", PATIENCE)
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(PATIENCE) == 1
    assert state(tmp_path) == (DeliveryState.LEASED, 1)  # its lease runs out, then it is tried again


@contextmanager
def silent_target(name: str) -> Iterator[tuple[str, Event]]:
    """A source with one machine that takes the connection and never answers; set when it is asked."""
    asked = Event()

    def script(caller: Caller) -> None:
        asked.set()
        caller.gone(PATIENCE)

    with listener(script) as server:
        target = f"{{machine: {name}, url: 'http://127.0.0.1:{server.port}/metrics'}}"
        yield f"{{kind: exporter, name: {name}, timeout: 30s, targets: [{target}]}}", asked


def test_fault_42_a_round_that_is_under_way_is_left_when_the_daemon_is_stopped(tmp_path: Path) -> None:
    with silent_target("mute") as (source, asked):
        settings = f"sources: [{source}]\ncollection: {{interval: 1m}}\n"
        with daemon(tmp_path, settings) as running:
            assert asked.wait(PATIENCE)
            running.process.send_signal(signal.SIGTERM)

            assert running.process.wait(PATIENCE) == 0
    assert running.named("loop_broken") == []


def test_fault_38_a_store_that_fails_while_another_source_is_asked_ends_nothing(
    tmp_path: Path, postgres_database: str
) -> None:
    url = postgres_database.replace("+psycopg", "")
    upgrade(postgres_database)
    with silent_target("mute") as (source, asked):
        host = "{kind: host, name: host, machine: me}"
        settings = f"sources: [{source}, {host}]\ncollection: {{interval: 30s}}\ndatabase: {{url: '{url}'}}\n"
        with psycopg.connect(url, autocommit=True) as connection, daemon(tmp_path, settings) as running:
            assert asked.wait(PATIENCE)
            connection.execute("ALTER TABLE machine RENAME TO away")
            wait(lambda: "collect: " in running.unready(), "a round that cannot be stored", PATIENCE)
            connection.execute("ALTER TABLE away RENAME TO machine")
            more_rounds(running, running.rounds())

            assert running.named("loop_broken") == []
            assert running.process.poll() is None


def test_fault_41_the_watchdogs_abort_shows_where_every_thread_was(tmp_path: Path) -> None:
    with daemon(tmp_path) as running:
        more_rounds(running, 0)
        running.process.send_signal(signal.SIGABRT)

        assert running.process.wait(PATIENCE) == -signal.SIGABRT
    said = running.log.read_text("utf-8")
    assert "Fatal Python error: Aborted" in said
    for place in ("rounds.py", "serving.py", "server.py"):
        assert place in said
    with daemon(tmp_path) as again:
        more_rounds(again, 0)


def test_fault_40_a_second_daemon_on_one_register_is_told_who_holds_it(tmp_path: Path) -> None:
    with daemon(tmp_path) as first, daemon(tmp_path, ready=False) as second:
        assert second.process.wait(PATIENCE) == 75
        assert f"pid {first.process.pid}" in second.log.read_text("utf-8")
        assert first.process.poll() is None


def test_a_page_that_cannot_be_served_ends_the_daemon_with_what_to_do(tmp_path: Path) -> None:
    with daemon(tmp_path / "one") as first, daemon(tmp_path / "two", ready=False) as second:
        place = first.place
        second.process.kill()
        second.process.wait()
        settings = (
            (tmp_path / "two" / "rightsizer.yml")
            .read_text()
            .replace(second.place.split(":")[1], place.split(":")[1])
        )
        (tmp_path / "two" / "rightsizer.yml").write_text(settings)
        ended = subprocess.run(
            [RIGHTSIZER, "--config", tmp_path / "two" / "rightsizer.yml", "run"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    assert ended.returncode == 1
    assert "change exporter.port" in ended.stderr.splitlines()[-1]
