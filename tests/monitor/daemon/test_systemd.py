"""What the service manager hears."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from monitor.daemon.systemd import Manager, manager

if TYPE_CHECKING:
    from pathlib import Path


def test_the_manager_hears_each_word_on_its_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        told = manager({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        told.tell("READY=1", "STATUS=started")
        told.reloading()

        assert heard.recv(4096) == b"READY=1\nSTATUS=started"
        assert heard.recv(4096).startswith(b"RELOADING=1\nMONOTONIC_USEC=")


def test_an_abstract_socket_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0rightsizer-test-{os.getpid()}")
        manager({"NOTIFY_SOCKET": f"@rightsizer-test-{os.getpid()}"}).tell("READY=1")

        assert heard.recv(4096) == b"READY=1"


def test_nobody_who_listens_is_no_fault(tmp_path: Path) -> None:
    Manager().tell("READY=1")
    Manager(str(tmp_path / "gone")).tell("READY=1")


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
    ids=["asked", "of this process", "of another", "never", "not asked"],
)
def test_the_watchdog_is_fed_when_it_is_ours(environment: dict[str, str], seconds: float | None) -> None:
    assert manager(environment).watchdog == seconds
